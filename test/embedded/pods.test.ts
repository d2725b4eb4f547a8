// What befalls single pods: crashes, images that cannot be had, missing configuration, probes, and how they end.

import { describe, expect, test } from "vitest";
import { configMapKind } from "../../src/kinds/core/config-map.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import type { Pod } from "../../src/kinds/core/types.gen.ts";
import { endpointSliceKind } from "../../src/kinds/discovery/endpoint-slice.ts";
import { Cluster } from "../../src/main/cluster.ts";
import type { SimulatedBehaviour } from "../../src/sim/simulated-behaviour.ts";
import { containerOf, Eyes, isReady } from "./eyes.ts";

const pod = (behaviour: SimulatedBehaviour | undefined, container: object = {}, spec: object = {}, labels: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: "web",
    labels,
    ...(behaviour && { annotations: { "simulation.timonier.io/web": JSON.stringify(behaviour) } }),
  },
  spec: { containers: [{ name: "web", image: "web:1", ...container }], ...spec },
});
const apply = (cluster: Cluster, object: object): Promise<unknown> => cluster.apply(object as never);
const restarts = (one: Pod): number => containerOf(one).restartCount;

describe("crashes", () => {
  test("the back-off doubles from 10 s to 5 min, and starts anew after ten good minutes", async () => {
    let livesMs = 1000;
    await using cluster = await Cluster.start({ script: () => ({ exitAfterMs: livesMs, exitCode: 1 }) });
    const eyes = new Eyes(cluster);
    await apply(cluster, pod(undefined));
    const startedAt: number[] = [];
    for (let run = 0; run <= 8; run++) {
      await eyes.untilPod("web", (one) => restarts(one) === run && containerOf(one).state?.running !== undefined, 400_000);
      startedAt.push(cluster.clock.now());
    }
    const waits = startedAt.slice(1).map((at, run) => Math.round((at - startedAt[run]! - 1000) / 1000));
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    const waiting = await eyes.untilPod("web", (one) => containerOf(one).state?.waiting?.reason === "CrashLoopBackOff");
    expect(containerOf(waiting).state!.waiting!.message).toBe(
      `back-off 5m0s restarting failed container=web pod=web_default(${waiting.metadata!.uid})`,
    );
    livesMs = 11 * 60_000;
    await eyes.untilPod("web", (one) => restarts(one) === 9 && containerOf(one).state?.running !== undefined, 400_000);
    livesMs = 1000;
    await eyes.untilPod("web", (one) => restarts(one) === 10 && containerOf(one).state?.running !== undefined, 12 * 60_000);
    const restartedAt = cluster.clock.now();
    await eyes.untilPod("web", (one) => restarts(one) === 11 && containerOf(one).state?.running !== undefined, 60_000);
    expect(Math.round((cluster.clock.now() - restartedAt - 1000) / 1000)).toBe(10);
    // One event that counts, not one an attempt.
    const backOffs = (await eyes.eventsOf("Pod", "web")).filter(({ reason }) => reason === "BackOff");
    expect(backOffs).toHaveLength(1);
    expect(backOffs[0]!.count).toBeGreaterThan(2);
  });

  test("restartPolicy decides: Never fails, OnFailure tries again, both keep the reason", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod({ exitAfterMs: 100, exitCode: 3, message: "no luck" }, {}, { restartPolicy: "Never" }));
    const failed = await eyes.untilPod("web", (one) => one.status?.phase === "Failed");
    expect(containerOf(failed)).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: "Error", message: "no luck" } },
    });
  });
});

describe("what a pod needs and does not have", () => {
  test("an image that cannot be pulled: ErrImagePull, then ImagePullBackOff, then it runs when the registry is well", async () => {
    let broken = true;
    await using cluster = await Cluster.start({ failPull: () => (broken ? 'failed to resolve reference "web:1": not found' : undefined) });
    const eyes = new Eyes(cluster);
    await apply(cluster, pod(undefined));
    await cluster.settled();
    expect(containerOf(await eyes.pod("web")).state!.waiting).toMatchObject({ reason: "ErrImagePull" });
    const backingOff = await eyes.untilPod("web", (one) => containerOf(one).state?.waiting?.reason === "ImagePullBackOff");
    expect(containerOf(backingOff).state!.waiting!.message).toMatch(/^Back-off pulling image "web:1"/);
    expect(backingOff.status!.phase).toBe("Pending");
    await cluster.clock.advance(120_000);
    broken = false;
    await eyes.untilPod("web", isReady, 300_000);
    const events = await eyes.events("Pod", "web");
    expect(events).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Warning Failed: Failed to pull image "web:1": .*not found/),
        "Warning Failed: Error: ErrImagePull",
        "Warning Failed: Error: ImagePullBackOff",
      ]),
    );
  });

  test("a missing ConfigMap: CreateContainerConfigError until it is there", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod(undefined, { envFrom: [{ configMapRef: { name: "settings" } }] }));
    await cluster.clock.advance(5_000);
    expect(containerOf(await eyes.pod("web")).state!.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message: 'configmap "settings" not found',
    });
    await cluster.client.of(configMapKind, "default").create({ metadata: { name: "settings" }, data: { COLOUR: "blue" } });
    await eyes.untilPod("web", isReady);
    expect((await cluster.exec("web", ["printenv", "COLOUR"])).stdout).toBe("blue\n");
  });

  test("a missing Secret as volume: FailedMount until it is there", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(
      cluster,
      pod(undefined, { volumeMounts: [{ name: "s", mountPath: "/s" }] }, { volumes: [{ name: "s", secret: { secretName: "keys" } }] }),
    );
    await cluster.clock.advance(60_000);
    expect(containerOf(await eyes.pod("web")).state!.waiting!.reason).toBe("ContainerCreating");
    expect(await eyes.events("Pod", "web")).toContain(
      'Warning FailedMount: MountVolume.SetUp failed for volume "s" : secret "keys" not found',
    );
    await apply(cluster, { apiVersion: "v1", kind: "Secret", metadata: { name: "keys" }, stringData: { a: "1" } });
    await eyes.untilPod("web", isReady, 180_000);
    expect((await cluster.exec("web", ["cat", "/s/a"])).stdout).toBe("1");
  });
});

describe("probes", () => {
  test("a failing liveness probe restarts the container after failureThreshold periods", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    const livenessProbe = { httpGet: { path: "/healthz", port: 8080 }, periodSeconds: 10, failureThreshold: 3, initialDelaySeconds: 10 };
    await apply(cluster, pod({ http: { "8080/healthz": 500 } }, { livenessProbe }, { terminationGracePeriodSeconds: 0 }));
    await cluster.settled();
    const start = cluster.clock.now();
    await eyes.untilPod("web", (one) => restarts(one) === 1, 60_000);
    expect(cluster.clock.now() - start).toBeGreaterThanOrEqual(30_000);
    expect(cluster.clock.now() - start).toBeLessThanOrEqual(50_000);
    const events = await eyes.events("Pod", "web");
    expect(events).toContain("Warning Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500");
    expect(events).toContain("Normal Killing: Container web failed liveness probe, will be restarted");
  });

  test("a failing readiness probe takes the pod out of its Service, and it comes back", async () => {
    const http: Record<string, number> = { "80/": 200 };
    await using cluster = await Cluster.start({ script: () => ({ http }) });
    const eyes = new Eyes(cluster);
    await apply(cluster, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await apply(
      cluster,
      pod(undefined, { readinessProbe: { httpGet: { port: 80 }, periodSeconds: 5, failureThreshold: 2 } }, {}, { app: "web" }),
    );
    const ready = async (): Promise<readonly (boolean | undefined)[]> =>
      (await cluster.client.of(endpointSliceKind, "default").list({ labelSelector: "kubernetes.io/service-name=web" })).items.flatMap(
        (slice) => (slice.endpoints ?? []).map((endpoint) => endpoint.conditions?.ready),
      );
    await eyes.untilPod("web", isReady);
    await cluster.settled();
    expect(await ready()).toEqual([true]);
    http["80/"] = 503;
    await cluster.clock.advance(11_000);
    expect(await ready()).toEqual([false]);
    expect(restarts(await eyes.pod("web"))).toBe(0);
    http["80/"] = 200;
    await cluster.clock.advance(6_000);
    expect(await ready()).toEqual([true]);
  });

  test("a startup probe holds the others back, and ends a container that never starts", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    const startupProbe = { tcpSocket: { port: 80 }, periodSeconds: 10, failureThreshold: 6 };
    const livenessProbe = { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 1 };
    await apply(cluster, pod({ closedPorts: [80] }, { startupProbe, livenessProbe }));
    await cluster.clock.advance(40_000);
    expect(restarts(await eyes.pod("web"))).toBe(0);
    expect(containerOf(await eyes.pod("web")).started).toBe(false);
    await eyes.untilPod("web", (one) => restarts(one) === 1, 60_000);
  });
});

describe("how pods end", () => {
  test("gracefully: deletionTimestamp says when at the latest, the container takes its time, then the object goes", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod({ stopAfterMs: 8_000 }));
    await cluster.settled();
    const start = cluster.clock.now();
    await cluster.client.of(podKind, "default").delete("web");
    const ending = await eyes.pod("web");
    expect(ending.metadata!.deletionGracePeriodSeconds).toBe(30);
    expect(Date.parse(ending.metadata!.deletionTimestamp!)).toBe(start + 30_000);
    await cluster.until(async () => !(await eyes.podExists("web")), { within: 60_000 });
    expect(cluster.clock.now() - start).toBe(8_000);
    expect(await eyes.events("Pod", "web")).toContain("Normal Killing: Stopping container web");
    expect(await cluster.nodes.get("node-1")!.runtime.listContainers()).toEqual([]);
    expect(await cluster.nodes.get("node-1")!.runtime.listSandboxes()).toEqual([]);
  });

  test("a container that ignores its signal is killed when the grace period is over", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod({ stopAfterMs: 10_000_000 }, {}, { terminationGracePeriodSeconds: 5 }));
    await cluster.settled();
    const start = cluster.clock.now();
    await cluster.client.of(podKind, "default").delete("web");
    await cluster.until(async () => !(await eyes.podExists("web")), { within: 60_000 });
    expect(cluster.clock.now() - start).toBe(5_000);
  });

  test("preStop runs first and its time counts", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(
      cluster,
      pod({ stopAfterMs: 10_000_000 }, { lifecycle: { preStop: { sleep: { seconds: 4 } } } }, { terminationGracePeriodSeconds: 10 }),
    );
    await cluster.settled();
    const start = cluster.clock.now();
    await cluster.client.of(podKind, "default").delete("web");
    await cluster.clock.advance(3_000);
    const [container] = await cluster.nodes.get("node-1")!.runtime.listContainers();
    expect(container!.state).toBe("running");
    await cluster.until(async () => !(await eyes.podExists("web")), { within: 60_000 });
    expect(cluster.clock.now() - start).toBe(10_000);
  });

  test("deleting at once (grace period 0) leaves nothing behind on the node", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod({ stopAfterMs: 3_000 }));
    await cluster.settled();
    await cluster.client.of(podKind, "default").delete("web", { gracePeriodSeconds: 0 });
    expect(await eyes.podExists("web")).toBe(false);
    await cluster.clock.advance(120_000);
    expect(await cluster.nodes.get("node-1")!.runtime.listContainers()).toEqual([]);
    expect(await cluster.nodes.get("node-1")!.files.list("/var/lib/kubelet/pods")).toEqual([]);
  });

  test("logs of the present and the previous run", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await apply(cluster, pod({ exitAfterMs: 1000, exitCode: 1, log: ["hello", { afterMs: 500, text: "oops", stream: "stderr" }] }));
    await eyes.untilPod("web", (one) => restarts(one) === 1 && containerOf(one).state?.running !== undefined);
    await cluster.settled();
    expect(await cluster.logs("web")).toBe("hello\n");
    expect(await cluster.logs("web", { previous: true })).toBe("hello\noops\n");
  });
});
