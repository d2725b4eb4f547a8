// Whether a node is one that a pod asks for: node selector, required and preferred node affinity.

import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec } from "./types.gen.ts";

/** Whether the pod's nodeSelector and required node affinity let it onto the node. */
export function matchesNode(spec: PodSpec | undefined, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  for (const [label, value] of Object.entries(spec?.nodeSelector ?? {})) if (labels[label] !== value) return false;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Any of the terms. */
export const matchesNodeSelector = (selector: NodeSelector, node: Node): boolean =>
  (selector.nodeSelectorTerms ?? []).some((term) => matchesNodeSelectorTerm(term, node));

/** All of the term's requirements; a term without any matches no node. */
export function matchesNodeSelectorTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const labels = node.metadata?.labels ?? {};
  return (
    matchExpressions.every((requirement) => holds(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) => holds(requirement, requirement.key === "metadata.name" ? (node.metadata?.name ?? "") : undefined))
  );
}

/** Sum of the weights of the preferred terms that the node matches. An empty preference matches every node. */
export function preferredNodeScore(pod: Pod, node: Node): number {
  let score = 0;
  for (const { weight, preference } of pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
    const empty = (preference.matchExpressions ?? []).length === 0 && (preference.matchFields ?? []).length === 0;
    if (empty || matchesNodeSelectorTerm(preference, node)) score += weight;
  }
  return score;
}

const integer = /^[+-]?[0-9]+$/;

function holds(requirement: NodeSelectorRequirement, present: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return present !== undefined && values.includes(present);
    case "NotIn":
      return present === undefined || !values.includes(present);
    case "Exists":
      return present !== undefined;
    case "DoesNotExist":
      return present === undefined;
    case "Gt":
    case "Lt": {
      const limit = values[0];
      if (present === undefined || limit === undefined || !integer.test(present) || !integer.test(limit)) return false;
      return requirement.operator === "Gt" ? BigInt(plain(present)) > BigInt(plain(limit)) : BigInt(plain(present)) < BigInt(plain(limit));
    }
  }
}

/** BigInt knows no leading plus. */
const plain = (text: string): string => (text.startsWith("+") ? text.slice(1) : text);
