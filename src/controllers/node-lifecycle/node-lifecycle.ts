// Notices nodes that fall silent: no renewed Lease and no new status for the grace period. Observed times are our own, so
// that clocks of nodes need not agree with ours.

import { formatTime, parseTime } from "../../base/clock.ts";
import { leaseKind } from "../../kinds/coordination/lease.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { podKind } from "../../kinds/core/pod.ts";
import type { Node, Pod } from "../../kinds/core/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { reads, watch } from "../controller.ts";
import type { Decision, EventNote, Write } from "../decision.ts";
import { nothing, update, updateStatus } from "../decision.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";
import { indexBy } from "../view.ts";
import { evictionWaitMs, readiness, silentConditions, taintsFor } from "./node-health.ts";

const leaseNamespace = "kube-node-lease";
/** Silence after which a node counts as lost. */
const gracePeriodMs = 50_000;
/** The same for a node that has never been heard of. */
const startupGracePeriodMs = 60_000;

export const podsByNode = indexBy(podKind, "node", (pod) => {
  const node = pod.spec?.nodeName ?? "";
  return node === "" ? [] : [node];
});

/** How long ago the node last gave a sign, as we saw it. */
export interface NodeSign {
  readonly silentMs: number;
}

/** `monotonicMs` measures silence. What it remembers it finds again after a restart, at the price of one grace period. */
export function nodeLifecycleController(monotonicMs: () => number): Controller<NodeSign> {
  const signs = new Map<string, { readonly mark: string; readonly seenAtMs: number }>();
  return {
    name: "node-controller",
    watches: [
      watch(nodeKind, (node, view) => {
        const name = node.metadata?.name ?? "";
        if (view.get(nodeKind, "", name) === undefined) signs.delete(name);
        // Whether one node's pods may go depends on how many others are silent.
        return readiness(node) === "True" ? [name] : view.list(nodeKind).map((other) => other.metadata?.name ?? "");
      }),
      watch(leaseKind, (lease) => (lease.metadata?.namespace === leaseNamespace ? [lease.metadata.name ?? ""] : [])),
      reads(podKind),
    ],
    indexes: [podsByNode],
    observe: async (_client, name, view) => {
      const node = view.get(nodeKind, "", name);
      const mark = JSON.stringify([
        view.get(leaseKind, leaseNamespace, name)?.spec?.renewTime ?? "",
        conditionOf(node?.status?.conditions, "Ready")?.lastHeartbeatTime ?? "",
      ]);
      const known = signs.get(name);
      const sign = known?.mark === mark ? known : { mark, seenAtMs: monotonicMs() };
      if (node !== undefined) signs.set(name, sign);
      return { silentMs: monotonicMs() - sign.seenAtMs };
    },
    decide: (view, name, now, { silentMs }) => decideNode(view, name, now, silentMs),
  };
}

/** `silentMs`: how long ago the node last gave a sign. */
export function decideNode(view: View, name: string, now: number, silentMs: number): Decision {
  const node = view.get(nodeKind, "", name);
  if (node === undefined || node.metadata?.deletionTimestamp !== undefined) return nothing;
  const never = conditionOf(node.status?.conditions, "Ready") === undefined;
  const created = parseTime(node.metadata?.creationTimestamp ?? "");
  const leftMs = never ? Math.min(created + startupGracePeriodMs - now, startupGracePeriodMs) : gracePeriodMs - silentMs;
  const silent = leftMs <= 0;
  if (silent) {
    const conditions = silentConditions(node, now);
    if (!deepEqual(conditions, node.status?.conditions)) {
      const lost = { ...node, status: { ...node.status, conditions } } as Node;
      const notes = readiness(node) === "True" ? [nodeNote(node, "NodeNotReady")] : [];
      return { about: node, writes: [updateStatus(nodeKind, lost, "node silent")], events: notes };
    }
  }
  const waitMs = evictionWaitMs(node, view.list(nodeKind), now);
  const taints = taintsFor(node, waitMs === 0, now);
  const writes: Write[] = [];
  if (!deepEqual(taints, node.spec?.taints ?? [])) {
    const { taints: _, ...spec } = (node.spec ?? {}) as { taints?: unknown };
    writes.push(update(nodeKind, { ...node, spec: { ...spec, ...(taints.length > 0 && { taints }) } } as Node, "taints"));
  }
  if (readiness(node) !== "True") writes.push(...markPodsNotReady(view, node, now));
  const again = Math.min(silent ? Infinity : leftMs + 1, readiness(node) === "True" || waitMs === 0 ? Infinity : waitMs);
  return { about: node, writes, ...(again !== Infinity && { requeueAfterMs: again }) };
}

const nodeNote = (node: Node, status: string): EventNote => ({
  regarding: { kind: "Node", name: node.metadata?.name, uid: node.metadata?.uid },
  type: "Normal",
  reason: status,
  message: `Node ${node.metadata?.name} status is now: ${status}`,
});

/** Pods of a node that is not ready take no traffic: their own kubelet may not be able to say so. */
function markPodsNotReady(view: View, node: Node, now: number): Write[] {
  const writes: Write[] = [];
  for (const pod of view.byIndex(podKind, "node", node.metadata?.name ?? "")) {
    const ready = conditionOf(pod.status?.conditions, "Ready");
    if (ready?.status !== "True") continue;
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition === ready ? { ...ready, status: "False", lastTransitionTime: formatTime(now) } : condition,
    );
    const marked = { ...pod, status: { ...pod.status, conditions } } as Pod;
    writes.push(
      updateStatus(podKind, marked, "node not ready", {
        ignore: ["NotFound", "Conflict"],
        event: () => ({ regarding: pod, type: "Warning", reason: "NodeNotReady", message: "Node is not ready" }),
      }),
    );
  }
  return writes;
}
