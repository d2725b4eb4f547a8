// Takes away pods that nobody will finish: bound to a node that is gone, deleted before they were ever bound, stuck on a node
// declared out of service, and the oldest finished ones beyond a threshold.

import { formatTime } from "../../base/clock.ts";
import type { Client } from "../../client/client.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { podKind } from "../../kinds/core/pod.ts";
import type { Pod, PodCondition } from "../../kinds/core/types.gen.ts";
import { StatusError } from "../../object/status.ts";
import type { Controller } from "../controller.ts";
import { reads } from "../controller.ts";
import type { Decision, Write } from "../decision.ts";
import { patchStatus, remove } from "../decision.ts";
import { isPodTerminal } from "../../kinds/core/pod-readiness.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";

const periodMs = 20_000;
/** A node must have been missing this long: it may only be unknown to our copy. */
const quarantineMs = 40_000;
const defaultThreshold = 12_500;
const outOfServiceTaint = "node.kubernetes.io/out-of-service";
const force = { gracePeriodSeconds: 0 };

/** `goneNodes`: nodes that pods are bound to and that the API itself says do not exist. */
export function podGcController(monotonicMs: () => number, threshold = defaultThreshold): Controller<ReadonlySet<string>> {
  const missingSince = new Map<string, number>();
  return {
    name: "pod-garbage-collector",
    watches: [reads(podKind), reads(nodeKind)],
    initialKeys: ["all"],
    observe: async (client, _key, view) => {
      const missing = new Set<string>();
      for (const pod of view.list(podKind)) {
        const node = pod.spec?.nodeName ?? "";
        if (node !== "" && view.get(nodeKind, "", node) === undefined) missing.add(node);
      }
      for (const node of missingSince.keys()) if (!missing.has(node)) missingSince.delete(node);
      const gone = new Set<string>();
      for (const node of missing) {
        const since = missingSince.get(node) ?? monotonicMs();
        missingSince.set(node, since);
        if (monotonicMs() - since >= quarantineMs && (await isGone(client, node))) gone.add(node);
      }
      return gone;
    },
    decide: (view, _key, now, goneNodes) => decidePodGc(view, now, goneNodes, threshold),
  };
}

async function isGone(client: Client, node: string): Promise<boolean> {
  try {
    await client.of(nodeKind).get(node);
    return false;
  } catch (error) {
    if (error instanceof StatusError && error.reason === "NotFound") return true;
    throw error;
  }
}

function decidePodGc(view: View, now: number, goneNodes: ReadonlySet<string>, threshold: number): Decision {
  const writes: Write[] = [];
  const finished: Pod[] = [];
  for (const pod of view.list(podKind)) {
    const node = pod.spec?.nodeName ?? "";
    const goes = pod.metadata?.deletionTimestamp !== undefined;
    if (goneNodes.has(node)) writes.push(...end(pod, now, "PodGC: node no longer exists"));
    else if (node === "" && goes) writes.push(remove(podKind, pod, "never scheduled", force));
    else if (goes && isOutOfService(view, node)) writes.push(...end(pod, now, "PodGC: node out-of-service"));
    else if (isPodTerminal(pod) && !goes) finished.push(pod);
  }
  const surplus = finished.length - threshold;
  if (threshold > 0 && surplus > 0) {
    const oldest = finished.toSorted((a, b) => ((a.metadata?.creationTimestamp ?? "") < (b.metadata?.creationTimestamp ?? "") ? -1 : 1));
    writes.push(...oldest.slice(0, surplus).map((pod) => remove(podKind, pod, "too many finished pods", force)));
  }
  return { writes, requeueAfterMs: periodMs };
}

function isOutOfService(view: View, name: string): boolean {
  const node = view.get(nodeKind, "", name);
  return (
    conditionOf(node?.status?.conditions, "Ready")?.status !== "True" &&
    node?.spec?.taints?.some((taint) => taint.key === outOfServiceTaint) === true
  );
}

/** Marks a pod that has not finished as failed, so that its owner counts it so, then deletes it; the mark comes first. */
function end(pod: Pod, now: number, message: string): Write[] {
  if (isPodTerminal(pod)) return [remove(podKind, pod, message, force)];
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message,
    lastTransitionTime: formatTime(now),
  } as PodCondition;
  const status = { phase: "Failed", conditions: [condition] };
  return [patchStatus(podKind, pod, status, message, { ignore: ["NotFound"] }), remove(podKind, pod, message, force)];
}
