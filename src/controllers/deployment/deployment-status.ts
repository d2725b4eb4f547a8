// Deployment status and conditions out of its sets, with Kubernetes' reasons and messages, which `kubectl rollout status` and
// many tools read.

import { formatTime, parseTime } from "../../base/clock.ts";
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../kinds/apps/types.gen.ts";
import { conditionOf } from "../pod-state.ts";
import { maxUnavailable, totalSize } from "./rollout-numbers.ts";

const noLimit = 2 ** 31 - 1;
export const hasProgressDeadline = (deployment: Deployment): boolean =>
  deployment.spec?.progressDeadlineSeconds !== undefined && deployment.spec.progressDeadlineSeconds !== noLimit;
export const hasHistoryLimit = (deployment: Deployment): boolean =>
  deployment.spec?.revisionHistoryLimit !== undefined && deployment.spec.revisionHistoryLimit !== noLimit;

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (of(set) ?? 0), 0);

/** Numbers as a status holds them: a zero that the API leaves out reads as zero. */
const count = (value: number | undefined): number => value ?? 0;

export function progressing(
  deployment: Deployment,
  status: "True" | "False" | "Unknown",
  reason: string,
  message: string,
  now: number,
  conditions: readonly DeploymentCondition[] = deployment.status?.conditions ?? [],
): readonly DeploymentCondition[] {
  return withCondition(conditions, newCondition("Progressing", status, reason, message, now));
}

const newCondition = (
  type: string,
  status: DeploymentCondition["status"],
  reason: string,
  message: string,
  now: number,
): DeploymentCondition => ({
  type,
  status,
  lastUpdateTime: formatTime(now),
  lastTransitionTime: formatTime(now),
  reason,
  message,
});

/** The conditions with this one; the same status and reason change nothing, the same status keeps its transition time. */
function withCondition(conditions: readonly DeploymentCondition[], next: DeploymentCondition): readonly DeploymentCondition[] {
  const present = conditionOf(conditions, next.type);
  if (present?.status === next.status && present.reason === next.reason) return conditions;
  const kept = present?.status === next.status ? { ...next, lastTransitionTime: present.lastTransitionTime } : next;
  return [...conditions.filter((condition) => condition.type !== next.type), kept];
}
const without = (conditions: readonly DeploymentCondition[], type: string): readonly DeploymentCondition[] =>
  conditions.filter((condition) => condition.type !== type);

/** Status with its Available condition; Progressing stays as `conditions` has it. */
export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  conditions: readonly DeploymentCondition[],
  now: number,
): DeploymentStatus {
  const replicas = sum(sets, (set) => set.status?.replicas);
  const updated = count(newSet?.status?.replicas);
  const ready = sum(sets, (set) => set.status?.readyReplicas);
  const available = sum(sets, (set) => set.status?.availableReplicas);
  const unavailable = Math.max(0, totalSize(sets) - available);
  const terminatingKnown = sets.every((set) => set.status?.terminatingReplicas !== undefined);
  const enough = available >= (deployment.spec?.replicas ?? 1) - maxUnavailable(deployment);
  const next = withCondition(
    conditions,
    enough
      ? newCondition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
      : newCondition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now),
  );
  return {
    ...(deployment.metadata?.generation !== undefined && { observedGeneration: deployment.metadata.generation }),
    ...(replicas > 0 && { replicas }),
    ...(updated > 0 && { updatedReplicas: updated }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    ...(unavailable > 0 && { unavailableReplicas: unavailable }),
    ...(terminatingKnown && { terminatingReplicas: sum(sets, (set) => set.status?.terminatingReplicas) }),
    ...(deployment.status?.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
    conditions: next,
  } as DeploymentStatus;
}

/** Everything is updated, available, and nothing old runs. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const replicas = deployment.spec?.replicas ?? 1;
  return (
    count(status?.updatedReplicas) === replicas &&
    count(status?.replicas) === replicas &&
    count(status?.availableReplicas) === replicas &&
    count(status?.observedGeneration) >= count(deployment.metadata?.generation)
  );
}

function hasProgressed(old: DeploymentStatus | undefined, next: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus | undefined): number => count(status?.replicas) - count(status?.updatedReplicas);
  return (
    count(next.updatedReplicas) > count(old?.updatedReplicas) ||
    outdated(next) < outdated(old) ||
    count(next.readyReplicas) > count(old?.readyReplicas) ||
    count(next.availableReplicas) > count(old?.availableReplicas)
  );
}

function isTimedOut(deployment: Deployment, conditions: readonly DeploymentCondition[], now: number): boolean {
  const condition = conditionOf(conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || condition === undefined || condition.reason === "NewReplicaSetAvailable") return false;
  if (condition.reason === "ProgressDeadlineExceeded") return true;
  return parseTime(condition.lastUpdateTime ?? "") + deployment.spec!.progressDeadlineSeconds! * 1000 < now;
}

/** Status during a rollout: how it progresses, whether it is done or stuck, and what keeps its sets from creating pods. */
export function rolloutStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  known: readonly DeploymentCondition[],
  now: number,
): DeploymentStatus {
  const status = deploymentStatus(deployment, sets, newSet, known, now);
  let conditions = status.conditions ?? [];
  if (!hasProgressDeadline(deployment)) conditions = without(conditions, "Progressing");
  const present = conditionOf(known, "Progressing");
  const settled = count(status.replicas) === count(status.updatedReplicas) && present?.reason === "NewReplicaSetAvailable";
  const subject = newSet === undefined ? `Deployment "${deployment.metadata?.name}"` : `ReplicaSet "${newSet.metadata?.name}"`;
  if (hasProgressDeadline(deployment) && !settled) {
    if (isComplete(deployment, status)) {
      const message = `${subject} has successfully progressed.`;
      conditions = progressing(deployment, "True", "NewReplicaSetAvailable", message, now, conditions);
    } else if (hasProgressed(deployment.status, status)) {
      const next = newCondition("Progressing", "True", "ReplicaSetUpdated", `${subject} is progressing.`, now);
      const since = present?.status === "True" ? present.lastTransitionTime : next.lastTransitionTime;
      conditions = [...without(conditions, "Progressing"), { ...next, lastTransitionTime: since }];
    } else if (isTimedOut(deployment, conditions, now)) {
      const message = `${subject} has timed out progressing.`;
      conditions = progressing(deployment, "False", "ProgressDeadlineExceeded", message, now, conditions);
    }
  }
  const failing = [...(newSet === undefined ? [] : [newSet]), ...sets]
    .map((set) => conditionOf(set.status?.conditions, "ReplicaFailure"))
    .find((condition) => condition !== undefined);
  conditions =
    failing === undefined
      ? without(conditions, "ReplicaFailure")
      : withCondition(conditions, {
          ...newCondition("ReplicaFailure", failing.status, failing.reason ?? "", failing.message ?? "", now),
          lastUpdateTime: failing.lastTransitionTime,
          lastTransitionTime: failing.lastTransitionTime,
        } as DeploymentCondition);
  return { ...status, conditions };
}

/** When to look again at a rollout that may get stuck; undefined when it cannot. */
export function deadlineCheckMs(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const condition = conditionOf(status.conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || condition === undefined) return undefined;
  if (isComplete(deployment, status) || condition.reason === "ProgressDeadlineExceeded") return undefined;
  if (condition.reason === "NewReplicaSetAvailable" || deployment.spec?.paused === true) return undefined;
  const due = parseTime(condition.lastUpdateTime ?? "") + deployment.spec!.progressDeadlineSeconds! * 1000;
  return Math.max(due - now, 0) + 1000;
}
