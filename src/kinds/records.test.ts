// What the records of the kinds promise, and the rules of the kinds that have only a few.

import { expect, test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { decodeObject } from "../object/decode.ts";
import { applyDefaults } from "../object/defaults.ts";
import type { ApiObject, Draft, Kind, RuleContext } from "../object/kind.ts";
import { storageVersionOf } from "../object/kind.ts";
import { renderTable } from "../object/table.ts";
import { builtinKinds } from "./all.ts";
import { deploymentKind } from "./apps/deployment.ts";
import { rolloutLimits, scaledValue } from "./apps/deployment-rules.ts";
import { hashPodTemplate } from "./apps/template-hash.ts";
import { scaleSubresource } from "./autoscaling/scale-subresource.ts";
import { eventKind } from "./core/event.ts";
import { namespaceKind } from "./core/namespace.ts";
import { nodeKind } from "./core/node.ts";
import { podKind } from "./core/pod.ts";
import { secretKind } from "./core/secret.ts";
import { endpointSliceKind } from "./discovery/endpoint-slice.ts";
import { eventFromCore, eventToCore, eventsEventKind } from "./events/event.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding.ts";

const context: RuleContext<any> = {
  now: 0,
  random: new SeededRandom(1),
  user: { name: "ann", groups: [] },
  subresource: "",
  dryRun: false,
  lookup: () => undefined,
  allocate: { take: () => Promise.resolve(undefined), release: () => undefined },
};

const nameOf = (kind: Kind): string => (kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`);

test("the resources of the main job, with their scope and subresources", () => {
  const lines = builtinKinds.map((kind) => {
    const scope = kind.namespaced ? "" : " (cluster)";
    const subresources = (kind.subresources ?? []).map(({ name }) => name).join(",");
    return `${nameOf(kind)}${scope}${subresources === "" ? "" : ` ${subresources}`}`;
  });
  expect(lines).toEqual([
    "bindings",
    "configmaps",
    "endpoints",
    "events",
    "namespaces (cluster) status,finalize",
    "nodes (cluster) status,proxy",
    "pods status,ephemeralcontainers,resize,binding,eviction,log,exec,attach,portforward,proxy",
    "secrets",
    "serviceaccounts token",
    "services status,proxy",
    "deployments.apps status,scale",
    "replicasets.apps status,scale",
    "events.events.k8s.io",
    "selfsubjectreviews.authentication.k8s.io (cluster)",
    "tokenreviews.authentication.k8s.io (cluster)",
    "localsubjectaccessreviews.authorization.k8s.io",
    "selfsubjectaccessreviews.authorization.k8s.io (cluster)",
    "selfsubjectrulesreviews.authorization.k8s.io (cluster)",
    "subjectaccessreviews.authorization.k8s.io (cluster)",
    "leases.coordination.k8s.io",
    "endpointslices.discovery.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io (cluster)",
    "clusterroles.rbac.authorization.k8s.io (cluster)",
    "rolebindings.rbac.authorization.k8s.io",
    "roles.rbac.authorization.k8s.io",
  ]);
});

test("every record is whole: a stored version, names that agree, columns that survive an empty object", () => {
  for (const kind of builtinKinds) {
    const name = nameOf(kind);
    expect(
      kind.versions.some((version) => version.name === kind.storageVersion),
      name,
    ).toBe(true);
    expect(kind.singular, name).toBe(kind.kind.toLowerCase());
    expect(kind.versions[0]!.schema.name.endsWith(`.${kind.kind}`), name).toBe(true);
    if (kind.operation !== undefined) expect(kind.verbs, name).toEqual(["create"]);
    else {
      expect(kind.columns?.[0], name).toBeDefined();
      const { object } = decodeObject<ApiObject>(storageVersionOf(kind).schema, {}, { unknownFields: "strict" });
      expect(renderTable(kind, [object as ApiObject], { now: 0 }).rows[0]!.cells, name).toHaveLength(kind.columns!.length);
    }
    for (const version of kind.versions) expect(version.served || version.name === kind.storageVersion, name).toBe(true);
  }
});

test("a namespace begins active and held, and carries its name as a label", async () => {
  const draft: Draft<ApiObject> & Record<string, any> = { metadata: { name: "team" }, status: { phase: "Terminating" } };
  await namespaceKind.rules!.prepareCreate!(draft as never, context);
  namespaceKind.rules!.default!(draft as never);
  expect(draft).toEqual({
    metadata: { name: "team", labels: { "kubernetes.io/metadata.name": "team" } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  });
  const finalize = namespaceKind.subresources!.find((one) => one.name === "finalize");
  if (finalize?.type !== "view") throw new Error("finalize is no view");
  const change = { metadata: { name: "team" }, spec: {}, status: { phase: "Active" } } as Draft<any>;
  finalize.prepareUpdate(change, { ...(draft as object), status: { phase: "Terminating" } } as never, context);
  expect(change).toEqual({ metadata: { name: "team" }, spec: {}, status: { phase: "Terminating" } });
});

test("a secret's text moves into its data", async () => {
  const draft: Draft<any> = { metadata: { name: "s" }, data: { a: "b2xk", keep: "eA==" }, stringData: { a: "nëw" } };
  await secretKind.rules!.prepareCreate!(draft, context);
  applyDefaults(secretKind.versions[0]!.schema, draft);
  expect(draft).toEqual({ metadata: { name: "s" }, type: "Opaque", data: { a: "bsOrdw==", keep: "eA==" } });
});

test("a node that registers keeps its status; an update does not change it", async () => {
  const node: Draft<any> = { metadata: { name: "n" }, spec: { podCIDR: "10.244.0.0/24" }, status: { capacity: { cpu: "2" } } };
  await nodeKind.rules!.prepareCreate?.(node, context);
  applyDefaults(nodeKind.versions[0]!.schema, node);
  expect(node).toMatchObject({ spec: { podCIDRs: ["10.244.0.0/24"] }, status: { capacity: { cpu: "2" }, allocatable: { cpu: "2" } } });
  const change: Draft<any> = { metadata: { name: "n" }, spec: { unschedulable: true }, status: { capacity: { cpu: "64" } } };
  await nodeKind.rules!.prepareUpdate!(change, node, context);
  expect(change).toEqual({ metadata: { name: "n" }, spec: { unschedulable: true }, status: node.status });
});

test("subjects of bindings get their group", () => {
  const binding = {
    subjects: [
      { kind: "User", name: "a" },
      { kind: "ServiceAccount", name: "b", namespace: "c" },
    ],
    roleRef: { kind: "ClusterRole", name: "view" },
  };
  applyDefaults(clusterRoleBindingKind.versions[0]!.schema, binding);
  expect(binding).toEqual({
    subjects: [
      { kind: "User", name: "a", apiGroup: "rbac.authorization.k8s.io" },
      { kind: "ServiceAccount", name: "b", namespace: "c" },
    ],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
  });
});

test("the ports of an endpoint slice have a name, though an empty one", () => {
  const slice = { addressType: "IPv4", endpoints: [], ports: [{ port: 80 }] };
  applyDefaults(endpointSliceKind.versions[0]!.schema, slice);
  expect(slice.ports).toEqual([{ name: "", port: 80, protocol: "TCP" }]);
});

test("an event is the same in both of its forms", () => {
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", namespace: "default" },
    involvedObject: { kind: "Pod", name: "web" },
    reason: "Started",
    message: "Started container",
    source: { component: "kubelet", host: "n" },
    firstTimestamp: "2026-03-01T12:00:00Z",
    lastTimestamp: "2026-03-01T12:00:01Z",
    count: 2,
    type: "Normal",
    eventTime: "2026-03-01T12:00:00.000000Z",
    series: { count: 2, lastObservedTime: "2026-03-01T12:00:01.000000Z" },
    action: "Starting",
    related: { kind: "Node", name: "n" },
    reportingComponent: "kubelet",
    reportingInstance: "n",
  };
  const newer = eventFromCore(event);
  expect(newer).toEqual({
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: event.metadata,
    regarding: event.involvedObject,
    reason: "Started",
    note: "Started container",
    deprecatedSource: event.source,
    deprecatedFirstTimestamp: event.firstTimestamp,
    deprecatedLastTimestamp: event.lastTimestamp,
    deprecatedCount: 2,
    type: "Normal",
    eventTime: event.eventTime,
    series: event.series,
    action: "Starting",
    related: event.related,
    reportingController: "kubelet",
    reportingInstance: "n",
  });
  expect(eventToCore(newer)).toEqual(event);
  // Every field of each form has its place in the other.
  const fieldsOf = (kind: Kind, version: number): string[] => Object.keys(kind.versions[version]!.schema.fields).toSorted();
  expect(Object.keys(event).toSorted()).toEqual(fieldsOf(eventKind as Kind, 0));
  expect(Object.keys(newer).toSorted()).toEqual(fieldsOf(eventsEventKind as Kind, 0));
});

test("both faces of events select by the stored fields", () => {
  const event = { metadata: {}, involvedObject: { kind: "Pod", name: "web" }, source: { component: "kubelet" }, reportingComponent: "k" };
  expect(eventKind.selectableFields!["involvedObject.name"]!(event)).toBe("web");
  expect(eventKind.selectableFields!["source"]!(event)).toBe("kubelet");
  expect(eventsEventKind.selectableFields!["regarding.name"]!(event)).toBe("web");
  expect(eventsEventKind.selectableFields!["reportingController"]!(event)).toBe("k");
  expect(eventsEventKind.storagePrefix).toBe(eventKind.storagePrefix);
});

test("pods select by the fields that Kubernetes has", () => {
  const fields = podKind.selectableFields!;
  const pod = { spec: { containers: [], nodeName: "n", hostNetwork: true }, status: { podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } };
  expect(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value(pod)]))).toEqual({
    "spec.nodeName": "n",
    "spec.restartPolicy": "",
    "spec.schedulerName": "",
    "spec.serviceAccountName": "",
    "spec.hostNetwork": "true",
    "status.phase": "",
    "status.podIP": "10.0.0.1",
    "status.podIPs": "10.0.0.1,fd00::1",
    "status.nominatedNodeName": "",
  });
});

test("scale: read, write, refuse", () => {
  const scale = scaleSubresource();
  if (scale.type !== "projection") throw new Error("scale is no projection");
  const template = { metadata: {}, spec: { containers: [] } };
  const object = {
    metadata: { name: "d", namespace: "n", uid: "u" },
    spec: { replicas: 3, selector: { matchLabels: { b: "2", a: "1" } }, template, strategy: {} },
    status: { replicas: 2 },
  };
  expect(scale.read(object)).toEqual({
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { name: "d", namespace: "n", uid: "u" },
    spec: { replicas: 3 },
    status: { replicas: 2, selector: "a=1,b=2" },
  });
  const draft = structuredClone(object);
  scale.write(draft, { spec: {} } as ApiObject);
  expect(draft.spec.replicas).toBe(0);
  expect(scale.validate!({ spec: { replicas: -1 } } as ApiObject)).toMatchObject([{ field: "spec.replicas", badValue: -1 }]);
  expect(scale.validate!({ spec: { replicas: 0 } } as ApiObject)).toEqual([]);
});

test("a deployment's status writer changes neither spec nor labels", () => {
  const view = deploymentKind.subresources![0]!;
  if (view.type !== "view") throw new Error("status is no view");
  const old = { metadata: { name: "d", labels: { a: "1" } }, spec: { replicas: 1 }, status: {} };
  const draft: Draft<any> = { metadata: { name: "d" }, spec: { replicas: 9 }, status: { replicas: 1 } };
  view.prepareUpdate(draft, old as never, context);
  expect(draft).toEqual({ ...old, status: { replicas: 1 } });
});

test("rollout limits round in favour of progress", () => {
  expect(scaledValue("25%", 10, "up")).toBe(3);
  expect(scaledValue("25%", 10, "down")).toBe(2);
  expect(scaledValue(4, 10, "down")).toBe(4);
  expect(rolloutLimits({ rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } }, 3)).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  expect(rolloutLimits({ rollingUpdate: { maxSurge: 0, maxUnavailable: "25%" } }, 3)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  expect(rolloutLimits({ rollingUpdate: { maxSurge: 0, maxUnavailable: 5 } }, 3)).toEqual({ maxSurge: 0, maxUnavailable: 3 });
});

test("equal templates have one hash, whatever the order and whoever labelled them", () => {
  const one = { metadata: { labels: { a: "1", b: "2" } }, spec: { containers: [{ name: "c", image: "i" }], volumes: [] } };
  const same = { spec: { containers: [{ image: "i", name: "c" }] }, metadata: { labels: { b: "2", a: "1", "pod-template-hash": "x" } } };
  const hash = hashPodTemplate(one);
  expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  expect(hashPodTemplate(same)).toBe(hash);
  expect(hashPodTemplate(one, 1)).not.toBe(hash);
  const others = new Set(
    Array.from({ length: 2000 }, (_, i) => hashPodTemplate({ ...one, spec: { containers: [{ name: "c", image: `i:${i}` }] } })),
  );
  expect(others.size).toBe(2000);
});
