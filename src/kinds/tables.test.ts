// What `kubectl get -o wide` shows for each kind, beside pods.

import { expect, test } from "vitest";
import type { ApiObject, Kind } from "../object/kind.ts";
import { renderTable } from "../object/table.ts";
import { deploymentKind } from "./apps/deployment.ts";
import { replicaSetKind } from "./apps/replica-set.ts";
import { leaseKind } from "./coordination/lease.ts";
import { configMapKind } from "./core/config-map.ts";
import { endpointsKind } from "./core/endpoints.ts";
import { eventKind } from "./core/event.ts";
import { namespaceKind } from "./core/namespace.ts";
import { nodeKind } from "./core/node.ts";
import { secretKind } from "./core/secret.ts";
import { serviceAccountKind } from "./core/service-account.ts";
import { serviceKind } from "./core/service.ts";
import { endpointSliceKind } from "./discovery/endpoint-slice.ts";
import { eventFromCore, eventsEventKind } from "./events/event.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding.ts";
import { roleKind } from "./rbac/role.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const metadata = { name: "x", namespace: "default", creationTimestamp: "2026-02-27T12:00:00Z" };

/** Header and rows, columns joined by "|"; those of -o wide after "||". */
function table<T extends ApiObject>(kind: Kind<T>, ...objects: readonly T[]): string[] {
  const { columnDefinitions, rows } = renderTable(kind, objects, { now });
  const line = (cells: readonly unknown[]): string => {
    const shown = cells.filter((_, position) => columnDefinitions[position]!.priority === 0).map(String);
    const hidden = cells.filter((_, position) => columnDefinitions[position]!.priority === 1).map(String);
    return hidden.length === 0 ? shown.join("|") : `${shown.join("|")}||${hidden.join("|")}`;
  };
  return [line(columnDefinitions.map(({ name }) => name)), ...rows.map(({ cells }) => line(cells))];
}

test("namespaces, config maps, secrets, service accounts", () => {
  expect(table(namespaceKind, { metadata, status: { phase: "Active" } })).toEqual(["Name|Status|Age", "x|Active|2d"]);
  expect(table(configMapKind, { metadata, data: { a: "1", b: "2" }, binaryData: { c: "AA==" } })).toEqual(["Name|Data|Age", "x|3|2d"]);
  expect(table(secretKind, { metadata, type: "Opaque", data: { a: "AA==" } })).toEqual(["Name|Type|Data|Age", "x|Opaque|1|2d"]);
  expect(table(serviceAccountKind, { metadata })).toEqual(["Name|Secrets|Age", "x|0|2d"]);
});

test("nodes", () => {
  const node = {
    metadata: {
      ...metadata,
      labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "old" },
    },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: "Ready", status: "True" as const }],
      addresses: [{ type: "InternalIP" as const, address: "192.0.2.1" }],
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "containerd://1.7.2",
        kernelVersion: "6.1.0",
        kubeProxyVersion: "",
        kubeletVersion: "v1.36.0",
        machineID: "",
        operatingSystem: "linux",
        osImage: "Debian GNU/Linux 12",
        systemUUID: "",
      },
    },
  };
  expect(table(nodeKind, node, { metadata })).toEqual([
    "Name|Status|Roles|Age|Version||Internal-IP|External-IP|OS-Image|Kernel-Version|Container-Runtime",
    "x|Ready,SchedulingDisabled|control-plane,old,worker|2d|v1.36.0||192.0.2.1|<none>|Debian GNU/Linux 12|6.1.0|containerd://1.7.2",
    "x|Unknown|<none>|2d|||<none>|<none>|<unknown>|<unknown>|<unknown>",
  ]);
});

test("services", () => {
  const port = { port: 80, protocol: "TCP" as const };
  expect(
    table(
      serviceKind,
      {
        metadata,
        spec: { type: "ClusterIP", clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"], ports: [port], selector: { b: "2", a: "1" } },
      },
      {
        metadata,
        spec: {
          type: "NodePort",
          clusterIPs: ["10.96.0.8"],
          ports: [
            { ...port, nodePort: 30007 },
            { port: 53, protocol: "UDP" },
          ],
          externalIPs: ["192.0.2.9"],
        },
      },
      { metadata, spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.7"], ports: [port] } },
      {
        metadata,
        spec: { type: "LoadBalancer", clusterIPs: ["10.96.0.7"], ports: [port] },
        status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { hostname: "lb.test" }] } },
      },
      { metadata, spec: { type: "ExternalName", externalName: "db.example.org" } },
      { metadata, spec: { type: "ClusterIP", clusterIP: "None", clusterIPs: ["None"] } },
    ),
  ).toEqual([
    "Name|Type|Cluster-IP|External-IP|Port(s)|Age||Selector",
    "x|ClusterIP|10.96.0.9|<none>|80/TCP|2d||a=1,b=2",
    "x|NodePort|10.96.0.8|192.0.2.9|80:30007/TCP,53/UDP|2d||<none>",
    "x|LoadBalancer|10.96.0.7|<pending>|80/TCP|2d||<none>",
    "x|LoadBalancer|10.96.0.7|192.0.2.1,lb.test|80/TCP|2d||<none>",
    "x|ExternalName|<none>|db.example.org|<none>|2d||<none>",
    "x|ClusterIP|None|<none>|<none>|2d||<none>",
  ]);
});

test("endpoints and endpoint slices", () => {
  const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::4"].map((ip) => ({ ip }));
  expect(
    table(
      endpointsKind,
      { metadata },
      { metadata, subsets: [{ addresses, ports: [{ port: 80, protocol: "TCP" }] }] },
      { metadata, subsets: [{ addresses: [{ ip: "fd00::4" }], ports: [{ port: 80 }] }] },
    ),
  ).toEqual(["Name|Endpoints|Age", "x|<none>|2d", "x|10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...|2d", "x|[fd00::4]:80|2d"]);
  const endpoint = (address: string) => ({ addresses: [address], conditions: {} });
  expect(
    table(
      endpointSliceKind,
      { metadata, addressType: "IPv4", endpoints: [], ports: [] },
      {
        metadata,
        addressType: "IPv4",
        endpoints: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"].map(endpoint),
        ports: [{ port: 80 }, { port: 443 }, {}],
      },
    ),
  ).toEqual([
    "Name|AddressType|Ports|Endpoints|Age",
    "x|IPv4|<unset>|<unset>|2d",
    "x|IPv4|80,443,*|10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...|2d",
  ]);
});

test("workloads", () => {
  const template = {
    metadata: {},
    spec: {
      containers: [
        { name: "web", image: "nginx:1" },
        { name: "log", image: "busybox" },
      ],
    },
  };
  const selector = { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "In" as const, values: ["b", "a"] }] };
  expect(
    table(deploymentKind, {
      metadata,
      spec: { replicas: 3, selector, template, strategy: {} },
      status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
    }),
  ).toEqual([
    "Name|Ready|Up-to-date|Available|Age||Containers|Images|Selector",
    "x|2/3|3|1|2d||web,log|nginx:1,busybox|app=web,tier in (a,b)",
  ]);
  expect(
    table(replicaSetKind, { metadata, spec: { replicas: 3, selector: {}, template }, status: { replicas: 2, readyReplicas: 1 } }),
  ).toEqual(["Name|Desired|Current|Ready|Age||Containers|Images|Selector", "x|3|2|1|2d||web,log|nginx:1,busybox|<none>"]);
});

test("events, in both forms", () => {
  const event = {
    metadata,
    involvedObject: { kind: "Pod", name: "web", fieldPath: "spec.containers{a}" },
    type: "Warning",
    reason: "BackOff",
    message: "Back-off restarting\n",
    source: { component: "kubelet", host: "n1" },
    firstTimestamp: "2026-03-01T11:00:00Z",
    lastTimestamp: "2026-03-01T11:59:00Z",
    count: 12,
  };
  const header = "Last Seen|Type|Reason|Object|Message||Subobject|Source|First Seen|Count|Name";
  const row = "60s|Warning|BackOff|pod/web|Back-off restarting||spec.containers{a}|kubelet, n1|60m|12|x";
  expect(table(eventKind, event)).toEqual([header, row]);
  expect(table(eventsEventKind, eventFromCore(event) as never)).toEqual([header, row]);
  const series = {
    metadata,
    involvedObject: { kind: "Node" },
    eventTime: "2026-03-01T11:00:00.000000Z",
    reportingComponent: "c",
    series: { count: 3, lastObservedTime: "2026-03-01T11:59:30.000000Z" },
  };
  expect(table(eventKind, series)).toEqual([header, "30s|||node||||c|60m|3|x"]);
});

test("leases and RBAC", () => {
  expect(table(leaseKind, { metadata, spec: { holderIdentity: "n1" } })).toEqual(["Name|Holder|Age", "x|n1|2d"]);
  expect(table(roleKind, { metadata })).toEqual(["Name|Created At", "x|2026-02-27T12:00:00Z"]);
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
  const subjects = [
    { kind: "User", name: "ann" },
    { kind: "User", name: "ben" },
    { kind: "Group", name: "ops" },
    { kind: "ServiceAccount", namespace: "default", name: "bot" },
  ];
  expect(table(clusterRoleBindingKind, { metadata, roleRef, subjects })).toEqual([
    "Name|Role|Age||Users|Groups|ServiceAccounts",
    "x|ClusterRole/view|2d||ann, ben|ops|default/bot",
  ]);
});
