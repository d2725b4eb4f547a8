// What each built-in controller may do, as its own service account `kube-system/NAME`.

import type { PolicyRule } from "../attributes.ts";
import { allow } from "./rule-words.ts";

export interface ControllerRole {
  readonly name: string;
  readonly rules: readonly PolicyRule[];
}

const events = allow("core events.k8s.io", "events", "create patch update");
const read = "get list watch";

export const controllerRoles: readonly ControllerRole[] = [
  {
    name: "namespace-controller",
    rules: [
      allow("core", "namespaces", "delete get list watch"),
      allow("core", "namespaces/finalize namespaces/status", "update"),
      allow("*", "*", "delete deletecollection get list"),
      events,
    ],
  },
  {
    name: "deployment-controller",
    rules: [
      allow("apps", "deployments", "get list update watch"),
      allow("apps", "deployments/status", "update"),
      allow("apps", "deployments/finalizers", "update"),
      allow("apps", "replicasets", "create delete get list patch update watch"),
      allow("core", "pods", "get list update watch"),
      events,
    ],
  },
  {
    name: "replicaset-controller",
    rules: [
      allow("apps", "replicasets", "get list update watch"),
      allow("apps", "replicasets/status", "update"),
      allow("apps", "replicasets/finalizers", "update"),
      allow("core", "pods", "create delete get list patch watch"),
      events,
    ],
  },
  {
    name: "endpoint-controller",
    rules: [
      allow("core", "pods services", read),
      allow("core", "endpoints", "create delete get list update watch"),
      allow("core", "endpoints/restricted", "create"),
      events,
    ],
  },
  {
    name: "endpointslice-controller",
    rules: [
      allow("core", "nodes pods services", read),
      allow("core", "services/finalizers", "update"),
      allow("discovery.k8s.io", "endpointslices", "create delete get list update watch"),
      allow("discovery.k8s.io", "endpointslices/restricted", "create"),
      events,
    ],
  },
  {
    name: "endpointslicemirroring-controller",
    rules: [
      allow("core", "endpoints services", read),
      allow("core", "endpoints/finalizers services/finalizers", "update"),
      allow("discovery.k8s.io", "endpointslices", "create delete get list update watch"),
      allow("discovery.k8s.io", "endpointslices/restricted", "create"),
      events,
    ],
  },
  { name: "generic-garbage-collector", rules: [allow("*", "*", "delete get list patch update watch"), events] },
  {
    name: "service-account-controller",
    rules: [allow("core", "namespaces", read), allow("core", "serviceaccounts", "create get list watch"), events],
  },
  {
    name: "root-ca-cert-publisher",
    rules: [allow("core", "namespaces", read), allow("core", "configmaps", "create get list update watch"), events],
  },
  {
    name: "node-controller",
    rules: [
      allow("core", "nodes", "delete get list patch update watch"),
      allow("core", "nodes/status", "patch update"),
      allow("core", "pods", "delete get list watch"),
      allow("core", "pods/status", "patch update"),
      allow("coordination.k8s.io", "leases", "get list watch"),
      events,
    ],
  },
  {
    name: "pod-garbage-collector",
    rules: [
      allow("core", "pods", "delete list watch"),
      allow("core", "nodes", "get list watch"),
      allow("core", "pods/status", "patch"),
      events,
    ],
  },
  {
    name: "kubernetes-service-controller",
    rules: [
      allow("core", "services endpoints", "create get list update watch"),
      allow("core", "namespaces", "create get list watch"),
      allow("discovery.k8s.io", "endpointslices", "create delete get list update watch"),
      events,
    ],
  },
  {
    name: "job-controller",
    rules: [
      allow("batch", "jobs", "get list patch update watch"),
      allow("batch", "jobs/status", "update"),
      allow("batch", "jobs/finalizers", "update"),
      allow("core", "pods", "create delete list patch watch"),
      events,
    ],
  },
  {
    name: "cronjob-controller",
    rules: [
      allow("batch", "cronjobs", "get list update watch"),
      allow("batch", "cronjobs/status", "update"),
      allow("batch", "cronjobs/finalizers", "update"),
      allow("batch", "jobs", "create delete get list patch update watch"),
      allow("core", "pods", "delete list"),
      events,
    ],
  },
  {
    name: "daemon-set-controller",
    rules: [
      allow("apps", "daemonsets", "get list watch"),
      allow("apps", "daemonsets/status", "update"),
      allow("apps", "daemonsets/finalizers", "update"),
      allow("core", "nodes", "list watch"),
      allow("core", "pods", "create delete list patch watch"),
      allow("core", "pods/binding", "create"),
      allow("apps", "controllerrevisions", "create delete get list patch update watch"),
      events,
    ],
  },
  {
    name: "statefulset-controller",
    rules: [
      allow("apps", "statefulsets", "get list watch"),
      allow("apps", "statefulsets/status", "update"),
      allow("apps", "statefulsets/finalizers", "update"),
      allow("core", "pods", "create delete get list patch update watch"),
      allow("apps", "controllerrevisions", "create delete get list patch update watch"),
      allow("core", "persistentvolumeclaims", "create delete get list update watch"),
      events,
    ],
  },
  {
    // It writes rules that it does not have itself: that is its whole purpose.
    name: "clusterrole-aggregation-controller",
    rules: [allow("rbac.authorization.k8s.io", "clusterroles", "escalate get list patch update watch")],
  },
  { name: "ttl-controller", rules: [allow("core", "nodes", "list patch update watch"), events] },
  { name: "resourcequota-controller", rules: [allow("*", "*", "list watch"), allow("core", "resourcequotas/status", "update"), events] },
  {
    name: "disruption-controller",
    rules: [
      allow("core", "pods", read),
      allow("apps", "deployments replicasets statefulsets", read),
      allow("policy", "poddisruptionbudgets", read),
      allow("policy", "poddisruptionbudgets/status", "update"),
      allow("core", "pods/status", "patch update"),
      allow("*", "*/scale", "get"),
      events,
    ],
  },
  {
    name: "horizontal-pod-autoscaler",
    rules: [
      allow("autoscaling", "horizontalpodautoscalers", read),
      allow("autoscaling", "horizontalpodautoscalers/status", "update"),
      allow("*", "*/scale", "get update"),
      allow("core", "pods", "list"),
      allow("metrics.k8s.io", "pods", "list"),
      allow("custom.metrics.k8s.io external.metrics.k8s.io", "*", "get list"),
      events,
    ],
  },
];
