// The roles and bindings that every cluster starts with, under the names that charts and tools expect.

import type { PolicyRule } from "../attributes.ts";
import { controllerRoles } from "./controller-roles.ts";
import { nodeRules } from "./node-rules.ts";
import { allow, paths } from "./rule-words.ts";

export interface DefaultRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels of the cluster roles whose rules it takes in. */
  readonly aggregates?: string;
}
export interface DefaultBinding {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly { readonly kind: "User" | "Group" | "ServiceAccount"; readonly name: string; readonly namespace?: string }[];
}

const read = "get list watch";
const write = "create delete deletecollection patch update";

const viewRules: readonly PolicyRule[] = [
  allow(
    "core",
    "pods pods/status services services/status endpoints configmaps serviceaccounts persistentvolumeclaims persistentvolumeclaims/status replicationcontrollers replicationcontrollers/scale replicationcontrollers/status",
    read,
  ),
  allow("core", "bindings events limitranges namespaces/status pods/log resourcequotas resourcequotas/status namespaces", read),
  allow("discovery.k8s.io", "endpointslices", read),
  allow(
    "apps",
    "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
    read,
  ),
  allow("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", read),
  allow("batch", "cronjobs cronjobs/status jobs jobs/status", read),
  allow("policy", "poddisruptionbudgets poddisruptionbudgets/status", read),
  allow("networking.k8s.io", "ingresses ingresses/status networkpolicies", read),
];
const editRules: readonly PolicyRule[] = [
  allow("core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", read),
  allow("core", "serviceaccounts", "impersonate"),
  allow("core", "pods pods/attach pods/exec pods/portforward pods/proxy", write),
  allow("core", "pods/eviction", "create"),
  allow(
    "core",
    "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
    write,
  ),
  allow("core", "serviceaccounts/token", "create"),
  allow(
    "apps",
    "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale",
    write,
  ),
  allow("autoscaling", "horizontalpodautoscalers", write),
  allow("batch", "cronjobs jobs", write),
  allow("policy", "poddisruptionbudgets", write),
  allow("networking.k8s.io", "ingresses networkpolicies", write),
  allow("coordination.k8s.io", "leases", `${read} ${write}`),
];
const adminRules: readonly PolicyRule[] = [
  allow("authorization.k8s.io", "localsubjectaccessreviews", "create"),
  allow("rbac.authorization.k8s.io", "roles rolebindings", `${read} ${write}`),
];

const healthPaths = "/healthz /livez /readyz /version /version/";
const aggregate = (to: string): string => `rbac.authorization.k8s.io/aggregate-to-${to}`;

export const defaultClusterRoles: readonly DefaultRole[] = [
  { name: "cluster-admin", rules: [allow("*", "*", "*"), paths("*", "*")] },
  {
    name: "system:discovery",
    rules: [paths("/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/", "get")],
  },
  {
    name: "system:basic-user",
    rules: [
      allow("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
      allow("authentication.k8s.io", "selfsubjectreviews", "create"),
    ],
  },
  { name: "system:public-info-viewer", rules: [paths(healthPaths, "get")] },
  { name: "system:monitoring", rules: [paths("/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*", "get")] },
  {
    name: "system:service-account-issuer-discovery",
    rules: [paths("/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/", "get")],
  },
  { name: "admin", rules: [...adminRules, ...editRules, ...viewRules], aggregates: "admin" },
  { name: "edit", rules: [...editRules, ...viewRules], labels: { [aggregate("admin")]: "true" }, aggregates: "edit" },
  { name: "view", rules: viewRules, labels: { [aggregate("edit")]: "true" }, aggregates: "view" },
  { name: "system:aggregate-to-admin", rules: adminRules, labels: { [aggregate("admin")]: "true" } },
  { name: "system:aggregate-to-edit", rules: editRules, labels: { [aggregate("edit")]: "true" } },
  { name: "system:aggregate-to-view", rules: viewRules, labels: { [aggregate("view")]: "true" } },
  { name: "system:node", rules: nodeRules },
  {
    name: "system:node-problem-detector",
    rules: [
      allow("core", "nodes", "get"),
      allow("core", "nodes/status", "patch"),
      allow("core events.k8s.io", "events", "create patch update"),
    ],
  },
  {
    name: "system:node-proxier",
    rules: [
      allow("core", "services endpoints nodes", "get list watch"),
      allow("core events.k8s.io", "events", "create patch update"),
      allow("discovery.k8s.io", "endpointslices", "list watch"),
      allow("networking.k8s.io", "networkpolicies servicecidrs", "list watch"),
      allow("core", "pods namespaces", "list watch"),
    ],
  },
  {
    name: "system:kubelet-api-admin",
    rules: [
      allow("core", "nodes", "get list watch"),
      allow("core", "nodes", "proxy"),
      allow("core", "nodes/log nodes/metrics nodes/proxy nodes/stats nodes/configz nodes/healthz nodes/pods", "*"),
    ],
  },
  {
    name: "system:auth-delegator",
    rules: [allow("authentication.k8s.io", "tokenreviews", "create"), allow("authorization.k8s.io", "subjectaccessreviews", "create")],
  },
  { name: "system:heapster", rules: [allow("core", "events pods nodes namespaces", read), allow("apps", "deployments", read)] },
  {
    name: "system:kube-dns",
    rules: [
      allow("core", "endpoints services pods namespaces nodes", "list watch"),
      allow("discovery.k8s.io", "endpointslices", "list watch"),
    ],
  },
  {
    name: "system:persistent-volume-provisioner",
    rules: [
      allow("core", "persistentvolumes", "create delete get list watch"),
      allow("core", "persistentvolumeclaims", "get list update watch"),
      allow("storage.k8s.io", "storageclasses", read),
      allow("core", "events", "create list patch update watch"),
    ],
  },
  {
    name: "system:volume-scheduler",
    rules: [
      allow("core", "persistentvolumes", "get list patch update watch"),
      allow("core", "persistentvolumeclaims", "get list patch update watch"),
      allow("storage.k8s.io", "storageclasses", read),
    ],
  },
  {
    name: "system:kube-scheduler",
    rules: [
      allow("core events.k8s.io", "events", "create patch update"),
      allow("coordination.k8s.io", "leases", "create get list watch update patch"),
      allow("core", "nodes namespaces", read),
      allow("core", "pods", "delete get list watch"),
      allow("core", "bindings pods/binding", "create"),
      allow("core", "pods/status", "patch update"),
      allow("core", "replicationcontrollers services persistentvolumeclaims persistentvolumes", read),
      allow("apps", "replicasets statefulsets", read),
      allow("policy", "poddisruptionbudgets", read),
      allow("storage.k8s.io", "csinodes csidrivers csistoragecapacities storageclasses volumeattachments", read),
      allow("authentication.k8s.io", "tokenreviews", "create"),
      allow("authorization.k8s.io", "subjectaccessreviews", "create"),
    ],
  },
  {
    name: "system:kube-controller-manager",
    rules: [
      allow("core events.k8s.io", "events", "create patch update"),
      allow("coordination.k8s.io", "leases", "create get update"),
      allow("core", "secrets serviceaccounts", "create delete get update"),
      allow("core", "serviceaccounts/token", "create"),
      allow("core", "namespaces configmaps", "get"),
      allow("authentication.k8s.io", "tokenreviews", "create"),
      allow("authorization.k8s.io", "subjectaccessreviews", "create"),
      allow("*", "*", "list watch"),
    ],
  },
  ...controllerRoles.map((role) => ({ name: `system:controller:${role.name}`, rules: role.rules })),
];

const group = (name: string): DefaultBinding["subjects"] => [{ kind: "Group", name }];
const user = (name: string): DefaultBinding["subjects"] => [{ kind: "User", name }];

export const defaultClusterRoleBindings: readonly DefaultBinding[] = [
  { name: "cluster-admin", role: "cluster-admin", subjects: group("system:masters") },
  { name: "system:monitoring", role: "system:monitoring", subjects: group("system:monitoring") },
  { name: "system:discovery", role: "system:discovery", subjects: group("system:authenticated") },
  { name: "system:basic-user", role: "system:basic-user", subjects: group("system:authenticated") },
  {
    name: "system:public-info-viewer",
    role: "system:public-info-viewer",
    subjects: [...group("system:authenticated"), ...group("system:unauthenticated")],
  },
  {
    name: "system:service-account-issuer-discovery",
    role: "system:service-account-issuer-discovery",
    subjects: group("system:serviceaccounts"),
  },
  { name: "system:node-proxier", role: "system:node-proxier", subjects: user("system:kube-proxy") },
  // Nodes are authorized by what is bound to them; the binding exists for its name, without subjects.
  { name: "system:node", role: "system:node", subjects: [] },
  { name: "system:kube-scheduler", role: "system:kube-scheduler", subjects: user("system:kube-scheduler") },
  { name: "system:volume-scheduler", role: "system:volume-scheduler", subjects: user("system:kube-scheduler") },
  { name: "system:kube-controller-manager", role: "system:kube-controller-manager", subjects: user("system:kube-controller-manager") },
  { name: "system:kube-dns", role: "system:kube-dns", subjects: [{ kind: "ServiceAccount", name: "kube-dns", namespace: "kube-system" }] },
  { name: "system:kubelet-api-admin", role: "system:kubelet-api-admin", subjects: user("system:kube-apiserver") },
  ...controllerRoles.map((role) => ({
    name: `system:controller:${role.name}`,
    role: `system:controller:${role.name}`,
    subjects: [{ kind: "ServiceAccount" as const, name: role.name, namespace: "kube-system" }],
  })),
];
