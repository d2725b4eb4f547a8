// Small questions that several controllers ask, beside the rules about pods that every room shares.

import { parseTime } from "../base/clock.ts";
import { podCondition } from "../kinds/core/pod-readiness.ts";
import type { Pod } from "../kinds/core/types.gen.ts";

export const conditionOf = <C extends { readonly type: string }>(conditions: readonly C[] | undefined, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type);

/** When a ready pod counts as available, in milliseconds since the epoch; undefined for a pod that is not ready. */
export function podAvailableAtMs(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  const since = parseTime(ready.lastTransitionTime ?? "");
  return Number.isNaN(since) ? undefined : since + minReadySeconds * 1000;
}
