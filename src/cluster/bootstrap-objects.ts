// What a new cluster contains beside the API server's own namespaces and roles: the DNS service, and what node agents may read.
// Applied at each start of the control plane, so that what was damaged is mended.

import type { ApiObject } from "../object/kind.ts";
import type { ClusterLayout } from "./layout.ts";
import { agentsGroup } from "./pki.ts";

/** An object of any kind, as it would stand in a file. */
export type Manifest = ApiObject & Readonly<Record<string, unknown>>;

const managedBy = { "app.kubernetes.io/managed-by": "timonier" };
const dnsNamespace = "kube-system";
const dnsServiceName = "kube-dns";

/** In the order in which they are to be applied. */
export function bootstrapObjects(layout: ClusterLayout): readonly Manifest[] {
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: dnsServiceName,
        namespace: dnsNamespace,
        labels: { "k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS", ...managedBy },
      },
      // No selector: each node's resolver lists itself in an EndpointSlice.
      spec: {
        clusterIP: layout.dnsAddress,
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: layout.ports.dns },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: layout.ports.dns },
        ],
      },
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "timonier:agent", labels: managedBy },
      rules: [
        { apiGroups: [""], resources: ["services", "namespaces", "nodes"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "timonier:agent", labels: managedBy },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "timonier:agent" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: agentsGroup }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "timonier:agent-dns", namespace: dnsNamespace, labels: managedBy },
      rules: [{ apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["create", "update", "patch", "delete"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "timonier:agent-dns", namespace: dnsNamespace, labels: managedBy },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "timonier:agent-dns" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: agentsGroup }],
    },
  ];
}

/** The EndpointSlice by which one node's resolver is found. It goes with its node. */
export function resolverSlice(options: {
  readonly nodeName: string;
  readonly nodeUid: string;
  readonly address: string;
  readonly port: number;
}): Manifest {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${dnsServiceName}-${options.nodeName}`,
      namespace: dnsNamespace,
      labels: { "kubernetes.io/service-name": dnsServiceName, "endpointslice.kubernetes.io/managed-by": "timonier-agent" },
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: options.nodeName, uid: options.nodeUid }],
    },
    addressType: options.address.includes(":") ? "IPv6" : "IPv4",
    ports: [
      { name: "dns", port: options.port, protocol: "UDP" },
      { name: "dns-tcp", port: options.port, protocol: "TCP" },
    ],
    endpoints: [
      { addresses: [options.address], nodeName: options.nodeName, conditions: { ready: true, serving: true, terminating: false } },
    ],
  };
}
