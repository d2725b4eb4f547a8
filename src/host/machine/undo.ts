// Takes back what the ledger says that a cluster made. Everything here may run twice, and on things that are gone.

import { readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LedgerEntry } from "../../cluster/ledger.ts";
import { runProgram, tryProgram } from "./run-program.ts";

/** @throws Error saying what could not be taken back, and why */
export async function undoOnHost(entry: LedgerEntry): Promise<void> {
  switch (entry.type) {
    case "directory":
      await unmountBelow(entry.path);
      await rm(entry.path, { recursive: true, force: true });
      return;
    case "file":
      await rm(entry.path, { force: true });
      return;
    case "sysctl":
      await writeFile(sysctlPath(entry.key), entry.previous);
      return;
    case "interface":
      await ignoringMissing(tryProgram("ip", ["link", "delete", entry.name]), /Cannot find device/);
      return;
    case "nft-table":
      await ignoringMissing(tryProgram("nft", ["delete", "table", entry.family, entry.name]), /No such file or directory/);
      return;
    case "cgroup":
      removeCgroup(entry.path);
      return;
    case "systemd-unit":
      await tryProgram("systemctl", ["disable", entry.name]);
      await rm(entry.path, { force: true });
      await tryProgram("systemctl", ["daemon-reload"]);
      return;
    case "network-namespaces":
      await removeNetworkNamespaces(entry.prefix);
      return;
    case "cni-network":
      await removeCniRules(entry.network);
      return;
    case "kubeconfig":
      throw new Error("kubeconfig entries are taken back by the command, which knows the file's format");
  }
}

const sysctlPath = (key: string): string => `/proc/sys/${key.replaceAll(".", "/")}`;

async function ignoringMissing(ran: Promise<{ code: number; errors: string }>, missing: RegExp): Promise<void> {
  const { code, errors } = await ran;
  if (code !== 0 && !missing.test(errors)) throw new Error(errors.trim());
}

/** Mount points at or below a directory, deepest first. */
export function mountsBelow(directory: string, mountInfo: string): string[] {
  return mountInfo
    .split("\n")
    .flatMap((line) => line.split(" ")[4] ?? [])
    .map((path) => path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .toReversed();
}

async function unmountBelow(directory: string): Promise<void> {
  for (const path of mountsBelow(directory, readFileSync("/proc/self/mountinfo", "utf8"))) {
    const { code, errors } = await tryProgram("umount", [path]);
    // A process that still looks at it keeps a lazily unmounted tree alive, but nobody new finds it.
    if (code !== 0 && !/not mounted|no mount point/.test(errors)) await runProgram("umount", ["-l", path]);
  }
}

/** Removes a control group and its children in every hierarchy; groups with processes in them are left and named. */
function removeCgroup(path: string): void {
  const root = "/sys/fs/cgroup";
  const hierarchies = ["", ...readdirSync(root).filter((name) => statSync(join(root, name)).isDirectory())];
  const busy: string[] = [];
  const remove = (directory: string): void => {
    let children: string[];
    try {
      children = readdirSync(directory, { withFileTypes: true }).flatMap((child) => (child.isDirectory() ? [child.name] : []));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    for (const child of children) remove(join(directory, child));
    try {
      rmdirSync(directory);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EBUSY") busy.push(directory);
      else if (code !== "ENOENT") throw error;
    }
  };
  for (const hierarchy of hierarchies) remove(join(root, hierarchy, path));
  if (busy.length > 0) throw new Error(`processes still run in the control groups ${busy.join(", ")}`);
}

async function removeNetworkNamespaces(prefix: string): Promise<void> {
  for (const path of mountsBelow("/run/netns", readFileSync("/proc/self/mountinfo", "utf8"))) {
    const name = path.slice("/run/netns/".length);
    if (name.startsWith(prefix)) await ignoringMissing(tryProgram("ip", ["netns", "delete", name]), /No such file/);
  }
}

/** CNI plugins comment their rules with the network's name; what carries it goes. */
async function removeCniRules(network: string): Promise<void> {
  const { code, output } = await tryProgram("iptables-save", ["-t", "nat"]);
  if (code !== 0) return; // no iptables: nothing can be there
  const marker = `name: \\"${network}\\"`;
  for (const line of output.split("\n")) {
    if (line.startsWith("-A ") && line.includes(marker)) await runProgram("iptables", ["-t", "nat", "-D", ...words(line).slice(1)]);
  }
}

/** Words of a line of iptables-save: double quotes keep spaces, a backslash keeps the next character. */
export function words(line: string): string[] {
  return (line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []).map((word) =>
    word.replaceAll(/"((?:\\.|[^"\\])*)"/g, (_, inner: string) => inner.replaceAll(/\\(.)/g, "$1")),
  );
}
