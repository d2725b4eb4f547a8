// Scores that look at where other pods are: near wanted company, and spread out.

import type { NodeInfo } from "../node-info.ts";
import type { Score } from "../plugin.ts";
import { maxScore } from "../plugin.ts";
import type { AffinityTerm, PodInfo } from "../pod-info.ts";
import { termMatches } from "../pod-info.ts";
import type { Constraint } from "../filters/topology-spread.ts";
import { constraintsOf, countMatching, participates } from "../filters/topology-spread.ts";

/** What a required term of a pod that is there adds for a newcomer that it matches. */
const hardAffinityWeight = 1;
const hostnameLabel = "kubernetes.io/hostname";

/** Prefers nodes near pods that either side prefers, and away from those that either does not. */
export const interPodPreference: Score = {
  name: "InterPodAffinity",
  weight: 2,
  score(pod, nodes, snapshot) {
    const weights = new Map<string, Map<string, number>>();
    const labelsOf = (name: string): Readonly<Record<string, string>> => snapshot.namespaceLabels(name);
    const add = (term: AffinityTerm, subject: PodInfo, node: NodeInfo, weight: number): void => {
      const value = node.labels[term.topologyKey];
      if (value === undefined || weight === 0 || !termMatches(term, subject, labelsOf)) return;
      const values = weights.get(term.topologyKey) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + weight);
      weights.set(term.topologyKey, values);
    };
    const own = pod.preferredAffinity.length + pod.preferredAntiAffinity.length > 0;
    for (const node of snapshot.nodes) {
      if (!own && node.affine === 0) continue;
      for (const other of node.pods.values()) {
        for (const term of pod.preferredAffinity) add(term, other, node, term.weight);
        for (const term of pod.preferredAntiAffinity) add(term, other, node, -term.weight);
        for (const term of other.affinity) add(term, pod, node, hardAffinityWeight);
        for (const term of other.preferredAffinity) add(term, pod, node, term.weight);
        for (const term of other.preferredAntiAffinity) add(term, pod, node, -term.weight);
      }
    }
    if (weights.size === 0) return undefined;
    const sums = Float64Array.from(nodes, (node) => {
      let sum = 0;
      for (const [key, values] of weights) sum += values.get(node.labels[key] ?? "") ?? 0;
      return sum;
    });
    const [least, most] = [Math.min(...sums), Math.max(...sums)];
    return sums.map((sum) => (most === least ? 0 : Math.floor((maxScore * (sum - least)) / (most - least))));
  },
};

/** Spreading that every group gets which asks for none: loosely over hosts, more loosely over zones. */
const systemDefaults: readonly { readonly topologyKey: string; readonly maxSkew: number }[] = [
  { topologyKey: hostnameLabel, maxSkew: 3 },
  { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5 },
];

/** Prefers places where fewer pods of the group are. */
export const spreadPreference: Score = {
  name: "PodTopologySpread",
  weight: 2,
  score(pod, nodes, snapshot) {
    const own = (pod.pod.spec?.topologySpreadConstraints ?? []).length > 0;
    const selector = own ? undefined : snapshot.groupSelector(pod.pod);
    const constraints: readonly Constraint[] = own
      ? constraintsOf(pod.pod, "ScheduleAnyway")
      : selector === undefined
        ? []
        : systemDefaults.map((each) => ({ ...each, selector, minDomains: 1, honourAffinity: true, honourTaints: false }));
    if (constraints.length === 0) return undefined;
    // Own constraints leave out nodes without all the labels; the defaults do not.
    const labelled = (node: NodeInfo): boolean => !own || constraints.every(({ topologyKey }) => node.labels[topologyKey] !== undefined);
    const sums = new Float64Array(nodes.length);
    for (const constraint of constraints) addConstraint(sums, pod, constraint, nodes, snapshot.nodes, labelled);
    const counted = nodes.flatMap((node, at) => (labelled(node) ? [sums[at]!] : []));
    const [least, most] = [Math.min(...counted), Math.max(...counted)];
    return Float64Array.from(nodes, (node, at) => {
      if (!labelled(node)) return 0;
      return most === 0 ? maxScore : Math.floor((maxScore * (most + least - sums[at]!)) / most);
    });
  },
};

function addConstraint(
  sums: Float64Array,
  pod: PodInfo,
  constraint: Constraint,
  nodes: readonly NodeInfo[],
  all: readonly NodeInfo[],
  labelled: (node: NodeInfo) => boolean,
): void {
  const { topologyKey, maxSkew, selector } = constraint;
  const byHost = topologyKey === hostnameLabel;
  const places = new Set(nodes.filter(labelled).map((node) => node.labels[topologyKey]));
  // More places make each difference smaller; the logarithm keeps constraints comparable.
  const weight = Math.log((byHost ? nodes.filter(labelled).length : places.size) + 2);
  const counts = new Map<string, number>();
  if (!byHost) {
    for (const node of all) {
      const place = node.labels[topologyKey];
      if (place === undefined || !places.has(place) || !labelled(node) || !participates(node, pod.pod, constraint)) continue;
      counts.set(place, (counts.get(place) ?? 0) + countMatching(node, pod.namespace, selector));
    }
  }
  nodes.forEach((node, at) => {
    const place = node.labels[topologyKey];
    if (place === undefined || !labelled(node)) return;
    const count = byHost ? countMatching(node, pod.namespace, selector) : (counts.get(place) ?? 0);
    sums[at] = Math.round(sums[at]! + count * weight + (maxSkew - 1));
  });
}
