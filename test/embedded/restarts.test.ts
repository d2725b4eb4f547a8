// Crash anywhere, same end: kubelets, controllers and scheduler are ended at arbitrary points and started again over what is
// there; answers are lost on the way. The seed of a run that fails stands in its name.

import { describe, expect, test } from "vitest";
import { CancelledError } from "../../src/base/assert.ts";
import { SeededRandom, randomInt } from "../../src/base/random.ts";
import type { Pod } from "../../src/kinds/core/types.gen.ts";
import { endpointSliceKind } from "../../src/kinds/discovery/endpoint-slice.ts";
import { Cluster } from "../../src/main/cluster.ts";
import { containerOf, example, Eyes, isReady } from "./eyes.ts";

/** What a user can see of the end, without names and times. */
async function outcome(cluster: Cluster): Promise<typeof expected> {
  const eyes = new Eyes(cluster);
  const pods = await eyes.pods();
  const running = await Promise.all(
    [...cluster.nodes.values()].map(async ({ runtime }) => (await runtime.listContainers({ state: "running" })).length),
  );
  const addresses = pods.map((pod) => pod.status!.podIP!);
  const slices = (await cluster.client.of(endpointSliceKind, "default").list({ labelSelector: "kubernetes.io/service-name=nginx" })).items;
  const { status } = await eyes.deployment("nginx-deployment");
  return {
    images: pods.map((pod) => pod.spec!.containers[0]!.image!),
    ready: pods.map(isReady),
    restarts: pods.map((pod) => containerOf(pod).restartCount),
    revisions: (await eyes.replicaSets()).map((set) => set.spec!.replicas!).toSorted((a, b) => a - b),
    distinctAddresses: new Set(addresses).size,
    behindService: slices.flatMap((slice) => slice.endpoints ?? []).length,
    deployment: [status!.replicas!, status!.updatedReplicas!, status!.readyReplicas!, status!.availableReplicas!],
    containers: running.reduce((sum, count) => sum + count, 0),
  };
}

const expected = {
  images: ["nginx:1.16.1", "nginx:1.16.1", "nginx:1.16.1", "nginx:1.16.1"],
  ready: [true, true, true, true],
  restarts: [0, 0, 0, 0],
  revisions: [0, 4],
  distinctAddresses: 4,
  behindService: 4,
  deployment: [4, 4, 4, 4],
  containers: 4,
};
const latencyMs = { sandbox: 80, create: 10, start: 60, pull: 1500 };

/** Applies, rolls out and scales, with `disturb` called between steps of virtual time. */
async function story(cluster: Cluster, disturb: (step: number) => Promise<void>): Promise<void> {
  await cluster.apply(example("deployment.yaml"));
  const steps = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step++) {
      await cluster.clock.advance(170);
      await disturb(step);
    }
  };
  await steps(8);
  await cluster.apply(example("deployment.yaml").replace("nginx:1.14.2", "nginx:1.16.1").replace("replicas: 3", "replicas: 4"));
  await steps(24);
  await cluster.clock.advance(300_000);
}

describe("the same end", { timeout: 60_000 }, () => {
  test("undisturbed", async () => {
    await using cluster = await Cluster.start({ nodes: 3, latencyMs });
    await story(cluster, async () => {});
    expect(await outcome(cluster)).toEqual(expected);
  });

  test.each([1, 2, 3, 4])("kubelets end and start again over what runs (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    await using cluster = await Cluster.start({ nodes: 3, seed, latencyMs });
    let ended = 0;
    await story(cluster, async () => {
      const machines = [...cluster.nodes.values()];
      const machine = machines[randomInt(random, machines.length)]!;
      if (random.next() < 0.5) {
        ended++;
        await machine.stopKubelet();
      } else await machine.startKubelet();
    });
    for (const machine of cluster.nodes.values()) await machine.startKubelet();
    await cluster.clock.advance(120_000);
    expect(ended).toBeGreaterThan(5);
    // A container that was made and never started, because its kubelet ended in between, is made again, and counted.
    const { restarts, ...rest } = await outcome(cluster);
    const { restarts: none, ...wanted } = expected;
    expect(rest).toEqual(wanted);
    expect(Math.max(...restarts.map((count, index) => count - none[index]!))).toBeLessThanOrEqual(1);
  });

  test.each([1, 2, 3, 4])("controllers and scheduler end and start again (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    await using cluster = await Cluster.start({ nodes: 3, seed, latencyMs });
    await story(cluster, async () => {
      if (random.next() < 0.5) await cluster.stopControllers();
      else await cluster.startControllers();
    });
    await cluster.startControllers();
    await cluster.clock.advance(120_000);
    expect(await outcome(cluster)).toEqual(expected);
  });

  test.each([1, 2, 3])("answers are lost after the write was done, requests before (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    let losing = false;
    let lost = 0;
    await using cluster = await Cluster.start({
      nodes: 3,
      seed,
      latencyMs,
      interpose: (user, exchange) => async (request, signal) => {
        const fate = losing && user.name !== "timonier-admin" ? random.next() : 1;
        if (fate < 0.05) {
          lost++;
          throw new Error("connection reset by peer");
        }
        const response = await exchange(request, signal);
        if (fate < 0.1) {
          lost++;
          throw new Error("unexpected EOF");
        }
        return response;
      },
    });
    losing = true;
    await story(cluster, async () => {});
    losing = false;
    await cluster.clock.advance(600_000);
    expect(lost).toBeGreaterThan(20);
    expect(await outcome(cluster)).toEqual(expected);
  });

  test("controllers are killed in the middle of a write, at each of their first forty", async () => {
    for (let at = 1; at <= 40; at += 3) {
      let writes = 0;
      let armed = false;
      let kill: (() => void) | undefined;
      await using cluster = await Cluster.start({
        nodes: 2,
        interpose: (user, exchange) => async (request, signal) => {
          const response = await exchange(request, signal);
          const isOurs = user.name.startsWith("system:serviceaccount:kube-system:") || user.name === "system:kube-scheduler";
          if (armed && isOurs && request.method !== "GET" && !request.target.includes("/events") && ++writes === at) {
            kill!();
            throw new CancelledError("killed");
          }
          return response;
        },
      });
      const killed = new Promise<void>((resolve) => (kill = resolve)).then(() => cluster.stopControllers());
      armed = true;
      await cluster.apply(example("deployment.yaml").replace("replicas: 3", "replicas: 4").replace("nginx:1.14.2", "nginx:1.16.1"));
      await cluster.clock.advance(1_000);
      if (writes >= at) await killed;
      await cluster.startControllers();
      await cluster.clock.advance(60_000);
      expect({ at, ...(await outcome(cluster)) }).toEqual({ at, ...expected, revisions: [4] });
    }
  });

  test("a kubelet that starts anew keeps containers, restart counts and back-offs", async () => {
    await using cluster = await Cluster.start({ script: () => ({ exitAfterMs: 1_000, exitCode: 1 }) });
    const eyes = new Eyes(cluster);
    await cluster.apply([
      { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    ] as never);
    const inBackOff = (count: number) => (pod: Pod) =>
      containerOf(pod).restartCount === count && containerOf(pod).state?.waiting?.reason === "CrashLoopBackOff";
    await eyes.untilPod("web", inBackOff(2));
    const machine = cluster.nodes.get("node-1")!;
    const start = cluster.clock.now();
    await machine.stopKubelet();
    await machine.startKubelet();
    await eyes.untilPod("web", (pod) => containerOf(pod).restartCount === 3 && containerOf(pod).state?.running !== undefined);
    expect(cluster.clock.now() - start).toBe(20_000);
  });
});
