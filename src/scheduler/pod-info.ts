// What scheduling needs to know of one pod, worked out once.

import type { LabelSelector } from "../lang/label-selector.ts";
import { everything, matchesLabels, selectorFromObject } from "../lang/label-selector.ts";
import type { HostPort } from "../kinds/core/pod-ports.ts";
import { hostPortsOf } from "../kinds/core/pod-ports.ts";
import { podRequests } from "../kinds/core/pod-resources.ts";
import type { Pod, PodAffinityTerm } from "../kinds/core/types.gen.ts";

/** Whole numbers by resource: thousandths of a core, bytes, devices. */
export type Amounts = Readonly<Record<string, number>>;

/** What a container without a request counts as when nodes are compared, so that such pods do not pile up on one node. */
const presumedCpu = 100;
const presumedMemory = 200 * 1024 * 1024;

export interface AffinityTerm {
  readonly selector: LabelSelector | undefined;
  readonly namespaces: ReadonlySet<string>;
  /** Takes further namespaces by their labels. */
  readonly namespaceSelector: LabelSelector | undefined;
  readonly topologyKey: string;
  readonly weight: number;
}

export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  /** "default/web" */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly requests: Amounts;
  /** Requests with presumed ones where a container states none: cpu in thousandths, memory in bytes. */
  readonly presumed: { readonly cpu: number; readonly memory: number };
  readonly hostPorts: readonly HostPort[];
  readonly affinity: readonly AffinityTerm[];
  readonly antiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly AffinityTerm[];
  readonly preferredAntiAffinity: readonly AffinityTerm[];
  readonly terminating: boolean;
}

export function podInfo(pod: Pod): PodInfo {
  const namespace = pod.metadata?.namespace ?? "";
  const { podAffinity, podAntiAffinity } = pod.spec?.affinity ?? {};
  const terms = (list: readonly PodAffinityTerm[] | undefined): AffinityTerm[] => (list ?? []).map((term) => affinityTerm(term, pod, 0));
  const weighted = (list: readonly { readonly weight?: number; readonly podAffinityTerm: PodAffinityTerm }[] | undefined): AffinityTerm[] =>
    (list ?? []).map((preferred) => affinityTerm(preferred.podAffinityTerm, pod, preferred.weight ?? 0));
  return {
    pod,
    uid: pod.metadata?.uid ?? "",
    key: `${namespace}/${pod.metadata?.name ?? ""}`,
    namespace,
    labels: pod.metadata?.labels ?? {},
    priority: pod.spec?.priority ?? 0,
    requests: podRequests(pod),
    presumed: presumedOf(pod),
    hostPorts: hostPortsOf(pod),
    affinity: terms(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: terms(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: weighted(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: weighted(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    terminating: pod.metadata?.deletionTimestamp !== undefined,
  };
}

function presumedOf(pod: Pod): { readonly cpu: number; readonly memory: number } {
  // The same sums over a pod whose containers state what is presumed of them.
  const state = (container: NonNullable<Pod["spec"]>["containers"][number]): typeof container => ({
    ...container,
    resources: {
      ...container.resources,
      requests: { cpu: `${presumedCpu}m`, memory: String(presumedMemory), ...container.resources?.requests },
    },
  });
  if (pod.spec === undefined) return { cpu: 0, memory: 0 };
  const requests = podRequests({ ...pod, spec: { ...pod.spec, containers: pod.spec.containers.map(state) } });
  return { cpu: requests["cpu"] ?? 0, memory: requests["memory"] ?? 0 };
}

function affinityTerm(term: PodAffinityTerm, pod: Pod, weight: number): AffinityTerm {
  let selector = selectorFromObject(term.labelSelector);
  const labels = pod.metadata?.labels ?? {};
  for (const key of term.matchLabelKeys ?? [])
    if (selector !== undefined && labels[key] !== undefined) selector = [...selector, { key, operator: "in", values: [labels[key]] }];
  for (const key of term.mismatchLabelKeys ?? [])
    if (selector !== undefined && labels[key] !== undefined) selector = [...selector, { key, operator: "notin", values: [labels[key]] }];
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  return {
    selector,
    namespaces: new Set(own ? [pod.metadata?.namespace ?? ""] : named),
    // An empty namespaceSelector means every namespace, an absent one none.
    namespaceSelector: term.namespaceSelector === undefined ? undefined : (selectorFromObject(term.namespaceSelector) ?? everything),
    topologyKey: term.topologyKey,
    weight,
  };
}

/** Whether the term is about this pod. */
export function termMatches(
  term: AffinityTerm,
  pod: PodInfo,
  namespaceLabels: (namespace: string) => Readonly<Record<string, string>>,
): boolean {
  const inNamespace =
    term.namespaces.has(pod.namespace) ||
    (term.namespaceSelector !== undefined && matchesLabels(term.namespaceSelector, namespaceLabels(pod.namespace)));
  return inNamespace && matchesLabels(term.selector, pod.labels);
}
