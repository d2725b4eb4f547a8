// Keeps the scheduler's cache and queue current from the watches, and says which changes may help waiting pods.

import type { InformerSet } from "../client/informer-set.ts";
import { replicaSetKind } from "../kinds/apps/replica-set.ts";
import { namespaceKind } from "../kinds/core/namespace.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { isPodTerminal } from "../kinds/core/pod-readiness.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceKind } from "../kinds/core/service.ts";
import type { Node, Pod } from "../kinds/core/types.gen.ts";
import type { LabelSelector } from "../lang/label-selector.ts";
import { matchesLabels, selectorFromLabels, selectorFromObject } from "../lang/label-selector.ts";
import { deepEqual } from "../object/copy.ts";
import type { ClusterEvent } from "./plugin.ts";
import { podInfo } from "./pod-info.ts";
import { isWaiting } from "./is-waiting.ts";
import type { SchedulingQueue } from "./scheduling-queue.ts";
import { ClusterCache } from "./snapshot.ts";

export function followCluster(
  informers: InformerSet,
  queue: SchedulingQueue,
  schedulerName: string,
  keep: (handler: Disposable) => void,
): ClusterCache {
  const namespaces = informers.of(namespaceKind);
  const services = informers.of(serviceKind);
  const replicaSets = informers.of(replicaSetKind);
  const cache = new ClusterCache({
    namespaceLabels: (name) => namespaces.get("", name)?.metadata?.labels ?? {},
    groupSelector: (pod) => groupSelector(pod, services.list(pod.metadata?.namespace), replicaSets.get.bind(replicaSets)),
  });
  keep(
    informers.of(nodeKind).handle({
      added: (node) => {
        cache.setNode(node);
        queue.happened("node-added");
      },
      updated: (node, old) => {
        cache.setNode(node);
        for (const event of nodeEvents(node, old)) queue.happened(event);
      },
      deleted: (node) => cache.deleteNode(node.metadata?.name ?? ""),
    }),
  );
  keep(
    informers.of(podKind).handle({
      added: (pod) => sawPod(pod, undefined, cache, queue, schedulerName),
      updated: (pod, old) => sawPod(pod, old, cache, queue, schedulerName),
      deleted: (pod) => lostPod(pod, cache, queue),
    }),
  );
  return cache;
}

function sawPod(pod: Pod, old: Pod | undefined, cache: ClusterCache, queue: SchedulingQueue, schedulerName: string): void {
  const uid = pod.metadata?.uid ?? "";
  if (old !== undefined && old.metadata?.uid !== uid) lostPod(old, cache, queue);
  if (isPodTerminal(pod)) {
    lostPod(pod, cache, queue);
    return;
  }
  if ((pod.spec?.nodeName ?? "") !== "") {
    const wasBound = (old?.spec?.nodeName ?? "") !== "";
    queue.delete(uid);
    cache.setPod(pod);
    if (!wasBound) queue.happened("pod-bound");
    else if (!deepEqual(pod.metadata?.labels, old?.metadata?.labels)) queue.happened("pod-labels");
    return;
  }
  if (!isWaiting(pod, schedulerName)) {
    queue.delete(uid);
    if (pod.metadata?.deletionTimestamp !== undefined) cache.nominate(podInfo(pod), "");
    return;
  }
  const info = podInfo(pod);
  cache.nominate(info, pod.status?.nominatedNodeName ?? "");
  // While its binding is under way it is not waiting, whatever changes on it.
  if (cache.isAssumed(uid)) return;
  queue.set(info, old !== undefined && !deepEqual([pod.spec, pod.metadata?.labels], [old.spec, old.metadata?.labels]));
}

function lostPod(pod: Pod, cache: ClusterCache, queue: SchedulingQueue): void {
  const uid = pod.metadata?.uid ?? "";
  queue.delete(uid);
  cache.deletePod(uid);
  if ((pod.spec?.nodeName ?? "") !== "") queue.happened("pod-gone");
}

function nodeEvents(node: Node, old: Node): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (!deepEqual(node.status?.allocatable, old.status?.allocatable)) events.push("node-allocatable");
  if (!deepEqual(node.metadata?.labels, old.metadata?.labels)) events.push("node-labels");
  if (!deepEqual(node.spec?.taints, old.spec?.taints)) events.push("node-taints");
  if (node.spec?.unschedulable !== old.spec?.unschedulable) events.push("node-schedulable");
  return events;
}

/** What the Services that select the pod and the set that controls it select: the group that should be spread. */
function groupSelector(
  pod: Pod,
  services: readonly { readonly spec?: { readonly selector?: Readonly<Record<string, string>> } }[],
  replicaSet: (
    namespace: string,
    name: string,
  ) => { readonly spec?: { readonly selector?: Parameters<typeof selectorFromObject>[0] } } | undefined,
): LabelSelector | undefined {
  const requirements: LabelSelector[number][] = [];
  for (const { spec } of services) {
    if (spec?.selector === undefined || Object.keys(spec.selector).length === 0) continue;
    const selector = selectorFromLabels(spec.selector);
    if (matchesLabels(selector, pod.metadata?.labels)) requirements.push(...selector);
  }
  const owner = pod.metadata?.ownerReferences?.find((reference) => reference.controller === true);
  if (owner?.kind === "ReplicaSet") {
    requirements.push(...(selectorFromObject(replicaSet(pod.metadata?.namespace ?? "", owner.name)?.spec?.selector) ?? []));
  }
  return requirements.length === 0 ? undefined : requirements;
}
