// Pods that want to be near or away from other pods, by a node label that says what "near" is. Required terms of pods that are
// already there bind newcomers too.

import type { NodeInfo } from "../node-info.ts";
import type { Filter } from "../plugin.ts";
import { refuse, refuseFinally } from "../plugin.ts";
import type { AffinityTerm, PodInfo } from "../pod-info.ts";
import { termMatches } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";

/** How many matching pods there are per label and value: "zone" → "a" → 3. */
class TopologyCounts {
  readonly #counts = new Map<string, Map<string, number>>();
  add(topologyKey: string, node: NodeInfo): void {
    const value = node.labels[topologyKey];
    if (value === undefined) return;
    const values = this.#counts.get(topologyKey) ?? new Map<string, number>();
    values.set(value, (values.get(value) ?? 0) + 1);
    this.#counts.set(topologyKey, values);
  }
  get(topologyKey: string, node: NodeInfo): number {
    const value = node.labels[topologyKey];
    return value === undefined ? 0 : (this.#counts.get(topologyKey)?.get(value) ?? 0);
  }
  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }
}

export const interPodAffinity: Filter = {
  name: "InterPodAffinity",
  events: new Set(["node-added", "node-labels", "pod-bound", "pod-gone", "pod-labels"]),
  global: true,
  prepare(pod, snapshot) {
    const existing = againstNewcomer(pod, snapshot);
    const near = pod.affinity.length > 0 ? countAll(pod.affinity, snapshot) : undefined;
    const away = pod.antiAffinity.length > 0 ? countEach(pod.antiAffinity, snapshot) : undefined;
    if (existing.isEmpty && near === undefined && away === undefined) return undefined;
    // The first of a group that wants to be near itself has nobody to be near: it may go anywhere that has the labels.
    const first = near?.isEmpty === true && pod.affinity.every((term) => termMatches(term, pod, (name) => snapshot.namespaceLabels(name)));
    return (node) => {
      if (near !== undefined) {
        const labelled = pod.affinity.every((term) => node.labels[term.topologyKey] !== undefined);
        const met = labelled && (first || pod.affinity.every((term) => near.get(term.topologyKey, node) > 0));
        if (!met) return refuseFinally("node(s) didn't match pod affinity rules");
      }
      if (away !== undefined && pod.antiAffinity.some((term) => away.get(term.topologyKey, node) > 0)) {
        return refuse("node(s) didn't match pod anti-affinity rules");
      }
      for (const key of Object.keys(node.labels)) {
        if (existing.get(key, node) > 0) return refuse("node(s) didn't satisfy existing pods anti-affinity rules");
      }
      return undefined;
    };
  },
};

/** Where pods that are there do not want the newcomer. */
function againstNewcomer(pod: PodInfo, snapshot: Snapshot): TopologyCounts {
  const counts = new TopologyCounts();
  const labelsOf = (name: string): Readonly<Record<string, string>> => snapshot.namespaceLabels(name);
  for (const node of snapshot.nodes) {
    if (node.antiAffine === 0) continue;
    for (const other of node.pods.values()) {
      for (const term of other.antiAffinity) if (termMatches(term, pod, labelsOf)) counts.add(term.topologyKey, node);
    }
  }
  return counts;
}

/** Pods that match every term: to be near means near one that satisfies them all. */
function countAll(terms: readonly AffinityTerm[], snapshot: Snapshot): TopologyCounts {
  const counts = new TopologyCounts();
  const labelsOf = (name: string): Readonly<Record<string, string>> => snapshot.namespaceLabels(name);
  for (const node of snapshot.nodes) {
    for (const other of node.pods.values()) {
      if (!terms.every((term) => termMatches(term, other, labelsOf))) continue;
      for (const term of terms) counts.add(term.topologyKey, node);
    }
  }
  return counts;
}

function countEach(terms: readonly AffinityTerm[], snapshot: Snapshot): TopologyCounts {
  const counts = new TopologyCounts();
  const labelsOf = (name: string): Readonly<Record<string, string>> => snapshot.namespaceLabels(name);
  for (const node of snapshot.nodes) {
    for (const other of node.pods.values()) {
      for (const term of terms) if (termMatches(term, other, labelsOf)) counts.add(term.topologyKey, node);
    }
  }
  return counts;
}
