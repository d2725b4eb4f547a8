// The whole status of a pod, from what is observed; and the patch that brings the stored one there.

import { formatTime } from "../../base/clock.ts";
import type { Pod, PodCondition, PodStatus } from "../../kinds/core/types.gen.ts";
import type { QosClass } from "../../kinds/core/pod-resources.ts";
import { liveSandbox } from "../observed.ts";
import type { StatusView } from "./container-statuses.ts";
import { containerStatuses } from "./container-statuses.ts";
import { kubeletConditions, podConditions } from "./conditions.ts";
import { podPhase } from "./phase.ts";

export interface PodVerdict {
  /** "DeadlineExceeded", "Evicted", "OutOfcpu", ... */
  readonly reason: string;
  readonly message: string;
}

export interface PodStatusView extends StatusView {
  readonly nowMs: number;
  /** Addresses of the node, preferred family first. */
  readonly hostIps: readonly string[];
  readonly qosClass: QosClass;
  /** Why the kubelet failed the pod as a whole. */
  readonly failed?: PodVerdict;
}

const isOver = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";

export function podStatus(view: PodStatusView): PodStatus {
  const { pod, observed, nowMs, failed } = view;
  const old = pod.status;
  const statuses = containerStatuses(view);
  const phase = failed ? "Failed" : isOver(old?.phase) ? (old!.phase as "Succeeded" | "Failed") : podPhase(pod, statuses, view.terminal);
  const sandbox = liveSandbox(observed);
  const hostNetwork = pod.spec?.hostNetwork === true;
  const sandboxReady = sandbox !== undefined && (hostNetwork || sandbox.ips.length > 0) && !isOver(phase);
  const ips = podIps(view, hostNetwork, view.terminal || isOver(phase));
  const verdict = failed ?? (old?.reason ? { reason: old.reason, message: old.message ?? "" } : undefined);
  return {
    ...(pod.metadata?.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: podConditions({ pod, statuses, phase, sandboxReady, nowMs }),
    ...(verdict && { reason: verdict.reason, ...(verdict.message !== "" && { message: verdict.message }) }),
    ...(view.hostIps.length > 0 && { hostIP: view.hostIps[0]!, hostIPs: view.hostIps.map((ip) => ({ ip })) }),
    ...(ips.length > 0 && { podIP: ips[0]!, podIPs: ips.map((ip) => ({ ip })) }),
    startTime: old?.startTime ?? formatTime(nowMs),
    ...(statuses.init.length > 0 && { initContainerStatuses: statuses.init }),
    containerStatuses: statuses.app,
    qosClass: old?.qosClass ?? view.qosClass,
  };
}

function podIps({ pod, observed, hostIps }: PodStatusView, hostNetwork: boolean, over: boolean): readonly string[] {
  const sandbox = liveSandbox(observed);
  if (hostNetwork) return sandbox || pod.status?.podIP ? hostIps : [];
  if (sandbox && sandbox.ips.length > 0) return sandbox.ips;
  // The address stays in the status of a pod that is over, as a trace.
  if (over) return (pod.status?.podIPs ?? []).map((entry) => entry.ip).filter((ip) => ip !== undefined);
  return [];
}

/**
 * A strategic merge patch from `old` to `wanted`: only what differs, so that conditions of others stay. Undefined when
 * nothing differs. The uid makes the server refuse it for another pod of the same name.
 */
export function statusPatch(old: Pod, wanted: PodStatus): Record<string, unknown> | undefined {
  const before = (old.status ?? {}) as Readonly<Record<string, unknown>>;
  const after = wanted as Readonly<Record<string, unknown>>;
  const patch: Record<string, unknown> = {};
  for (const field of ownedFields) {
    if (sameJson(before[field], after[field])) continue;
    const value = after[field];
    if (value === undefined) patch[field] = null;
    else if (field === "podIPs" || field === "hostIPs") patch[field] = [...(value as readonly unknown[]), { $patch: "replace" }];
    else patch[field] = value;
  }
  const conditions = changedConditions(old.status?.conditions ?? [], wanted.conditions ?? []);
  if (conditions.length > 0) patch["conditions"] = conditions;
  return Object.keys(patch).length === 0 ? undefined : { metadata: { uid: old.metadata!.uid }, status: patch };
}

const ownedFields = [
  "observedGeneration",
  "phase",
  "reason",
  "message",
  "hostIP",
  "hostIPs",
  "podIP",
  "podIPs",
  "startTime",
  "initContainerStatuses",
  "containerStatuses",
  "qosClass",
] as const;

function changedConditions(old: readonly PodCondition[], wanted: readonly PodCondition[]): readonly Record<string, unknown>[] {
  const changed: Record<string, unknown>[] = [];
  for (const condition of wanted) {
    if (!(kubeletConditions as readonly string[]).includes(condition.type)) continue;
    const before = old.find((candidate) => candidate.type === condition.type);
    if (before && sameJson({ ...before, lastProbeTime: undefined }, condition)) continue;
    changed.push({ ...condition, reason: condition.reason ?? null, message: condition.message ?? null });
  }
  return changed;
}

/** Equal as JSON, whatever the order of keys; absent, null and undefined are one. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b || (a ?? undefined) === (b ?? undefined)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) if (!sameJson(left[key], right[key])) return false;
  return true;
}
