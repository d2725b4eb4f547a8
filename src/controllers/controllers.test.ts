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
import { ControlPlane, deployment, service, sorted } from "./control-plane.laws.ts";

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
  it.each([true, false])("runs its pods on the nodes, behind its service, decoded: %s", async (decoded) => {
    await using plane = await ControlPlane.start({ decoded });
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
    expect(sorted([...reasons])).toEqual(["Deployment ScalingReplicaSet", "Pod Scheduled", "ReplicaSet SuccessfulCreate"]);
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
    expect(sorted(sets.map((set) => [set.metadata?.annotations?.["deployment.kubernetes.io/revision"], set.spec?.replicas]))).toEqual([
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
    const images = sorted((await plane.list(podKind)).map((pod) => pod.spec?.containers[0]?.image));
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

describe("a deployment that is changed midway", () => {
  const image = (name: string) => ({ spec: { template: { spec: { containers: [{ name: "web", image: name }] } } } });

  it("stands still while paused, scales all its sets in proportion, and goes on when resumed", async () => {
    await using plane = await ControlPlane.start({ unready: (pod) => pod.spec?.containers[0]?.image === "slow" });
    await plane.addNodes("n1", "n2");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(10, "nginx:1", { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }));
    await plane.settled();
    await api.patch("web", "strategic", image("slow"));
    await plane.settled();
    const sizes = async () => (await plane.list(replicaSetKind)).map((set) => set.spec?.replicas ?? 0).toSorted((a, b) => b - a);
    expect(await sizes()).toEqual([8, 5]);
    await api.patch("web", "merge", { spec: { paused: true } });
    await plane.settled();
    expect((await api.get("web")).status?.conditions?.find((condition) => condition.type === "Progressing")).toMatchObject({
      status: "Unknown",
      reason: "DeploymentPaused",
    });
    await api.patch("web", "merge", { spec: { replicas: 15 } });
    await plane.settled();
    expect((await sizes()).reduce((sum, size) => sum + size, 0)).toBe(18);
    expect(await sizes()).toEqual([11, 7]);
    await api.patch("web", "strategic", image("nginx:2"));
    await plane.settled();
    expect(await plane.list(replicaSetKind)).toHaveLength(2);
    await api.patch("web", "merge", { spec: { paused: null } });
    await plane.settled();
    const pods = await plane.list(podKind);
    expect([pods.length, new Set(pods.map((pod) => pod.spec?.containers[0]?.image))]).toEqual([15, new Set(["nginx:2"])]);
  });

  it("keeps as much history as asked, and returns to an old template as a new revision", async () => {
    await using plane = await ControlPlane.start();
    await plane.addNodes("n1");
    const api = plane.client.of(deploymentKind, "default");
    await api.create(deployment(1, "nginx:1", { revisionHistoryLimit: 1 }));
    await plane.settled();
    for (const name of ["nginx:2", "nginx:3", "nginx:2"]) {
      await api.patch("web", "strategic", image(name));
      await plane.settled();
    }
    const sets = await plane.list(replicaSetKind);
    const revisions = sets.map((set) => [
      set.spec?.template?.spec?.containers[0]?.image,
      set.metadata?.annotations?.["deployment.kubernetes.io/revision"],
      set.metadata?.annotations?.["deployment.kubernetes.io/revision-history"],
    ]);
    expect(sorted(revisions)).toEqual([
      ["nginx:2", "4", "2"],
      ["nginx:3", "3", undefined],
    ]);
    expect((await api.get("web")).metadata?.annotations?.["deployment.kubernetes.io/revision"]).toBe("4");
  });
});

describe("a service without a selector", () => {
  it("has its hand-written Endpoints mirrored, until they go", async () => {
    await using plane = await ControlPlane.start();
    const { ports } = service.spec;
    await plane.client.of(serviceKind, "default").create({ metadata: { name: "db", namespace: "default" }, spec: { ports } } as any);
    const subsets = [
      { addresses: [{ ip: "192.0.2.7" }, { ip: "192.0.2.8" }], notReadyAddresses: [{ ip: "192.0.2.9" }], ports: [{ port: 5432 }] },
    ];
    await plane.client.of(endpointsKind, "default").create({ metadata: { name: "db", namespace: "default" }, subsets } as any);
    await plane.settled();
    const slices = async () => (await plane.list(endpointSliceKind)).filter((slice) => slice.metadata?.name !== "kubernetes");
    const [slice] = await slices();
    expect(slice?.metadata?.labels).toMatchObject({
      "kubernetes.io/service-name": "db",
      "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    });
    expect(slice?.endpoints?.map((endpoint) => [endpoint.addresses?.[0], endpoint.conditions?.ready])).toEqual([
      ["192.0.2.7", true],
      ["192.0.2.8", true],
      ["192.0.2.9", false],
    ]);
    await plane.client.of(endpointsKind, "default").delete("db");
    await plane.settled();
    expect(await slices()).toEqual([]);
    expect(plane.warnings).toEqual([]);
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
