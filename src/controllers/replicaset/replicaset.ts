// Keeps as many pods of a template running as asked: creates in growing batches, deletes the least useful, adopts matching
// orphans, lets go of what no longer matches, and reports what it sees.

import type { LabelSelector } from "../../lang/label-selector.ts";
import { matchesLabels, selectorFromObject } from "../../lang/label-selector.ts";
import { replicaSetKind } from "../../kinds/apps/replica-set.ts";
import type { ReplicaSet } from "../../kinds/apps/types.gen.ts";
import { podKind } from "../../kinds/core/pod.ts";
import type { Pod } from "../../kinds/core/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { controllerKey, keyOf, ownKey, splitKey, watch } from "../controller.ts";
import type { Decision, Outcome, Write } from "../decision.ts";
import { create, nothing, remove, updateStatus } from "../decision.ts";
import { claim, controllerOf, controllerReference } from "../ownership.ts";
import { isPodActive, isPodTerminal } from "../../kinds/core/pod-readiness.ts";
import { podAvailableAtMs } from "../pod-state.ts";
import type { View } from "../view.ts";
import { byControllerUid, indexBy } from "../view.ts";
import { podsToDelete } from "./deletion-ranking.ts";
import type { ReplicaFailure } from "./replicaset-status.ts";
import { replicaSetStatus } from "./replicaset-status.ts";

/** Most pods created or deleted in one go. */
const burst = 500;

export const replicaSetController: Controller = {
  name: "replicaset-controller",
  watches: [watch(replicaSetKind, ownKey), watch(podKind, replicaSetsOf)],
  indexes: [
    byControllerUid(podKind),
    byControllerUid(replicaSetKind),
    indexBy(podKind, "orphans", (pod) => (controllerOf(pod) === undefined ? [pod.metadata?.namespace ?? ""] : [])),
  ],
  decide: decideReplicaSet,
};

/** The set that controls the pod; for a pod that nobody controls, every set that would take it. */
function replicaSetsOf(pod: Pod, view: View): string[] {
  if (controllerOf(pod) !== undefined) return controllerKey(pod, "ReplicaSet");
  return view
    .list(replicaSetKind, pod.metadata?.namespace)
    .filter((set) => matchesLabels(selectorFromObject(set.spec?.selector), pod.metadata?.labels))
    .map(keyOf);
}

export function decideReplicaSet(view: View, key: string, now: number): Decision {
  const [namespace, name] = splitKey(key);
  const set = view.get(replicaSetKind, namespace, name);
  if (set === undefined) return nothing;
  const selector = selectorFromObject(set.spec?.selector);
  const candidates = [...view.byIndex(podKind, "controller-uid", set.metadata?.uid ?? ""), ...view.byIndex(podKind, "orphans", namespace)];
  const claimed = claim(replicaSetKind, set, selector, podKind, candidates, (pod) => !isPodTerminal(pod));
  // Adoption first: counting a pod that somebody else got would leave one too few.
  if (claimed.writes.length > 0) return { about: set, writes: claimed.writes, order: "parallel" };

  const active = claimed.mine.filter(isPodActive);
  const terminating = claimed.mine.filter((pod) => pod.metadata?.deletionTimestamp !== undefined && !isPodTerminal(pod)).length;
  const difference = active.length - (set.spec?.replicas ?? 1);
  const goes = set.metadata?.deletionTimestamp !== undefined;
  const statusFor = (failure?: ReplicaFailure): Decision => statusDecision(set, active, terminating, failure, now);
  if (difference === 0 || goes) return statusFor();
  const writes =
    difference < 0
      ? createPods(set, Math.min(-difference, burst))
      : deletePods(set, podsToDelete(active, relatedPods(view, set, selector), Math.min(difference, burst), now));
  return {
    about: set,
    writes,
    order: difference < 0 ? "slow-start" : "parallel",
    followUp: (outcomes) => statusFor(failureOf(outcomes, difference)),
  };
}

function statusDecision(
  set: ReplicaSet,
  active: readonly Pod[],
  terminating: number,
  failure: ReplicaFailure | undefined,
  now: number,
): Decision {
  const status = replicaSetStatus(set, active, terminating, failure, now);
  const nextAvailable = nextAvailability(active, set.spec?.minReadySeconds ?? 0, now);
  return {
    about: set,
    writes: deepEqual(status, set.status) ? [] : [updateStatus(replicaSetKind, { ...set, status }, "status")],
    ...(nextAvailable !== undefined && { requeueAfterMs: nextAvailable }),
  };
}

/** How long until the next ready pod becomes available. */
function nextAvailability(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  let soonest: number | undefined;
  for (const pod of pods) {
    const at = podAvailableAtMs(pod, minReadySeconds);
    if (at !== undefined && at > now) soonest = Math.min(at - now, soonest ?? Infinity);
  }
  return soonest;
}

function createPods(set: ReplicaSet, count: number): Write[] {
  const pod = podFromTemplate(set);
  const event = ({ result, error }: Outcome) => {
    if (result !== undefined) {
      return { regarding: set, type: "Normal", reason: "SuccessfulCreate", message: `Created pod: ${result.metadata?.name}` } as const;
    }
    if (error === undefined || isNamespaceTerminating(error.status.details?.causes)) return undefined;
    return { regarding: set, type: "Warning", reason: "FailedCreate", message: `Error creating: ${error.message}` } as const;
  };
  return Array.from({ length: count }, () => create(podKind, pod, "too few pods", { event }));
}

const isNamespaceTerminating = (causes: readonly { readonly reason?: string }[] | undefined): boolean =>
  causes?.some((cause) => cause.reason === "NamespaceTerminating") === true;

function podFromTemplate(set: ReplicaSet): Pod {
  const template = set.spec?.template;
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    metadata: {
      generateName: `${set.metadata?.name}-`,
      namespace: set.metadata?.namespace,
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [controllerReference(replicaSetKind, set)],
    },
    spec: template?.spec,
  } as Pod;
}

function deletePods(set: ReplicaSet, pods: readonly Pod[]): Write[] {
  return pods.map((pod) =>
    remove(
      podKind,
      pod,
      "too many pods",
      {},
      {
        event: ({ error }) =>
          error === undefined
            ? { regarding: set, type: "Normal", reason: "SuccessfulDelete", message: `Deleted pod: ${pod.metadata?.name}` }
            : { regarding: set, type: "Warning", reason: "FailedDelete", message: `Error deleting: ${error.message}` },
      },
    ),
  );
}

function failureOf(outcomes: readonly Outcome[], difference: number): ReplicaFailure | undefined {
  const error = outcomes.find((outcome) => outcome.error !== undefined)?.error;
  if (error === undefined || isNamespaceTerminating(error.status.details?.causes)) return undefined;
  return { reason: difference < 0 ? "FailedCreate" : "FailedDelete", message: error.message };
}

/** Active pods of all sets of the same owner: a deployment's old and new pods share nodes. */
function relatedPods(view: View, set: ReplicaSet, selector: LabelSelector | undefined): readonly Pod[] {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [set] : view.byIndex(replicaSetKind, "controller-uid", owner.uid);
  const own = sets.flatMap((sibling) => view.byIndex(podKind, "controller-uid", sibling.metadata?.uid ?? ""));
  return own.filter((pod) => isPodActive(pod) && (owner !== undefined || matchesLabels(selector, pod.metadata?.labels)));
}
