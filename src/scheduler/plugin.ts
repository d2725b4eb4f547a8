// What a scheduling rule is: a filter says why a node will not do, a score says how well it does. Both may look at the whole
// cluster once per pod before they look at nodes.

import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

/** Why a node will not do, in Kubernetes' words. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** No pod that leaves the node would help. */
  readonly final: boolean;
}
export const refuse = (...reasons: readonly string[]): Refusal => ({ reasons, final: false });
export const refuseFinally = (...reasons: readonly string[]): Refusal => ({ reasons, final: true });

/** What happens in a cluster that may make an unschedulable pod schedulable. */
export type ClusterEvent =
  | "node-added"
  | "node-allocatable"
  | "node-labels"
  | "node-taints"
  | "node-schedulable"
  | "pod-bound"
  | "pod-gone"
  | "pod-labels"
  | "group-changed";

/** Says why a pod cannot go to a node. */
export interface Filter {
  readonly name: string;
  /** Events after which a pod that this filter refused is tried again. */
  readonly events: ReadonlySet<ClusterEvent>;
  /** Looks at the cluster for this pod; undefined: every node passes. */
  prepare(pod: PodInfo, snapshot: Snapshot): ((node: NodeInfo) => Refusal | undefined) | undefined;
  /** Its verdict on one node depends on pods of other nodes. */
  readonly global?: boolean;
}

/** Says how well a node suits a pod that it can take. */
export interface Score {
  readonly name: string;
  readonly weight: number;
  /**
   * Scores of all nodes, 0 to 100 and in their order; undefined: the rule has nothing to say about this pod.
   */
  score(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): Float64Array | undefined;
}

export const maxScore = 100;

/** Scales the scores so that the highest is 100; `reverse` turns them round. Whole numbers, as Kubernetes has them. */
export function normalise(scores: Float64Array, reverse = false): Float64Array {
  let most = 0;
  for (const score of scores) most = Math.max(most, score);
  return scores.map((score) => {
    const scaled = most === 0 ? 0 : Math.floor((score * maxScore) / most);
    return reverse ? maxScore - scaled : scaled;
  });
}
