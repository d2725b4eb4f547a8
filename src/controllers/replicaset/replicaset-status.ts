// ReplicaSet status out of its pods.

import { formatTime } from "../../base/clock.ts";
import { matchesLabels, selectorFromLabels } from "../../lang/label-selector.ts";
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from "../../kinds/apps/types.gen.ts";
import type { Pod } from "../../kinds/core/types.gen.ts";
import { isPodAvailable, isPodReady } from "../../kinds/core/pod-readiness.ts";

export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

export function replicaSetStatus(
  set: ReplicaSet,
  active: readonly Pod[],
  terminating: number,
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicaSetStatus {
  const templateLabels = selectorFromLabels(set.spec?.template?.metadata?.labels);
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  for (const pod of active) {
    if (matchesLabels(templateLabels, pod.metadata?.labels)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (isPodAvailable(pod, minReadySeconds, now)) available++;
  }
  const old = set.status?.conditions ?? [];
  const present = old.find((condition) => condition.type === "ReplicaFailure");
  const others = old.filter((condition) => condition.type !== "ReplicaFailure");
  let conditions: readonly ReplicaSetCondition[] = others;
  if (failure !== undefined) {
    conditions =
      present?.status === "True" && present.reason === failure.reason
        ? old
        : [...others, { type: "ReplicaFailure", status: "True", lastTransitionTime: formatTime(now), ...failure }];
  }
  // Counts of zero are left out where the API leaves them out: the written status must equal the one read back.
  return {
    replicas: active.length,
    ...(fullyLabeled > 0 && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    terminatingReplicas: terminating,
    ...(set.metadata?.generation !== undefined && { observedGeneration: set.metadata.generation }),
    ...(conditions.length > 0 && { conditions }),
  } as ReplicaSetStatus;
}
