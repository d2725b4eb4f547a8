// What a node's silence means: conditions turn Unknown, taints keep new pods away and, unless the whole cluster is silent
// (then it is more likely us), evict those that are there. Pure.

import { formatTime, parseTime } from "../../base/clock.ts";
import type { Node, NodeCondition, Taint } from "../../kinds/core/types.gen.ts";
import { conditionOf } from "../pod-state.ts";

const conditionTypes = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] as const;
const notReadyTaint = "node.kubernetes.io/not-ready";
const unreachableTaint = "node.kubernetes.io/unreachable";
const conditionTaints: readonly (readonly [condition: string, taint: string])[] = [
  ["MemoryPressure", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "node.kubernetes.io/pid-pressure"],
];
const managedNoSchedule = new Set([
  notReadyTaint,
  unreachableTaint,
  "node.kubernetes.io/unschedulable",
  ...conditionTaints.map(([, taint]) => taint),
]);

export const readiness = (node: Node): string => conditionOf(node.status?.conditions, "Ready")?.status ?? "Unknown";

/** The conditions of a node that has not been heard of: all that the kubelet reports become Unknown. */
export function silentConditions(node: Node, now: number): readonly NodeCondition[] {
  const present = node.status?.conditions ?? [];
  const at = formatTime(now);
  const turned = present.map((condition) =>
    !(conditionTypes as readonly string[]).includes(condition.type) || condition.status === "Unknown"
      ? condition
      : ({
          ...condition,
          status: "Unknown",
          reason: "NodeStatusUnknown",
          message: "Kubelet stopped posting node status.",
          lastTransitionTime: at,
        } as NodeCondition),
  );
  const missing = conditionTypes
    .filter((type) => conditionOf(present, type) === undefined)
    .map(
      (type) =>
        ({
          type,
          status: "Unknown",
          reason: "NodeStatusNeverUpdated",
          message: "Kubelet never posted node status.",
          lastHeartbeatTime: node.metadata?.creationTimestamp,
          lastTransitionTime: at,
        }) as NodeCondition,
    );
  return [...turned, ...missing];
}

/** The taints that the node's conditions ask for; others stay as they are. `evict`: whether pods may be evicted now. */
export function taintsFor(node: Node, evict: boolean, now: number): readonly Taint[] {
  const present = node.spec?.taints ?? [];
  const ready = conditionOf(node.status?.conditions, "Ready")?.status;
  const noSchedule: string[] = [];
  // A node that has not said anything yet is not ready, but nobody has lost it.
  if (ready === "False" || ready === undefined) noSchedule.push(notReadyTaint);
  else if (ready === "Unknown") noSchedule.push(unreachableTaint);
  for (const [type, key] of conditionTaints) if (conditionOf(node.status?.conditions, type)?.status === "True") noSchedule.push(key);
  if (node.spec?.unschedulable === true) noSchedule.push("node.kubernetes.io/unschedulable");
  const noExecute = ready === "True" || ready === undefined ? undefined : ready === "False" ? notReadyTaint : unreachableTaint;
  const kept = present.filter((taint) => {
    if (taint.effect === "NoSchedule" && managedNoSchedule.has(taint.key)) return noSchedule.includes(taint.key);
    return !isEviction(taint) || (evict && taint.key === noExecute);
  });
  const has = (key: string, effect: string): boolean => kept.some((taint) => taint.key === key && taint.effect === effect);
  const timeAdded = formatTime(now);
  return [
    ...kept,
    ...noSchedule.filter((key) => !has(key, "NoSchedule")).map((key) => ({ key, effect: "NoSchedule", timeAdded }) as Taint),
    ...(noExecute !== undefined && evict && !has(noExecute, "NoExecute")
      ? [{ key: noExecute, effect: "NoExecute", timeAdded } as Taint]
      : []),
  ];
}

/** One node of a zone is given up every ten seconds, so that a passing fault does not empty many; slower when most are lost. */
const evictionIntervalMs = 10_000;
const slowEvictionIntervalMs = 100_000;
/** Zones up to this size wait for help instead when more than 55 % (and more than two) of their nodes are silent. */
const largeZone = 50;

/**
 * How long until the node may get its NoExecute taint, by what the taints of its zone say of when the last one was given; 0
 * when it may now or has it, Infinity while every node everywhere is silent or most of a small zone is.
 */
export function evictionWaitMs(node: Node, nodes: readonly Node[], now: number): number {
  if (!nodes.some((other) => readiness(other) === "True")) return Infinity;
  const zone = zoneOf(node);
  const peers = nodes.filter((other) => zoneOf(other) === zone);
  const silent = peers.filter((other) => readiness(other) !== "True").length;
  const partly = silent > 2 && silent < peers.length && silent / peers.length >= 0.55;
  if (partly && peers.length <= largeZone) return Infinity;
  if (evictedAtMs(node) !== undefined) return 0;
  const last = Math.max(0, ...peers.map((other) => evictedAtMs(other) ?? 0));
  return Math.max(0, last + (partly ? slowEvictionIntervalMs : evictionIntervalMs) - now);
}

/** When the node got its NoExecute taint; undefined when it has none. */
function evictedAtMs(node: Node): number | undefined {
  const taint = node.spec?.taints?.find(isEviction);
  return taint === undefined ? undefined : parseTime(taint.timeAdded ?? "") || 0;
}
const isEviction = (taint: Taint): boolean =>
  taint.effect === "NoExecute" && (taint.key === notReadyTaint || taint.key === unreachableTaint);

const zoneOf = (node: Node): string =>
  `${node.metadata?.labels?.["topology.kubernetes.io/region"] ?? ""}/${node.metadata?.labels?.["topology.kubernetes.io/zone"] ?? ""}`;
