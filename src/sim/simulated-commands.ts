// The few programs that every simulated container has, enough to look at what the kubelet gave it: environment, files, name.

import type { ContainerConfig } from "../kubelet/container-runtime.ts";
import type { SimulatedOutcome } from "./simulated-behaviour.ts";
import type { SimulatedFiles } from "./simulated-files.ts";

export interface SimulatedSurroundings extends Pick<ContainerConfig, "env" | "mounts"> {
  readonly files: SimulatedFiles;
  readonly hostname: string;
}

/** What a command prints and how it ends; `sh -c` takes one plain command. Unknown ones end with 127, as a shell says it. */
export async function runSimulatedCommand(command: readonly string[], around: SimulatedSurroundings): Promise<SimulatedOutcome> {
  const isShell = /^(?:\/bin\/)?sh$/.test(command[0] ?? "") && command[1] === "-c";
  const [program = "", ...words] = isShell ? (command[2] ?? "").trim().split(/\s+/) : command;
  switch (program) {
    case "echo":
      return { stdout: `${words.join(" ")}\n` };
    case "hostname":
      return { stdout: `${around.hostname}\n` };
    case "env":
      return { stdout: around.env.map(({ name, value }) => `${name}=${value}\n`).join("") };
    case "printenv": {
      const found = around.env.findLast(({ name }) => name === words[0]);
      return found ? { stdout: `${found.value}\n` } : { exitCode: 1 };
    }
    case "cat":
      return await printFiles(words, around);
    case "ls":
      return await listDirectory(words.at(-1) ?? "/", around);
    case "true":
      return {};
    case "false":
      return { exitCode: 1 };
    case "exit":
      return { exitCode: Number(words[0] ?? "0") };
    default:
      return { stderr: `${program}: not found in a simulated container\n`, exitCode: 127 };
  }
}

async function printFiles(paths: readonly string[], around: SimulatedSurroundings): Promise<SimulatedOutcome> {
  let stdout = "";
  let stderr = "";
  for (const path of paths) {
    const bytes = await around.files.readFile(onNode(path, around));
    if (bytes) stdout += new TextDecoder().decode(bytes);
    else stderr += `cat: ${path}: No such file or directory\n`;
  }
  return { stdout, stderr, exitCode: stderr === "" ? 0 : 1 };
}

async function listDirectory(path: string, around: SimulatedSurroundings): Promise<SimulatedOutcome> {
  const real = onNode(path, around);
  if (!(await around.files.stat(real))) return { stderr: `ls: ${path}: No such file or directory\n`, exitCode: 1 };
  const names = (await around.files.list(real)).filter((name) => !name.startsWith("."));
  return { stdout: names.map((name) => `${name}\n`).join("") };
}

/** Where a path of the container lies on its node; a container's own file system is empty. */
function onNode(path: string, { mounts }: SimulatedSurroundings): string {
  const canonical = path.replace(/^\/var\/run\//, "/run/");
  const within = (mount: string): boolean => canonical === mount || canonical.startsWith(`${mount}/`);
  const [nearest] = mounts
    .map((mount) => ({ from: mount.containerPath.replace(/^\/var\/run\//, "/run/").replace(/\/+$/, ""), to: mount.hostPath }))
    .filter((mount) => within(mount.from))
    .toSorted((a, b) => b.from.length - a.from.length);
  return nearest ? nearest.to + canonical.slice(nearest.from.length) : `/nowhere${canonical}`;
}
