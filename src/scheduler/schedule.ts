// One decision: which node for this pod? Pure but for the tie-break, which is drawn from the given Random.

import type { Random } from "../base/random.ts";
import { interPodAffinity } from "./filters/inter-pod-affinity.ts";
import { nodeAffinity, nodeName, nodePorts, nodeResourcesFit, nodeUnschedulable, taintToleration } from "./filters/simple-filters.ts";
import { topologySpread } from "./filters/topology-spread.ts";
import type { NodeInfo } from "./node-info.ts";
import type { Filter, Refusal, Score } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import { interPodPreference, spreadPreference } from "./scores/group-scores.ts";
import { balancedAllocation, imageLocality, leastAllocated, nodeAffinityPreference, taintPreference } from "./scores/simple-scores.ts";
import type { Snapshot } from "./snapshot.ts";

/** In the order in which they are asked; the first refusal is the one that is told. */
export const filters: readonly Filter[] = [
  nodeUnschedulable,
  nodeName,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  topologySpread,
  interPodAffinity,
];
const scores: readonly Score[] = [
  taintPreference,
  nodeAffinityPreference,
  leastAllocated,
  balancedAllocation,
  spreadPreference,
  interPodPreference,
  imageLocality,
];

export interface NodeRefusal extends Refusal {
  readonly filter: Filter;
}
export type Verdict =
  | { readonly type: "fits"; readonly node: string; readonly feasible: number; readonly examined: number }
  | { readonly type: "unschedulable"; readonly refusals: ReadonlyMap<string, NodeRefusal> };

/** Fewer nodes than this are always all examined. */
const fewNodes = 100;

/** How many suitable nodes are enough: all of a small cluster, a shrinking share (50 % to 5 %) of a large one. */
export function enoughNodes(count: number): number {
  if (count <= fewNodes) return count;
  const percent = Math.max(5, 50 - Math.floor(count / 125));
  return Math.max(fewNodes, Math.floor((count * percent) / 100));
}

/** Prepared filters of one pod: a verdict on any node. */
export function judge(pod: PodInfo, snapshot: Snapshot): (node: NodeInfo) => NodeRefusal | undefined {
  const prepared: { readonly filter: Filter; readonly check: (node: NodeInfo) => Refusal | undefined }[] = [];
  for (const filter of filters) {
    const check = filter.prepare(pod, snapshot);
    if (check !== undefined) prepared.push({ filter, check });
  }
  return (node) => {
    for (const { filter, check } of prepared) {
      const refusal = check(node);
      if (refusal !== undefined) return { ...refusal, filter };
    }
    return undefined;
  };
}

/** `start`: index of the node to look at first, so that large clusters are used evenly. */
export function schedule(pod: PodInfo, snapshot: Snapshot, random: Random, start: number): Verdict {
  const { nodes } = snapshot;
  const check = judge(pod, snapshot);
  const refusals = new Map<string, NodeRefusal>();
  const feasible: NodeInfo[] = [];
  const enough = enoughNodes(nodes.length);
  let examined = 0;
  // A node that was promised by preemption is the first choice while it still fits.
  const promised = snapshot.node(pod.pod.status?.nominatedNodeName ?? "");
  if (promised !== undefined && refusalOn(pod, promised, snapshot, check) === undefined) {
    return { type: "fits", node: promised.name, feasible: 1, examined: 1 };
  }
  for (; examined < nodes.length && feasible.length < enough; examined++) {
    const node = nodes[(start + examined) % nodes.length]!;
    const refusal = refusalOn(pod, node, snapshot, check);
    if (refusal === undefined) feasible.push(node);
    else refusals.set(node.name, refusal);
  }
  if (feasible.length === 0) return { type: "unschedulable", refusals };
  const node = feasible.length === 1 ? feasible[0]! : best(pod, feasible, snapshot, random);
  return { type: "fits", node: node.name, feasible: feasible.length, examined };
}

/** A node must fit with the more important pods that were promised it, and without them: they may go elsewhere. */
function refusalOn(
  pod: PodInfo,
  node: NodeInfo,
  snapshot: Snapshot,
  check: (node: NodeInfo) => NodeRefusal | undefined,
): NodeRefusal | undefined {
  const refusal = check(node);
  if (refusal !== undefined) return refusal;
  const expected = snapshot.nominated(node.name).filter((other) => other.uid !== pod.uid && other.priority >= pod.priority);
  if (expected.length === 0) return undefined;
  const filled = node.copy();
  for (const other of expected) filled.add(other);
  return check(filled);
}

function best(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot, random: Random): NodeInfo {
  const totals = totalScores(pod, nodes, snapshot);
  let winner = 0;
  let ties = 1;
  for (let at = 1; at < nodes.length; at++) {
    if (totals[at]! > totals[winner]!) {
      winner = at;
      ties = 1;
    } else if (totals[at] === totals[winner] && random.next() * ++ties < 1) winner = at;
  }
  return nodes[winner]!;
}

/** Weighted sums of all scores, in the order of the nodes. */
export function totalScores(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): Float64Array {
  const totals = new Float64Array(nodes.length);
  for (const rule of scores) {
    const values = rule.score(pod, nodes, snapshot);
    if (values === undefined) continue;
    for (let at = 0; at < totals.length; at++) totals[at]! += rule.weight * values[at]!;
  }
  return totals;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods.`, with what preemption says after it. */
export function describeRefusals(nodeCount: number, refusals: ReadonlyMap<string, Refusal>, preemption = ""): string {
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const counts = new Map<string, number>();
  for (const { reasons } of refusals.values()) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  const message = `0/${nodeCount} nodes are available: ${texts.join(", ")}.`;
  return preemption === "" ? message : `${message} ${preemption}`;
}
