// Makes a machine ready to be a node: writes what src/cluster/node-preparation renders, sets the kernel, shares the kubelet's
// root. Run again, it changes nothing that is right already. Starting containerd is the supervisor's work; finishNode then
// brings the sandbox image in.

import { access, mkdir, readFile, writeFile, rename, rm, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sandboxImage, renderContainerdConfig } from "../../cluster/node-preparation/containerd-config.ts";
import { cniConfFile, readPodRanges, renderCniConflist } from "../../cluster/node-preparation/cni-config.ts";
import type { NodeNames } from "../../cluster/node-preparation/node-names.ts";
import type { LedgerEntry } from "../../cluster/ledger.ts";
import type { Registries } from "../../cluster/node-preparation/registries.ts";
import { renderRegistries } from "../../cluster/node-preparation/registries.ts";
import { wantedSysctls } from "../../cluster/node-preparation/sysctls.ts";
import type { ContainerRuntime } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type { HostCapabilities } from "./capabilities.ts";
import { readMounts } from "./mount-table.ts";
import { runProgram } from "../run-program.ts";
import { buildSandboxImage, importArchive } from "./sandbox-image.ts";
import { neededSysctls, writeSysctl } from "./sysctls.ts";

export interface PrepareNodeOptions {
  readonly names: NodeNames;
  readonly capabilities: HostCapabilities;
  readonly podCidrs: readonly string[];
  readonly mtu?: number;
  readonly streamAddress?: string;
  readonly registries: Registries;
  /** After its mirrors, a registry is asked itself. */
  readonly defaultEndpoint: boolean;
  /** False for further nodes on a machine, which share its kernel settings. */
  readonly setSysctls: boolean;
  /** Told each thing before it is made. */
  readonly record: (entry: LedgerEntry) => void | Promise<void>;
}

/** A process for a supervisor: it writes its log to standard error and ends on SIGTERM; its children (shims) survive it. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
}

/** @throws Error naming the program that is missing */
export async function prepareNode(options: PrepareNodeOptions): Promise<{ readonly containerd: ProcessSpec; readonly changed: boolean }> {
  const { names, capabilities, record } = options;
  const containerd = required(capabilities.programs.containerd, "containerd");
  const runc = required(capabilities.programs.runc, "runc");
  const cniBinDir = required(capabilities.cniBinDir, "containernetworking-plugins");

  const private_ = [names.dataDir, names.runDir, names.containerdRoot, names.containerdState, names.cniDataDir];
  for (const path of private_) await makeDirectory(path, 0o700, record);
  for (const path of [names.kubeletDir, names.podLogsDir, names.containerLogsDir, names.registriesDir, names.cniConfDir]) {
    await makeDirectory(path, 0o755, record);
  }

  const registries = renderRegistries(options.registries, { defaultEndpoint: options.defaultEndpoint });
  await writeTree(names.registriesDir, registries.files);
  const config = renderContainerdConfig({
    names,
    runc,
    cniBinDir,
    snapshotter: capabilities.snapshotter,
    restrictOomScoreAdj: !capabilities.sysResource,
    // Pods' groups are made by the kubelet as directories, on every machine alike.
    systemdCgroup: false,
    apparmor: capabilities.apparmor,
    majorVersion: capabilities.containerdMajorVersion ?? 1,
    credentials: registries.credentials,
    ...(options.streamAddress !== undefined && { streamAddress: options.streamAddress }),
  });
  const changed = await writeText(names.containerdConfig, config, 0o600);
  const podCidrs = (await podNetworkRanges(names)) ?? options.podCidrs;
  await record({ type: "interface", name: names.bridge });
  await writePodNetwork({ ...options, podCidrs });
  await record({ type: "cgroup", path: names.cgroupRoot });
  if (options.setSysctls) {
    for (const change of await neededSysctls(wantedSysctls({ ipv6: podCidrs.some((cidr) => cidr.includes(":")) }))) {
      await record({ type: "sysctl", key: change.name, previous: change.before });
      await writeSysctl(change.name, change.after);
    }
  }
  await shareMount(names.kubeletDir);
  await record({ type: "cni-network", network: names.networkName });
  await record({ type: "shims", containerdSocket: names.containerdSocket, stateDir: names.containerdState });
  return { containerd: { command: containerd, args: ["--config", names.containerdConfig] }, changed };
}

/**
 * Writes the pod network's configuration; the runtime reads it anew by itself.
 * @returns false when it stood there already
 */
export async function writePodNetwork(
  options: Pick<PrepareNodeOptions, "names" | "podCidrs" | "mtu"> & { readonly capabilities: Pick<HostCapabilities, "cniPlugins"> },
): Promise<boolean> {
  const { names, podCidrs, mtu } = options;
  const { portmap, bandwidth } = options.capabilities.cniPlugins;
  const text = renderCniConflist({ names, podCidrs, hostPorts: portmap, bandwidth, ...(mtu !== undefined && { mtu }) });
  return await writeText(join(names.cniConfDir, cniConfFile), text, 0o644);
}

/** The ranges that the node's pods get addresses from; undefined before the network was first configured. */
export async function podNetworkRanges(names: NodeNames): Promise<readonly string[] | undefined> {
  const text = await readOptional(join(names.cniConfDir, cniConfFile));
  return text === undefined ? undefined : readPodRanges(text);
}

/** Waits until the runtime answers. @throws the last RuntimeError after `timeoutMs` */
export async function waitForRuntime(runtime: ContainerRuntime, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const limit = performance.now() + timeoutMs;
  for (;;) {
    try {
      const { conditions } = await runtime.status(signal);
      if (conditions.some(({ type, status }) => type === "RuntimeReady" && status)) return;
      throw new RuntimeError("unavailable", "the runtime is not ready");
    } catch (error) {
      if (!(error instanceof RuntimeError) || performance.now() > limit) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What needs a running containerd: the sandbox image, when it is not there yet. */
export async function finishNode(
  runtime: ContainerRuntime,
  options: { readonly names: NodeNames; readonly capabilities: HostCapabilities; readonly architecture: string },
): Promise<void> {
  if ((await runtime.imageStatus(sandboxImage)) !== undefined) return;
  const catatonit = required(options.capabilities.programs.catatonit, "catatonit");
  const archive = await buildSandboxImage({ catatonit, architecture: options.architecture });
  const ctr = required(options.capabilities.programs.ctr, "containerd");
  await importArchive(archive, { ctr, socket: options.names.containerdSocket, directory: options.names.dataDir });
}

function required(path: string | undefined, debianPackage: string): string {
  if (path === undefined) throw new Error(`${debianPackage} is not installed: apt-get install ${debianPackage}`);
  return path;
}

/** What was there before us, and what is in it that is not ours, stays. */
async function makeDirectory(path: string, mode: number, record: PrepareNodeOptions["record"]): Promise<void> {
  if (!(await exists(path))) await record({ type: "directory", path });
  await mkdir(path, { recursive: true, mode });
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** True when the file had another text before. */
async function writeText(path: string, text: string, mode: number): Promise<boolean> {
  const before = await readOptional(path);
  if (before === text) return false;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, text, { mode });
  await rename(`${path}.tmp`, path);
  return true;
}

async function readOptional(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function writeTree(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) await writeText(join(directory, path), text, 0o644);
  const wanted = new Set([...files.keys()].map((path) => path.split("/")[0]));
  for (const name of await readdir(directory)) {
    if (!wanted.has(name)) await rm(join(directory, name), { recursive: true, force: true });
  }
}

/**
 * Mount propagation (HostToContainer, Bidirectional) needs a shared mount, and only systemd makes `/` one. The directory becomes
 * a shared mount of its own; `/` is left as it is. The mount goes with the directory.
 */
async function shareMount(path: string): Promise<void> {
  const holder = (await readMounts())
    .filter(({ mountPoint }) => mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .toSorted((left, right) => left.mountPoint.length - right.mountPoint.length)
    .at(-1);
  if (holder?.shared) return;
  if (holder?.mountPoint !== path) {
    await runProgram("mount", ["--bind", path, path]);
  }
  await runProgram("mount", ["--make-private", path]);
  await runProgram("mount", ["--make-shared", path]);
}
