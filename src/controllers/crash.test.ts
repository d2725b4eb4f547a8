// Every controller, killed after each few of its writes and started again, reaches the same end as one that never was.

import { describe, expect, it } from "vitest";
import { silentLog } from "../base/log.ts";
import { createInformer } from "../client/informer.ts";
import { deploymentKind } from "../kinds/apps/deployment.ts";
import { replicaSetKind } from "../kinds/apps/replica-set.ts";
import { endpointsKind } from "../kinds/core/endpoints.ts";
import { namespaceKind } from "../kinds/core/namespace.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceAccountKind } from "../kinds/core/service-account.ts";
import { serviceKind } from "../kinds/core/service.ts";
import { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
import { ControlPlane, deployment, service, sorted } from "./control-plane.laws.ts";

/** What must be the same however often the controllers are killed: everything but names, times and versions. */
async function endState(plane: ControlPlane): Promise<unknown> {
  const pods = await plane.list(podKind);
  const sets = await plane.list(replicaSetKind);
  const web = await plane.client.of(deploymentKind, "default").get("web");
  const slices = (await plane.list(endpointSliceKind)).filter((slice) => slice.metadata?.labels?.["kubernetes.io/service-name"] === "web");
  return {
    pods: pods.map((pod) => [pod.spec?.containers[0]?.image, pod.status?.phase]),
    sets: sorted(sets.map((set) => [set.metadata?.name, set.spec?.replicas, set.status, set.metadata?.annotations])),
    deployment: {
      ...web.status,
      conditions: sorted((web.status?.conditions ?? []).map(({ type, status, reason }) => [type, status, reason])),
    },
    endpoints: slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => endpoint.conditions)),
    accounts: (await plane.list(serviceAccountKind)).length,
    namespaces: (await plane.list(namespaceKind, "")).map((namespace) => namespace.metadata?.name),
  };
}

async function story(killAfterWrites?: number): Promise<{ readonly end: unknown; readonly kills: number }> {
  await using plane = await ControlPlane.start(killAfterWrites === undefined ? {} : { killAfterWrites });
  await plane.addNodes("n1", "n2");
  await using pods = countPods(plane);
  const api = plane.client.of(deploymentKind, "default");
  await plane.client.of(serviceKind, "default").create(service);
  await api.create(deployment(3));
  await plane.settled();
  await api.patch("web", "strategic", { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:2" }] } } } });
  await plane.settled();
  expect(pods.most, "NeverAboveSurge").toBe(4);
  await api.patch("web", "merge", { spec: { replicas: 5 } });
  await plane.settled();
  await plane.client.of(namespaceKind).create({ metadata: { name: "brief" } });
  await plane.settled();
  await plane.client.of(namespaceKind).delete("brief");
  await plane.advance(15_000);
  return { end: await endState(plane), kills: plane.kills };
}

/** Follows the pods that are not on their way out, and how many there were at most. */
function countPods(plane: ControlPlane): AsyncDisposable & { readonly most: number } {
  const { clock, random, activity } = plane;
  const pods = createInformer(plane.client.of(podKind), { clock, random, activity, log: silentLog });
  let most = 0;
  const count = (): void => {
    most = Math.max(most, pods.list().filter((pod) => pod.metadata?.deletionTimestamp === undefined).length);
  };
  pods.handle({ added: count, updated: count, deleted: count });
  pods.start();
  return {
    get most() {
      return most;
    },
    [Symbol.asyncDispose]: () => pods[Symbol.asyncDispose](),
  };
}

describe("with watches that lag", () => {
  it("a set never has more pods than asked, because it waits until it sees its own", async () => {
    await using plane = await ControlPlane.start({ watchLagMs: (target) => (target.includes("/pods?") ? 700 : 0) });
    await plane.addNodes("n1");
    await using pods = countPods(plane);
    const api = plane.client.of(replicaSetKind, "default");
    const { spec } = deployment(3);
    await api.create({
      metadata: { name: "set", namespace: "default" },
      spec: { replicas: 3, selector: spec.selector, template: spec.template },
    } as any);
    for (let step = 0; step < 20; step++) {
      await plane.clock.advance(100);
      // Something else about the set changes all the time.
      await api.patch("set", "merge", { metadata: { annotations: { step: String(step) } } });
    }
    await plane.clock.advance(10_000);
    expect(pods.most).toBe(3);
    expect((await api.get("set")).status).toMatchObject({ replicas: 3, availableReplicas: 3 });
  });
});

/** Deletion in all its ways, a node that falls silent, and Endpoints by hand. */
async function sadStory(killAfterWrites?: number): Promise<{ readonly end: unknown; readonly kills: number }> {
  await using plane = await ControlPlane.start(killAfterWrites === undefined ? {} : { killAfterWrites });
  await plane.addNodes("n1", "n2");
  const api = plane.client.of(deploymentKind, "default");
  for (const name of ["kept", "foreground", "background", "orphaned"]) {
    const labels = { app: name };
    const template = { ...deployment(2).spec.template, metadata: { labels } };
    await api.create({
      metadata: { name, namespace: "default" },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    } as any);
  }
  const { ports } = service.spec;
  await plane.client.of(serviceKind, "default").create({ metadata: { name: "db", namespace: "default" }, spec: { ports } } as any);
  const subsets = [{ addresses: [{ ip: "192.0.2.7" }], ports: [{ port: 5432 }] }];
  await plane.client.of(endpointsKind, "default").create({ metadata: { name: "db", namespace: "default" }, subsets } as any);
  await plane.settled();
  await api.delete("foreground", { propagationPolicy: "Foreground" });
  await api.delete("background", { propagationPolicy: "Background" });
  await api.delete("orphaned", { propagationPolicy: "Orphan" });
  await plane.advance(5_000);
  for (let second = 0; second < 400; second += 20) {
    await plane.heartbeat("n2");
    await plane.advance(20_000, 10_000);
  }
  await plane.client.of(nodeKind).delete("n1");
  for (let second = 0; second < 600; second += 20) {
    await plane.heartbeat("n2");
    await plane.advance(20_000, 10_000);
  }
  const end = {
    deployments: (await plane.list(deploymentKind)).map((each) => [each.metadata?.name, each.status?.availableReplicas]),
    sets: sorted(
      (await plane.list(replicaSetKind)).map((set) => [set.metadata?.ownerReferences?.length ?? 0, set.status?.availableReplicas]),
    ),
    pods: (await plane.list(podKind)).map((pod) => [pod.spec?.nodeName, pod.status?.phase]),
    slices: sorted((await plane.list(endpointSliceKind)).map((slice) => slice.endpoints?.map((endpoint) => endpoint.addresses))),
  };
  return { end, kills: plane.kills };
}

describe("killed between any two writes", () => {
  it("a sad story ends the same", { timeout: 20_000 }, async () => {
    const whole = await sadStory();
    expect(whole.end).toMatchObject({
      deployments: [["kept", 2]],
      sets: [
        [0, 2],
        [1, 2],
      ],
    });
    for (const every of [1, 3]) {
      const killed = await sadStory(every);
      expect(killed.kills).toBeGreaterThan(10);
      expect(killed.end).toEqual(whole.end);
    }
  });

  it.each([1, 2, 3, 5])("after every %i writes, the end is the same", async (every) => {
    const whole = await story();
    const killed = await story(every);
    expect(killed.kills).toBeGreaterThan(5);
    expect(killed.end).toEqual(whole.end);
  });
});
