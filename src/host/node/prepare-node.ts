// Makes a machine ready to be a node: writes what src/cluster/node-preparation renders, sets the kernel, shares the kubelet's
// root. Run again, it changes nothing that is right already. Starting containerd is the supervisor's work; finishNode then
// brings the sandbox image in.

import { mkdir, readFile, writeFile, rename, rm, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sandboxImage, renderContainerdConfig } from "../../cluster/node-preparation/containerd-config.ts";
import { cniConfFile, renderCniConflist } from "../../cluster/node-preparation/cni-config.ts";
import type { NodeNames } from "../../cluster/node-preparation/node-names.ts";
import type { Registries } from "../../cluster/node-preparation/registries.ts";
import { renderRegistries } from "../../cluster/node-preparation/registries.ts";
import { wantedSysctls } from "../../cluster/node-preparation/sysctls.ts";
import type { ContainerRuntime } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type { HostCapabilities } from "./capabilities.ts";
import { readMounts } from "./mount-table.ts";
import { run } from "./run.ts";
import { buildSandboxImage, importArchive } from "./sandbox-image.ts";
import { neededSysctls, writeSysctl } from "./sysctls.ts";

/** One thing that is about to be made on the host, told before it is made, so that a ledger can undo it. */
export type HostChange =
  | { readonly type: "directory"; readonly path: string }
  | { readonly type: "mount"; readonly path: string }
  | { readonly type: "interface"; readonly name: string }
  | { readonly type: "cgroup"; readonly path: string }
  | { readonly type: "sysctl"; readonly name: string; readonly before: string; readonly after: string };

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
  readonly record: (change: HostChange) => void | Promise<void>;
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
  const { portmap, bandwidth } = capabilities.cniPlugins;
  const { podCidrs, mtu } = options;
  const cni = renderCniConflist({ names, podCidrs, hostPorts: portmap, bandwidth, ...(mtu !== undefined && { mtu }) });
  await record({ type: "interface", name: names.bridge });
  await writeText(join(names.cniConfDir, cniConfFile), cni, 0o644);
  await record({ type: "cgroup", path: names.cgroupRoot });
  if (options.setSysctls) {
    for (const change of await neededSysctls(wantedSysctls({ ipv6: podCidrs.some((cidr) => cidr.includes(":")) }))) {
      await record({ type: "sysctl", ...change });
      await writeSysctl(change.name, change.after);
    }
  }
  await shareMount(names.kubeletDir, record);
  return { containerd: { command: containerd, args: ["--config", names.containerdConfig] }, changed };
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

async function makeDirectory(path: string, mode: number, record: PrepareNodeOptions["record"]): Promise<void> {
  await record({ type: "directory", path });
  await mkdir(path, { recursive: true, mode });
}

/** True when the file had another text before. */
async function writeText(path: string, text: string, mode: number): Promise<boolean> {
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (before === text) return false;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.tmp`, text, { mode });
  await rename(`${path}.tmp`, path);
  return true;
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
 * a shared mount of its own; `/` is left as it is.
 */
async function shareMount(path: string, record: PrepareNodeOptions["record"]): Promise<void> {
  const holder = (await readMounts())
    .filter(({ mountPoint }) => mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`))
    .toSorted((left, right) => left.mountPoint.length - right.mountPoint.length)
    .at(-1);
  if (holder?.shared) return;
  if (holder?.mountPoint !== path) {
    await record({ type: "mount", path });
    await run("mount", ["--bind", path, path]);
  }
  await run("mount", ["--make-private", path]);
  await run("mount", ["--make-shared", path]);
}
