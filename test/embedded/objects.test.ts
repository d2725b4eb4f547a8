// What happens to objects as such: namespaces and owners that end, finalizers, tokens, rights, events, watches, field ownership.

import { describe, expect, test } from "vitest";
import { replicaSetKind } from "../../src/kinds/apps/replica-set.ts";
import { configMapKind } from "../../src/kinds/core/config-map.ts";
import { deploymentKind } from "../../src/kinds/apps/deployment.ts";
import { namespaceKind } from "../../src/kinds/core/namespace.ts";
import { nodeKind } from "../../src/kinds/core/node.ts";
import { podKind } from "../../src/kinds/core/pod.ts";
import { secretKind } from "../../src/kinds/core/secret.ts";
import { serviceAccountKind } from "../../src/kinds/core/service-account.ts";
import { endpointSliceKind } from "../../src/kinds/discovery/endpoint-slice.ts";
import { Cluster } from "../../src/main/cluster.ts";
import type { ApiObject, Kind } from "../../src/object/kind.ts";
import { StatusError } from "../../src/object/status.ts";
import { example, Eyes, isReady } from "./eyes.ts";

const map = (name: string, extra: object = {}, data: object = {}): never =>
  ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...extra }, data }) as never;
async function refusal(work: Promise<unknown>): Promise<StatusError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StatusError) return error;
  throw new Error(`not refused: ${String(error)}`);
}
async function exists(cluster: Cluster, kind: Kind<any>, namespace: string, name: string): Promise<boolean> {
  return (await cluster.client.of(kind, namespace).list()).items.some(({ metadata }: ApiObject) => metadata!.name === name);
}

describe("endings", () => {
  test("a namespace takes everything in it along, pods gracefully", async () => {
    await using cluster = await Cluster.start({ nodes: 2, script: () => ({ stopAfterMs: 4_000 }) });
    await cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } }] as never);
    const text = example("deployment.yaml").replaceAll(/^metadata:\n {2}name: /gm, "metadata:\n  namespace: team\n  name: ");
    await cluster.apply(text);
    await cluster.settled();
    const eyes = new Eyes(cluster, "team");
    expect((await eyes.pods()).map(isReady)).toEqual([true, true, true]);
    const start = cluster.clock.now();
    await cluster.client.of(namespaceKind).delete("team");
    expect((await cluster.client.of(namespaceKind).get("team")).status!.phase).toBe("Terminating");
    await expect(cluster.apply(map("late", { namespace: "team" }))).rejects.toThrow(
      "unable to create new content in namespace team because it is being terminated",
    );
    await cluster.until(async () => !(await exists(cluster, namespaceKind, "", "team")), { within: 60_000 });
    expect(cluster.clock.now() - start).toBeGreaterThanOrEqual(4_000);
    await cluster.settled();
    const left = await cluster.client.request<{ items: readonly unknown[] }>("GET", "/api/v1/namespaces/team/pods");
    expect(left.items).toEqual([]);
    expect(await cluster.nodes.get("node-1")!.runtime.listSandboxes()).toEqual([]);
  });

  test("a finalizer holds a namespace, and the namespace says what it waits for", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    await cluster.apply([
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } },
      map("held", { namespace: "team", finalizers: ["example.com/hold"] }),
    ] as never);
    await cluster.client.of(namespaceKind).delete("team");
    await cluster.clock.advance(30_000);
    const { status } = await cluster.client.of(namespaceKind).get("team");
    expect(status!.conditions!.filter((one) => one.status === "True").map((one) => `${one.type} ${one.reason}`)).toEqual([
      "NamespaceContentRemaining SomeResourcesRemain",
      "NamespaceFinalizersRemaining SomeFinalizersRemain",
    ]);
    await cluster.client.of(configMapKind, "team").patch("held", "merge", { metadata: { finalizers: null } });
    await cluster.until(async () => !(await exists(cluster, namespaceKind, "", "team")), { within: 120_000 });
  });

  test("background: the owner goes at once, its dependents follow", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    await cluster.client.of(deploymentKind, "default").delete("nginx-deployment", { propagationPolicy: "Background" });
    expect(await exists(cluster, deploymentKind, "default", "nginx-deployment")).toBe(false);
    await cluster.settled();
    expect(await eyes.replicaSets()).toEqual([]);
    expect(await eyes.pods()).toEqual([]);
    const slices = await cluster.client.of(endpointSliceKind, "default").list({ labelSelector: "kubernetes.io/service-name=nginx" });
    expect(slices.items.flatMap((slice) => slice.endpoints ?? [])).toEqual([]);
  });

  test("foreground: the owner stays until its dependents are gone", async () => {
    await using cluster = await Cluster.start({ script: () => ({ stopAfterMs: 5_000 }) });
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    await cluster.client.of(deploymentKind, "default").delete("nginx-deployment", { propagationPolicy: "Foreground" });
    await cluster.clock.advance(3_000);
    const waiting = await eyes.deployment("nginx-deployment");
    expect(waiting.metadata!.finalizers).toEqual(["foregroundDeletion"]);
    expect(waiting.metadata!.deletionTimestamp).toBeDefined();
    await cluster.clock.advance(3_000);
    expect(await eyes.pods()).toEqual([]);
    expect(await exists(cluster, deploymentKind, "default", "nginx-deployment")).toBe(false);
  });

  test("orphan: the dependents live on without an owner, and can be adopted again", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    const names = (await eyes.pods()).map(({ metadata }) => metadata!.name);
    await cluster.client.of(deploymentKind, "default").delete("nginx-deployment", { propagationPolicy: "Orphan" });
    await cluster.settled();
    const [set] = await eyes.replicaSets();
    expect(set!.metadata!.ownerReferences ?? []).toEqual([]);
    await cluster.client.of(replicaSetKind, "default").delete(set!.metadata!.name!, { propagationPolicy: "Orphan" });
    await cluster.settled();
    expect((await eyes.pods()).map(({ metadata }) => [metadata!.name, metadata!.ownerReferences ?? []])).toEqual(
      names.map((name) => [name, []]),
    );
    await cluster.apply(example("deployment.yaml"));
    await cluster.settled();
    expect((await eyes.pods()).map(({ metadata }) => metadata!.name)).toEqual(names);
    expect((await eyes.deployment("nginx-deployment")).status).toMatchObject({ replicas: 3, readyReplicas: 3 });
  });

  test("a finalizer keeps an object in sight until it is taken away", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    await cluster.apply(map("held", { finalizers: ["example.com/hold"] }));
    const maps = cluster.client.of(configMapKind, "default");
    await maps.delete("held");
    expect((await maps.get("held")).metadata!.deletionTimestamp).toBeDefined();
    expect(
      (await refusal(maps.patch("held", "merge", { metadata: { finalizers: ["example.com/hold", "example.com/more"] } }))).message,
    ).toContain("no new finalizers can be added if the object is being deleted");
    await maps.patch("held", "merge", { metadata: { finalizers: [] } });
    expect(await exists(cluster, configMapKind, "default", "held")).toBe(false);
  });
});

describe("who may what", () => {
  test("a pod's token says who the pod is, until the pod ends", async () => {
    await using cluster = await Cluster.start();
    await cluster.apply(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: robot }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { serviceAccountName: robot, containers: [{ name: web, image: "web:1" }] }
`);
    await cluster.settled();
    const token = (await cluster.exec("web", ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"])).stdout;
    expect((await cluster.exec("web", ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/namespace"])).stdout).toBe("default");
    const review = (): Promise<{ status: { authenticated?: boolean; user?: { username: string; extra: Record<string, string[]> } } }> =>
      cluster.client.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token },
      });
    expect((await review()).status).toMatchObject({
      authenticated: true,
      user: {
        username: "system:serviceaccount:default:robot",
        extra: { "authentication.kubernetes.io/pod-name": ["web"], "authentication.kubernetes.io/node-name": ["node-1"] },
      },
    });
    await cluster.clock.advance(65 * 60_000);
    const renewed = (await cluster.exec("web", ["cat", "/var/run/secrets/kubernetes.io/serviceaccount/token"])).stdout;
    expect(renewed).not.toBe(token);
    expect((await review()).status.authenticated ?? false).toBe(false);
    await cluster.client.of(podKind, "default").delete("web");
    await cluster.settled();
    const ended = await cluster.client.request<{ status: { authenticated?: boolean } }>(
      "POST",
      "/apis/authentication.k8s.io/v1/tokenreviews",
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token: renewed },
      },
    );
    expect(ended.status.authenticated ?? false).toBe(false);
  });

  test("roles give exactly what they say, in their namespace", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: reader }
rules: [{ apiGroups: [""], resources: [configmaps], resourceNames: [open], verbs: [get] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: robot-reads }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader }
subjects: [{ kind: ServiceAccount, name: robot, namespace: default }]
`);
    await cluster.apply([map("open", {}, { a: "1" }), map("closed")] as never);
    const robot = cluster.as("system:serviceaccount:default:robot").of(configMapKind, "default");
    expect((await robot.get("open")).data).toEqual({ a: "1" });
    expect((await refusal(robot.get("closed"))).message).toBe(
      'configmaps "closed" is forbidden: User "system:serviceaccount:default:robot" cannot get resource "configmaps" in API group "" in the namespace "default"',
    );
    expect((await refusal(robot.list())).reason).toBe("Forbidden");
  });

  test("a node reads what its own pods need and touches no other node", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    await cluster.apply(`
apiVersion: v1
kind: Secret
metadata: { name: mine }
---
apiVersion: v1
kind: Secret
metadata: { name: other }
---
apiVersion: v1
kind: Pod
metadata: { name: web }
spec: { nodeName: node-1, containers: [{ name: web, image: "web:1", envFrom: [{ secretRef: { name: mine } }] }] }
`);
    await cluster.settled();
    const node = cluster.as({ name: "system:node:node-1", groups: ["system:nodes"] });
    await node.of(secretKind, "default").get("mine");
    expect((await refusal(node.of(secretKind, "default").get("other"))).message).toContain(
      "no relationship found between node 'node-1' and this object",
    );
    expect((await refusal(node.of(nodeKind).patch("node-2", "merge", { metadata: { labels: { a: "b" } } }))).message).toContain(
      'node "node-1" is not allowed to modify node "node-2"',
    );
    expect(
      (
        await refusal(
          cluster
            .as({ name: "system:node:node-2", groups: ["system:nodes"] })
            .of(secretKind, "default")
            .get("mine"),
        )
      ).reason,
    ).toBe("Forbidden");
    expect(
      (await refusal(node.of(nodeKind).patch("node-1", "merge", { spec: { taints: [{ key: "mine", effect: "NoSchedule" }] } }))).reason,
    ).toBe("Forbidden");
  });
});

describe("events", () => {
  test("count what happens again, and are forgotten after an hour", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply([
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web" },
        spec: { nodeSelector: { moon: "yes" }, containers: [{ name: "a", image: "a" }] },
      },
    ] as never);
    await cluster.clock.advance(20 * 60_000);
    const failed = (await eyes.eventsOf("Pod", "web")).filter(({ reason }) => reason === "FailedScheduling");
    expect(failed).toHaveLength(1);
    expect(failed[0]!.count ?? failed[0]!.series?.count).toBeGreaterThan(1);
    await cluster.client.of(podKind, "default").delete("web");
    await cluster.clock.advance(61 * 60_000);
    expect(await eyes.eventsOf("Pod", "web")).toEqual([]);
  });
});

describe("watching and writing", () => {
  test("a watch from an old version replays; from a compacted one it is told to list again", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    const maps = cluster.client.of(configMapKind, "default");
    const { resourceVersion } = await maps.list();
    for (const name of ["a", "b"]) await cluster.apply(map(name));
    await maps.delete("a");
    const stop = new AbortController();
    const told: string[] = [];
    for await (const { type, object } of maps.watch({ resourceVersion }, stop.signal)) {
      told.push(`${type} ${object.metadata!.name}`);
      if (told.length === 3) break;
    }
    expect(told).toEqual(["ADDED a", "ADDED b", "DELETED a"]);
    await cluster.clock.advance(11 * 60_000);
    const error = await refusal(maps.watch({ resourceVersion }, stop.signal)[Symbol.asyncIterator]().next());
    expect(error.code).toBe(410);
    expect(error.message).toMatch(/^too old resource version: /);
  });

  test("bookmarks tell how far a quiet watch is", async () => {
    await using cluster = await Cluster.start({ nodes: 1 });
    const stop = new AbortController();
    const { resourceVersion } = await cluster.client.of(secretKind, "default").list();
    const events = cluster.client
      .of(secretKind, "default")
      .watch({ resourceVersion, allowBookmarks: true }, stop.signal)
      [Symbol.asyncIterator]();
    const next = events.next();
    await cluster.clock.advance(61_000);
    const { value } = await next;
    expect(value!.type).toBe("BOOKMARK");
    expect(Number(value!.object.metadata!.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    stop.abort(new Error("enough"));
  });

  test("server-side apply: two owners of one field conflict, force decides, giving up a field removes it", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    const maps = cluster.client.of(configMapKind, "default");
    const applyAs = (fieldManager: string, data: object, force = false): Promise<unknown> =>
      maps.patch("shared", "apply", map("shared", {}, data), { fieldManager, force });
    await applyAs("one", { a: "1", b: "1" });
    const conflict = await refusal(applyAs("two", { a: "2" }));
    expect(conflict.reason).toBe("Conflict");
    expect(conflict.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.a');
    await applyAs("two", { a: "2" }, true);
    await applyAs("one", {});
    expect((await maps.get("shared")).data).toEqual({ a: "2" });
    await applyAs("two", {});
    expect((await maps.get("shared")).data ?? {}).toEqual({});
  });

  test("an update from an old version conflicts", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    await cluster.apply(map("a"));
    const maps = cluster.client.of(configMapKind, "default");
    const old = await maps.get("a");
    await maps.update({ ...old, data: { x: "1" } });
    expect((await refusal(maps.update({ ...old, data: { x: "2" } }))).message).toBe(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test("a pod's generation counts its user's changes, not its placement", async () => {
    await using cluster = await Cluster.start();
    const eyes = new Eyes(cluster);
    await cluster.apply([
      { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    ] as never);
    await cluster.settled();
    const { metadata, status } = await eyes.pod("web");
    expect([metadata!.generation, status!.observedGeneration]).toEqual([1, 1]);
    await cluster.client.of(podKind, "default").patch("web", "strategic", { spec: { containers: [{ name: "web", image: "web:2" }] } });
    await cluster.settled();
    const changed = await eyes.pod("web");
    expect([changed.metadata!.generation, changed.status!.observedGeneration]).toEqual([2, 2]);
    expect(changed.status!.containerStatuses![0]).toMatchObject({ image: "web:2", restartCount: 1 });
  });

  test("a service account appears in every new namespace before pods need it", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    await cluster.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "team" } }] as never);
    await cluster.settled();
    await cluster.client.of(serviceAccountKind, "team").get("default");
    expect(Object.keys((await cluster.client.of(configMapKind, "team").get("kube-root-ca.crt")).data!)).toEqual(["ca.crt"]);
  });
});
