// NodeRestriction: a kubelet writes its own Node, the pods bound to it and its own lease, and nothing that would let it take
// more than that.

import type { ApiObject, ObjectMeta } from "../../object/kind.ts";
import { deepEqual } from "../../object/copy.ts";
import { forbidden } from "../../object/status.ts";
import { configMapsOf, secretsOf, type ReferencingPod } from "../authz/pod-references.ts";
import { nodeOfUser } from "../authn/users.ts";
import { lookup } from "../registry/rule-context.ts";
import type { Server } from "../server.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./plugin.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";

/** Labels in these namespaces that a kubelet may set on its own Node. */
const allowedLabels = new Set([
  "kubernetes.io/hostname",
  "kubernetes.io/arch",
  "kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
]);

export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  mutate: (server, request) => restrict(server, request),
  validate: (server, request) => {
    // Updates and creates were looked at before they could be changed; a delete is seen only here.
    if (request.operation === "DELETE") restrict(server, request);
  },
};

function restrict(server: Server, request: AdmissionRequest): void {
  if (!request.user.groups.includes("system:nodes")) return;
  const node = nodeOfUser(request.user);
  if (node === undefined) throw refuse(request, `could not determine node from user ${JSON.stringify(request.user.name)}`);
  const { group, plural } = request.served.kind;
  if (group === "" && plural === "nodes") restrictNode(request, node);
  else if (group === "" && plural === "pods") restrictPod(server, request, node);
  else if (group === "" && plural === "serviceaccounts" && request.subresource === "token") restrictToken(server, request, node);
  else if (group === "coordination.k8s.io" && plural === "leases") restrictLease(request, node);
}

const refuse = (request: AdmissionRequest, why: string): Error => forbidden(request.served.name, request.name, why);
const metaOf = (object: ApiObject | undefined): ObjectMeta => object?.metadata ?? {};
const specOf = (object: ApiObject | undefined): Record<string, unknown> =>
  ((object as { spec?: Record<string, unknown> } | undefined)?.spec ?? {}) as Record<string, unknown>;

function restrictNode(request: AdmissionRequest, node: string): void {
  const { operation, old } = request;
  const object = request.object as ApiObject | undefined;
  const name = request.name === "" ? (metaOf(object).name ?? "") : request.name;
  if (name !== node) throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`);
  if (operation === "CREATE") {
    const labels = forbiddenLabels(Object.keys(metaOf(object).labels ?? {}));
    if (labels.length > 0) throw refuse(request, `is not allowed to set the following labels: ${labels.join(", ")}`);
  }
  if (operation !== "UPDATE") return;
  const before = metaOf(old).labels ?? {};
  const after = metaOf(object).labels ?? {};
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
  const labels = forbiddenLabels(changed);
  if (labels.length > 0) throw refuse(request, `is not allowed to modify labels: ${labels.join(", ")}`);
  if (!deepEqual(specOf(object)["taints"], specOf(old)["taints"]))
    throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify taints`);
  if (!deepEqual(specOf(object)["configSource"], specOf(old)["configSource"]))
    throw refuse(request, "is not allowed to update configSource");
  if (!deepEqual(metaOf(object).ownerReferences, metaOf(old).ownerReferences))
    throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify ownerReferences`);
}

/** Labels by which an administrator keeps workloads apart are not the node's to set. */
function forbiddenLabels(keys: readonly string[]): string[] {
  return keys
    .filter((key) => {
      const slash = key.indexOf("/");
      const namespace = slash < 0 ? "" : key.slice(0, slash);
      const within = (domain: string): boolean => namespace === domain || namespace.endsWith(`.${domain}`);
      if (within("node-restriction.kubernetes.io")) return true;
      if (!within("kubernetes.io") && !within("k8s.io")) return false;
      return !allowedLabels.has(key) && !within("kubelet.kubernetes.io") && !within("node.kubernetes.io");
    })
    .toSorted();
}

function restrictPod(server: Server, request: AdmissionRequest, node: string): void {
  const { operation, subresource } = request;
  const object = request.object as ApiObject | undefined;
  const stored = request.old ?? lookup(server, { group: "", kind: "Pod" }, request.namespace, request.name);
  if (operation === "CREATE" && subresource === "") {
    const { annotations, ownerReferences } = metaOf(object);
    if (annotations?.[mirrorAnnotation] === undefined)
      throw refuse(
        request,
        `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, node ${JSON.stringify(node)} can only create mirror pods`,
      );
    if (specOf(object)["nodeName"] !== node)
      throw refuse(request, `node ${JSON.stringify(node)} can only create pods with spec.nodeName set to itself`);
    const owner = ownerReferences?.[0];
    if (ownerReferences?.length !== 1 || owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node || !owner.controller)
      throw refuse(request, `pod must have exactly one owner reference, the Node ${JSON.stringify(node)} as its controller`);
    if (lookup(server, { group: "", kind: "Node" }, "", node)?.metadata?.uid !== owner.uid)
      throw refuse(request, `UID mismatch: owner reference to Node ${JSON.stringify(node)}`);
    if (specOf(object)["serviceAccountName"])
      throw refuse(request, `node ${JSON.stringify(node)} can not create pods that reference a service account`);
    if (!none(secretsOf(object as ReferencingPod)) || !none(configMapsOf(object as ReferencingPod)))
      throw refuse(request, `node ${JSON.stringify(node)} can not create pods that reference secrets or config maps`);
    return;
  }
  if (operation === "CREATE" && subresource !== "eviction") return;
  // Deleting, evicting, updating the status: only of pods that are bound here.
  if (specOf(stored)["nodeName"] !== node) {
    const verb = operation === "DELETE" ? "delete" : operation === "CREATE" ? "evict" : "update status for";
    throw refuse(request, `node ${JSON.stringify(node)} can only ${verb} pods with spec.nodeName set to itself`);
  }
  if (operation !== "UPDATE") return;
  if (subresource !== "status")
    throw refuse(request, `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`);
  if (!deepEqual(metaOf(object).labels, metaOf(stored).labels))
    throw refuse(request, `node ${JSON.stringify(node)} cannot update labels through pod status`);
}

function none(names: Iterable<string | undefined>): boolean {
  for (const name of names) if (name !== undefined) return false;
  return true;
}

interface TokenRequestLike extends ApiObject {
  readonly spec?: {
    readonly boundObjectRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string; readonly uid?: string };
  };
}

function restrictToken(server: Server, request: AdmissionRequest, node: string): void {
  const bound = (request.object as TokenRequestLike | undefined)?.spec?.boundObjectRef;
  if (!bound || bound.apiVersion !== "v1" || bound.kind !== "Pod" || !bound.name)
    throw refuse(request, "node requested token not bound to a pod");
  if (!bound.uid) throw refuse(request, "node requested token with a pod binding without a uid");
  const pod = lookup(server, { group: "", kind: "Pod" }, request.namespace, bound.name) as ReferencingPod | undefined;
  if (!pod) throw refuse(request, `pod ${JSON.stringify(bound.name)} not found`);
  if (pod.metadata?.uid !== bound.uid) throw refuse(request, "the UID in the bound object reference does not match the pod");
  if (pod.spec?.nodeName !== node) throw refuse(request, "node requested token bound to a pod scheduled on a different node");
}

function restrictLease(request: AdmissionRequest, node: string): void {
  if (request.namespace !== "kube-node-lease")
    throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify leases outside the "kube-node-lease" namespace`);
  const name = request.name === "" ? (request.object?.metadata?.name ?? "") : request.name;
  if (name !== node) throw refuse(request, `node ${JSON.stringify(node)} is not allowed to modify the lease ${JSON.stringify(name)}`);
}
