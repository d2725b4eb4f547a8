// `bin/test e2e` runs this first: installs what the tests need beside the product's own packages, builds the images and `dist/`.
// Says only what it does; run again, it does nothing.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, installPackages, missingPackages } from "../../src/host/node/packages.ts";
import { runProgram } from "../../src/host/run-program.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
/** Programs that only tests run. kubectl is none of them: where there is one, ours is compared with it. */
const testPrograms = [
  { package: "docker-registry", program: "/usr/bin/docker-registry" },
  { package: "curl", program: "curl" },
  { package: "util-linux", program: "setpriv" },
  { package: "bsdutils", program: "script" },
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Whether apt has lists of packages at all: fresh containers have none. */
function hasPackageLists(): boolean {
  return readdirSync("/var/lib/apt/lists").some((name) => name.endsWith("_Packages") || name.endsWith("_Packages.lz4"));
}

const missing = (await missingPackages()).map((need) => need.package);
for (const need of testPrograms) if ((await findProgram(need.program)) === undefined) missing.push(need.package);
if (!hasPackageLists()) {
  say("reading the lists of packages");
  await runProgram("apt-get", ["-qq", "update"]);
}
if (missing.length > 0) {
  say(`installing ${missing.join(", ")}`);
  await installPackages(missing);
}
await runProgram(join(checkout, "images/build.sh"), [], { onLine: say });
say("building dist/");
await runProgram(process.execPath, ["--import", "tsx", join(checkout, "tools/build.ts")], { onLine: say });
