// `bin/test e2e` runs this first: installs what the tests need beside the product's own packages, builds the images and `dist/`.
// Says only what it does; run again, it does nothing.

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, installPackages, missingPackages } from "../../src/host/node/packages.ts";
import { runProgram } from "../../src/host/run-program.ts";
import { freshSystemArchive } from "./installed-copy.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
/** Programs that only tests run. kubectl is none of them: where there is one, ours is compared with it. */
const testPrograms = [
  { package: "docker-registry", program: "/usr/bin/docker-registry" },
  { package: "curl", program: "curl" },
  { package: "util-linux", program: "setpriv" },
  { package: "bsdutils", program: "script" },
  { package: "mmdebstrap", program: "mmdebstrap" },
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Whether apt has lists of packages at all: fresh containers have none. */
function hasPackageLists(): boolean {
  return readdirSync("/var/lib/apt/lists").some((name) => name.endsWith("_Packages") || name.endsWith("_Packages.lz4"));
}

/** A Debian (or Ubuntu) like this one with nothing but its smallest set of packages, for a test to unpack. */
async function packDebian(): Promise<void> {
  const archive = freshSystemArchive;
  if (existsSync(archive)) return;
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (suite === undefined) return; // no release that mmdebstrap could make
  say(`packing a fresh ${suite}`);
  mkdirSync(dirname(archive), { recursive: true });
  await runProgram("mmdebstrap", ["--quiet", "--variant=minbase", suite, `${archive}.new.tar`]);
  renameSync(`${archive}.new.tar`, archive);
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
await packDebian();
say("building dist/");
await runProgram(process.execPath, ["--import", "tsx", join(checkout, "tools/build.ts")], { onLine: say });
