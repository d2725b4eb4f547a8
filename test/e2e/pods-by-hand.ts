// Sandboxes and containers made through the runtime alone, as a kubelet would, for tests of what lies below it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerConfig, DnsConfig, NamespaceOptions, SandboxConfig } from "../../src/kubelet/container-runtime.ts";
import type { RealNode } from "./real-node.ts";

const namespaces: NamespaceOptions = { network: "pod", pid: "container", ipc: "pod" };

export interface PodByHand {
  readonly sandbox: string;
  readonly container: string;
  readonly config: SandboxConfig;
  readonly ip: string;
}

export interface PodWishes {
  readonly name: string;
  readonly image: string;
  /** Empty: the image's own. */
  readonly command?: readonly string[];
  readonly dns?: DnsConfig;
  readonly container?: Partial<ContainerConfig>;
  readonly sandbox?: Partial<SandboxConfig>;
}

function sandboxConfig(node: RealNode, { name, dns, sandbox }: PodWishes): SandboxConfig {
  const uid = `uid-${name}`;
  return {
    metadata: { name, uid, namespace: "default", attempt: 0 },
    hostname: name,
    logDirectory: join(node.names.podLogsDir, `default_${name}_${uid}`),
    dns: dns ?? { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local"], options: ["ndots:5"] },
    portMappings: [],
    labels: { app: name },
    annotations: {},
    cgroupParent: `${node.names.cgroupRoot}/pod${uid}`,
    sysctls: {},
    security: { namespaces, privileged: false, readonlyRootfs: false, supplementalGroups: [] },
    ...sandbox,
  };
}

function containerConfig({ image, command = [], container }: PodWishes): ContainerConfig {
  return {
    metadata: { name: "main", attempt: 0 },
    image: { image, userSpecifiedImage: image },
    command,
    args: [],
    workingDir: "",
    env: [{ name: "GREETING", value: "bonjour" }],
    mounts: [],
    devices: [],
    labels: { container: "main" },
    annotations: {},
    logPath: "main/0.log",
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: { memoryLimitBytes: 64 << 20, cpuShares: 128 },
    security: {
      capabilities: { add: [], drop: [] },
      privileged: false,
      namespaces,
      supplementalGroups: [],
      readonlyRootfs: false,
      noNewPrivileges: false,
      maskedPaths: [],
      readonlyPaths: [],
      seccomp: { type: "runtime-default" },
    },
    ...container,
  };
}

/** The image must be there. */
export async function runPod(node: RealNode, wishes: PodWishes): Promise<PodByHand> {
  const config = sandboxConfig(node, wishes);
  await node.cgroups.ensure(config.cgroupParent, { cpuShares: 256, memoryBytes: 128 << 20, pidsMax: 100 });
  const sandbox = await node.runtime.runSandbox(config, "");
  const container = await node.runtime.createContainer(sandbox, containerConfig(wishes), config);
  await node.runtime.startContainer(container);
  const [ip = ""] = (await node.runtime.sandboxStatus(sandbox)).ips;
  return { sandbox, container, config, ip };
}

export async function removePod(node: RealNode, pod: PodByHand): Promise<void> {
  await node.runtime.stopContainer(pod.container, 0);
  await node.runtime.stopSandbox(pod.sandbox);
  await node.runtime.removeSandbox(pod.sandbox);
  await node.cgroups.remove(pod.config.cgroupParent);
}

/** Process id of a container, from its control group. */
export async function pidOf(node: RealNode, pod: PodByHand): Promise<number> {
  const hierarchy = node.cgroups.version === 1 ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
  const procs = await readFile(join(hierarchy, pod.config.cgroupParent, pod.container, "cgroup.procs"), "utf8");
  return Number(procs.trim().split("\n")[0]);
}

/** The log once it says what is looked for. */
export function logOf(pod: PodByHand, wanted: RegExp): Promise<string> {
  return until(async () => {
    const said = await readFile(join(pod.config.logDirectory, "main/0.log"), "utf8");
    return wanted.test(said) ? said : undefined;
  });
}

/** Asks every 20 ms until there is an answer. @throws Error when there is none within `withinMs` */
export async function until<T>(what: () => Promise<T | undefined>, withinMs = 5_000): Promise<T> {
  const limit = performance.now() + withinMs;
  for (;;) {
    const value = await what();
    if (value !== undefined) return value;
    if (performance.now() > limit) throw new Error(`not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
