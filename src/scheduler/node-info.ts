// One node and the pods on it, with their sums: what filters and scores read.

import type { HostPort } from "../kinds/core/pod-ports.ts";
import { hostPortsConflict } from "../kinds/core/pod-ports.ts";
import { amountsOf } from "../kinds/core/pod-resources.ts";
import type { Node } from "../kinds/core/types.gen.ts";
import type { Amounts, PodInfo } from "./pod-info.ts";

export class NodeInfo {
  readonly node: Node;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly allocatable: Amounts;
  readonly requested: Record<string, number> = {};
  presumedCpu = 0;
  presumedMemory = 0;
  readonly pods = new Map<string, PodInfo>();
  /** Pods with required anti-affinity, which restrict those that come later. */
  antiAffine = 0;
  /** Pods with any affinity, which score those that come later. */
  affine = 0;

  constructor(node: Node) {
    this.node = node;
    this.name = node.metadata?.name ?? "";
    this.labels = node.metadata?.labels ?? {};
    this.allocatable = amountsOf(node.status?.allocatable);
  }

  /** The same pods on a new version of the node, or a copy to try something on. */
  copy(node: Node = this.node): NodeInfo {
    const copy = new NodeInfo(node);
    for (const pod of this.pods.values()) copy.add(pod);
    return copy;
  }

  add(pod: PodInfo): void {
    this.remove(pod.uid);
    this.pods.set(pod.uid, pod);
    this.#count(pod, 1);
  }

  remove(uid: string): PodInfo | undefined {
    const pod = this.pods.get(uid);
    if (pod === undefined) return undefined;
    this.pods.delete(uid);
    this.#count(pod, -1);
    return pod;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    for (const [resource, amount] of Object.entries(pod.requests))
      this.requested[resource] = (this.requested[resource] ?? 0) + sign * amount;
    this.presumedCpu += sign * pod.presumed.cpu;
    this.presumedMemory += sign * pod.presumed.memory;
    if (pod.antiAffinity.length > 0) this.antiAffine += sign;
    if (pod.affinity.length + pod.antiAffinity.length + pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0)
      this.affine += sign;
  }

  /** Whether a pod here already has this port of the host. */
  hasPortConflict(wanted: HostPort): boolean {
    for (const pod of this.pods.values()) if (pod.hostPorts.some((port) => hostPortsConflict(port, wanted))) return true;
    return false;
  }
}
