// A Deployment's whole life on an embedded cluster: roll-out, roll-back, scale, pause, recreate, failure, and what it costs.

import { describe, expect, test } from "vitest";
import { deploymentKind } from "../../src/kinds/apps/deployment.ts";
import type { Deployment } from "../../src/kinds/apps/types.gen.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import type { Pod } from "../../src/kinds/core/types.gen.ts";
import { Cluster } from "../../src/main/cluster.ts";
import { condition, Eyes, isReady } from "./eyes.ts";

const web = (image: string, replicas: number, spec: object = {}, container: object = {}, annotations: object = {}): object => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web" },
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" }, annotations }, spec: { containers: [{ name: "web", image, ...container }] } },
    ...spec,
  },
});
const imagesOf = (pods: readonly Pod[]): string[] => pods.map((pod) => pod.spec!.containers[0]!.image!).toSorted();

/** Watches the pods from now on: the most that existed, the fewest that were ready. */
async function watchPods(cluster: Cluster): Promise<{ most: number; fewestReady: number } & AsyncDisposable> {
  const stop = new AbortController();
  const pods = new Map<string, Pod>();
  const { items, resourceVersion } = await cluster.client.of(podKind, "default").list();
  for (const pod of items) pods.set(pod.metadata!.uid!, pod);
  const alive = (): Pod[] => [...pods.values()].filter((pod) => pod.metadata!.deletionTimestamp === undefined);
  const seen = { most: alive().length, fewestReady: alive().filter(isReady).length };
  const follow = async (): Promise<void> => {
    for await (const { type, object } of cluster.client.of(podKind, "default").watch({ resourceVersion }, stop.signal)) {
      if (type === "DELETED") pods.delete(object.metadata!.uid!);
      else pods.set(object.metadata!.uid!, object);
      seen.most = Math.max(seen.most, alive().length);
      seen.fewestReady = Math.min(seen.fewestReady, alive().filter(isReady).length);
    }
  };
  const following = follow().catch(() => undefined);
  return Object.assign(seen, {
    [Symbol.asyncDispose]: async () => {
      stop.abort(new Error("enough"));
      await following;
    },
  });
}

describe("roll-out", () => {
  test("replaces pods within maxSurge and maxUnavailable, and keeps the old ReplicaSet at zero", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    const slowStart = { readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 5, periodSeconds: 1 } };
    const strategy = { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } };
    await cluster.apply(web("web:1", 4, strategy, slowStart) as never);
    await cluster.until(async () => (await eyes.deployment("web")).status?.availableReplicas === 4);
    await using seen = await watchPods(cluster);
    await cluster.apply(web("web:2", 4, strategy, slowStart) as never);
    await cluster.until(async () => {
      const { status } = await eyes.deployment("web");
      return status?.observedGeneration === 2 && status.updatedReplicas === 4 && status.replicas === 4 && status.availableReplicas === 4;
    });
    expect(seen.most).toBe(5);
    expect(seen.fewestReady).toBe(4);
    expect(imagesOf(await eyes.pods())).toEqual(["web:2", "web:2", "web:2", "web:2"]);
    const sets = (await eyes.replicaSets()).toSorted((a, b) => b.spec!.replicas! - a.spec!.replicas!);
    expect(sets.map((set) => [set.spec!.replicas, set.metadata!.annotations!["deployment.kubernetes.io/revision"]])).toEqual([
      [4, "2"],
      [0, "1"],
    ]);
    const done = await eyes.deployment("web");
    expect(condition(done, "Progressing")).toBe("Progressing=True NewReplicaSetAvailable");
    expect(condition(done, "Available")).toBe("Available=True MinimumReplicasAvailable");
    const events = await eyes.events("Deployment", "web");
    expect(events[0]).toBe(`Normal ScalingReplicaSet: Scaled up replica set ${sets[1]!.metadata!.name} from 0 to 4`);
    expect(events.at(-1)).toMatch(/^Normal ScalingReplicaSet: Scaled down replica set .* from 1 to 0$/);
  });

  test("going back to a former template takes its ReplicaSet again, with a new revision", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    for (const image of ["web:1", "web:2", "web:1"]) {
      await cluster.apply(web(image, 2) as never);
      await cluster.settled();
    }
    const sets = await eyes.replicaSets();
    expect(sets).toHaveLength(2);
    const current = sets.find((set) => set.spec!.replicas === 2)!;
    expect(current.metadata!.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
    expect(imagesOf(await eyes.pods())).toEqual(["web:1", "web:1"]);
  });

  test("revisionHistoryLimit keeps only so many old ReplicaSets", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    for (let version = 1; version <= 5; version++) {
      await cluster.apply(web(`web:${version}`, 1, { revisionHistoryLimit: 2 }) as never);
      await cluster.settled();
    }
    expect((await eyes.replicaSets()).map((set) => set.spec!.template!.spec!.containers[0]!.image!).toSorted()).toEqual([
      "web:3",
      "web:4",
      "web:5",
    ]);
  });

  test("paused, a new template waits; scaling does not", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(web("web:1", 2) as never);
    await cluster.settled();
    await cluster.apply(web("web:2", 3, { paused: true }) as never);
    await cluster.settled();
    expect(imagesOf(await eyes.pods())).toEqual(["web:1", "web:1", "web:1"]);
    expect(condition(await eyes.deployment("web"), "Progressing")).toBe("Progressing=Unknown DeploymentPaused");
    await cluster.apply(web("web:2", 3, { paused: false }) as never);
    await cluster.settled();
    expect(imagesOf(await eyes.pods())).toEqual(["web:2", "web:2", "web:2"]);
  });

  test("Recreate never runs two versions at once", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    const recreate = { strategy: { type: "Recreate" } };
    await cluster.apply(web("web:1", 3, recreate) as never);
    await cluster.settled();
    await using seen = await watchPods(cluster);
    await cluster.apply(web("web:2", 3, recreate) as never);
    await cluster.settled();
    expect(seen.most).toBe(3);
    expect(seen.fewestReady).toBe(0);
    expect(imagesOf(await eyes.pods())).toEqual(["web:2", "web:2", "web:2"]);
  });

  test("scaling by the scale subresource, down to the youngest and unready first", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    const eyes = new Eyes(cluster);
    await cluster.apply(web("web:1", 3) as never);
    await cluster.settled();
    await cluster.clock.advance(60_000);
    const old = new Set((await eyes.pods()).map((pod) => pod.metadata!.name!));
    const scaleTo = (replicas: number): Promise<unknown> =>
      cluster.client.of(deploymentKind, "default").patch("web", "merge", { spec: { replicas } }, { subresource: "scale" });
    await scaleTo(6);
    await cluster.settled();
    expect(await eyes.pods()).toHaveLength(6);
    await cluster.clock.advance(30_000);
    await scaleTo(3);
    await cluster.clock.advance(31_000);
    expect(new Set((await eyes.pods()).map((pod) => pod.metadata!.name!))).toEqual(old);
    await scaleTo(0);
    await cluster.clock.advance(31_000);
    expect(await eyes.pods()).toEqual([]);
  });
});

describe("failure", () => {
  test("a roll-out that does not progress says so after ten minutes, keeps the old pods, and recovers", async () => {
    await using cluster = await Cluster.start({
      failPull: (image) => (image === "web:broken" ? "failed to resolve reference: not found" : undefined),
    });
    const eyes = new Eyes(cluster);
    await cluster.apply(web("web:1", 3) as never);
    await cluster.settled();
    await cluster.apply(web("web:broken", 3) as never);
    const start = cluster.clock.now();
    await cluster.until(async () => condition(await eyes.deployment("web"), "Progressing").startsWith("Progressing=False"), {
      within: 660_000,
    });
    expect(cluster.clock.now() - start).toBeGreaterThanOrEqual(600_000);
    expect(cluster.clock.now() - start).toBeLessThan(602_000);
    const stuck = await eyes.deployment("web");
    expect(condition(stuck, "Progressing")).toBe("Progressing=False ProgressDeadlineExceeded");
    expect(stuck.status!.conditions!.find(({ type }) => type === "Progressing")!.message).toMatch(
      /^ReplicaSet "web-[a-z0-9]+" has timed out progressing\.$/,
    );
    expect(stuck.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 1, unavailableReplicas: 1 });
    expect(imagesOf((await eyes.pods()).filter(isReady))).toEqual(["web:1", "web:1", "web:1"]);
    await cluster.apply(web("web:2", 3) as never);
    await cluster.settled();
    expect(imagesOf(await eyes.pods())).toEqual(["web:2", "web:2", "web:2"]);
    expect(condition(await eyes.deployment("web"), "Progressing")).toBe("Progressing=True NewReplicaSetAvailable");
  });

  test("minReadySeconds keeps new pods from counting too early", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(web("web:1", 2, { minReadySeconds: 30 }) as never);
    await cluster.settled();
    expect((await eyes.deployment("web")).status).toMatchObject({ readyReplicas: 2, unavailableReplicas: 2 });
    await cluster.clock.advance(29_000);
    expect((await eyes.deployment("web")).status!.availableReplicas ?? 0).toBe(0);
    await cluster.clock.advance(2_000);
    expect((await eyes.deployment("web")).status).toMatchObject({ availableReplicas: 2 });
  });
});

test("a Deployment of 100 pods: how many writes it costs", async () => {
  const writes = new Map<string, number>();
  await using cluster = await Cluster.start({
    nodes: 3,
    interpose: (_user, exchange) => (request, signal) => {
      if (request.method !== "GET") {
        const path = request.target.split("?")[0]!.replace(/^\/(api|apis\/[^/]+)\/[^/]+\/(namespaces\/[^/]+\/)?/, "");
        const [resource = "", , subresource] = path.split("/");
        const what = `${request.method} ${resource}${subresource === undefined ? "" : `/${subresource}`}`;
        writes.set(what, (writes.get(what) ?? 0) + 1);
      }
      return exchange(request, signal);
    },
  });
  const eyes = new Eyes(cluster);
  writes.clear();
  const began = performance.now();
  await cluster.apply(web("web:1", 100) as never);
  await cluster.settled();
  const tookMs = performance.now() - began;
  const { status }: Deployment = await eyes.deployment("web");
  expect(status).toMatchObject({ replicas: 100, readyReplicas: 100, availableReplicas: 100 });
  const total = [...writes.values()].reduce((sum, count) => sum + count, 0);
  const withoutEvents = total - (writes.get("POST events") ?? 0) - (writes.get("PATCH events") ?? 0);
  console.log(
    `100 pods: ${total} writes, ${withoutEvents} without events, in ${Math.round(tookMs)} ms: ${JSON.stringify(Object.fromEntries(writes))}`,
  );
  expect(writes.get("POST pods")).toBe(100);
  expect(writes.get("POST pods/binding")).toBe(100);
  // A pod's own writes: create, bind, its token, three statuses from its node. What is shared is far less than one a pod.
  expect(writes.get("PATCH pods/status")).toBeLessThanOrEqual(300);
  expect(withoutEvents).toBeLessThan(640);
});
