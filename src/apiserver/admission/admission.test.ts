import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestServer } from "../testing.laws.ts";

const pods = "/api/v1/namespaces/work/pods";
const containers = [{ name: "c", image: "nginx" }];
const merge = { type: "application/merge-patch+json" };

describe("admission, allocation and the life of objects", () => {
  let server: TestServer;
  const ensure = async (target: string, body: object): Promise<any> => {
    const answer = await server.ask("POST", target, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body;
  };
  beforeAll(async () => {
    server = await TestServer.start();
    await ensure("/api/v1/namespaces", { metadata: { name: "work" } });
    await ensure("/api/v1/namespaces/work/serviceaccounts", { metadata: { name: "default" }, imagePullSecrets: [{ name: "registry" }] });
    await ensure("/api/v1/namespaces/work/serviceaccounts", { metadata: { name: "quiet" }, automountServiceAccountToken: false });
  });
  afterEach(() => expect(server.errors).toEqual([]));
  afterAll(() => server[Symbol.asyncDispose]());

  it("gives a pod its account, token, pull secrets, tolerations and priority", async () => {
    const { spec } = await ensure(pods, { metadata: { name: "full" }, spec: { containers } });
    expect(spec).toMatchObject({
      serviceAccountName: "default",
      serviceAccount: "default",
      imagePullSecrets: [{ name: "registry" }],
      priority: 0,
      preemptionPolicy: "PreemptLowerPriority",
    });
    const [volume] = spec.volumes;
    expect(volume.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(volume.projected).toEqual({
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        { downwardAPI: { items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }] } },
      ],
    });
    expect(spec.containers[0].volumeMounts).toEqual([
      { name: volume.name, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" },
    ]);
    expect(spec.tolerations).toEqual(
      ["not-ready", "unreachable"].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
    );
  });

  it("mounts nothing where the account or the pod says so", async () => {
    expect(
      (await ensure(pods, { metadata: { name: "quiet" }, spec: { containers, serviceAccountName: "quiet" } })).spec.volumes,
    ).toBeUndefined();
    expect(
      (await ensure(pods, { metadata: { name: "own" }, spec: { containers, automountServiceAccountToken: false } })).spec.volumes,
    ).toBeUndefined();
    const missing = await server.ask("POST", pods, { metadata: { name: "x" }, spec: { containers, serviceAccountName: "nobody" } });
    expect(missing.body.message).toBe(
      'pods "x" is forbidden: error looking up service account work/nobody: serviceaccount "nobody" not found',
    );
    const classy = await server.ask("POST", pods, { metadata: { name: "x" }, spec: { containers, priorityClassName: "gold" } });
    expect(classy.body.message).toContain("no PriorityClass with name gold was found");
  });

  it("binds a pod once", async () => {
    await ensure(pods, { metadata: { name: "b" }, spec: { containers } });
    const target = { target: { kind: "Node", name: "n1" } };
    const bound = await server.ask("POST", `${pods}/b/binding`, { metadata: { name: "b" }, ...target });
    expect(bound.body).toMatchObject({ status: "Success", code: 201 });
    const pod = (await server.ask("GET", `${pods}/b`)).body;
    expect(pod.spec.nodeName).toBe("n1");
    expect(pod.status.conditions).toEqual([{ type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }]);
    const again = await server.ask("POST", `${pods}/b/binding`, { metadata: { name: "b" }, target: { kind: "Node", name: "n2" } });
    expect(again.body).toMatchObject({
      code: 409,
      message: 'Operation cannot be fulfilled on pods/binding "b": pod b is already assigned to node "n1"',
    });
    expect((await server.ask("POST", `${pods}/b/binding`, { target: {} })).status).toBe(422);
    await ensure(pods, { metadata: { name: "b2" }, spec: { containers } });
    expect((await server.ask("POST", "/api/v1/namespaces/work/bindings", { metadata: { name: "b2" }, ...target })).status).toBe(201);
  });

  it("deletes a running pod gracefully, then for good", async () => {
    await ensure(pods, { metadata: { name: "g" }, spec: { containers, nodeName: "n1" } });
    const first = await server.ask("DELETE", `${pods}/g`);
    expect(first.body.metadata).toMatchObject({ deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 });
    const same = await server.ask("DELETE", `${pods}/g`);
    expect(same.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    const longer = await server.ask("DELETE", `${pods}/g?gracePeriodSeconds=60`);
    expect(longer.body.metadata.deletionGracePeriodSeconds).toBe(30);
    const shorter = await server.ask("DELETE", `${pods}/g`, { gracePeriodSeconds: 5 });
    expect(shorter.body.metadata).toMatchObject({ deletionTimestamp: "2026-01-01T00:00:05Z", deletionGracePeriodSeconds: 5 });
    expect((await server.ask("GET", `${pods}/g`)).status).toBe(200);
    expect((await server.ask("DELETE", `${pods}/g`, { gracePeriodSeconds: 0 })).status).toBe(200);
    expect((await server.ask("GET", `${pods}/g`)).status).toBe(404);
  });

  it("evicts", async () => {
    await ensure(pods, { metadata: { name: "e" }, spec: { containers } });
    expect(
      (await server.ask("POST", `${pods}/e/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "e" } })).status,
    ).toBe(201);
    expect((await server.ask("GET", `${pods}/e`)).status).toBe(404);
  });

  it("takes addresses and ports in the Service's own transaction and gives them back", async () => {
    const services = "/api/v1/namespaces/work/services";
    const service = (name: string, spec: object = {}): object => ({
      metadata: { name },
      spec: { selector: { a: "b" }, ports: [{ port: 80 }], ...spec },
    });
    const before = server.store.revision();
    const made = await ensure(services, service("one", { type: "NodePort" }));
    expect(server.store.revision()).toBe(before + 1);
    const { clusterIP, ports } = made.spec;
    expect(clusterIP).toMatch(/^10\.96\.\d+\.\d+$/);
    expect(ports[0].nodePort).toBeGreaterThanOrEqual(30000);
    const taken = await server.ask("POST", services, service("two", { clusterIP }));
    expect(taken.body).toMatchObject({ code: 422, reason: "Invalid" });
    expect(taken.body.message).toContain(`failed to allocate IP ${clusterIP}: provided IP is already allocated`);
    const outside = await server.ask("POST", services, service("two", { clusterIP: "10.0.0.1" }));
    expect(outside.body.message).toContain("The range of valid IPs is 10.96.0.0/16");
    const port = await server.ask(
      "POST",
      services,
      service("two", { type: "NodePort", ports: [{ port: 80, nodePort: ports[0].nodePort }] }),
    );
    expect(port.body.message).toContain("provided port is already allocated");
    const low = await server.ask("POST", services, service("two", { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }));
    expect(low.body.message).toContain("The range of valid ports is 30000-32767");
    expect((await server.ask("POST", `${services}?dryRun=All`, service("dry", { type: "NodePort" }))).status).toBe(201);
    const cluster = await server.ask("PATCH", `${services}/one`, JSON.stringify({ spec: { type: "ClusterIP" } }), merge);
    expect(cluster.status, JSON.stringify(cluster.body)).toBe(200);
    expect(cluster.body.spec.ports[0].nodePort).toBeUndefined();
    await ensure(services, service("three", { type: "NodePort", ports: [{ port: 80, nodePort: ports[0].nodePort }] }));
    await server.ask("DELETE", `${services}/one`);
    expect((await ensure(services, service("four", { clusterIP }))).spec.clusterIP).toBe(clusterIP);
    await Promise.all(Array.from({ length: 50 }, async (_, i) => ensure(services, service(`many-${i}`))));
    const all = (await server.ask("GET", services)).body.items.map((item: any) => item.spec.clusterIP);
    expect(new Set(all).size).toBe(all.length);
  });

  it("ends a namespace step by step", async () => {
    await ensure("/api/v1/namespaces", { metadata: { name: "doomed" } });
    const pending = await server.ask("DELETE", "/api/v1/namespaces/doomed");
    expect(pending.body.status.phase).toBe("Terminating");
    const refused = await server.ask("POST", "/api/v1/namespaces/doomed/configmaps", { metadata: { name: "late" } });
    expect(refused.body).toMatchObject({ code: 403, details: { causes: [{ reason: "NamespaceTerminating" }] } });
    expect(refused.body.message).toContain("unable to create new content in namespace doomed because it is being terminated");
    const held = (await server.ask("GET", "/api/v1/namespaces/doomed")).body;
    expect((await server.ask("PUT", "/api/v1/namespaces/doomed/finalize", { ...held, spec: { finalizers: [] } })).status).toBe(200);
    expect((await server.ask("GET", "/api/v1/namespaces/doomed")).status).toBe(404);
    expect((await server.ask("DELETE", "/api/v1/namespaces/default")).body.message).toContain("this namespace may not be deleted");
  });

  it("scales through its own representation", async () => {
    const path = "/apis/apps/v1/namespaces/work/deployments";
    await ensure(path, {
      metadata: { name: "d" },
      spec: { replicas: 2, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers } } },
    });
    const scale = (await server.ask("GET", `${path}/d/scale`)).body;
    expect(scale).toMatchObject({
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "d", namespace: "work" },
      spec: { replicas: 2 },
    });
    expect((await server.ask("PUT", `${path}/d/scale`, { ...scale, spec: { replicas: 5 } })).body.spec.replicas).toBe(5);
    expect((await server.ask("PUT", `${path}/d/scale`, { ...scale, spec: { replicas: 6 } })).status).toBe(409);
    expect((await server.ask("PATCH", `${path}/d/scale`, JSON.stringify({ spec: { replicas: 1 } }), merge)).body.spec.replicas).toBe(1);
    const deployment = (await server.ask("GET", `${path}/d`)).body;
    expect(deployment.spec.replicas).toBe(1);
    expect(deployment.metadata.generation).toBe(3);
    expect(
      (await server.ask("PUT", `${path}/d/scale`, { ...scale, metadata: { name: "d", namespace: "work" }, spec: { replicas: -1 } })).status,
    ).toBe(422);
  });

  it("retries patches that meet each other", async () => {
    await ensure("/api/v1/namespaces/work/configmaps", { metadata: { name: "busy" } });
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        server.ask("PATCH", "/api/v1/namespaces/work/configmaps/busy", JSON.stringify({ data: { [`k${i}`]: "v" } }), merge),
      ),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    expect(Object.keys((await server.ask("GET", "/api/v1/namespaces/work/configmaps/busy")).body.data)).toHaveLength(30);
  });
});
