// The contract of the embedded cluster: rest, time, seeds, side by side, nothing left behind, doors.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseKubeconfig } from "../client/kubeconfig.ts";
import { createDialer } from "../host/http/dial.ts";
import { SeededRandom, randomInt } from "../base/random.ts";
import { decodeBase64 } from "../base/base64.ts";
import { deploymentKind } from "../kinds/apps/deployment.ts";
import { configMapKind } from "../kinds/core/config-map.ts";
import { namespaceKind } from "../kinds/core/namespace.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceAccountKind } from "../kinds/core/service-account.ts";
import { StatusError } from "../object/status.ts";
import { dump } from "../../test/embedded/dump.ts";
import { Cluster } from "./cluster.ts";

const deployment = readFileSync(join(import.meta.dirname, "../../examples/deployment.yaml"), "utf8");
const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  expect(warnings.splice(0)).toEqual([]);
});

const textOf = (base64: string): string => new TextDecoder().decode(decodeBase64(base64));

describe("rest", () => {
  test("a new cluster is ready to be used: nodes Ready, default account there, nothing due", async () => {
    await using cluster = await Cluster.start({ nodes: 3 });
    const nodes = (await cluster.client.of(nodeKind).list()).items;
    expect(nodes.map((node) => node.metadata!.name)).toEqual(["node-1", "node-2", "node-3"]);
    for (const node of nodes) {
      expect(node.status!.conditions!.find(({ type }) => type === "Ready")!.status).toBe("True");
      expect(node.spec!.taints ?? []).toEqual([]);
    }
    await cluster.client.of(serviceAccountKind, "default").get("default");
    expect((await cluster.client.of(namespaceKind).list()).items.map(({ metadata }) => metadata!.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
  });

  test("settled means that everything that follows from an apply has happened, without time", async () => {
    await using cluster = await Cluster.start({ nodes: 3 });
    const before = cluster.clock.now();
    await cluster.apply(deployment);
    await cluster.settled();
    expect(cluster.clock.now()).toBe(before);
    const { status } = await cluster.client.of(deploymentKind, "default").get("nginx-deployment");
    expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, availableReplicas: 3, updatedReplicas: 3, observedGeneration: 1 });
  });

  test("at rest, nothing moves however often the loop turns", async () => {
    await using cluster = await Cluster.start({ nodes: 2 });
    await cluster.apply(deployment);
    await cluster.settled();
    const before = await dump(cluster);
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await dump(cluster)).toBe(before);
  });

  test("what only time can end is named, with the advice to advance the clock", async () => {
    await using cluster = await Cluster.start({ latencyMs: { pull: 30_000 } });
    await cluster.apply(deployment);
    await expect(cluster.settled()).rejects.toThrow(/waits for time to pass: advance the clock; busy: /);
    await cluster.clock.advance(30_000);
    await cluster.settled();
    expect((await cluster.client.of(deploymentKind, "default").get("nginx-deployment")).status!.readyReplicas).toBe(3);
  });

  test("a watch that the test holds and does not read is named", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    const events = cluster.client.of(configMapKind, "default").watch({}, new AbortController().signal)[Symbol.asyncIterator]();
    await events.next();
    await cluster.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}");
    await expect(cluster.settled()).rejects.toThrow("a watch that somebody holds has events that nobody reads");
    await events.return!(undefined);
    await cluster.settled();
  });

  test.each([1, 2, 3])("after any burst of work, settled is the end of it (seed %i)", async (seed) => {
    const random = new SeededRandom(seed);
    await using cluster = await Cluster.start({ nodes: 2, seed });
    await cluster.apply(deployment);
    const deployments = cluster.client.of(deploymentKind, "default");
    for (let burst = 0; burst < 3; burst++) {
      const pods = (await cluster.client.of(podKind, "default").list()).items;
      const scale = deployments.patch("nginx-deployment", "merge", { spec: { replicas: randomInt(random, 6) } });
      const image = deployments.patch("nginx-deployment", "strategic", {
        spec: { template: { spec: { containers: [{ name: "nginx", image: `nginx:${randomInt(random, 9)}` }] } } },
      });
      const deleted = pods
        .slice(0, randomInt(random, 3))
        .map(({ metadata }) => cluster.client.of(podKind, "default").delete(metadata!.name!));
      await Promise.all([scale, image, ...deleted]);
      await cluster.settled();
      const before = await dump(cluster);
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(await dump(cluster)).toBe(before);
    }
  });
});

describe("time", () => {
  test("stands still unless advanced, and moves exactly so far", async () => {
    await using cluster = await Cluster.start();
    const start = cluster.clock.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(cluster.clock.now()).toBe(start);
    await cluster.clock.advance(3_600_000);
    expect(cluster.clock.now()).toBe(start + 3_600_000);
    expect((await cluster.client.of(nodeKind).get("node-1")).status!.conditions!.find(({ type }) => type === "Ready")!.status).toBe("True");
  });

  test("until stops when the condition holds, and says so when it never does", async () => {
    await using cluster = await Cluster.start();
    const start = cluster.clock.now();
    await cluster.until(() => cluster.clock.now() >= start + 60_000);
    expect(cluster.clock.now() - start).toBeLessThan(75_000);
    await expect(cluster.until(() => false, { within: 10_000 })).rejects.toThrow("condition not met within 10000 ms of virtual time");
  });

  test("negative or fractional time is refused or taken, never confused", async () => {
    await using cluster = await Cluster.start();
    await expect(cluster.clock.advance(-1)).rejects.toThrow("time only moves forward");
    await expect(cluster.clock.advance(Number.NaN)).rejects.toThrow("time only moves forward");
  });

  test("a real clock settles too and cannot be advanced", async () => {
    await using cluster = await Cluster.start({ nodes: 2, clock: "real" });
    expect(Math.abs(cluster.clock.now() - Date.now())).toBeLessThan(1000);
    await cluster.apply(deployment);
    await cluster.until(
      async () => (await cluster.client.of(deploymentKind, "default").get("nginx-deployment")).status?.readyReplicas === 3,
      { within: 10_000 },
    );
    await cluster.settled();
    await expect(cluster.clock.advance(1)).rejects.toThrow('start it with clock: "virtual"');
  });
});

describe("seeds", () => {
  async function run(seed: number): Promise<string> {
    await using cluster = await Cluster.start({ nodes: 3, seed });
    await cluster.apply(deployment);
    await cluster.settled();
    const [pod] = (await cluster.client.of(podKind, "default").list()).items;
    await cluster.client.of(podKind, "default").delete(pod!.metadata!.name!);
    await cluster.clock.advance(120_000);
    return await dump(cluster);
  }

  test("the same seed gives every object again, to the resource version", async () => {
    const first = await run(7);
    expect(first.length).toBeGreaterThan(50_000);
    expect(await run(7)).toBe(first);
  });

  test("another seed gives other names", async () => {
    expect(await run(8)).not.toBe(await run(7));
  });

  test("two clusters at once do not disturb each other", async () => {
    const alone = await run(3);
    const [one, other] = await Promise.all([run(3), run(4)]);
    expect(one).toBe(alone);
    expect(other).not.toBe(alone);
  });

  test("how time is cut does not matter", async () => {
    const after = async (steps: number): Promise<string> => {
      await using cluster = await Cluster.start({ nodes: 2, latencyMs: { pull: 1300, start: 60 } });
      await cluster.apply(deployment);
      for (let step = 0; step < steps; step++) await cluster.clock.advance(60_000 / steps);
      return await dump(cluster);
    };
    expect(await after(60)).toBe(await after(1));
  });
});

describe("end", () => {
  test("nothing is left: no timer, no listener, no request", async () => {
    const handles = process.getActiveResourcesInfo().length;
    const cluster = await Cluster.start({ nodes: 2 });
    await cluster.apply(deployment);
    await cluster.kubeconfig();
    const watching = cluster.client.of(podKind).watch({}, new AbortController().signal)[Symbol.asyncIterator]();
    await watching.next();
    await cluster[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
    let told = await watching.next();
    while (told.done !== true) told = await watching.next();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles);
    const { pendingTimers } = cluster.clock as unknown as { readonly pendingTimers: number };
    expect(pendingTimers).toBe(0);
  });

  test("asked after the end, it says so", async () => {
    const cluster = await Cluster.start();
    await cluster[Symbol.asyncDispose]();
    await expect(cluster.client.of(podKind, "default").list()).rejects.toThrow("stopped");
  });

  test("a cluster that is disposed in the middle of its work ends too", async () => {
    const cluster = await Cluster.start({ nodes: 2, latencyMs: { pull: 1000 } });
    await cluster.apply(deployment);
    const moving = cluster.clock.advance(500);
    await cluster[Symbol.asyncDispose]();
    await moving;
  });
});

describe("identities", () => {
  test("as(user) has that user's rights and no more", async () => {
    await using cluster = await Cluster.start();
    await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: jane-views, namespace: default }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: jane }]
`);
    const jane = cluster.as("jane");
    expect((await jane.of(podKind, "default").list()).items).toEqual([]);
    const refused = await jane
      .of(configMapKind, "default")
      .create({ metadata: { name: "x" } })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StatusError);
    expect((refused as StatusError).message).toBe(
      'configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "default"',
    );
    await expect(jane.of(podKind, "kube-system").list()).rejects.toThrow(
      'cannot list resource "pods" in API group "" in the namespace "kube-system"',
    );
  });

  test("a service account's groups come with its name", async () => {
    await using cluster = await Cluster.start();
    const account = cluster.as("system:serviceaccount:default:default");
    const review = await account.request<{ status: { userInfo: { groups: string[] } } }>(
      "POST",
      "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "SelfSubjectReview",
      },
    );
    expect(review.status.userInfo.groups.toSorted()).toEqual([
      "system:authenticated",
      "system:serviceaccounts",
      "system:serviceaccounts:default",
    ]);
  });
});

describe("errors that help", () => {
  test("apply refuses what the server does not know", async () => {
    await using cluster = await Cluster.start();
    await expect(cluster.apply("apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}")).rejects.toThrow(
      'no matches for kind "Widget" in version "example.com/v1"',
    );
    await expect(cluster.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {}")).rejects.toThrow("without metadata.name cannot be applied");
    await expect(cluster.apply("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndatum: {}")).rejects.toThrow(
      ".datum: field not declared in schema",
    );
    await expect(cluster.exec("nobody", ["true"])).rejects.toThrow('pods "nobody" not found');
  });
  test("a wrong number of nodes is refused before anything starts", async () => {
    await expect(Cluster.start({ nodes: -1 })).rejects.toThrow("nodes must be a number from 0 to 250");
  });
  test("a list of manifests and a List are taken alike", async () => {
    await using cluster = await Cluster.start({ nodes: 0 });
    const map = (name: string): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
    await cluster.apply([map("a"), { apiVersion: "v1", kind: "List", items: [map("b"), map("c")] } as object]);
    const { items } = await cluster.client.of(configMapKind, "default").list();
    expect(items.map(({ metadata }) => metadata!.name)).toEqual(["a", "b", "c", "kube-root-ca.crt"]);
  });
});

describe("the door", () => {
  test("kubeconfig leads to a TLS listener that knows the administrator", async () => {
    await using cluster = await Cluster.start();
    const text = await cluster.kubeconfig();
    expect(await cluster.kubeconfig()).toBe(text);
    const config = parseKubeconfig(text);
    const { server, "certificate-authority-data": ca } = config.clusters![0]!.cluster! as Record<string, string>;
    const user = config.users![0]!.user! as Record<string, string>;
    await using dialer = createDialer();
    const exchange = dialer.dial(
      { scheme: "https", host: "127.0.0.1", port: Number(new URL(server!).port) },
      { caPem: textOf(ca!) },
      { certificatePem: textOf(user["client-certificate-data"]!), keyPem: textOf(user["client-key-data"]!) },
    );
    const response = await exchange(
      { method: "GET", target: "/api/v1/nodes", headers: { accept: "application/json" }, peer: { address: "" } },
      new AbortController().signal,
    );
    expect(response.status).toBe(200);
    let body = "";
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) body += new TextDecoder().decode(chunk, { stream: true });
    expect(body).toContain('"node-1"');
  });
});
