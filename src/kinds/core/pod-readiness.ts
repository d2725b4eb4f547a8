// Rules about a pod's readiness and its conditions.

import type { Container, Pod, PodCondition } from "./types.gen.ts";

/** An init container that stays beside the others: a sidecar. */
export const isRestartableInitContainer = (container: Container): boolean => container.restartPolicy === "Always";

/** A condition of a pod by its type. */
export const podCondition = (pod: Pod, type: string): PodCondition | undefined =>
  pod.status?.conditions?.find((condition) => condition.type === type);

/** Whether the pod's condition of this type is True. */
export const podConditionHolds = (pod: Pod, type: string): boolean => podCondition(pod, type)?.status === "True";

export const isPodReady = (pod: Pod): boolean => podConditionHolds(pod, "Ready");

/** Ready for at least this long, by the condition's own time. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds <= 0) return true;
  const since = Date.parse(ready.lastTransitionTime ?? "");
  return Number.isFinite(since) && since + minReadySeconds * 1000 <= nowMs;
}

/** All its containers have ended for good. */
export const isPodTerminal = (pod: Pod): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

/** Neither ended nor on its way out: what a workload counts. */
export const isPodActive = (pod: Pod): boolean => !isPodTerminal(pod) && pod.metadata?.deletionTimestamp === undefined;

/**
 * The conditions with this one set. lastTransitionTime is kept while the status stays the same; the list itself is returned
 * unchanged when nothing but the time of the condition would differ.
 */
export function withCondition<T extends { readonly type: string; readonly status: string; readonly lastTransitionTime?: string }>(
  conditions: readonly T[] | undefined,
  condition: T,
): readonly T[] {
  const list = conditions ?? [];
  const position = list.findIndex((one) => one.type === condition.type);
  const present = list[position];
  if (present === undefined) return [...list, condition];
  const next = present.status === condition.status ? { ...condition, lastTransitionTime: present.lastTransitionTime } : condition;
  const keys = new Set([...Object.keys(present), ...Object.keys(next)]) as Set<keyof T>;
  if ([...keys].every((key) => present[key] === next[key])) return list;
  return list.with(position, next);
}
