// How many pods more and fewer than asked a rolling update may have, and what that allows next. Pure arithmetic; percentages
// of surge round up, of unavailability down, and both may not be zero, or nothing could ever move.

import { rolloutLimits } from "../../kinds/apps/deployment-rules.ts";
import type { Deployment, ReplicaSet } from "../../kinds/apps/types.gen.ts";

const wanted = (deployment: Deployment): number => deployment.spec?.replicas ?? 1;
const limits = (deployment: Deployment): { readonly maxSurge: number; readonly maxUnavailable: number } =>
  rolloutLimits(deployment.spec?.strategy, wanted(deployment));
export const sizeOf = (set: ReplicaSet): number => set.spec?.replicas ?? 0;
export const totalSize = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + sizeOf(set), 0);
export const isRolling = (deployment: Deployment): boolean => deployment.spec?.strategy?.type !== "Recreate";

/** Pods above the asked number that a rolling update may have. */
export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? limits(deployment).maxSurge : 0);

/** Pods of the asked number that may be unavailable during a rolling update. */
export function maxUnavailable(deployment: Deployment): number {
  if (!isRolling(deployment) || wanted(deployment) === 0) return 0;
  return Math.min(limits(deployment).maxUnavailable, wanted(deployment));
}

/** The size that the new set may have now. */
export function newSetSize(deployment: Deployment, all: readonly ReplicaSet[], present: number): number {
  if (!isRolling(deployment)) return wanted(deployment);
  const room = wanted(deployment) + maxSurge(deployment) - totalSize(all);
  if (room <= 0) return present;
  return present + Math.min(room, wanted(deployment) - present);
}

const byCreation = (a: ReplicaSet, b: ReplicaSet): number => {
  const [at, bt] = [a.metadata?.creationTimestamp ?? "", b.metadata?.creationTimestamp ?? ""];
  if (at !== bt) return at < bt ? -1 : 1;
  return (a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1;
};
export const oldestFirst = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.toSorted(byCreation);

/**
 * Sizes of the old sets after the next step of a rolling update: first pods that are not available anyway, then as many
 * available ones as the minimum allows. `sizes` holds the sizes decided so far, by uid; it is changed.
 */
export function shrinkOldSets(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[], sizes: Map<string, number>): void {
  const size = (set: ReplicaSet): number => sizes.get(set.metadata?.uid ?? "") ?? sizeOf(set);
  const available = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
  const minimum = wanted(deployment) - maxUnavailable(deployment);
  const total = [...old, newSet].reduce((sum, set) => sum + size(set), 0);
  const newUnavailable = size(newSet) - available(newSet);
  const spare = total - minimum - newUnavailable;
  if (spare <= 0) return;
  let shrunk = 0;
  for (const set of oldestFirst(old)) {
    if (shrunk >= spare) break;
    const less = Math.min(spare - shrunk, size(set) - available(set));
    if (less <= 0) continue;
    sizes.set(set.metadata?.uid ?? "", size(set) - less);
    shrunk += less;
  }
  const availableNow = [...old, newSet].reduce((sum, set) => sum + available(set), 0);
  let surplus = availableNow - minimum;
  for (const set of oldestFirst(old)) {
    if (surplus <= 0) break;
    const less = Math.min(surplus, size(set));
    if (less <= 0) continue;
    sizes.set(set.metadata?.uid ?? "", size(set) - less);
    surplus -= less;
  }
}

/**
 * Sizes after the deployment was scaled while several sets are active: the difference is shared in proportion to their
 * sizes, what rounding leaves goes to the largest.
 * @param before what the sets' total could be before: the annotation of each set, or the deployment's status.
 */
export function proportionalSizes(
  deployment: Deployment,
  active: readonly ReplicaSet[],
  before: (set: ReplicaSet) => number,
): Map<string, number> {
  const sizes = new Map<string, number>();
  const allowed = wanted(deployment) > 0 ? wanted(deployment) + maxSurge(deployment) : 0;
  const toAdd = allowed - totalSize(active);
  const direction = toAdd > 0 ? -1 : 1;
  // Growing prefers newer sets among equals, shrinking older ones.
  const order = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || direction * byCreation(a, b));
  let added = 0;
  for (const set of order) {
    const share = toAdd === 0 ? 0 : proportionOf(deployment, set, before(set), toAdd, added);
    sizes.set(set.metadata?.uid ?? "", sizeOf(set) + share);
    added += share;
  }
  const first = order[0];
  if (first !== undefined && toAdd !== 0) {
    const uid = first.metadata?.uid ?? "";
    sizes.set(uid, Math.max(0, sizes.get(uid)! + toAdd - added));
  }
  return sizes;
}

function proportionOf(deployment: Deployment, set: ReplicaSet, before: number, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === added) return 0;
  const fraction = fractionOf(deployment, set, before);
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added);
}

function fractionOf(deployment: Deployment, set: ReplicaSet, before: number): number {
  if (wanted(deployment) === 0) return -sizeOf(set);
  if (before === 0) return 0;
  const size = (sizeOf(set) * (wanted(deployment) + maxSurge(deployment))) / before;
  return Math.round(size) - sizeOf(set);
}
