// What `up` decided about a cluster, kept beside its data: the server, the agent and every later command read it.

import type { MachineFiles } from "./machine.ts";
import { clusterLayout, type ClusterLayout, preferredSlot, slots } from "./layout.ts";
import { defaultClusterName } from "./node-preparation/node-names.ts";

export interface ClusterConfig {
  readonly name: string;
  readonly slot: number;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** "containerd" is our own; "simulated" runs nothing; else the endpoint of somebody's CRI. */
  readonly runtime: string;
  /** "lmdb", "memory", or "etcd=URL,..." */
  readonly store: string;
  /** Text of a registries.yaml. */
  readonly registriesYaml?: string;
  /** Where the host's resolvers stand; absent: /etc/resolv.conf. */
  readonly resolvConf?: string;
}

const pathOf = (layout: ClusterLayout): string => `${layout.names.dataDir}/cluster.json`;

/** Where a cluster of this name keeps its config, whatever its slot. */
const probe = (name: string, root: string): string => pathOf(clusterLayout(name, name === defaultClusterName ? 0 : 1, root));

/** @returns undefined when there is no such cluster. @throws Error when the file is damaged */
export async function readClusterConfig(
  files: MachineFiles,
  name: string,
  root: string,
): Promise<{ config: ClusterConfig; layout: ClusterLayout } | undefined> {
  const text = await files.readText(probe(name, root));
  if (text === undefined) return undefined;
  let config: ClusterConfig;
  try {
    config = JSON.parse(text) as ClusterConfig;
  } catch {
    throw new Error(`${probe(name, root)} is damaged; restore it, or remove the cluster with \`timonier delete --name ${name}\``);
  }
  return { config, layout: clusterLayout(name, config.slot, root) };
}

export async function writeClusterConfig(files: MachineFiles, layout: ClusterLayout, config: ClusterConfig): Promise<void> {
  await files.writeText(pathOf(layout), `${JSON.stringify(config, null, 2)}\n`);
}

const slotsDir = (root: string): string => `${root}/run/timonier-slots`;
const slotFile = (root: string, slot: number): string => `${slotsDir(root)}/${slot}`;

/**
 * Finds a slot that no other cluster of this machine has, from the preferred one on, and claims it.
 * @throws Error when all are taken
 */
export async function claimSlot(files: MachineFiles, name: string, root: string): Promise<number> {
  if (name === defaultClusterName) return 0;
  const taken = await takenSlots(files, root);
  const start = preferredSlot(name);
  for (let step = 0; step < slots - 1; step++) {
    const slot = 1 + ((start - 1 + step) % (slots - 1));
    if (taken.has(slot)) continue;
    if (await files.claim(slotFile(root, slot), name)) return slot;
    if ((await files.readText(slotFile(root, slot))) === name) return slot;
  }
  throw new Error(`all ${slots - 1} places for named clusters on this machine are taken; delete one with \`timonier delete --name NAME\``);
}

export async function releaseSlot(files: MachineFiles, slot: number, root: string): Promise<void> {
  if (slot === 0) return;
  await files.remove(slotFile(root, slot));
  await files.removeEmptyDirectory(slotsDir(root));
}

/** Slots of clusters that have data, running or not. */
async function takenSlots(files: MachineFiles, root: string): Promise<Set<number>> {
  const taken = new Set<number>();
  for (const name of await listClusters(files, root)) {
    const found = await readClusterConfig(files, name, root);
    if (found) taken.add(found.config.slot);
  }
  return taken;
}

/** Names of the clusters that have data on this machine. */
export async function listClusters(files: MachineFiles, root: string): Promise<string[]> {
  const names: string[] = [];
  for (const directory of await files.list(`${root}/var/lib`)) {
    const name = directory === "timonier" ? defaultClusterName : /^timonier-(.+)$/.exec(directory)?.[1];
    if (name !== undefined && (await files.readText(probe(name, root))) !== undefined) names.push(name);
  }
  return names;
}
