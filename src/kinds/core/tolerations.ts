// Which taints of a node a pod bears.

import type { Pod, Taint, Toleration } from "./types.gen.ts";

type Effect = Taint["effect"];

/** Whether one toleration bears one taint. An empty key with Exists bears every taint, an empty effect every effect. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (isSet(toleration.effect) && toleration.effect !== taint.effect) return false;
  if (isSet(toleration.key) && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return (toleration.key ?? "") === taint.key && (toleration.value ?? "") === (taint.value ?? "");
    case "Lt":
      return compare(toleration, taint, (of, than) => of < than);
    case "Gt":
      return compare(toleration, taint, (of, than) => of > than);
  }
}

const isSet = (text: string | undefined): boolean => text !== undefined && text !== "";
const integer = /^(?:0|-?[1-9][0-9]*)$/;

/** Numeric operators (KEP-5471): the taint's value compared with the toleration's; texts that are no integers never match. */
function compare(toleration: Toleration, taint: Taint, holds: (taintValue: bigint, value: bigint) => boolean): boolean {
  if (toleration.key !== taint.key || !integer.test(taint.value ?? "") || !integer.test(toleration.value ?? "")) return false;
  return holds(BigInt(taint.value!), BigInt(toleration.value!));
}

/** The first taint of one of these effects that no toleration bears. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly Effect[],
): Taint | undefined {
  return taints?.find(
    (taint) => effects.includes(taint.effect) && !(tolerations ?? []).some((toleration) => toleratesTaint(toleration, taint)),
  );
}

/** How many taints with the soft effect the pod does not bear: the fewer, the better the node. */
export const softTaintCount = (taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined): number =>
  (taints ?? []).filter((taint) => taint.effect === "PreferNoSchedule" && !(tolerations ?? []).some((one) => toleratesTaint(one, taint)))
    .length;

/**
 * Milliseconds since the epoch when the pod must leave a node with these NoExecute taints: Infinity when it may stay, 0 when it
 * must go at once. `nowMs` stands in for a taint that does not say when it was added.
 */
export function evictionTimeMs(taints: readonly Taint[] | undefined, pod: Pod, nowMs: number): number {
  let time = Number.POSITIVE_INFINITY;
  for (const taint of taints ?? []) {
    if (taint.effect !== "NoExecute") continue;
    const bearing = (pod.spec?.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
    if (bearing.length === 0) return 0;
    const limits = bearing.flatMap((toleration) => (toleration.tolerationSeconds === undefined ? [] : [toleration.tolerationSeconds]));
    if (limits.length === 0) continue;
    const shortest = Math.min(...limits);
    if (shortest <= 0) return 0;
    const added = Date.parse(taint.timeAdded ?? "");
    time = Math.min(time, (Number.isFinite(added) ? added : nowMs) + shortest * 1000);
  }
  return time;
}
