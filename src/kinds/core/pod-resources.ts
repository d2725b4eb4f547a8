// What a pod asks for and may use, summed over its containers, and which quality of service that gives it. The scheduler
// places by these sums, the kubelet admits and limits by them, and quotas count them.

import type { Quantity } from "../../lang/quantity.ts";
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantityMilliValue, quantityValue } from "../../lang/quantity.ts";
import { isRestartableInitContainer } from "./pod-readiness.ts";
import type { Container, Pod, PodSpec } from "./types.gen.ts";

/** Quantities by the name of their resource, as the API writes them. */
export type ResourceList = Readonly<Record<string, string>>;

/** Whole numbers by resource: CPU in thousandths of a core, everything else in its unit (bytes, pods, devices). */
export type ResourceAmounts = Readonly<Record<string, number>>;

type Sums = Map<string, Quantity>;

/** One resource's quantity as the whole number that ResourceAmounts has, rounded up. */
export const amountOf = (resource: string, quantity: string | number): number =>
  resource === "cpu" ? quantityMilliValue(quantity) : quantityValue(quantity);

/** A resource list as whole numbers. */
export function amountsOf(list: ResourceList | undefined): ResourceAmounts {
  const amounts: Record<string, number> = {};
  for (const [resource, quantity] of Object.entries(list ?? {})) amounts[resource] = amountOf(resource, quantity);
  return amounts;
}

/** What the pod needs set aside on its node, overhead included. */
export const podRequests = (pod: Pod): ResourceAmounts => amountsOf(podRequestList(pod));

/** `podRequests` in the API's own quantities. */
export function podRequestList(pod: Pod): ResourceList {
  const sums = containerSums(pod.spec ?? { containers: [] }, (container) => requestsInEffect(pod, container));
  override(sums, pod.spec?.resources?.requests);
  addAll(sums, pod.spec?.overhead);
  return listOf(sums);
}

/** The most the pod may use, overhead included; only what every running container limits can be relied on. */
export function podLimitList(pod: Pod): ResourceList {
  const sums = containerSums(pod.spec ?? { containers: [] }, (container) => container.resources?.limits);
  override(sums, pod.spec?.resources?.limits);
  // Overhead raises a limit, it does not make one.
  for (const [resource, quantity] of Object.entries(pod.spec?.overhead ?? {})) {
    const sum = sums.get(resource);
    if (sum !== undefined && sum.nanos !== 0n) sums.set(resource, addQuantities(sum, quantity));
  }
  return listOf(sums);
}

/** Requests of the containers together, without the pod's own level and without overhead. */
export const containerRequestList = (spec: PodSpec): ResourceList =>
  listOf(containerSums(spec, (container) => container.resources?.requests));

/** The same for limits. */
export const containerLimitList = (spec: PodSpec): ResourceList => listOf(containerSums(spec, (container) => container.resources?.limits));

/**
 * Containers run together; init containers run one after the other before them, each beside the sidecars that were started
 * earlier. So the pod needs the larger of: containers with all sidecars, or any init container with the sidecars before it.
 */
function containerSums(spec: PodSpec, of: (container: Container) => ResourceList | undefined): Sums {
  const together: Sums = new Map();
  for (const container of spec.containers ?? []) addAll(together, of(container));
  const sidecars: Sums = new Map();
  const starting: Sums = new Map();
  for (const container of spec.initContainers ?? []) {
    const list = of(container);
    if (isRestartableInitContainer(container)) {
      addAll(together, list);
      addAll(sidecars, list);
      raise(starting, sidecars);
    } else {
      const alone = new Map(sidecars);
      addAll(alone, list);
      raise(starting, alone);
    }
  }
  raise(together, starting);
  return together;
}

/**
 * What is asked for, or while a running container is being resized the larger of that and what its node has granted: neither
 * may be given to somebody else yet. A resize that cannot happen leaves what was granted.
 */
function requestsInEffect(pod: Pod, container: Container): ResourceList | undefined {
  const wanted = container.resources?.requests;
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const status = statuses.find((one) => one.name === container.name);
  const granted = status?.allocatedResources;
  const actual = status?.resources?.requests;
  if (granted === undefined && actual === undefined) return wanted;
  const infeasible = pod.status?.conditions?.some((one) => one.type === "PodResizePending" && one.reason === "Infeasible") ?? false;
  const sums: Sums = new Map();
  for (const list of infeasible ? [granted, actual] : [wanted, granted, actual]) {
    const one: Sums = new Map();
    addAll(one, list);
    raise(sums, one);
  }
  return listOf(sums);
}

function addAll(sums: Sums, list: ResourceList | undefined): void {
  for (const [resource, quantity] of Object.entries(list ?? {})) {
    const sum = sums.get(resource);
    sums.set(resource, sum === undefined ? parseQuantity(quantity) : addQuantities(sum, quantity));
  }
}

function raise(sums: Sums, to: Sums): void {
  for (const [resource, quantity] of to) {
    const sum = sums.get(resource);
    if (sum === undefined || compareQuantities(sum, quantity) < 0) sums.set(resource, quantity);
  }
}

/** What the pod itself says wins over the sum of its containers (KEP-2837). */
function override(sums: Sums, list: ResourceList | undefined): void {
  for (const [resource, quantity] of Object.entries(list ?? {}))
    if (isPodLevelResource(resource)) sums.set(resource, parseQuantity(quantity));
}

/** Resources that may be given to a pod as a whole. */
export const isPodLevelResource = (resource: string): boolean =>
  resource === "cpu" || resource === "memory" || resource.startsWith("hugepages-");

const listOf = (sums: Sums): ResourceList => Object.fromEntries([...sums].map(([resource, sum]) => [resource, formatQuantity(sum)]));

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const qosResources = ["cpu", "memory"];

/**
 * Guaranteed: every container limits CPU and memory, and asks for no less. BestEffort: nobody asks for or limits either.
 * Burstable: all else. A pod with resources of its own is judged by these alone.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const own = spec.resources;
  const parts =
    own?.requests !== undefined || own?.limits !== undefined
      ? [own]
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((container) => container.resources ?? {});
  const requests: Sums = new Map();
  const limits: Sums = new Map();
  let allLimited = true;
  for (const part of parts) {
    addAll(requests, positive(part.requests));
    const limited = positive(part.limits);
    addAll(limits, limited);
    if (Object.keys(limited).length < qosResources.length) allLimited = false;
  }
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal =
    requests.size === limits.size && [...requests].every(([resource, quantity]) => limits.get(resource)?.nanos === quantity.nanos);
  return allLimited && equal ? "Guaranteed" : "Burstable";
}

function positive(list: ResourceList | undefined): ResourceList {
  return Object.fromEntries(
    qosResources.flatMap((name) => (list?.[name] !== undefined && parseQuantity(list[name]).nanos > 0n ? [[name, list[name]]] : [])),
  );
}
