// Which of too many pods go first. The order is the API's documented one: unassigned, pending, not ready, cheap by
// annotation, doubled up on a node, recently ready, often restarted, young; ages compare by order of magnitude so that the
// youngest is not always the one.

import { parseTime } from "../../base/clock.ts";
import type { Pod } from "../../kinds/core/types.gen.ts";
import { isPodReady } from "../../kinds/core/pod-readiness.ts";
import { conditionOf } from "../pod-state.ts";

const costAnnotation = "controller.kubernetes.io/pod-deletion-cost";

/** The `count` pods to delete. `related`: active pods of the same owner's siblings, by whose nodes doubling up is judged. */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, now: number): readonly Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName ?? "";
    if (node !== "") onNode.set(node, (onNode.get(node) ?? 0) + 1);
  }
  const rank = (pod: Pod): number => onNode.get(pod.spec?.nodeName ?? "") ?? 0;
  return pods.toSorted((a, b) => compareForDeletion(a, b, rank, now)).slice(0, count);
}

/** Negative when `a` should go before `b`. */
function compareForDeletion(a: Pod, b: Pod, rank: (pod: Pod) => number, now: number): number {
  return (
    flag(!isAssigned(a), !isAssigned(b)) ||
    phaseRank(a) - phaseRank(b) ||
    flag(!isPodReady(a), !isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    rank(b) - rank(a) ||
    (isPodReady(a) && isPodReady(b) ? compareAges(a, b, readySince, now) : 0) ||
    restarts(b) - restarts(a) ||
    compareAges(a, b, createdAt, now)
  );
}

const flag = (a: boolean, b: boolean): number => Number(b) - Number(a);
const isAssigned = (pod: Pod): boolean => (pod.spec?.nodeName ?? "") !== "";
const phaseRank = (pod: Pod): number => (pod.status?.phase === "Running" ? 2 : pod.status?.phase === "Unknown" ? 1 : 0);
const readySince = (pod: Pod): number => parseTime(conditionOf(pod.status?.conditions, "Ready")?.lastTransitionTime ?? "");
const createdAt = (pod: Pod): number => parseTime(pod.metadata?.creationTimestamp ?? "");

function deletionCost(pod: Pod): number {
  const text = pod.metadata?.annotations?.[costAnnotation];
  return text !== undefined && /^(0|-?[1-9][0-9]{0,9})$/.test(text) ? Number(text) : 0;
}

function restarts(pod: Pod): number {
  let most = 0;
  for (const status of pod.status?.containerStatuses ?? []) most = Math.max(most, status.restartCount ?? 0);
  return most;
}

/** Younger by a power of two goes first; about equally old ones by uid, which is random. */
function compareAges(a: Pod, b: Pod, since: (pod: Pod) => number, now: number): number {
  const [sinceA, sinceB] = [since(a), since(b)];
  if (sinceA === sinceB) return 0;
  const magnitude = (at: number): number => (now > at ? Math.floor(Math.log2((now - at) * 1e6)) : -1);
  const difference = magnitude(sinceA) - magnitude(sinceB);
  if (difference !== 0) return difference;
  return (a.metadata?.uid ?? "") < (b.metadata?.uid ?? "") ? -1 : 1;
}
