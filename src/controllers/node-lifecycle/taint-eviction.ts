// Deletes pods from nodes with a NoExecute taint that they do not tolerate, or no longer: a toleration may be limited to some
// seconds after the taint was added.

import { formatTime } from "../../base/clock.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { evictionTimeMs } from "../../kinds/core/tolerations.ts";
import type { Pod, PodCondition } from "../../kinds/core/types.gen.ts";
import type { Controller } from "../controller.ts";
import { keyOf, ownKey, splitKey, watch } from "../controller.ts";
import type { Decision } from "../decision.ts";
import { nothing, patchStatus, remove } from "../decision.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";
import { podsByNode } from "./node-lifecycle.ts";

export const taintEvictionController: Controller = {
  name: "taint-eviction-controller",
  account: "node-controller",
  watches: [
    watch(podKind, (pod) => ((pod.spec?.nodeName ?? "") === "" ? [] : ownKey(pod))),
    watch(nodeKind, (node, view) => view.byIndex(podKind, "node", node.metadata?.name ?? "").map(keyOf)),
  ],
  indexes: [podsByNode],
  decide: decideEviction,
};

export function decideEviction(view: View, key: string, now: number): Decision {
  const pod = view.get(podKind, ...splitKey(key));
  if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return nothing;
  const taints = view.get(nodeKind, "", pod.spec?.nodeName ?? "")?.spec?.taints;
  const evictAt = evictionTimeMs(taints, pod, now);
  if (evictAt === Infinity) return nothing;
  return evictAt <= now ? evict(pod, now) : { writes: [], requeueAfterMs: evictAt - now };
}

function evict(pod: Pod, now: number): Decision {
  const present = conditionOf(pod.status?.conditions, "DisruptionTarget");
  if (present?.status !== "True") {
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
      lastTransitionTime: formatTime(now),
      ...(pod.metadata?.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    } as PodCondition;
    return { about: pod, writes: [patchStatus(podKind, pod, { conditions: [condition] }, "disruption target")] };
  }
  const event = () =>
    ({
      regarding: pod,
      type: "Normal",
      reason: "TaintManagerEviction",
      message: `Marking for deletion Pod ${keyOf(pod)}`,
    }) as const;
  return { about: pod, writes: [remove(podKind, pod, "NoExecute taint", {}, { event })] };
}
