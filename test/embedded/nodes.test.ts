// Nodes that come, go, lose their network or their kubelet, and where pods are put.

import { describe, expect, test } from "vitest";
import { nodeKind } from "../../src/kinds/core/node.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import type { Pod } from "../../src/kinds/core/types.gen.ts";
import { leaseKind } from "../../src/kinds/coordination/lease.ts";
import { Cluster } from "../../src/main/cluster.ts";
import { condition, containerOf, example, Eyes, isReady } from "./eyes.ts";

const pod = (name: string, spec: object = {}, metadata: object = {}, container: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [{ name: "web", image: "web:1", ...container }], ...spec },
});
const apply = (cluster: Cluster, ...objects: object[]): Promise<unknown> => cluster.apply(objects as never);
const taintsOf = async (eyes: Eyes, node: string): Promise<readonly string[]> =>
  ((await eyes.node(node)).spec!.taints ?? []).map(({ key, effect }) => `${key}:${effect}`).toSorted();
const placement = (pods: readonly Pod[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of pods) counts[one.spec!.nodeName ?? "nowhere"] = (counts[one.spec!.nodeName ?? "nowhere"] ?? 0) + 1;
  return counts;
};

describe("a new node", () => {
  test("tells each of its conditions once, under the name by which kubectl looks for a node's events", async () => {
    await using cluster = await Cluster.start({ nodes: 1 });
    const eyes = new Eyes(cluster);
    await cluster.clock.advance(60_000);
    const told = (await eyes.eventsOf("Node", "node-1")).filter(({ involvedObject }) => involvedObject.uid === "node-1");
    expect(told.map(({ reason, count }) => `${reason} ${count}`).toSorted()).toEqual([
      "NodeHasNoDiskPressure 1",
      "NodeHasSufficientMemory 1",
      "NodeHasSufficientPID 1",
      "NodeReady 1",
      "Starting 1",
    ]);
  });
});

describe("a lost node", () => {
  test("NotReady within a minute, tainted, its pods evicted after five, replaced elsewhere, and ended when it is back", async () => {
    await using cluster = await Cluster.start({ nodes: 3 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    const lostAt = cluster.clock.now();
    cluster.nodes.get("node-2")!.disconnect();
    await cluster.until(async () => condition(await eyes.node("node-2"), "Ready").startsWith("Ready=Unknown"), { within: 120_000 });
    const noticedMs = cluster.clock.now() - lostAt;
    expect(noticedMs).toBeGreaterThan(35_000);
    expect(noticedMs).toBeLessThanOrEqual(56_000);
    await cluster.settled();
    expect(condition(await eyes.node("node-2"), "Ready")).toBe("Ready=Unknown NodeStatusUnknown");
    expect(await taintsOf(eyes, "node-2")).toEqual([
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/unreachable:NoSchedule",
    ]);
    const stranded = (await eyes.pods("app=nginx")).find((one) => one.spec!.nodeName === "node-2")!;
    expect(condition(stranded, "Ready")).toMatch(/^Ready=False/);
    expect(await eyes.events("Node", "node-2")).toContain("Normal NodeNotReady: Node node-2 status is now: NodeNotReady");

    const taintedAt = cluster.clock.now();
    await cluster.until(async () => (await eyes.pod(stranded.metadata!.name!)).metadata!.deletionTimestamp !== undefined, {
      within: 400_000,
    });
    expect(Math.round((cluster.clock.now() - taintedAt) / 1000)).toBe(300);
    await cluster.settled();
    const alive = (await eyes.pods("app=nginx")).filter((one) => one.metadata!.deletionTimestamp === undefined);
    expect(alive.map(isReady)).toEqual([true, true, true]);
    expect(Object.keys(placement(alive)).toSorted()).toEqual(["node-1", "node-3"]);
    // Nobody can confirm that the old one has ended, so it stays in sight.
    await cluster.clock.advance(600_000);
    expect(await eyes.podExists(stranded.metadata!.name!)).toBe(true);
    expect(await cluster.nodes.get("node-2")!.runtime.listContainers({ state: "running" })).toHaveLength(1);

    cluster.nodes.get("node-2")!.reconnect();
    await cluster.until(async () => !(await eyes.podExists(stranded.metadata!.name!)), { within: 120_000 });
    await cluster.until(async () => (await taintsOf(eyes, "node-2")).length === 0, { within: 60_000 });
    expect(condition(await eyes.node("node-2"), "Ready")).toBe("Ready=True KubeletReady");
    expect(await cluster.nodes.get("node-2")!.runtime.listContainers({ state: "running" })).toEqual([]);
  });

  test("a short interruption costs nothing: the same containers run on", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    const ids = async (): Promise<readonly string[]> => (await eyes.pods()).map((one) => containerOf(one).containerID!).toSorted();
    const before = await ids();
    const machine = cluster.nodes.get("node-1")!;
    machine.disconnect();
    await cluster.clock.advance(30_000);
    machine.reconnect();
    await cluster.clock.advance(60_000);
    expect(condition(await eyes.node("node-1"), "Ready")).toBe("Ready=True KubeletReady");
    expect(await ids()).toEqual(before);
  });

  test("deleting the Node of a machine that is gone frees its pods", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    await cluster.nodes.get("node-1")!.stopKubelet();
    await cluster.client.of(nodeKind).delete("node-1");
    await cluster.clock.advance(180_000);
    const pods = await eyes.pods("app=nginx");
    expect(placement(pods)).toEqual({ "node-2": 3 });
    expect(pods.map(isReady)).toEqual([true, true, true]);
  });

  test("the lease is renewed every ten seconds while the kubelet lives", async () => {
    await using cluster = await Cluster.start();
    const renewedAt = async (): Promise<number> =>
      Date.parse((await cluster.client.of(leaseKind, "kube-node-lease").get("node-1")).spec!.renewTime!);
    await cluster.clock.advance(60_000);
    expect(cluster.clock.now() - (await renewedAt())).toBeLessThanOrEqual(10_000);
    await cluster.nodes.get("node-1")!.stopKubelet();
    const last = await renewedAt();
    await cluster.clock.advance(60_000);
    expect(await renewedAt()).toBe(last);
  });
});

describe("placement", () => {
  test("a pod that fits nowhere waits and says why, and runs when a node comes", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await apply(cluster, pod("big", {}, {}, { resources: { requests: { cpu: "6" } } }));
    await cluster.settled();
    const waiting = await eyes.pod("big");
    expect(waiting.status!.phase).toBe("Pending");
    expect(condition(waiting, "PodScheduled")).toBe("PodScheduled=False Unschedulable");
    expect(waiting.status!.conditions!.find(({ type }) => type === "PodScheduled")!.message).toMatch(
      /^0\/2 nodes are available: 2 Insufficient cpu\./,
    );
    expect(await eyes.events("Pod", "big")).toEqual([
      expect.stringMatching(/^Warning FailedScheduling: 0\/2 nodes are available: 2 Insufficient cpu\./),
    ]);
    await cluster.addNode({ cpus: 8 });
    await cluster.clock.advance(1_000);
    const running = await eyes.untilPod("big", isReady, 30_000);
    expect(running.spec!.nodeName).toBe("node-3");
    expect(running.status!.podIP).toMatch(/^10\.244\.2\./);
  });

  test("requests fill nodes to the brim and no further", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await apply(
      cluster,
      ...Array.from({ length: 9 }, (_, index) => pod(`p${index}`, {}, {}, { resources: { requests: { cpu: "900m" } } })),
    );
    await cluster.settled();
    expect(placement(await eyes.pods())).toEqual({ "node-1": 4, "node-2": 4, nowhere: 1 });
    const [lucky] = (await eyes.pods()).filter((one) => one.spec!.nodeName === "node-1");
    await cluster.client.of(podKind, "default").delete(lucky!.metadata!.name!);
    await cluster.clock.advance(10_000);
    expect(placement(await eyes.pods())).toEqual({ "node-1": 4, "node-2": 4 });
  });

  test("taints repel whoever does not tolerate them; NoExecute ends who is there", async () => {
    await using cluster = await Cluster.start({ nodes: 1 });
    const eyes = new Eyes(cluster);
    await cluster.addNode({ name: "gpu", taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] });
    await apply(cluster, pod("plain"), pod("gpu", { nodeSelector: { "kubernetes.io/hostname": "gpu" } }));
    await apply(
      cluster,
      pod("tolerant", { nodeSelector: { "kubernetes.io/hostname": "gpu" }, tolerations: [{ key: "gpu", operator: "Exists" }] }),
    );
    await cluster.settled();
    expect((await eyes.pod("plain")).spec!.nodeName).toBe("node-1");
    expect((await eyes.pod("tolerant")).spec!.nodeName).toBe("gpu");
    expect(condition(await eyes.pod("gpu"), "PodScheduled")).toBe("PodScheduled=False Unschedulable");
    await apply(
      cluster,
      pod("patient", {
        nodeName: "node-1",
        tolerations: [{ key: "leave", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }],
      }),
    );
    await cluster.settled();
    await cluster.client.of(nodeKind).patch("node-1", "merge", { spec: { taints: [{ key: "leave", effect: "NoExecute" }] } });
    await cluster.clock.advance(40_000);
    expect(await eyes.podExists("plain")).toBe(false);
    expect(isReady(await eyes.pod("patient"))).toBe(true);
    await cluster.clock.advance(60_000);
    expect(await eyes.podExists("patient")).toBe(false);
  });

  test("affinity: required node labels, apart from each other, and together with another", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    const eyes = new Eyes(cluster);
    for (const zone of ["a", "a", "b"]) await cluster.addNode({ labels: { "topology.kubernetes.io/zone": zone } });
    const inZone = (zone: string): object => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: [zone] }] }],
        },
      },
    });
    const near = (labels: object, topologyKey: string): object[] => [{ labelSelector: { matchLabels: labels }, topologyKey }];
    await apply(cluster, pod("db", { affinity: inZone("b") }, { labels: { app: "db" } }));
    await cluster.settled();
    await apply(
      cluster,
      pod("beside", {
        affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near({ app: "db" }, "kubernetes.io/hostname") } },
      }),
      ...["x", "y", "z"].map((name) =>
        pod(
          name,
          {
            affinity: {
              podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near({ app: "lonely" }, "topology.kubernetes.io/zone") },
            },
          },
          { labels: { app: "lonely" } },
        ),
      ),
    );
    await cluster.settled();
    expect((await eyes.pod("db")).spec!.nodeName).toBe("node-3");
    expect((await eyes.pod("beside")).spec!.nodeName).toBe("node-3");
    const lonely = await eyes.pods("app=lonely");
    expect(lonely.filter((one) => one.spec!.nodeName !== undefined)).toHaveLength(2);
    expect(
      lonely.find((one) => one.spec!.nodeName === undefined)!.status!.conditions!.find(({ type }) => type === "PodScheduled")!.message,
    ).toMatch(/^0\/3 nodes are available: 3 node\(s\) didn't match pod anti-affinity rules\./);
  });

  test("replicas spread over nodes, and over zones as topologySpreadConstraints demand", async () => {
    await using cluster = await Cluster.start({ nodes: 4 });
    const eyes = new Eyes(cluster);
    await apply(cluster, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web" },
      spec: {
        replicas: 8,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: {
            containers: [{ name: "web", image: "web:1" }],
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "DoNotSchedule",
                labelSelector: { matchLabels: { app: "web" } },
              },
            ],
          },
        },
      },
    });
    await cluster.settled();
    expect(placement(await eyes.pods())).toEqual({ "node-1": 2, "node-2": 2, "node-3": 2, "node-4": 2 });
  });

  test("one host port a node", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await apply(cluster, ...["a", "b", "c"].map((name) => pod(name, {}, {}, { ports: [{ containerPort: 80, hostPort: 8080 }] })));
    await cluster.settled();
    expect(placement(await eyes.pods())).toEqual({ "node-1": 1, "node-2": 1, nowhere: 1 });
    const homeless = (await eyes.pods()).find((one) => one.spec!.nodeName === undefined)!;
    expect(homeless.status!.conditions![0]!.message).toMatch(
      /^0\/2 nodes are available: 2 node\(s\) didn't have free ports for the requested pod ports\./,
    );
  });

  test("a cordoned node takes no more", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.client.of(nodeKind).patch("node-1", "merge", { spec: { unschedulable: true } });
    await cluster.settled();
    expect(await taintsOf(eyes, "node-1")).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
    await apply(cluster, ...["a", "b", "c"].map((name) => pod(name)));
    await cluster.settled();
    expect(placement(await eyes.pods())).toEqual({ "node-2": 3 });
  });

  test("a critical pod takes the place of a lesser one", async () => {
    await using cluster = await Cluster.start({ nodes: 1 });
    const eyes = new Eyes(cluster);
    const cpu = { resources: { requests: { cpu: "3" } } };
    await apply(cluster, pod("small", {}, {}, cpu));
    await cluster.settled();
    await apply(cluster, pod("vital", { priorityClassName: "system-node-critical" }, { namespace: "kube-system" }, cpu));
    await cluster.clock.advance(40_000);
    expect(await eyes.podExists("small")).toBe(false);
    const vital = await new Eyes(cluster, "kube-system").pod("vital");
    expect(isReady(vital)).toBe(true);
    expect(vital.spec!.priority).toBe(2_000_001_000);
    expect(await eyes.events("Pod", "small")).toContainEqual(
      expect.stringMatching(/^Normal Preempted: Preempted by pod .* on node node-1$/),
    );
  });
});
