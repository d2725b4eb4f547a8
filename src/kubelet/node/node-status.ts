// What a Node object says about its machine. Pure: facts in, object out.

import { formatTime } from "../../base/clock.ts";
import type { Node, NodeCondition, NodeStatus } from "../../kinds/core/types.gen.ts";
import type { FilesystemSpace } from "../files.ts";
import type { HostFacts, HostLoad } from "../host-info.ts";
import type { Image, RuntimeStatus, RuntimeVersion } from "../container-runtime.ts";

export const kubeletVersion = "v1.36.0";

export interface NodeInputs {
  readonly name: string;
  readonly addresses: readonly { readonly type: "InternalIP" | "ExternalIP" | "Hostname"; readonly address: string }[];
  readonly facts: HostFacts;
  readonly load: HostLoad;
  readonly disk: FilesystemSpace;
  /** Undefined while the runtime does not answer. */
  readonly version?: RuntimeVersion;
  readonly runtime?: RuntimeStatus;
  readonly images: readonly Image[];
  readonly maxPods: number;
  readonly port: number;
  readonly nowMs: number;
}

/** Below these the node is under pressure and gets no pods that can wait (Kubernetes' default eviction thresholds). */
const memoryPressureBytes = 100 * 1024 * 1024;
const diskPressureShare = 0.1;
const inodePressureShare = 0.05;
const maxImages = 50;

function nodeCapacity(inputs: Pick<NodeInputs, "facts" | "disk" | "maxPods">): Record<string, string> {
  return {
    cpu: String(inputs.facts.cpus),
    "ephemeral-storage": `${Math.floor(inputs.disk.capacityBytes / 1024)}Ki`,
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    memory: `${Math.floor(inputs.facts.memoryBytes / 1024)}Ki`,
    pods: String(inputs.maxPods),
  };
}

/** What is left for pods: the eviction thresholds stay free. */
export function nodeAllocatable(inputs: Pick<NodeInputs, "facts" | "disk" | "maxPods">): Record<string, string> {
  return {
    ...nodeCapacity(inputs),
    "ephemeral-storage": String(Math.floor(inputs.disk.capacityBytes * (1 - diskPressureShare))),
    memory: `${Math.floor(Math.max(inputs.facts.memoryBytes - memoryPressureBytes, 0) / 1024)}Ki`,
  };
}

export function nodeLabels(inputs: Pick<NodeInputs, "facts" | "name">): Record<string, string> {
  const { operatingSystem, architecture, hostname } = inputs.facts;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": inputs.name || hostname,
    "kubernetes.io/os": operatingSystem,
  };
}

export function nodeStatus(inputs: NodeInputs, old: Node | undefined): NodeStatus {
  const { facts } = inputs;
  return {
    capacity: nodeCapacity(inputs),
    allocatable: nodeAllocatable(inputs),
    conditions: nodeConditions(inputs, old?.status?.conditions ?? []),
    addresses: inputs.addresses,
    daemonEndpoints: { kubeletEndpoint: { Port: inputs.port } },
    nodeInfo: {
      machineID: facts.machineId,
      systemUUID: facts.systemUuid,
      bootID: facts.bootId,
      kernelVersion: facts.kernelVersion,
      osImage: facts.osImage,
      containerRuntimeVersion: inputs.version
        ? `${inputs.version.runtimeName}://${inputs.version.runtimeVersion}`
        : (old?.status?.nodeInfo?.containerRuntimeVersion ?? ""),
      kubeletVersion,
      kubeProxyVersion: "",
      operatingSystem: facts.operatingSystem,
      architecture: facts.architecture,
      ...(facts.swapBytes > 0 && { swap: { capacity: facts.swapBytes } }),
    },
    images: imageList(inputs.images),
  };
}

/** The largest first, as the scheduler's image locality reads them. */
const imageList = (images: readonly Image[]) =>
  images
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes || (a.id < b.id ? -1 : 1))
    .slice(0, maxImages)
    .map((image) => ({ names: [...image.repoDigests.slice(0, 1), ...image.repoTags].slice(0, 5), sizeBytes: image.sizeBytes }));

interface Verdict {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

function nodeConditions(inputs: NodeInputs, old: readonly NodeCondition[]): readonly NodeCondition[] {
  const { load, disk, nowMs } = inputs;
  const diskShort = disk.capacityBytes > 0 && disk.availableBytes < disk.capacityBytes * diskPressureShare;
  const inodesShort = disk.inodes > 0 && disk.inodesFree < disk.inodes * inodePressureShare;
  const verdicts: readonly Verdict[] = [
    memoryVerdict(load.memoryAvailableBytes < memoryPressureBytes),
    diskVerdict(diskShort || inodesShort),
    processVerdict(load.maxProcesses > 0 && load.processes > load.maxProcesses * 0.95),
    readyVerdict(inputs),
  ];
  const own = verdicts.map((verdict): NodeCondition => {
    const before = old.find((condition) => condition.type === verdict.type);
    const same = before?.status === verdict.status;
    return {
      ...verdict,
      lastHeartbeatTime: formatTime(nowMs),
      lastTransitionTime: same ? (before.lastTransitionTime ?? formatTime(nowMs)) : formatTime(nowMs),
    };
  });
  return [...old.filter((condition) => !verdicts.some((verdict) => verdict.type === condition.type)), ...own];
}

const memoryVerdict = (under: boolean): Verdict =>
  under
    ? {
        type: "MemoryPressure",
        status: "True",
        reason: "KubeletHasInsufficientMemory",
        message: "kubelet has insufficient memory available",
      }
    : { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory", message: "kubelet has sufficient memory available" };

const diskVerdict = (under: boolean): Verdict =>
  under
    ? { type: "DiskPressure", status: "True", reason: "KubeletHasDiskPressure", message: "kubelet has disk pressure" }
    : { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure" };

const processVerdict = (under: boolean): Verdict =>
  under
    ? { type: "PIDPressure", status: "True", reason: "KubeletHasInsufficientPID", message: "kubelet has insufficient PID available" }
    : { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available" };

function readyVerdict({ runtime }: NodeInputs): Verdict {
  const not = (message: string): Verdict => ({ type: "Ready", status: "False", reason: "KubeletNotReady", message });
  if (!runtime) return not("[container runtime is down]");
  const failures = runtime.conditions
    .filter((condition) => !condition.status && (condition.type === "RuntimeReady" || condition.type === "NetworkReady"))
    .map((condition) =>
      condition.type === "NetworkReady"
        ? `container runtime network not ready: NetworkReady=false reason:${condition.reason} message:${condition.message}`
        : `container runtime not ready: RuntimeReady=false reason:${condition.reason} message:${condition.message}`,
    );
  if (failures.length > 0) return not(failures.length === 1 ? failures[0]! : `[${failures.join(", ")}]`);
  return { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" };
}
