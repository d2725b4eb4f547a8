// Stopping a cluster, and taking back everything that it made.

import { listClusters, readClusterConfig, releaseSlot } from "./cluster-config.ts";
import type { Machine, Steps } from "./bring-up.ts";
import { clusterLayout, type ClusterLayout } from "./layout.ts";
import { type LedgerEntry, undoOrder } from "./ledger.ts";
import { LedgerBook } from "./ledger-book.ts";
import { defaultClusterName } from "./node-preparation/node-names.ts";
import type { Undo } from "./machine.ts";

const agentGraceMs = 10_000;
const serverGraceMs = 10_000;
const containerdGraceMs = 15_000;

/** Stops pods and components and keeps the data. Something that does not run is no error. */
export async function takeDown(machine: Machine, layout: ClusterLayout, runtime: string, steps: Steps): Promise<void> {
  const { supervision, preparer } = machine;
  const stop = async (name: string, graceMs: number): Promise<void> => {
    await supervision.stop(layout, name, graceMs);
  };
  const runs = new Set((await supervision.states(layout)).filter((state) => state.isRunning).map((state) => state.name));
  await steps.step("stopping", async (detail) => {
    detail("the agent");
    await stop("agent", agentGraceMs);
    if (runtime !== "simulated" && (runtime !== "containerd" || runs.has("containerd"))) {
      detail("pods");
      if (runtime === "containerd") await preparer.removePods(layout, undefined);
      // Somebody else's runtime may be gone for good, which must not keep the cluster from going.
      else
        await preparer
          .removePods(layout, runtime)
          .catch((error: Error) => detail(`pods stay, ${runtime} does not answer: ${error.message}`));
    }
    detail("the control plane");
    await stop("server", serverGraceMs);
    await stop("containerd", containerdGraceMs);
    await supervision.stopSupervisor(layout);
  });
}

/**
 * Undoes the ledger, latest entry first, and lets the name's slot go. What cannot be undone is told and does not keep the rest.
 * @returns what could not be undone
 */
export async function undoLedger(machine: Machine, layout: ClusterLayout, undo: Undo, steps: Steps): Promise<readonly string[]> {
  return await steps.step("removing", async (detail) => {
    const ledger = await LedgerBook.open(machine.files, `${layout.names.dataDir}/ledger`);
    const failures: string[] = [];
    // The data directory holds the ledger itself: it goes when all else is gone.
    const isData = (entry: LedgerEntry): boolean => entry.type === "directory" && entry.path === layout.names.dataDir;
    const entries = undoOrder(ledger.entries());
    const heir = await ledgerOfAnother(machine, layout);
    for (const entry of [...entries.filter((entry) => !isData(entry)), ...entries.filter(isData)]) {
      if (isData(entry) && failures.length > 0) break;
      try {
        detail(describeEntry(entry));
        if (entry.type === "sysctl" && heir) await heir.record(entry);
        else await undo(entry, layout);
      } catch (error) {
        failures.push(`${describeEntry(entry)}: ${(error as Error).message}`);
      }
    }
    if (failures.length === 0) await releaseSlot(machine.files, layout.slot, machine.root);
    return failures;
  });
}

/** Other clusters of this machine live on the same kernel settings: the last one to go puts the old values back. */
async function ledgerOfAnother(machine: Machine, layout: ClusterLayout): Promise<LedgerBook | undefined> {
  const other = (await listClusters(machine.files, machine.root)).find((name) => name !== layout.name);
  if (other === undefined) return undefined;
  const found = await readClusterConfig(machine.files, other, machine.root);
  return found && (await LedgerBook.open(machine.files, `${found.layout.names.dataDir}/ledger`));
}

function describeEntry(entry: LedgerEntry): string {
  switch (entry.type) {
    case "directory":
    case "file":
    case "cgroup":
      return `${entry.type} ${entry.path}`;
    case "sysctl":
      return `kernel setting ${entry.key}`;
    case "interface":
    case "nft-table":
    case "systemd-unit":
      return `${entry.type} ${entry.name}`;
    case "kubeconfig":
      return `context ${entry.context} in ${entry.path}`;
    case "cni-network":
      return `rules of the pod network ${entry.network}`;
    case "shims":
      return `containers of ${entry.containerdSocket}`;
  }
}

/** The cluster of a name, or what is known of it when its config is gone. */
export async function findCluster(machine: Machine, name: string): Promise<{ layout: ClusterLayout; runtime: string } | undefined> {
  // A damaged config must not keep anybody from deleting the cluster: the ledger alone says what to undo.
  const found = await readClusterConfig(machine.files, name, machine.root).catch(() => undefined);
  if (found) return { layout: found.layout, runtime: found.config.runtime };
  // Which slot a named cluster had is lost with it; no name or directory depends on that, only ports and ranges do.
  const layout = clusterLayout(name, name === defaultClusterName ? 0 : 1, machine.root);
  const ledger = await machine.files.readText(`${layout.names.dataDir}/ledger`);
  return ledger === undefined ? undefined : { layout, runtime: "containerd" };
}
