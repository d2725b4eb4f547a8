// Rules about pods on their way into the store: what a creator may not set, what the server fills in, what each subresource
// may change, and how long a deleted pod may take to go.

import { validatePodStatusUpdate } from "./pod-status-validation.ts";
import { validateEphemeralContainersUpdate, validateResizeUpdate } from "./pod-subresource-validation.ts";
import { validatePod, validatePodUpdate } from "./pod-validation.ts";
import { podWarnings } from "./pod-warnings.ts";
import { clone } from "../../object/copy.ts";
import type { Draft, Rules, Subresource } from "../../object/kind.ts";
import { containerRequestList, isPodLevelResource, qosClassOf } from "./pod-resources.ts";
import { isPodTerminal } from "./pod-readiness.ts";
import type { LabelSelector } from "../../object/meta.gen.ts";
import type { Container, Pod, PodSpec, ResourceRequirements } from "./types.gen.ts";

export const podRules: Rules<Pod> = {
  prepareCreate(draft) {
    draft.status = { phase: "Pending" };
    if ((draft.spec?.schedulingGates?.length ?? 0) > 0) draft.status.conditions = [gatedCondition()];
    if (draft.spec !== undefined) addMatchLabelKeys(draft.spec, draft.metadata?.labels ?? {});
  },
  prepareUpdate(draft, old) {
    draft.status = clone(old.status);
  },
  default(draft) {
    const { spec } = draft;
    if (spec === undefined) return;
    spec.enableServiceLinks ??= true;
    if (spec.hostNetwork === true) useHostPorts(spec);
    for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) requestLimits((container.resources ??= {}));
    if (spec.resources !== undefined) requestPodLevel(spec, spec.resources);
    if (draft.status !== undefined) draft.status.qosClass ??= qosClassOf(spec as PodSpec);
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  warnings: podWarnings,
  deletionGraceSeconds(pod: Pod, requested: number | undefined) {
    // Nobody runs it, or it runs no more: there is nothing to wait for.
    if ((pod.spec?.nodeName ?? "") === "" || isPodTerminal(pod)) return 0;
    const seconds = requested ?? pod.spec?.terminationGracePeriodSeconds ?? 30;
    return seconds < 0 ? 1 : seconds;
  },
};

const gatedCondition = () => ({
  type: "PodScheduled",
  status: "False" as const,
  reason: "SchedulingGated",
  message: "Scheduling is blocked due to non-empty scheduling gates",
});

/** Containers without a network of their own open their ports on the node. */
function useHostPorts(spec: Draft<PodSpec>): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    for (const port of container.ports ?? []) if ((port.hostPort ?? 0) === 0) port.hostPort = port.containerPort;
}

/** Who limits a resource and does not ask for it asks for the limit. */
function requestLimits(resources: Draft<ResourceRequirements>): void {
  for (const [resource, limit] of Object.entries(resources.limits ?? {})) {
    resources.requests ??= {};
    resources.requests[resource] ??= limit;
  }
}

/** A pod that asks for resources as a whole asks for at least what its containers do, or else for its limit (KEP-2837). */
function requestPodLevel(spec: Draft<PodSpec>, resources: Draft<ResourceRequirements>): void {
  const requests: Record<string, string> = { ...resources.requests };
  for (const [resource, quantity] of Object.entries(containerRequestList(spec as PodSpec)))
    if (isPodLevelResource(resource)) requests[resource] ??= quantity;
  for (const [resource, limit] of Object.entries(resources.limits ?? {})) requests[resource] ??= limit;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/**
 * matchLabelKeys and mismatchLabelKeys are written out as requirements of the selector once, when the pod is made, so that
 * every reader sees one selector (KEP-3633, KEP-3243).
 */
function addMatchLabelKeys(spec: Draft<PodSpec>, labels: Readonly<Record<string, string>>): void {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  for (const affinity of [podAffinity, podAntiAffinity]) {
    const weighted = (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => one.podAffinityTerm);
    for (const term of [...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...weighted]) {
      if (term.labelSelector === undefined) continue;
      requireLabels(term.labelSelector, labels, term.matchLabelKeys ?? [], "In");
      requireLabels(term.labelSelector, labels, term.mismatchLabelKeys ?? [], "NotIn");
    }
  }
  for (const constraint of spec.topologySpreadConstraints ?? [])
    if (constraint.labelSelector !== undefined) requireLabels(constraint.labelSelector, labels, constraint.matchLabelKeys ?? [], "In");
}

function requireLabels(
  selector: Draft<LabelSelector>,
  labels: Readonly<Record<string, string>>,
  keys: readonly string[],
  operator: "In" | "NotIn",
): void {
  for (const key of keys) {
    const value = labels[key];
    if (value !== undefined) (selector.matchExpressions ??= []).push({ key, operator, values: [value] });
  }
}

/** The kubelet and others report through `status`: they change neither what is wanted nor who owns the pod. */
const status: Subresource<Pod> = {
  type: "view",
  name: "status",
  prepareUpdate(draft, old) {
    draft.spec = clone(old.spec);
    const metadata = (draft.metadata ??= {});
    if (old.metadata?.ownerReferences === undefined) delete metadata.ownerReferences;
    else metadata.ownerReferences = clone(old.metadata.ownerReferences);
    if (old.status?.qosClass !== undefined) (draft.status ??= {}).qosClass = old.status.qosClass;
  },
  validateUpdate: validatePodStatusUpdate,
};

/** Debugging containers may be added, nothing else. */
const ephemeralContainers: Subresource<Pod> = {
  type: "view",
  name: "ephemeralcontainers",
  prepareUpdate(draft, old) {
    const wanted = draft.spec?.ephemeralContainers;
    replace(draft, old);
    if (draft.spec === undefined) return;
    if (wanted === undefined) delete draft.spec.ephemeralContainers;
    else draft.spec.ephemeralContainers = wanted;
  },
  validateUpdate: validateEphemeralContainersUpdate,
};

/** Resources of containers and of the pod may change, nothing else (KEP-1287). */
const resize: Subresource<Pod> = {
  type: "view",
  name: "resize",
  prepareUpdate(draft, old) {
    const wanted = draft.spec;
    replace(draft, old);
    const { spec } = draft;
    if (spec === undefined || wanted === undefined) return;
    if (wanted.resources !== undefined || spec.resources !== undefined) {
      if (wanted.resources === undefined) delete spec.resources;
      else spec.resources = wanted.resources;
    }
    takeResources(spec.containers, wanted.containers);
    takeResources(spec.initContainers, wanted.initContainers);
  },
  validateUpdate: validateResizeUpdate,
};

function takeResources(to: Draft<Container>[] | undefined, from: Draft<Container>[] | undefined): void {
  for (const container of to ?? []) {
    const wanted = from?.find((one) => one.name === container.name);
    if (wanted === undefined) continue;
    container.resources = wanted.resources;
    if (wanted.resizePolicy === undefined) delete container.resizePolicy;
    else container.resizePolicy = wanted.resizePolicy;
  }
}

/** Puts everything back as it was but the version that the writer saw. */
function replace(draft: Draft<Pod>, old: Pod): void {
  const resourceVersion = draft.metadata?.resourceVersion;
  const managedFields = draft.metadata?.managedFields;
  draft.metadata = clone(old.metadata) ?? {};
  if (resourceVersion !== undefined) draft.metadata.resourceVersion = resourceVersion;
  if (managedFields !== undefined) draft.metadata.managedFields = managedFields;
  draft.spec = clone(old.spec);
  draft.status = clone(old.status);
}

const core = (kind: string) => ({ group: "", version: "v1", kind });

export const podSubresources: readonly Subresource<Pod>[] = [
  status,
  ephemeralContainers,
  resize,
  { type: "operation", name: "binding", represents: core("Binding"), operation: "pods/binding" },
  { type: "operation", name: "eviction", represents: { group: "policy", version: "v1", kind: "Eviction" }, operation: "pods/eviction" },
  { type: "connect", name: "log", represents: core("Pod"), verbs: ["get"], operation: "pods/log" },
  { type: "connect", name: "exec", represents: core("PodExecOptions"), verbs: ["create", "get"], operation: "pods/exec" },
  { type: "connect", name: "attach", represents: core("PodAttachOptions"), verbs: ["create", "get"], operation: "pods/attach" },
  {
    type: "connect",
    name: "portforward",
    represents: core("PodPortForwardOptions"),
    verbs: ["create", "get"],
    operation: "pods/portforward",
  },
  {
    type: "connect",
    name: "proxy",
    represents: core("PodProxyOptions"),
    verbs: ["create", "delete", "get", "patch", "update"],
    operation: "pods/proxy",
  },
];
