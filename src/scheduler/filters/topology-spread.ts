// Spreads a group of pods evenly over zones, hosts, or whatever a node label names: no place may have more than maxSkew above
// the emptiest. The pieces that the soft form of the rule shares stand here too.

import type { LabelSelector } from "../../lang/label-selector.ts";
import { matchesLabels, selectorFromObject } from "../../lang/label-selector.ts";
import { matchesNode } from "../../kinds/core/node-affinity.ts";
import { untoleratedTaint } from "../../kinds/core/tolerations.ts";
import type { Pod, TopologySpreadConstraint } from "../../kinds/core/types.gen.ts";
import type { NodeInfo } from "../node-info.ts";
import type { Filter } from "../plugin.ts";
import { refuse, refuseFinally } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";

export interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly selector: LabelSelector | undefined;
  readonly minDomains: number;
  readonly honourAffinity: boolean;
  readonly honourTaints: boolean;
}

/** The pod's own constraints of one strength. */
export function constraintsOf(pod: Pod, whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway"): readonly Constraint[] {
  return (pod.spec?.topologySpreadConstraints ?? [])
    .filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map((constraint) => constraintOf(constraint, pod));
}

function constraintOf(constraint: TopologySpreadConstraint, pod: Pod): Constraint {
  let selector = selectorFromObject(constraint.labelSelector);
  for (const key of constraint.matchLabelKeys ?? []) {
    const value = pod.metadata?.labels?.[key];
    if (selector !== undefined && value !== undefined) selector = [...selector, { key, operator: "in", values: [value] }];
  }
  return {
    topologyKey: constraint.topologyKey,
    maxSkew: constraint.maxSkew,
    selector,
    minDomains: constraint.minDomains ?? 1,
    honourAffinity: constraint.nodeAffinityPolicy !== "Ignore",
    honourTaints: constraint.nodeTaintsPolicy === "Honor",
  };
}

/** Whether the node takes part in this constraint for this pod. */
export function participates(node: NodeInfo, pod: Pod, constraint: Constraint): boolean {
  if (constraint.honourAffinity && !matchesNode(pod.spec, node.node)) return false;
  return (
    !constraint.honourTaints || untoleratedTaint(node.node.spec?.taints, pod.spec?.tolerations, ["NoSchedule", "NoExecute"]) === undefined
  );
}

/** Pods of the group on the node; those on their way out do not count. */
export function countMatching(node: NodeInfo, namespace: string, selector: LabelSelector | undefined): number {
  let count = 0;
  for (const pod of node.pods.values()) {
    if (!pod.terminating && pod.namespace === namespace && matchesLabels(selector, pod.labels)) count++;
  }
  return count;
}

export const topologySpread: Filter = {
  name: "PodTopologySpread",
  events: new Set(["node-added", "node-labels", "node-taints", "pod-bound", "pod-gone", "pod-labels"]),
  global: true,
  prepare(pod, snapshot) {
    const constraints = constraintsOf(pod.pod, "DoNotSchedule");
    if (constraints.length === 0) return undefined;
    const all = constraints.map((constraint) => ({ constraint, counts: countPlaces(pod, constraint, constraints, snapshot.nodes) }));
    return (node) => {
      for (const { constraint, counts } of all) {
        const place = node.labels[constraint.topologyKey];
        if (place === undefined) return refuseFinally("node(s) didn't match pod topology spread constraints (missing required label)");
        // Fewer places than asked for: the missing ones count as empty.
        const least = counts.size < constraint.minDomains || counts.size === 0 ? 0 : Math.min(...counts.values());
        const itself = matchesLabels(constraint.selector, pod.labels) ? 1 : 0;
        if ((counts.get(place) ?? 0) + itself - least > constraint.maxSkew)
          return refuse("node(s) didn't match pod topology spread constraints");
      }
      return undefined;
    };
  },
};

/** Pods of the group per place. Only nodes with the labels of every constraint make places. */
function countPlaces(pod: PodInfo, constraint: Constraint, all: readonly Constraint[], nodes: readonly NodeInfo[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of nodes) {
    if (!all.every(({ topologyKey }) => node.labels[topologyKey] !== undefined)) continue;
    if (!participates(node, pod.pod, constraint)) continue;
    const place = node.labels[constraint.topologyKey]!;
    counts.set(place, (counts.get(place) ?? 0) + countMatching(node, pod.namespace, constraint.selector));
  }
  return counts;
}
