// Decisions as pure functions: what is seen in, what is to be written out.

import { describe, expect, it } from "vitest";
import { replicaSetKind } from "../kinds/apps/replica-set.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceKind } from "../kinds/core/service.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { StatusError } from "../object/status.ts";
import { clusterRoleKind } from "../kinds/rbac/cluster-role.ts";
import { decideAggregation } from "./cluster-role-aggregation/cluster-role-aggregation.ts";
import { decideEndpoints } from "./endpoints/endpoints.ts";
import { decideEndpointSlices } from "./endpointslice/endpointslice.ts";
import { layOut } from "./endpointslice/slice-layout.ts";
import { decideGarbage } from "./garbage-collector/garbage-decision.ts";
import { evictionWaitMs, taintsFor } from "./node-lifecycle/node-health.ts";
import { decideNode } from "./node-lifecycle/node-lifecycle.ts";
import { decideEviction } from "./node-lifecycle/taint-eviction.ts";
import { decideNodeRanges } from "./node-ipam/node-ipam.ts";
import { podsToDelete } from "./replicaset/deletion-ranking.ts";
import { decideReplicaSet, replicaSetController } from "./replicaset/replicaset.ts";
import { viewOf } from "./view.ts";

const now = Date.UTC(2026, 0, 1, 12);
const at = (secondsAgo: number): string => new Date(now - secondsAgo * 1000).toISOString().replace(".000", "");
const owned = (uid: string, kind = "ReplicaSet") => [
  { apiVersion: "apps/v1", kind, name: "web", uid, controller: true, blockOwnerDeletion: true },
];
const pod = (name: string, extra: any = {}): any => ({
  metadata: {
    name,
    namespace: "default",
    uid: `uid-${name}`,
    resourceVersion: "7",
    labels: { app: "web" },
    creationTimestamp: at(600),
    ...extra.metadata,
  },
  spec: { containers: [], nodeName: "n1", ...extra.spec },
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(500) }], ...extra.status },
});
const set = (replicas: number, extra: any = {}): any => ({
  metadata: { name: "web", namespace: "default", uid: "set", resourceVersion: "5", generation: 1, ...extra.metadata },
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [] } },
    ...extra.spec,
  },
  status: extra.status ?? { replicas: 0 },
});
const replicaSetView = (theSet: any, pods: any[]) =>
  viewOf(
    [
      [replicaSetKind, [theSet]],
      [podKind, pods],
    ],
    replicaSetController.indexes,
  );

describe("a replica set", () => {
  it("adopts matching orphans, lets strangers go, and leaves others' pods alone", () => {
    const view = replicaSetView(set(2), [
      pod("orphan"),
      pod("stranger", { metadata: { labels: { app: "other" }, ownerReferences: owned("set") } }),
      pod("theirs", { metadata: { ownerReferences: owned("another") } }),
    ]);
    const { writes } = decideReplicaSet(view, "default/web", now);
    expect(
      writes.map((write: any) => [
        write.rule,
        write.name,
        write.patch.metadata.ownerReferences?.length ?? 0,
        write.patch.metadata.resourceVersion,
      ]),
    ).toEqual([
      ["release", "stranger", 0, "7"],
      ["adopt", "orphan", 1, "7"],
    ]);
  });

  it("creates in growing batches, and reports a refusal in its status", () => {
    const decision = decideReplicaSet(
      replicaSetView(set(10), [pod("one", { metadata: { ownerReferences: owned("set") } })]),
      "default/web",
      now,
    );
    expect(decision.order).toBe("slow-start");
    expect(decision.writes).toHaveLength(9);
    expect((decision.writes[0] as any).object.metadata).toMatchObject({
      generateName: "web-",
      labels: { app: "web" },
      ownerReferences: owned("set"),
    });
    const error = new StatusError("Forbidden", "exceeded quota");
    const status = decision.followUp!([{ write: decision.writes[0]!, error }]).writes[0] as any;
    expect(status.object.status).toMatchObject({
      replicas: 1,
      readyReplicas: 1,
      conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" }],
    });
    expect(decision.writes[0]!.event!({ write: decision.writes[0]!, error })).toMatchObject({
      reason: "FailedCreate",
      message: "Error creating: exceeded quota",
    });
  });

  it("looks again when a ready pod will become available", () => {
    const young = pod("young", {
      metadata: { ownerReferences: owned("set") },
      status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(4) }] },
    });
    const decision = decideReplicaSet(replicaSetView(set(1, { spec: { minReadySeconds: 10 } }), [young]), "default/web", now);
    expect(decision.requeueAfterMs).toBe(6_000);
    expect((decision.writes[0] as any).object.status.availableReplicas).toBeUndefined();
  });

  it("does nothing while it is deleted but report", () => {
    const going = set(3, { metadata: { deletionTimestamp: at(1) } });
    expect(decideReplicaSet(replicaSetView(going, []), "default/web", now).writes.map((write) => write.type)).not.toContain("create");
  });

  it("deletes the least useful pods first", () => {
    const order = [
      pod("unassigned", { spec: { nodeName: undefined } }),
      pod("pending", { status: { phase: "Pending", conditions: [] } }),
      pod("unready", { status: { conditions: [{ type: "Ready", status: "False" }] } }),
      pod("cheap", { metadata: { annotations: { "controller.kubernetes.io/pod-deletion-cost": "-5" } } }),
      pod("doubled", { spec: { nodeName: "crowded" } }),
      pod("fresh", { status: { conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(2) }] } }),
      pod("restarted", { status: { containerStatuses: [{ restartCount: 9 }] } }),
      pod("young", { metadata: { creationTimestamp: at(3) } }),
      pod("steady"),
    ];
    const related = [
      ...order,
      pod("neighbour", { spec: { nodeName: "crowded" } }),
      ...[1, 2].map((n) => pod(`x${n}`, { spec: { nodeName: "crowded" } })),
    ].filter((each) => each.spec.nodeName === "crowded");
    for (let count = 1; count < order.length; count++) {
      const shuffled = [...order.slice(count % 3), ...order.slice(0, count % 3)].toReversed();
      expect(podsToDelete(shuffled, related, count, now).map((each) => each.metadata?.name)).toEqual(
        order.slice(0, count).map((each) => each.metadata.name),
      );
    }
  });
});

describe("endpoint slices", () => {
  const ports: EndpointPort[] = [{ name: "http", port: 80, protocol: "TCP" }];
  const endpoint = (id: number, ready = true): Endpoint =>
    ({ addresses: [`10.0.0.${id}`], conditions: { ready }, targetRef: { kind: "Pod", uid: `u${id}` } }) as Endpoint;
  const slice = (name: string, endpoints: Endpoint[]): EndpointSlice =>
    ({ metadata: { name }, addressType: "IPv4", ports, endpoints }) as EndpointSlice;
  const range = (from: number, to: number): Endpoint[] => Array.from({ length: to - from }, (_, index) => endpoint(from + index));

  it("hold a hundred each", () => {
    const layout = layOut([], [{ ports, endpoints: range(0, 250) }]);
    expect(layout.create.map((each) => each.endpoints.length)).toEqual([100, 100, 50]);
  });

  it("are left alone when nothing changed, and only the touched one is rewritten", () => {
    const a = slice("a", range(0, 100));
    const b = slice("b", range(100, 150));
    expect(layOut([a, b], [{ ports, endpoints: range(0, 150) }])).toMatchObject({ create: [], update: [], delete: [], keep: [a, b] });
    const changed = layOut([a, b], [{ ports, endpoints: [...range(0, 120), endpoint(120, false), ...range(121, 151)] }]);
    expect(changed.keep).toEqual([a]);
    expect(changed.update.map((each) => [each.slice.metadata?.name, each.endpoints.length])).toEqual([["b", 51]]);
    expect(layOut([a, b], [{ ports, endpoints: range(0, 100) }]).delete).toEqual([b]);
  });

  it("show readiness, termination, host names, zones and named ports", () => {
    const service = {
      metadata: { name: "web", namespace: "default", uid: "s", creationTimestamp: at(900) },
      spec: { clusterIP: "None", selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "web" }], ipFamilies: ["IPv4"] },
    };
    const containers = [{ name: "c", ports: [{ name: "web", containerPort: 8080 }] }];
    const view = viewOf(
      [
        [serviceKind, [service]],
        [nodeKind, [{ metadata: { name: "n1", labels: { "topology.kubernetes.io/zone": "z" } } }]],
        [
          podKind,
          [
            pod("a", {
              spec: { containers, hostname: "a", subdomain: "web" },
              status: { podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] },
            }),
            pod("b", { metadata: { deletionTimestamp: at(1) }, spec: { containers }, status: { podIP: "10.0.0.2" } }),
            pod("c", { spec: { containers }, status: { phase: "Succeeded", podIP: "10.0.0.3" } }),
            pod("d", { spec: { containers: [] }, status: { podIP: "10.0.0.4" } }),
          ],
        ],
      ],
      [],
    );
    const { writes } = decideEndpointSlices(view, "default/web");
    const [first] = writes.map((write: any) => write.object).filter((each: any) => each.endpoints.length === 2);
    expect(first.ports).toEqual([{ name: "http", port: 8080, protocol: "TCP" }]);
    expect(first.metadata.labels).toMatchObject({
      "kubernetes.io/service-name": "web",
      "service.kubernetes.io/headless": "",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect(first.metadata.annotations).toEqual({ "endpoints.kubernetes.io/last-change-trigger-time": at(500) });
    expect(first.endpoints).toEqual([
      expect.objectContaining({
        addresses: ["10.0.0.1"],
        hostname: "a",
        zone: "z",
        nodeName: "n1",
        conditions: { ready: true, serving: true, terminating: false },
      }),
      expect.objectContaining({ addresses: ["10.0.0.2"], conditions: { ready: false, serving: true, terminating: true } }),
    ]);
    const endpoints = (decideEndpoints(view, "default/web").writes[0] as any).object;
    expect(endpoints.subsets).toEqual([
      { addresses: [expect.objectContaining({ ip: "10.0.0.1", hostname: "a" })], ports: [{ name: "http", port: 8080, protocol: "TCP" }] },
    ]);
  });
});

describe("garbage", () => {
  const item = (extra: any = {}): any => ({
    kind: podKind,
    object: { metadata: { name: "x", namespace: "default", uid: "x", resourceVersion: "3", ownerReferences: owned("o"), ...extra } },
  });
  const owner = (state: any, uid = "o"): any => ({ reference: { ...owned(uid)[0] }, state });

  it("goes when its last owner is gone, at the version that was judged", () => {
    expect(decideGarbage(item(), [owner("dangling")], []).writes).toMatchObject([
      { type: "delete", options: { propagationPolicy: "Background", preconditions: { uid: "x", resourceVersion: "3" } } },
    ]);
    expect(decideGarbage(item(), [owner("solid")], []).writes).toEqual([]);
  });
  it("loses only the dead reference while another owner lives", () => {
    const two = item({ ownerReferences: [...owned("o"), ...owned("p")] });
    expect(decideGarbage(two, [owner("dangling"), owner("solid", "p")], []).writes).toMatchObject([
      { type: "patch", patch: { metadata: { ownerReferences: [{ uid: "p" }] } } },
    ]);
  });
  it("goes in the foreground when its owner waits and it has dependents itself", () => {
    expect(decideGarbage(item(), [owner("waiting")], [item({ uid: "y" })]).writes).toMatchObject([
      { type: "delete", options: { propagationPolicy: "Foreground" } },
    ]);
    expect(decideGarbage(item(), [owner("waiting")], []).writes).toMatchObject([
      { type: "delete", options: { propagationPolicy: "Background" } },
    ]);
  });
  it("waits in the foreground only for those that block", () => {
    const going = item({ deletionTimestamp: at(1), finalizers: ["foregroundDeletion"], ownerReferences: undefined });
    const dependent = (blockOwnerDeletion: boolean): any => ({
      kind: podKind,
      object: { metadata: { name: "d", ownerReferences: [{ ...owned("x")[0], blockOwnerDeletion }] } },
    });
    expect(decideGarbage(going, [], [dependent(true)]).writes).toEqual([]);
    expect(decideGarbage(going, [], [dependent(false)]).writes).toMatchObject([{ patch: { metadata: { finalizers: null } } }]);
  });
  it("orphans its dependents before it goes", () => {
    const going = item({ deletionTimestamp: at(1), finalizers: ["orphan", "other"], ownerReferences: undefined });
    const dependent: any = { kind: podKind, object: { metadata: { name: "d", ownerReferences: owned("x") } } };
    const decision = decideGarbage(going, [], [dependent]);
    expect(decision.writes).toMatchObject([{ name: "d", patch: { metadata: { ownerReferences: null } } }]);
    expect(decision.followUp!([{ write: decision.writes[0]! }]).writes).toMatchObject([
      { name: "x", patch: { metadata: { finalizers: ["other"] } } },
    ]);
    expect(decision.followUp!([{ write: decision.writes[0]!, error: new StatusError("Conflict", "x") }]).writes).toEqual([]);
  });
  it("is never what an impossible owner says", () => {
    const decision = decideGarbage(item(), [owner("dangling"), owner("invalid", "p")], []);
    expect(decision.writes).toEqual([]);
    expect(decision.events?.[0]?.reason).toBe("OwnerRefInvalidNamespace");
  });
});

describe("a node", () => {
  const node = (name: string, ready: string | undefined, extra: any = {}): any => ({
    metadata: { name, creationTimestamp: at(300), ...extra.metadata },
    spec: extra.spec ?? {},
    status: { conditions: ready === undefined ? [] : [{ type: "Ready", status: ready, lastHeartbeatTime: at(10) }] },
  });
  const only = (each: any) =>
    viewOf(
      [
        [nodeKind, [each, node("other", "True")]],
        [podKind, []],
      ],
      [],
    );

  it("is left alone within the grace period and looked at again at its end", () => {
    expect(decideNode(only(node("n1", "True")), "n1", now, 10_000)).toMatchObject({ writes: [], requeueAfterMs: 40_001 });
  });
  it("turns Unknown after it, whatever it last said", () => {
    const { writes, events } = decideNode(only(node("n1", "True")), "n1", now, 50_000);
    const conditions = (writes[0] as any).object.status.conditions;
    expect(conditions.map((condition: any) => `${condition.type} ${condition.status} ${condition.reason}`)).toEqual([
      "Ready Unknown NodeStatusUnknown",
      "MemoryPressure Unknown NodeStatusNeverUpdated",
      "DiskPressure Unknown NodeStatusNeverUpdated",
      "PIDPressure Unknown NodeStatusNeverUpdated",
    ]);
    expect(events).toMatchObject([{ reason: "NodeNotReady", message: "Node n1 status is now: NodeNotReady" }]);
  });
  it("that never spoke has a minute from its creation", () => {
    const young = node("n1", undefined, { metadata: { creationTimestamp: at(20) } });
    expect(decideNode(only(young), "n1", now, 0).requeueAfterMs).toBe(40_001);
  });
  it("gets and loses taints by its conditions, keeping others'", () => {
    const other = { key: "mine", effect: "NoSchedule" };
    expect(taintsFor(node("n", undefined), true, now).map((taint) => `${taint.key}:${taint.effect}`)).toEqual([
      "node.kubernetes.io/not-ready:NoSchedule",
    ]);
    const keys = (each: any, evict: boolean): string[] => taintsFor(each, evict, now).map((taint) => `${taint.key}:${taint.effect}`);
    expect(keys(node("n", "False", { spec: { taints: [other] } }), true)).toEqual([
      "mine:NoSchedule",
      "node.kubernetes.io/not-ready:NoSchedule",
      "node.kubernetes.io/not-ready:NoExecute",
    ]);
    const tainted = {
      taints: [
        other,
        { key: "node.kubernetes.io/unreachable", effect: "NoSchedule" },
        { key: "node.kubernetes.io/unreachable", effect: "NoExecute" },
      ],
    };
    expect(keys(node("n", "True", { spec: tainted }), true)).toEqual(["mine:NoSchedule"]);
    expect(keys(node("n", "Unknown", { spec: tainted }), false)).toEqual(["mine:NoSchedule", "node.kubernetes.io/unreachable:NoSchedule"]);
    expect(keys(node("n", "True", { spec: { unschedulable: true } }), true)).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
  });
  it("keeps its pods when everybody is silent", () => {
    const silent = node("n1", "Unknown");
    expect(evictionWaitMs(silent, [silent, node("n2", "Unknown")], now)).toBe(Infinity);
    expect(evictionWaitMs(silent, [silent, node("n2", "True")], now)).toBe(0);
    expect(evictionWaitMs(silent, [silent, ...["a", "b"].map((name) => node(name, "Unknown")), node("c", "True")], now)).toBe(Infinity);
  });
  it("is given up ten seconds after the last one of its zone", () => {
    const taints = [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute", timeAdded: at(4) }];
    const [first, second] = [node("n1", "Unknown", { spec: { taints } }), node("n2", "Unknown")];
    const well = ["a", "b", "c"].map((name) => node(name, "True"));
    expect(evictionWaitMs(first, [first, second, ...well], now)).toBe(0);
    expect(evictionWaitMs(second, [first, second, ...well], now)).toBe(6_000);
    const decision = decideNode(
      viewOf(
        [
          [nodeKind, [first, second, ...well]],
          [podKind, []],
        ],
        [],
      ),
      "n2",
      now,
      60_000,
    );
    expect(decision.requeueAfterMs).toBeUndefined();
    const told = {
      ...second,
      status: { conditions: ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({ type, status: "Unknown" })) },
    };
    const later = decideNode(
      viewOf(
        [
          [nodeKind, [first, told, ...well]],
          [podKind, []],
        ],
        [],
      ),
      "n2",
      now,
      60_000,
    );
    expect(later.requeueAfterMs).toBe(6_000);
    expect((later.writes[0] as any).object.spec.taints).toMatchObject([{ key: "node.kubernetes.io/unreachable", effect: "NoSchedule" }]);
  });
  it("loses pods whose toleration has run out", () => {
    const tainted = node("n1", "Unknown", {
      spec: { taints: [{ key: "node.kubernetes.io/unreachable", effect: "NoExecute", timeAdded: at(100) }] },
    });
    const tolerant = (tolerationSeconds?: number): any =>
      pod("p", {
        spec: { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute", tolerationSeconds }] },
        status: { conditions: [{ type: "DisruptionTarget", status: "True" }] },
      });
    const decide = (each: any) =>
      decideEviction(
        viewOf(
          [
            [nodeKind, [tainted]],
            [podKind, [each]],
          ],
          [],
        ),
        "default/p",
        now,
        0,
      );
    expect(decide(tolerant(300))).toMatchObject({ writes: [], requeueAfterMs: 200_000 });
    expect(decide(tolerant(60)).writes).toMatchObject([{ type: "delete" }]);
    expect(decide(tolerant())).toEqual({ writes: [] });
    expect(decide(pod("p", { status: { conditions: [] } })).writes).toMatchObject([{ type: "patch", subresource: "status" }]);
  });
  it("gets a part of the range that nobody has, and an event when none is left", () => {
    const plain = (name: string, podCIDR?: string): any => ({
      metadata: { name, uid: name },
      spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    });
    const view = viewOf([[nodeKind, [plain("a"), plain("b", "10.0.0.0/25"), plain("c")]]], []);
    const { writes, events } = decideNodeRanges(view, [{ cidr: "10.0.0.0/24", nodePrefixLength: 25 }]);
    expect(writes).toMatchObject([{ name: "a", patch: { spec: { podCIDR: "10.0.0.128/25", podCIDRs: ["10.0.0.128/25"] } } }]);
    expect(events).toMatchObject([{ reason: "CIDRNotAvailable" }]);
  });
});

describe("an aggregated role", () => {
  it("has the rules of those that its selectors name, each once", () => {
    const rule = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });
    const part = (name: string, ...rules: object[]) => ({ metadata: { name, labels: { to: "view" } }, rules });
    const view = viewOf(
      [
        [
          clusterRoleKind,
          [
            {
              metadata: { name: "view" },
              aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: "view" } }] },
              rules: [rule("stale")],
            } as any,
            part("b", rule("pods"), rule("secrets")),
            part("a", rule("pods")),
          ],
        ],
      ],
      [],
    );
    expect((decideAggregation(view, "view").writes[0] as any).object.rules).toEqual([rule("pods"), rule("secrets")]);
    expect(decideAggregation(view, "a").writes).toEqual([]);
  });
});
