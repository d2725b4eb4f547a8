// When does a container that ended run again, and when? Restart policies of the pod and of the container (KEP-5307), and
// the crash-loop back-off: 10 s, doubled at each restart up to 5 min, forgotten once a container ran for 10 min.
// Everything is computed from the container that ended, which carries the back-off in force in its annotations.

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import type { ObservedContainer } from "../observed.ts";

export const firstBackoffMs = 10_000;
export const maxBackoffMs = 300_000;
/** A run this long wipes the slate clean: twice the longest back-off. */
const backoffResetMs = 2 * maxBackoffMs;

export type RestartPolicy = "Always" | "OnFailure" | "Never";

/** A restartable init container ("sidecar"). */
export const isSidecar = (container: ApiContainer): boolean => container.restartPolicy === "Always";

export const podRestartPolicy = (pod: Pod): RestartPolicy => (pod.spec?.restartPolicy ?? "Always") as RestartPolicy;

/** Init containers, once done, do not run again: "Always" means until they succeed. */
export function restartsAfter(pod: Pod, container: ApiContainer, init: boolean, exitCode: number): boolean {
  if (init && isSidecar(container)) return true;
  const rule = container.restartPolicyRules?.find((candidate) => ruleMatches(candidate, exitCode));
  if (rule?.action === "Restart") return !(init && exitCode === 0);
  const policy = (container.restartPolicy ?? podRestartPolicy(pod)) as RestartPolicy;
  if (policy === "Never") return false;
  if (init || policy === "OnFailure") return exitCode !== 0;
  return true;
}

function ruleMatches(
  rule: { readonly exitCodes?: { readonly operator?: string; readonly values?: readonly number[] } },
  exitCode: number,
): boolean {
  if (!rule.exitCodes) return false;
  const listed = (rule.exitCodes.values ?? []).includes(exitCode);
  return rule.exitCodes.operator === "NotIn" ? !listed : listed;
}

export type RestartTiming =
  /** Start now; the new run carries `nextBackoffMs`. */
  | { readonly type: "now"; readonly nextBackoffMs: number }
  | { readonly type: "wait"; readonly untilMs: number; readonly backoffMs: number };

/** When the run after `ended` may begin. A first run that ends is followed at once; the second waits 10 s after its end. */
export function restartTiming(ended: ObservedContainer, nowMs: number): RestartTiming {
  const { status, notes } = ended;
  const finishedAtMs = status.finishedAtMs || status.createdAtMs;
  const lasted = finishedAtMs - status.createdAtMs;
  if (notes.backoffMs === 0 || lasted > backoffResetMs) return { type: "now", nextBackoffMs: firstBackoffMs };
  const untilMs = finishedAtMs + notes.backoffMs;
  if (nowMs < untilMs) return { type: "wait", untilMs, backoffMs: notes.backoffMs };
  return { type: "now", nextBackoffMs: Math.min(notes.backoffMs * 2, maxBackoffMs) };
}
