// Takes a node's pods and what they left in the kernel off its machine again. All else that a node made stands in the ledger.

import { readdir, readFile, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ContainerRuntime } from "../../kubelet/container-runtime.ts";
import { findProgram } from "./packages.ts";
import { runProgram } from "../run-program.ts";

const parallel = 16;
/** Shared by every containerd of a machine, whatever its own directories are. */
const shimDir = "/run/containerd/s";
const runcDir = "/run/containerd/runc/k8s.io";
/** Where CNI's library keeps the results of ADD, by network and container. */
const cniResultsDir = "/var/lib/cni/results";

/** Kills and removes every pod; networks and host ports are given back. containerd must run. */
export async function removeAllPods(runtime: ContainerRuntime, signal?: AbortSignal): Promise<void> {
  const sandboxes = [...(await runtime.listSandboxes(undefined, signal))];
  const removeSome = async (): Promise<void> => {
    for (let sandbox = sandboxes.pop(); sandbox !== undefined; sandbox = sandboxes.pop()) {
      await runtime.stopSandbox(sandbox.id, signal);
      await runtime.removeSandbox(sandbox.id, signal);
    }
  };
  await Promise.all(Array.from({ length: parallel }, removeSome));
}

/**
 * Takes back what one pod network left when no runtime could be asked to: remembered results, the rules of host ports that name
 * the network, and the chains that they lead to.
 */
export async function removeNetworkTraces(network: string): Promise<void> {
  const result = new RegExp(`^${network.replaceAll(".", String.raw`\.`)}-[0-9a-f]{64}-eth0$`);
  for (const name of await listed(cniResultsDir)) if (result.test(name)) await rm(join(cniResultsDir, name), { force: true });
  await removeEmpty([cniResultsDir, "/var/lib/cni"]);
  for (const family of families) {
    const rules = await natRules(family);
    const marker = `name: \\"${network}\\" id: `;
    const ours = rules.filter((rule) => rule.startsWith("-A ") && rule.includes(marker));
    const chains = [...new Set(ours.flatMap((rule) => / -j (CNI-DN-[0-9a-f]+)/.exec(rule)?.[1] ?? []))];
    const jumps = ours.filter((rule) => !chains.some((chain) => rule.startsWith(`-A ${chain} `)));
    await restoreNat(family, [...jumps.map((rule) => `-D${rule.slice(2)}`), ...removal(chains)]);
    await removeUnusedHostPortChains(family);
  }
}

/**
 * CNI's portmap leaves its own chains and the jumps to them when the last host port is gone, and makes them anew when it needs
 * them. They are common to all networks of the machine: they go only when no host port is left.
 */
async function removeUnusedHostPortChains(family: Family): Promise<void> {
  const rules = await natRules(family);
  if (rules.some((rule) => rule.startsWith("-A CNI-HOSTPORT-DNAT ") || rule.startsWith(":CNI-DN-"))) return;
  const chains = rules.flatMap((rule) => /^:(CNI-HOSTPORT-[A-Z]+) /.exec(rule)?.[1] ?? []);
  if (chains.length === 0) return;
  const jumps = rules.filter((rule) => /^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-/.test(rule));
  await restoreNat(family, [...jumps.map((rule) => `-D${rule.slice(2)}`), ...removal(chains)]);
  // Where iptables stands on nftables, a table that says nothing any more is a trace as well; with old iptables there is none.
  const left = await natRules(family);
  const saysNothing = left.every((rule) => !rule.startsWith("-A ") && (!rule.startsWith(":") || / ACCEPT /.test(rule)));
  if (saysNothing && (await findProgram("nft")) !== undefined)
    await runProgram("nft", ["delete", "table", family.table, "nat"]).catch(() => undefined); // there is none
}

const removal = (chains: readonly string[]): string[] => [...chains.map((chain) => `-F ${chain}`), ...chains.map((chain) => `-X ${chain}`)];

interface Family {
  readonly program: string;
  readonly table: "ip" | "ip6";
}
const families: readonly Family[] = [
  { program: "iptables", table: "ip" },
  { program: "ip6tables", table: "ip6" },
];

async function natRules({ program }: Family): Promise<readonly string[]> {
  // Without iptables no plugin could make host ports.
  if ((await findProgram(`${program}-save`)) === undefined) return [];
  return (await runProgram(`${program}-save`, ["-t", "nat"])).split("\n");
}

/** One transaction: another node's portmap sees all of it or nothing. */
async function restoreNat({ program }: Family, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await runProgram(`${program}-restore`, ["--noflush"], { input: `${["*nat", ...lines].join("\n")}\nCOMMIT\n` });
}

/**
 * A shim names the socket of its containerd: ours are told from everybody else's by it. Containers end by their control groups.
 * containerd's state tells which sockets and runc states were theirs.
 */
export async function removeShims(containerdSocket: string, stateDir: string): Promise<void> {
  await killShims(containerdSocket);
  const tasks = join(stateDir, "io.containerd.runtime.v2.task/k8s.io");
  for (const id of await listed(tasks)) {
    const address = await readFile(join(tasks, id, "address"), "utf8").catch(() => ""); // a task that never started has none
    if (address.startsWith(`unix://${shimDir}/`)) await rm(address.slice("unix://".length), { force: true });
    await rm(join(runcDir, id), { recursive: true, force: true });
  }
  await removeEmpty([shimDir, runcDir, "/run/containerd/runc", "/run/containerd"]);
}

async function listed(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

/** What is not empty is somebody's still. */
async function removeEmpty(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
      if (!["ENOENT", "ENOTEMPTY", "EBUSY"].includes(error.code ?? "")) throw error;
    });
  }
}

async function killShims(containerdSocket: string): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // A process that ended meanwhile has no command line any more.
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    const isShim = basename(command[0] ?? "").startsWith("containerd-shim");
    if (!isShim || command[command.indexOf("-address") + 1] !== containerdSocket) continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
