// The command line's entry: `dist/cli.js`, behind `bin/timonier`. Components run from here too, each in its own process.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultClusterName } from "../cluster/node-preparation/node-names.ts";
import type { CommandEnvironment } from "../cli/environment.ts";

const [command, ...rest] = process.argv.slice(2);
const asksForHelp = rest.includes("--help") || rest.includes("-h");
if ((command === "server" || command === "agent") && !asksForHelp) {
  process.argv.splice(2, 1);
  await (command === "server" ? import("./server.ts") : import("./agent.ts"));
} else {
  process.exitCode = await runCommand();
}

async function runCommand(): Promise<number> {
  const { createEnvironment } = await import("./command-environment.ts");
  const { environment, close } = createEnvironment({
    version: packageVersion(),
    root: rootDirectory(),
    distribution: import.meta.dirname,
  });
  try {
    return await dispatch(environment);
  } finally {
    await close();
    // Somebody may still wait for a key (`exec -it` of a command that has ended): the input must not keep this process.
    process.stdin.destroy();
  }
}

async function dispatch(environment: CommandEnvironment): Promise<number> {
  if (command === "kubectl") {
    const { runKubectl } = await import("../cli/kubectl/kubectl.ts");
    return await runKubectl(environment, rest);
  }
  const { runProgram } = await import("../cli/program.ts");
  return await runProgram(environment, process.argv.slice(2));
}

/** Root's clusters lie where the system keeps such things; everybody else's in their home. */
function rootDirectory(): string {
  return process.getuid?.() === 0 ? "" : join(process.env["HOME"] ?? "/tmp", ".local/share", defaultClusterName);
}

function packageVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
