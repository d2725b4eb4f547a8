// Rules about deployments that several rooms need.

import type { Deployment, DeploymentStrategy } from "./types.gen.ts";

type Members = Record<string, any>;

const defaultShare = "25%";

/** Rolling, a quarter missing and a quarter too many, unless said otherwise. */
export function defaultDeploymentStrategy(strategy: Members): void {
  strategy["type"] ??= "RollingUpdate";
  if (strategy["type"] !== "RollingUpdate") return;
  const rolling = (strategy["rollingUpdate"] ??= {}) as Members;
  rolling["maxUnavailable"] ??= defaultShare;
  rolling["maxSurge"] ??= defaultShare;
}

/** A number or a percentage of `total`. A text that is neither counts as 0. */
export function scaledValue(value: number | string | undefined, total: number, round: "up" | "down"): number {
  if (typeof value === "number") return value;
  const percent = /^(\d+)%$/.exec(value ?? "");
  if (percent === null) return 0;
  const scaled = (Number(percent[1]) * total) / 100;
  return round === "up" ? Math.ceil(scaled) : Math.floor(scaled);
}

/** How many pods a rollout may have beyond `replicas`, and how many may be missing. Both zero would stand still: then one may miss. */
export function rolloutLimits(
  strategy: DeploymentStrategy | undefined,
  replicas: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const rolling = strategy?.rollingUpdate;
  const maxSurge = scaledValue(rolling?.maxSurge, replicas, "up");
  const maxUnavailable = scaledValue(rolling?.maxUnavailable, replicas, "down");
  return maxSurge === 0 && maxUnavailable === 0
    ? { maxSurge, maxUnavailable: 1 }
    : { maxSurge, maxUnavailable: Math.min(maxUnavailable, replicas) };
}

/** Annotation that numbers the templates a deployment has had. */
export const revisionAnnotation = "deployment.kubernetes.io/revision";

/** Number of the template that an object of a deployment was made for; 0 when it has none. */
export function revisionOf(object: Pick<Deployment, "metadata">): number {
  const text = object.metadata?.annotations?.[revisionAnnotation];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}
