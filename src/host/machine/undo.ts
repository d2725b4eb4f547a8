// Takes back what the ledger says that a cluster made. Everything here may run twice, and on things that are gone.

import { rm } from "node:fs/promises";
import type { LedgerEntry } from "../../cluster/ledger.ts";
import { openCgroups } from "../node/cgroups.ts";
import { mountsBelow } from "../node/mount-table.ts";
import { removeNetworkTraces, removeShims } from "../node/remove-node.ts";
import { writeSysctl } from "../node/sysctls.ts";
import { runProgram, tryProgram } from "../run-program.ts";

/** @throws Error saying what could not be taken back, and why */
export async function undoOnHost(entry: LedgerEntry): Promise<void> {
  switch (entry.type) {
    case "directory":
      await unmountAll(entry.path);
      await rm(entry.path, { recursive: true, force: true });
      return;
    case "file":
      await rm(entry.path, { force: true });
      return;
    case "sysctl":
      await writeSysctl(entry.key, entry.previous);
      return;
    case "interface":
      await ignoringMissing(tryProgram("ip", ["link", "delete", entry.name]), /Cannot find device/);
      return;
    case "nft-table":
      await ignoringMissing(tryProgram("nft", ["delete", "table", entry.family, entry.name]), /No such file or directory/);
      return;
    case "cgroup":
      await removeCgroup(entry.path);
      return;
    case "systemd-unit":
      await tryProgram("systemctl", ["disable", entry.name]);
      await rm(entry.path, { force: true });
      await tryProgram("systemctl", ["daemon-reload"]);
      return;
    case "cni-network":
      await removeNetworkTraces(entry.network);
      return;
    case "shims":
      await removeShims(entry.containerdSocket, entry.stateDir);
      return;
    case "kubeconfig":
      throw new Error("kubeconfig entries are taken back by the command, which knows the file's format");
  }
}

async function ignoringMissing(ran: Promise<{ code: number; errors: string }>, missing: RegExp): Promise<void> {
  const { code, errors } = await ran;
  if (code !== 0 && !missing.test(errors)) throw new Error(errors.trim());
}

async function unmountAll(directory: string): Promise<void> {
  for (const path of [...(await mountsBelow(directory)), directory]) {
    const { code, errors } = await tryProgram("umount", [path]);
    // A process that still looks at it keeps a lazily unmounted tree alive, but nobody new finds it.
    if (code !== 0 && !/not mounted|no mount point|not found/.test(errors)) await runProgram("umount", ["-l", path]);
  }
}

/** The group of all pods, and the cluster's own group above it once nothing else is in that. */
async function removeCgroup(path: string): Promise<void> {
  const cgroups = await openCgroups();
  await cgroups.remove(path);
  const parent = path.slice(0, path.lastIndexOf("/"));
  if (parent !== "" && (await cgroups.list(parent)).length === 0) await cgroups.remove(parent);
}
