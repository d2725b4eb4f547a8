// What a deployment writes on its sets so that `kubectl rollout` can tell revisions apart, and the sizes at the time, so that
// a later scaling can be shared out in proportion.

import { revisionAnnotation } from "../../kinds/apps/deployment-rules.ts";
import type { Deployment, ReplicaSet } from "../../kinds/apps/types.gen.ts";
import { maxSurge } from "./rollout-numbers.ts";

const historyAnnotation = "deployment.kubernetes.io/revision-history";
const desiredAnnotation = "deployment.kubernetes.io/desired-replicas";
const maxAnnotation = "deployment.kubernetes.io/max-replicas";
const notCopied = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
]);
/** Longest revision-history annotation, in characters; older revisions are dropped. */
const maxHistoryLength = 2000;

type Annotations = Readonly<Record<string, string>>;

export const revisionOf = (set: ReplicaSet): number => Number(set.metadata?.annotations?.[revisionAnnotation] ?? 0) || 0;
export const maxRevision = (sets: readonly ReplicaSet[]): number => Math.max(0, ...sets.map(revisionOf));

/** Desired replicas as the set was last told; undefined when it never was. */
export function desiredReplicas(set: ReplicaSet): number | undefined {
  const text = set.metadata?.annotations?.[desiredAnnotation];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}
export function maxReplicasBefore(set: ReplicaSet, deployment: Deployment): number {
  const text = set.metadata?.annotations?.[maxAnnotation];
  return text !== undefined && /^[0-9]+$/.test(text) && text !== "0" ? Number(text) : (deployment.status?.replicas ?? 0);
}

/** The annotations of a set with the deployment's present sizes. */
export function withSizes(annotations: Annotations | undefined, deployment: Deployment): Annotations {
  const replicas = deployment.spec?.replicas ?? 1;
  return { ...annotations, [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + maxSurge(deployment)) };
}

/** The annotations that the set of the present template must have: the deployment's own, and its revision. */
export function newSetAnnotations(deployment: Deployment, present: Annotations | undefined, revision: number): Annotations {
  const next: Record<string, string> = { ...present };
  for (const [name, value] of Object.entries(deployment.metadata?.annotations ?? {})) if (!notCopied.has(name)) next[name] = value;
  const old = present?.[revisionAnnotation];
  if ((Number(old ?? 0) || 0) < revision) {
    next[revisionAnnotation] = String(revision);
    if (old !== undefined) next[historyAnnotation] = appendHistory(present?.[historyAnnotation], old);
  }
  return next;
}

function appendHistory(history: string | undefined, revision: string): string {
  const all = history === undefined || history === "" ? [revision] : [...history.split(","), revision];
  while (all.length > 1 && all.join(",").length > maxHistoryLength) all.shift();
  return all.join(",");
}
