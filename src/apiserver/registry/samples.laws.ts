// One valid object of every kind that is stored, for the laws that hold for all of them alike.

const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "c", image: "nginx:1.14.2" }] } };
const workload = { replicas: 1, selector: { matchLabels: { app: "a" } }, template };
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
const subjects = [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }];
const about = { kind: "Pod", name: "p", namespace: "laws", apiVersion: "v1" };

/** By "group/Kind": what the object has beside apiVersion, kind and metadata. */
export const samples: Readonly<Record<string, object>> = {
  "/ConfigMap": { data: { key: "value" } },
  "/Endpoints": { subsets: [{ addresses: [{ ip: "10.1.2.3" }], ports: [{ port: 80 }] }] },
  "/Event": {
    involvedObject: about,
    reason: "Started",
    message: "it began",
    type: "Normal",
    source: { component: "test" },
    firstTimestamp: "2026-01-01T00:00:00Z",
  },
  "/Namespace": {},
  "/Node": { spec: { podCIDR: "10.244.0.0/24" } },
  "/Pod": { spec: { containers: [{ name: "c", image: "nginx:1.14.2" }] } },
  "/Secret": { data: { key: "dmFsdWU=" } },
  "/Service": { spec: { selector: { app: "a" }, ports: [{ port: 80 }] } },
  "/ServiceAccount": {},
  "apps/Deployment": { spec: workload },
  "apps/ReplicaSet": { spec: workload },
  "coordination.k8s.io/Lease": { spec: { holderIdentity: "me", leaseDurationSeconds: 15 } },
  "discovery.k8s.io/EndpointSlice": {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.2.3"] }],
    ports: [{ name: "http", port: 80, protocol: "TCP" }],
  },
  "events.k8s.io/Event": {
    regarding: about,
    reason: "Started",
    note: "it began",
    type: "Normal",
    action: "Starting",
    reportingController: "example.com/test",
    reportingInstance: "test-1",
    eventTime: "2026-01-01T00:00:00.000000Z",
  },
  "rbac.authorization.k8s.io/Role": { rules },
  "rbac.authorization.k8s.io/ClusterRole": { rules },
  "rbac.authorization.k8s.io/RoleBinding": {
    subjects,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
  "rbac.authorization.k8s.io/ClusterRoleBinding": {
    subjects,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  },
};
