// Deletes pods from nodes with a NoExecute taint that they do not tolerate, or no longer: a toleration may be limited to some
// seconds after the taint was added.

import { formatTime } from "../../base/clock.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { evictionTimeMs } from "../../kinds/core/tolerations.ts";
import type { Pod, PodCondition, Taint } from "../../kinds/core/types.gen.ts";
import type { Controller } from "../controller.ts";
import { keyOf, ownKey, splitKey, watch } from "../controller.ts";
import type { Decision } from "../decision.ts";
import { nothing, patchStatus, remove } from "../decision.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";
import { podsByNode } from "./node-lifecycle.ts";

/** How long the pod has been seen under the taints that its node has now. */
export interface TaintAge {
  readonly agedMs: number;
}

/**
 * A taint that a person set may not say when; then its time runs from when we first saw it, measured by `monotonicMs`. A restart
 * begins to count anew, as in Kubernetes.
 */
export function taintEvictionController(monotonicMs: () => number): Controller<TaintAge> {
  const seen = new Map<string, { readonly mark: string; readonly sinceMs: number }>();
  return {
    name: "taint-eviction-controller",
    account: "node-controller",
    watches: [
      watch(podKind, (pod) => ((pod.spec?.nodeName ?? "") === "" ? [] : ownKey(pod))),
      watch(nodeKind, (node, view) => view.byIndex(podKind, "node", node.metadata?.name ?? "").map(keyOf)),
    ],
    indexes: [podsByNode],
    observe: async (_client, key, view) => {
      const pod = view.get(podKind, ...splitKey(key));
      const taints = executing(view, pod);
      if (taints.length === 0) {
        seen.delete(key);
        return { agedMs: 0 };
      }
      const mark = JSON.stringify([pod?.metadata?.uid, taints]);
      const known = seen.get(key);
      const first = known?.mark === mark ? known : { mark, sinceMs: monotonicMs() };
      seen.set(key, first);
      return { agedMs: monotonicMs() - first.sinceMs };
    },
    decide: (view, key, now, { agedMs }) => decideEviction(view, key, now, agedMs),
  };
}

const executing = (view: View, pod: Pod | undefined): readonly Taint[] =>
  (view.get(nodeKind, "", pod?.spec?.nodeName ?? "")?.spec?.taints ?? []).filter((taint) => taint.effect === "NoExecute");

/** `agedMs`: how long the present taints have been seen on the pod's node. */
export function decideEviction(view: View, key: string, now: number, agedMs: number): Decision {
  const pod = view.get(podKind, ...splitKey(key));
  if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return nothing;
  const evictAt = evictionTimeMs(executing(view, pod), pod, now - agedMs);
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
