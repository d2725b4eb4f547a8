// May this pod run here? The scheduler has said so; the node checks again what it knows better, because pods may be bound by
// hand or by a scheduler that saw an older node.

import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from "../../kinds/core/types.gen.ts";
import { podRequests, amountsOf } from "../../kinds/core/pod-resources.ts";
import type { PodVerdict } from "../status/pod-status.ts";

/** `running`: the pods that hold resources already. Undefined: it may run. */
export function admitPod(
  pod: Pod,
  node: Node | undefined,
  running: readonly Pod[],
  allocatable: Readonly<Record<string, string>>,
): PodVerdict | undefined {
  const os = pod.spec?.os?.name;
  if (os !== undefined && os !== "linux") {
    return { reason: "PodOSNotSupported", message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS" };
  }
  if (node && !nodeMatches(pod, node)) {
    return {
      reason: "NodeAffinity",
      message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    };
  }
  const taint = node && untoleratedNoExecute(pod, node);
  if (taint)
    return { reason: "TaintToleration", message: "Pod was rejected: Predicate TaintToleration failed: node(s) had untolerated taint(s)" };
  return resourceVerdict(pod, running, amountsOf(allocatable));
}

function resourceVerdict(pod: Pod, running: readonly Pod[], capacity: Readonly<Record<string, number>>): PodVerdict | undefined {
  const room = capacity["pods"] ?? Infinity;
  if (running.length + 1 > room) return outOf("pods", 1, running.length, room);
  const used = new Map<string, number>();
  for (const other of running)
    for (const [resource, amount] of Object.entries(podRequests(other))) used.set(resource, (used.get(resource) ?? 0) + amount);
  for (const [resource, wanted] of Object.entries(podRequests(pod))) {
    if (wanted === 0 || resource === "pods") continue;
    const have = capacity[resource] ?? 0;
    const taken = used.get(resource) ?? 0;
    if (taken + wanted > have) return outOf(resource, wanted, taken, have);
  }
  return undefined;
}

const outOf = (resource: string, requested: number, used: number, capacity: number): PodVerdict => ({
  reason: `OutOf${resource}`,
  message: `Pod was rejected: Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

function nodeMatches(pod: Pod, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {})) if (labels[key] !== value) return false;
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!required) return true;
  return required.nodeSelectorTerms.some((term) => termMatches(term, labels, node.metadata?.name ?? ""));
}

function termMatches(term: NodeSelectorTerm, labels: Readonly<Record<string, string>>, name: string): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  // An empty term matches nothing.
  if (expressions.length === 0 && fields.length === 0) return false;
  return (
    expressions.every((requirement) => requirementHolds(requirement, labels[requirement.key])) &&
    fields.every((requirement) => requirementHolds(requirement, requirement.key === "metadata.name" ? name : undefined))
  );
}

function requirementHolds(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) > BigInt(values[0] ?? "0");
    case "Lt":
      return value !== undefined && /^-?\d+$/.test(value) && BigInt(value) < BigInt(values[0] ?? "0");
    default:
      return false;
  }
}

function untoleratedNoExecute(pod: Pod, node: Node): boolean {
  return (node.spec?.taints ?? []).some(
    (taint) =>
      taint.effect === "NoExecute" &&
      !(pod.spec?.tolerations ?? []).some(
        (toleration) =>
          (!toleration.effect || toleration.effect === taint.effect) &&
          (!toleration.key ? toleration.operator === "Exists" : toleration.key === taint.key) &&
          (toleration.operator === "Exists" || (toleration.value ?? "") === (taint.value ?? "")),
      ),
  );
}
