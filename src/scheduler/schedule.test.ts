import { describe, expect, it } from "vitest";
import { SeededRandom } from "../base/random.ts";
import type { Node, Pod } from "../kinds/core/types.gen.ts";
import { selectorFromLabels } from "../lang/label-selector.ts";
import { podInfo } from "./pod-info.ts";
import { planPreemption } from "./preemption.ts";
import { describeRefusals, enoughNodes, schedule, totalScores } from "./schedule.ts";
import { ClusterCache } from "./snapshot.ts";

const node = (name: string, extra: { labels?: object; spec?: object; allocatable?: object; images?: object[] } = {}): Node =>
  ({
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...extra.labels } },
    spec: extra.spec ?? {},
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...extra.allocatable }, images: extra.images },
  }) as unknown as Node;
let uid = 0;
const pod = (name: string, spec: object = {}, labels: object = { app: name }, meta: object = {}): Pod =>
  ({
    metadata: { name, namespace: "default", uid: `uid-${uid++}`, labels, ...meta },
    spec: { containers: [{ name: "c", image: "app:1" }], ...spec },
  }) as unknown as Pod;
const wants = (cpu: string, memory = "64Mi") => ({ containers: [{ name: "c", image: "app:1", resources: { requests: { cpu, memory } } }] });

function cluster(nodes: readonly Node[], placed: readonly (readonly [string, Pod])[] = [], group?: Record<string, string>): ClusterCache {
  const cache = new ClusterCache({
    namespaceLabels: (name) => ({ "kubernetes.io/metadata.name": name }),
    groupSelector: () => (group === undefined ? undefined : selectorFromLabels(group)),
  });
  for (const each of nodes) cache.setNode(each);
  for (const [name, each] of placed) cache.setPod({ ...each, spec: { ...each.spec!, nodeName: name } });
  return cache;
}
function place(which: Pod, cache: ClusterCache, seed = 1): string {
  const verdict = schedule(podInfo(which), cache, new SeededRandom(seed), 0);
  return verdict.type === "fits" ? verdict.node : describeRefusals(cache.nodes.length, verdict.refusals);
}

describe("filters", () => {
  it("tell why no node will do, as Kubernetes words it", () => {
    const cache = cluster([
      node("small", { allocatable: { cpu: "1", memory: "1Gi" } }),
      node("tainted", { spec: { taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" }] } }),
      node("cordoned", { spec: { unschedulable: true, taints: [{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }] } }),
      node("full", { allocatable: { pods: "0" } }),
      node("elsewhere"),
    ]);
    const picky = pod("p", { ...wants("2", "2Gi"), nodeSelector: { zone: "a" } });
    expect(place(picky, cache)).toBe(
      "0/5 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, " +
        "3 node(s) didn't match Pod's node affinity/selector.",
    );
    cache.deleteNode("elsewhere");
    expect(place(pod("p", wants("2", "2Gi")), cache)).toBe(
      "0/4 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods, " +
        "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable.",
    );
    expect(place(pod("p"), cluster([]))).toBe("no nodes available to schedule pods");
  });

  it("count what is there, extended resources and assumed pods included", () => {
    const gpu = {
      containers: [{ name: "c", image: "x", resources: { requests: { "example.com/gpu": "1" }, limits: { "example.com/gpu": "1" } } }],
    };
    const cache = cluster([node("a", { allocatable: { "example.com/gpu": "1" } }), node("b")]);
    const first = pod("first", gpu);
    expect(place(first, cache)).toBe("a");
    cache.assume(podInfo(first), "a");
    expect(place(pod("second", gpu), cache)).toBe("0/2 nodes are available: 2 Insufficient example.com/gpu.");
    cache.forget(first.metadata!.uid!);
    expect(place(pod("third", gpu), cache)).toBe("a");
  });

  it("keep host ports apart", () => {
    const port = (hostIP?: string) => ({ containers: [{ name: "c", image: "x", ports: [{ containerPort: 80, hostPort: 80, hostIP }] }] });
    const cache = cluster([node("a")], [["a", pod("one", port("10.0.0.1"))]]);
    expect(place(pod("two", port("10.0.0.2")), cache)).toBe("a");
    expect(place(pod("two", port()), cache)).toContain("1 node(s) didn't have free ports for the requested pod ports");
  });

  it("keep pods together and apart by affinity, newcomers' and residents' terms alike", () => {
    const term = (app: string, topologyKey = "zone") => ({ labelSelector: { matchLabels: { app } }, topologyKey });
    const nodes = [node("a1", { labels: { zone: "a" } }), node("a2", { labels: { zone: "a" } }), node("b1", { labels: { zone: "b" } })];
    const db = pod("db");
    const near = pod("web", {
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("db", "kubernetes.io/hostname")] } },
    });
    expect(place(near, cluster(nodes, [["a2", db]]))).toBe("a2");
    expect(place(near, cluster(nodes))).toBe("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
    const away = pod("web", { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("db")] } } });
    expect(place(away, cluster(nodes, [["a2", db]]))).toBe("b1");
    const shy = pod("shy", { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("web")] } } });
    expect(place(pod("web"), cluster(nodes, [["a1", shy]]))).toBe("b1");
    expect(place(pod("web"), cluster(nodes.slice(0, 2), [["a1", shy]]))).toBe(
      "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules.",
    );
    const flock = pod("bird", { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term("bird")] } } });
    expect(place(flock, cluster(nodes))).toMatch(/^[ab]\d$/);
  });

  it("spread hard constraints over places", () => {
    const spread = (extra: object = {}) => ({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { app: "web" } }, ...extra },
      ],
    });
    const nodes = [node("a1", { labels: { zone: "a" } }), node("b1", { labels: { zone: "b" } }), node("none")];
    const cache = cluster(nodes, [["a1", pod("web")]]);
    expect(place(pod("web", spread()), cache)).toBe("b1");
    expect(place(pod("web", { ...spread(), nodeSelector: { zone: "a" } }), cache)).toBe("a1");
    expect(
      place(
        pod("web", spread({ minDomains: 3 })),
        cluster(nodes, [
          ["a1", pod("web")],
          ["b1", pod("web")],
        ]),
      ),
    ).toBe(
      "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label), " +
        "2 node(s) didn't match pod topology spread constraints.",
    );
  });
});

describe("scores", () => {
  it("prefer the emptier node, the wanted label, the bearable taint, the image at hand", () => {
    expect(place(pod("p", wants("1")), cluster([node("busy"), node("idle")], [["busy", pod("x", wants("3"))]]))).toBe("idle");
    const prefers = {
      affinity: {
        nodeAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 10, preference: { matchExpressions: [{ key: "disk", operator: "In", values: ["ssd"] }] } },
          ],
        },
      },
    };
    expect(place(pod("p", prefers), cluster([node("hdd"), node("ssd", { labels: { disk: "ssd" } })]))).toBe("ssd");
    const soft = node("soft", { spec: { taints: [{ key: "k", effect: "PreferNoSchedule" }] } });
    expect(place(pod("p"), cluster([soft, node("plain")]))).toBe("plain");
    const warm = node("warm", { images: [{ names: ["app:1"], sizeBytes: 900 * 1024 * 1024 }] });
    expect(place(pod("p"), cluster([node("cold"), warm]))).toBe("warm");
  });

  it("spread a service's pods without being asked", () => {
    const cache = cluster(
      [node("a"), node("b"), node("c")],
      [
        ["a", pod("web")],
        ["b", pod("web")],
      ],
      { app: "web" },
    );
    expect(place(pod("web"), cache)).toBe("c");
  });

  it("break ties by the seed, and not always the same way", () => {
    const cache = cluster(["a", "b", "c", "d"].map((name) => node(name)));
    const choices = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => place(pod("p"), cache, seed));
    expect(choices).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => place(pod("p"), cache, seed)));
    expect(new Set(choices).size).toBeGreaterThan(1);
  });

  it("stay within bounds", () => {
    const cache = cluster([node("a"), node("b", { allocatable: { cpu: "64", memory: "1Gi" } })], [["b", pod("x", wants("63"))]]);
    for (const total of totalScores(podInfo(pod("p", wants("1", "900Mi"))), cache.nodes, cache)) {
      expect(total).toBeGreaterThanOrEqual(0);
      expect(total).toBeLessThanOrEqual(1200);
    }
  });
});

describe("preemption", () => {
  const important = (cpu: string, extra: object = {}) => pod("important", { ...wants(cpu), priority: 100, ...extra });
  const plan = (which: Pod, cache: ClusterCache) => {
    const info = podInfo(which);
    const verdict = schedule(info, cache, new SeededRandom(1), 0);
    if (verdict.type === "fits") throw new Error("fits");
    return planPreemption(info, cache, verdict.refusals);
  };

  it("takes the fewest and least important, and spares whom it can", () => {
    const cache = cluster(
      [node("a"), node("b")],
      [
        ["a", pod("low", { ...wants("3"), priority: 1 })],
        ["a", pod("tiny", { ...wants("500m"), priority: 0 })],
        ["b", pod("mid", { ...wants("4"), priority: 50 })],
      ],
    );
    const chosen = plan(important("3"), cache);
    expect(chosen.type === "victims" && [chosen.node, chosen.victims.map((victim) => victim.pod.metadata?.name)]).toEqual(["a", ["low"]]);
  });

  it("says when it cannot help", () => {
    const cache = cluster([node("a"), node("b", { labels: { zone: "b" } })], [["a", pod("peer", { ...wants("4"), priority: 100 })]]);
    expect(plan(important("3", { nodeSelector: { "kubernetes.io/hostname": "a" } }), cache)).toEqual({
      type: "none",
      message:
        "preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
    });
    expect(plan(important("3", { nodeSelector: { "kubernetes.io/hostname": "a" }, preemptionPolicy: "Never" }), cache)).toEqual({
      type: "none",
      message: "preemption: not eligible due to preemptionPolicy=Never.",
    });
  });

  it("keeps a promised node from less important pods", () => {
    const cache = cluster([node("a")]);
    const promised = pod("promised", { ...wants("3"), priority: 100 });
    cache.nominate(podInfo(promised), "a");
    expect(place(pod("late", wants("2")), cache)).toBe("0/1 nodes are available: 1 Insufficient cpu.");
    expect(place(pod("later", { ...wants("2"), priority: 200 }), cache)).toBe("a");
    expect(place(promised, cache)).toBe("a");
  });
});

describe("a large cluster", () => {
  it("examines a share of its nodes", () => {
    expect(enoughNodes(50)).toBe(50);
    expect(enoughNodes(1000)).toBe(420);
    expect(enoughNodes(5000)).toBe(500);
    expect(enoughNodes(20_000)).toBe(1000);
  });

  it("places a thousand pods on a thousand nodes, one on each", () => {
    const cache = cluster(Array.from({ length: 1000 }, (_, at) => node(`n${at}`)));
    const random = new SeededRandom(1);
    let start = 0;
    for (let at = 0; at < 1000; at++) {
      const info = podInfo(pod(`p${at}`, wants("3")));
      const verdict = schedule(info, cache, random, start);
      if (verdict.type !== "fits") throw new Error("no node");
      start = (start + verdict.examined) % 1000;
      cache.assume(info, verdict.node);
    }
    expect(cache.nodes.every((each) => each.pods.size === 1)).toBe(true);
  });
});
