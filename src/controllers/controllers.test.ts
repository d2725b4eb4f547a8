import { describe, expect, it } from "vitest";
import { deploymentKind } from "../kinds/apps/deployment.ts";
import { replicaSetKind } from "../kinds/apps/replica-set.ts";
import { configMapKind } from "../kinds/core/config-map.ts";
import { endpointsKind } from "../kinds/core/endpoints.ts";
import { namespaceKind } from "../kinds/core/namespace.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceAccountKind } from "../kinds/core/service-account.ts";
import { serviceKind } from "../kinds/core/service.ts";
import { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
import { ControlPlane } from "./control-plane.laws.ts";

const deployment = (replicas: number, image = "nginx:1", extra: Record<string, unknown> = {}) =>
  ({
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image, ports: [{ containerPort: 80 }] }] } },
      ...extra,
    },
  }) as any;
const service = {
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 80 }] },
} as any;

describe("the control plane at rest", () => {
  it("has what every cluster has", async () => {
    await using plane = await ControlPlane.start();
    expect((await plane.list(serviceAccountKind, "kube-system")).map((account) => account.metadata?.name)).toContain("default");
    expect((await plane.list(configMapKind)).map((map) => map.metadata?.name)).toEqual(["kube-root-ca.crt"]);
    const [kubernetes] = await plane.list(serviceKind);
    expect(kubernetes?.spec?.clusterIP).toBe("10.96.0.1");
    expect((await plane.list(endpointsKind))[0]?.subsets).toEqual([
      { addresses: [{ ip: "192.0.2.1" }], ports: [{ name: "https", port: 6443, protocol: "TCP" }] },
    ]);
    expect((await plane.list(endpointSliceKind)).map((slice) => slice.metadata?.name)).toEqual(["kubernetes"]);
    expect(plane.warnings).toEqual([]);
  });

  it("gives each node its own pod range", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1", "n2", "n3");
    const nodes = await plane.list(nodeKind, "");
    expect(nodes.map((node) => node.spec?.podCIDR)).toEqual(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"]);
    expect(plane.warnings).toEqual([]);
  });
});

describe("a deployment", () => {
  it("runs its pods on the nodes, behind its service", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1", "n2", "n3");
    await plane.client.of(serviceKind, "default").create(service);
    await plane.client.of(deploymentKind, "default").create(deployment(3));
    await plane.settled();
    const pods = await plane.list(podKind);
    expect(pods).toHaveLength(3);
    expect(new Set(pods.map((pod) => pod.spec?.nodeName)).size).toBe(3);
    const web = await plane.client.of(deploymentKind, "default").get("web");
    expect(web.status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 });
    expect(web.metadata?.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
    expect(web.status?.conditions?.map(({ type, status, reason }) => `${type}=${status} ${reason}`).toSorted()).toEqual([
      "Available=True MinimumReplicasAvailable",
      "Progressing=True NewReplicaSetAvailable",
    ]);
    const slices = (await plane.list(endpointSliceKind)).filter(
      (slice) => slice.metadata?.labels?.["kubernetes.io/service-name"] === "web",
    );
    expect(slices).toHaveLength(1);
    expect(slices[0]?.endpoints).toHaveLength(3);
    expect(slices[0]?.endpoints?.every((endpoint) => endpoint.conditions?.ready === true)).toBe(true);
    expect(slices[0]?.ports).toEqual([{ name: "", port: 80, protocol: "TCP" }]);
    expect((await plane.list(endpointsKind)).find((endpoints) => endpoints.metadata?.name === "web")?.subsets?.[0]?.addresses).toHaveLength(
      3,
    );
    const events = await plane.client.request<any>("GET", "/api/v1/namespaces/default/events");
    const reasons = new Set(events.items.map((event: any) => `${event.involvedObject.kind} ${event.reason}`));
    expect([...reasons].toSorted()).toEqual(["Deployment ScalingReplicaSet", "Pod Scheduled", "ReplicaSet SuccessfulCreate"]);
    expect(plane.warnings).toEqual([]);
  });

  it("rolls to a new template and keeps its history", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(4));
    await plane.settled();
    for (const image of ["nginx:2", "nginx:3"]) {
      await api.patch("web", "strategic", { spec: { template: { spec: { containers: [{ name: "web", image }] } } } });
      await plane.settled();
    }
    const pods = await plane.list(podKind);
    expect(pods.map((pod) => pod.spec?.containers[0]?.image)).toEqual(["nginx:3", "nginx:3", "nginx:3", "nginx:3"]);
    const sets = await plane.list(replicaSetKind);
    expect(sets.map((set) => [set.metadata?.annotations?.["deployment.kubernetes.io/revision"], set.spec?.replicas]).toSorted()).toEqual([
      ["1", 0],
      ["2", 0],
      ["3", 4],
    ]);
    expect((await api.get("web")).status).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4 });
    expect(plane.warnings).toEqual([]);
  });

  it("says so when its rollout gets stuck, and keeps the old pods", async () => {
    await using plane = await ControlPlane.start({ unready: (pod) => pod.spec?.containers[0]?.image === "broken" });
    await plane.addNodes("n1");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(4, "nginx:1", { progressDeadlineSeconds: 10 }));
    await plane.settled();
    await api.patch("web", "strategic", { spec: { template: { spec: { containers: [{ name: "web", image: "broken" }] } } } });
    await plane.advance(30_000);
    const web = await api.get("web");
    const progressing = web.status?.conditions?.find((condition) => condition.type === "Progressing");
    expect(progressing).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" });
    expect(progressing?.message).toMatch(/^ReplicaSet "web-.*" has timed out progressing\.$/);
    const images = (await plane.list(podKind)).map((pod) => pod.spec?.containers[0]?.image).toSorted();
    expect(images).toEqual(["broken", "broken", "nginx:1", "nginx:1", "nginx:1"]);
  });

  it("recreates: no new pod before the last old one is gone", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(2, "nginx:1", { strategy: { type: "Recreate" } }));
    await plane.settled();
    await api.patch("web", "strategic", { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:2" }] } } } });
    await plane.settled();
    expect((await plane.list(podKind)).map((pod) => pod.spec?.containers[0]?.image)).toEqual(["nginx:2", "nginx:2"]);
  });

  it("goes with everything it owns", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(2));
    await plane.settled();
    await api.delete("web", { propagationPolicy: "Foreground" });
    await plane.advance(2_000);
    expect(await plane.list(podKind)).toEqual([]);
    expect(await plane.list(replicaSetKind)).toEqual([]);
    expect(await plane.list(deploymentKind)).toEqual([]);
    await api.create(deployment(2));
    await plane.settled();
    await api.delete("web", { propagationPolicy: "Orphan" });
    await plane.advance(2_000);
    const [orphan] = await plane.list(replicaSetKind);
    expect(orphan?.metadata?.ownerReferences).toBeUndefined();
    expect(await plane.list(podKind)).toHaveLength(2);
  });
});

describe("a namespace", () => {
  it("is emptied, pods first, and then gone", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    await plane.client.of(namespaceKind).create({ metadata: { name: "doomed" } });
    await plane.settled();
    await plane.client.of(deploymentKind, "doomed").create({ ...deployment(2), metadata: { name: "web", namespace: "doomed" } });
    await plane.client
      .of(configMapKind, "doomed")
      .create({ metadata: { name: "held", namespace: "doomed", finalizers: ["example.com/hold"] } } as any);
    await plane.settled();
    await plane.client.of(namespaceKind).delete("doomed");
    await plane.advance(20_000);
    const going = await plane.client.of(namespaceKind).get("doomed");
    expect(going.status?.phase).toBe("Terminating");
    expect(going.status?.conditions?.find((condition) => condition.type === "NamespaceFinalizersRemaining")).toMatchObject({
      status: "True",
      message: "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    });
    await plane.client.of(configMapKind, "doomed").patch("held", "merge", { metadata: { finalizers: null } });
    await plane.advance(20_000);
    await expect(plane.client.of(namespaceKind).get("doomed")).rejects.toMatchObject({ reason: "NotFound" });
  });
});

describe("a silent node", () => {
  it("becomes Unknown, is tainted, and loses its pods to others", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1", "n2");
    await plane.client.of(deploymentKind, "default").create(deployment(2));
    await plane.settled();
    for (let second = 0; second < 400; second += 20) {
      await plane.heartbeat("n2");
      await plane.advance(20_000, 5_000);
    }
    const n1 = await plane.client.of(nodeKind).get("n1");
    expect(n1.status?.conditions?.find((condition) => condition.type === "Ready")).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    expect(n1.spec?.taints?.map((taint) => `${taint.key}:${taint.effect}`).toSorted()).toEqual([
      "node.kubernetes.io/unreachable:NoExecute",
      "node.kubernetes.io/unreachable:NoSchedule",
    ]);
    const pods = await plane.list(podKind);
    const running = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    expect(running.map((pod) => pod.spec?.nodeName)).toEqual(["n2", "n2"]);
    await plane.client.of(nodeKind).delete("n1");
    await plane.advance(80_000, 10_000);
    expect(await plane.list(podKind)).toHaveLength(2);
  });
});

/** What must be the same however often the controllers are killed: everything but names, times and versions. */
async function endState(plane: ControlPlane): Promise<unknown> {
  const pods = await plane.list(podKind);
  const sets = await plane.list(replicaSetKind);
  const web = await plane.client.of(deploymentKind, "default").get("web");
  const slices = (await plane.list(endpointSliceKind)).filter((slice) => slice.metadata?.labels?.["kubernetes.io/service-name"] === "web");
  return {
    pods: pods.map((pod) => [pod.spec?.containers[0]?.image, pod.status?.phase]),
    sets: sets.map((set) => [set.metadata?.name, set.spec?.replicas, set.status, set.metadata?.annotations]).toSorted(),
    deployment: { ...web.status, conditions: web.status?.conditions?.map(({ type, status, reason }) => [type, status, reason]).toSorted() },
    endpoints: slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => endpoint.conditions)),
    accounts: (await plane.list(serviceAccountKind)).length,
    namespaces: (await plane.list(namespaceKind, "")).map((namespace) => namespace.metadata?.name),
  };
}

async function story(killAfterWrites?: number): Promise<{ readonly end: unknown; readonly kills: number }> {
  await using plane = await ControlPlane.start(killAfterWrites === undefined ? {} : { killAfterWrites });
  await plane.addNodes("n1", "n2");
  const api = plane.client.of(deploymentKind, "default");
  await plane.client.of(serviceKind, "default").create(service);
  await api.create(deployment(3));
  await plane.settled();
  await api.patch("web", "strategic", { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:2" }] } } } });
  await plane.settled();
  await api.patch("web", "merge", { spec: { replicas: 5 } });
  await plane.settled();
  await plane.client.of(namespaceKind).create({ metadata: { name: "brief" } });
  await plane.settled();
  await plane.client.of(namespaceKind).delete("brief");
  await plane.advance(15_000);
  return { end: await endState(plane), kills: plane.kills };
}

describe("killed between any two writes", () => {
  it.each([1, 2, 3, 5])("after every %i writes, the end is the same", async (every) => {
    const whole = await story();
    const killed = await story(every);
    expect(killed.kills).toBeGreaterThan(5);
    expect(killed.end).toEqual(whole.end);
  });
});
