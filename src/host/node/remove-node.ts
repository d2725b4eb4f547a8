// Takes a node's traces off its machine again: pods first, through the runtime, then (once containerd is stopped) what is
// mounted, connected and grouped. Data directories are the ledger's to remove.

import { access, readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { NodeNames } from "../../cluster/node-preparation/node-names.ts";
import type { ContainerRuntime } from "../../kubelet/container-runtime.ts";
import type { Cgroups } from "../../kubelet/cgroups.ts";
import { hostFiles } from "./files.ts";
import { findProgram } from "./packages.ts";
import { run } from "./run.ts";

const parallel = 16;

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

/** What remains when containerd is gone: processes, if it could not be asked before, mounts, the bridge, control groups. */
export async function removeNodeTraces(names: NodeNames, cgroups: Cgroups): Promise<void> {
  await killShims(names);
  await cgroups.remove(names.cgroupRoot);
  for (const directory of [names.kubeletDir, names.runDir, names.containerdRoot, names.dataDir]) {
    for (const point of await hostFiles.mountsBelow(directory)) await hostFiles.unmount(point);
    await hostFiles.unmount(directory);
  }
  if (await present(`/sys/class/net/${names.bridge}`)) await run("ip", ["link", "delete", names.bridge]);
  await removeUnusedHostPortChains();
  // The cluster's own parent group, once its last node is gone.
  const parent = names.cgroupRoot.slice(0, names.cgroupRoot.lastIndexOf("/"));
  if (parent !== "" && (await cgroups.list(parent)).length === 0) await cgroups.remove(parent);
}

/**
 * CNI's portmap leaves its own chains and the jumps to them when the last host port is gone, and makes them anew when it needs
 * them. They are common to all networks of the machine: they go only when no host port is left.
 */
export async function removeUnusedHostPortChains(): Promise<void> {
  if ((await findProgram("iptables-save")) === undefined) return;
  const rules = (await run("iptables-save", ["-t", "nat"])).split("\n");
  if (rules.some((rule) => rule.startsWith("-A CNI-HOSTPORT-DNAT ") || rule.startsWith(":CNI-DN-"))) return;
  const chains = rules.flatMap((rule) => /^:(CNI-HOSTPORT-[A-Z]+) /.exec(rule)?.[1] ?? []);
  if (chains.length === 0) return;
  const jumps = rules.filter((rule) => /^-A (PREROUTING|OUTPUT|POSTROUTING) .*-j CNI-HOSTPORT-/.test(rule));
  // One transaction: another node's portmap sees all of it or nothing.
  const removal = [
    "*nat",
    ...jumps.map((rule) => `-D${rule.slice(2)}`),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ];
  await run("iptables-restore", ["--noflush"], { input: `${removal.join("\n")}\nCOMMIT\n` });
}

/** A shim names the socket of its containerd: ours are told from everybody else's by it. */
async function killShims(names: NodeNames): Promise<void> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).split("\0");
    if (!basename(command[0] ?? "").startsWith("containerd-shim") || command[command.indexOf("-address") + 1] !== names.containerdSocket)
      continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function present(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
