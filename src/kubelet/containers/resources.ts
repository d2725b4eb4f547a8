// Requests and limits → what the kernel is told. Rules as Kubernetes applies them: 1024 shares a CPU, a quota of 100 ms
// periods, an out-of-memory score by quality of service.

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import { qosClassOf } from "../../kinds/core/pod-resources.ts";
import type { QosClass } from "../../kinds/core/pod-resources.ts";
import { quantityMilliValue, quantityValue } from "../../lang/quantity.ts";
import type { CgroupLimits } from "../cgroups.ts";
import type { LinuxResources } from "../container-runtime.ts";
import { isSidecar } from "../decide/restart.ts";

const periodMicros = 100_000;
const minShares = 2;
const maxShares = 262_144;
const minQuota = 1000;

export const milliCpuToShares = (milli: number): number =>
  milli === 0 ? minShares : clamp(Math.floor((milli * 1024) / 1000), minShares, maxShares);
export const milliCpuToQuota = (milli: number): number => (milli === 0 ? 0 : Math.max(Math.floor((milli * periodMicros) / 1000), minQuota));
const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

const cpu = (amounts: Readonly<Record<string, string | number>> | undefined): number | undefined =>
  amounts?.["cpu"] === undefined ? undefined : quantityMilliValue(amounts["cpu"]);
const memory = (amounts: Readonly<Record<string, string | number>> | undefined): number | undefined =>
  amounts?.["memory"] === undefined ? undefined : quantityValue(amounts["memory"]);

export const qosClass = (pod: Pod): QosClass => (pod.status?.qosClass as QosClass | undefined) ?? qosClassOf(pod.spec!);

/** Below 0 nothing but node agents; 1000 is killed first. A burstable container scores lower the more memory it asked for. */
export function oomScoreAdj(qos: QosClass, container: ApiContainer, pod: Pod, nodeMemoryBytes: number): number {
  if (pod.spec?.priorityClassName === "system-node-critical" || qos === "Guaranteed") return -997;
  if (qos === "BestEffort") return 1000;
  const request = memory(container.resources?.requests) ?? 0;
  const score = 1000 - Math.floor((1000 * request) / Math.max(nodeMemoryBytes, 1));
  return clamp(score, 3, 999);
}

export function containerResources(container: ApiContainer, pod: Pod, qos: QosClass, nodeMemoryBytes: number): LinuxResources {
  const { requests, limits } = container.resources ?? {};
  const cpuLimit = cpu(limits);
  const cpuRequest = cpu(requests) ?? cpuLimit ?? 0;
  const memoryLimit = memory(limits);
  const quota = milliCpuToQuota(cpuLimit ?? 0);
  return {
    cpuShares: milliCpuToShares(cpuRequest),
    ...(quota > 0 && { cpuQuota: quota, cpuPeriod: periodMicros }),
    ...(memoryLimit !== undefined && memoryLimit > 0 && { memoryLimitBytes: memoryLimit }),
    oomScoreAdj: oomScoreAdj(qos, container, pod, nodeMemoryBytes),
  };
}

/** What the pod may need at one moment: sidecars and apps together, or the largest init container with the sidecars before it. */
function podAmount(pod: Pod, of: (container: ApiContainer) => number): number {
  const spec = pod.spec!;
  let sidecars = 0;
  let initPeak = 0;
  for (const container of spec.initContainers ?? []) {
    const amount = of(container);
    if (isSidecar(container)) {
      sidecars += amount;
      initPeak = Math.max(initPeak, sidecars);
    } else initPeak = Math.max(initPeak, sidecars + amount);
  }
  const apps = (spec.containers ?? []).reduce((sum, container) => sum + of(container), 0);
  return Math.max(apps + sidecars, initPeak);
}

export const requestOf =
  (resource: string) =>
  (container: ApiContainer): number => {
    const { requests, limits } = container.resources ?? {};
    const amount = requests?.[resource] ?? limits?.[resource];
    if (amount === undefined) return 0;
    return resource === "cpu" ? quantityMilliValue(amount) : quantityValue(amount);
  };

/** Limits of the whole pod: shares always; quota and memory only when every container has the limit. */
export function podCgroupLimits(pod: Pod): CgroupLimits {
  const spec = pod.spec!;
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const everyHas = (read: typeof cpu): boolean => containers.every((container) => (read(container.resources?.limits) ?? 0) > 0);
  const overhead = spec.overhead;
  const limit = (read: typeof cpu): number => podAmount(pod, (container) => read(container.resources?.limits) ?? 0) + (read(overhead) ?? 0);
  return {
    cpuShares: milliCpuToShares(podAmount(pod, requestOf("cpu")) + (cpu(overhead) ?? 0)),
    ...(everyHas(cpu) ? { cpuQuota: milliCpuToQuota(limit(cpu)), cpuPeriod: periodMicros } : { cpuQuota: -1, cpuPeriod: periodMicros }),
    ...(everyHas(memory) ? { memoryBytes: limit(memory) } : { memoryBytes: -1 }),
  };
}

/** "/kubepods/burstable/pod1234"; guaranteed pods lie directly below the root. */
export function podCgroup(root: string, pod: Pod, qos: QosClass): string {
  const middle = qos === "Guaranteed" ? "" : `/${qos.toLowerCase()}`;
  return `${root}${middle}/pod${pod.metadata!.uid}`;
}
