// Everything on this machine by which a cluster could be found: taken before and after, it must be the same.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { listClusters } from "../../src/cluster/cluster-config.ts";
import { defaultClusterName } from "../../src/cluster/node-preparation/node-names.ts";
import { machineFiles } from "../../src/host/machine/machine-files.ts";
import { readMounts } from "../../src/host/node/mount-table.ts";
import { run } from "./real-cluster.ts";

const watchedSysctls = [
  "net/ipv4/ip_forward",
  "net/bridge/bridge-nf-call-iptables",
  "fs/inotify/max_user_instances",
  "fs/inotify/max_user_watches",
];
const watchedDirectories = [
  "/var/lib",
  "/var/log",
  "/run",
  "/run/netns",
  "/run/containerd",
  "/var/lib/cni",
  "/etc/systemd/system",
  "/etc/cni",
];

export type Traces = Readonly<Record<string, readonly string[]>>;

async function names(directory: string): Promise<readonly string[]> {
  return await readdir(directory).then(
    (found) => found.toSorted(),
    () => [],
  );
}

/** What a program says, without what changes by itself; nothing where it is not installed. */
async function said(command: readonly string[], leaveOut: RegExp): Promise<readonly string[]> {
  const { out } = await run(command).catch(() => ({ out: "" }));
  return out.split("\n").filter((line) => line !== "" && !leaveOut.test(line));
}

async function sysctls(): Promise<readonly string[]> {
  return await Promise.all(
    watchedSysctls.map(async (name) => `${name}=${(await readFile(join("/proc/sys", name), "utf8").catch(() => "none")).trim()}`),
  );
}

/** Control groups of the first two levels, in every hierarchy. */
async function controlGroups(): Promise<readonly string[]> {
  const roots = (await readMounts())
    .filter(({ fsType }) => fsType === "cgroup" || fsType === "cgroup2")
    .map(({ mountPoint }) => mountPoint);
  const found: string[] = [];
  for (const root of roots) {
    for (const entry of await readdir(root, { withFileTypes: true })) if (entry.isDirectory()) found.push(join(root, entry.name));
  }
  return found.toSorted();
}

/** Processes that carry one of the words, apart from this one. */
async function processes(words: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await names("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const line = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    if (words.some((word) => line.includes(word))) found.push(`${pid} ${line}`);
  }
  return found;
}

/** Clusters that somebody else runs beside the one under test; what is plainly theirs is left out. */
const ofOthers = /\btimonier-(?!slots)|\btm-/;

/** `words` mark processes of the cluster: its directories. */
export async function takeTraces(words: readonly string[]): Promise<Traces> {
  const traces = await takeAll(words);
  const others = (await listClusters(machineFiles, "")).filter((name) => name !== defaultClusterName);
  const isShared = others.length > 0;
  return Object.fromEntries(
    Object.entries(traces)
      // The last cluster to go puts kernel settings back.
      .filter(([kind]) => !isShared || kind !== "sysctls")
      .map(([kind, lines]) => [kind, lines.filter((line) => !ofOthers.test(line))]),
  );
}

async function takeAll(words: readonly string[]): Promise<Traces> {
  return {
    directories: (
      await Promise.all(watchedDirectories.map(async (directory) => (await names(directory)).map((name) => join(directory, name))))
    ).flat(),
    mounts: (await readMounts()).map(({ mountPoint }) => mountPoint).toSorted(),
    interfaces: (await said(["ip", "-o", "link"], /^$/))
      .map((line) => line.replace(/^\d+: ([^:@]+).*?( master \S+)? .*$/, "$1$2"))
      .toSorted(),
    nftTables: await said(["nft", "list", "tables"], /^$/),
    iptables: await said(["iptables-save"], /^#|^:(PREROUTING|INPUT|OUTPUT|POSTROUTING|FORWARD) |^\*|^COMMIT/),
    controlGroups: await controlGroups(),
    processes: await processes(words),
    sysctls: await sysctls(),
  };
}
