// Services and names on the real machine: what routes, what is refused, what the cluster's DNS says.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as packet from "dns-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pod, Service } from "../../src/kinds/core/types.gen.ts";
import type { ClusterLayout } from "../../src/cluster/layout.ts";
import { outputOf, podOf, RealCluster, until } from "./real-cluster.ts";

/** The host's resolver, as far as this cluster is told: it knows one name. */
const resolverAddress = "127.0.0.71";
const outside = { name: "my.database.example.com", address: "198.51.100.7" };

let cluster: RealCluster;
let layout: ClusterLayout;
let nodeAddress: string;
let resolver: AsyncDisposable;
let directory: string;

beforeAll(async () => {
  resolver = await startResolver();
  directory = await mkdtemp(join(tmpdir(), "timonier-resolver-"));
  const resolvConf = join(directory, "resolv.conf");
  await writeFile(resolvConf, `nameserver ${resolverAddress}\n`);
  cluster = await RealCluster.start("e2e-services", { recipes: ["busybox", "whoami"], arguments: ["--resolv-conf", resolvConf] });
  layout = await cluster.layout();
  ({ nodeAddress } = await cluster.config());
  await Promise.all([...["web-1", "web-2", "web-3"].map((name) => cluster.create(server(name))), cluster.create(podOf("client", {}, {}))]);
  await cluster.create(service("web", { selector: { role: "web" } }));
  await Promise.all(["web-1", "web-2", "web-3", "client"].map((name) => cluster.untilPod(name, (pod) => pod.status?.phase === "Running")));
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await resolver?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function startResolver(): Promise<AsyncDisposable> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, from) => {
    const query = packet.decode(bytes);
    const question = query.questions![0]!;
    const isKnown = question.name.toLowerCase() === outside.name;
    const answer = packet.encode({
      type: "response",
      id: query.id!,
      flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | (isKnown ? 0 : 3),
      questions: [question],
      answers: isKnown && question.type === "A" ? [{ type: "A", name: question.name, ttl: 60, data: outside.address }] : [],
    });
    socket.send(answer, from.port, from.address);
  });
  socket.bind(53, resolverAddress);
  await once(socket, "listening");
  return { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())) };
}

/** A pod that tells its name and who asks, on port 8080. */
function server(name: string, labels: Readonly<Record<string, string>> = { role: "web" }): Pod {
  const pod = podOf(name, {
    image: "test.example/whoami:1",
    command: undefined,
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    ports: [{ name: "http", containerPort: 8080 }],
  });
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

function service(name: string, spec: NonNullable<Service["spec"]>): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ name: "http", port: 80, targetPort: 8080 }], ...spec },
  };
}

async function created(name: string, spec: NonNullable<Service["spec"]>): Promise<NonNullable<Service["spec"]>> {
  return (await cluster.create(service(name, spec))).spec!;
}

/** How often each pod answered. */
async function answers(from: "pod" | "host", address: string, times: number): Promise<Map<string, number>> {
  const url = `http://${address}/cgi-bin/index.cgi`;
  const said =
    from === "pod"
      ? await cluster.sh("client", `for i in $(seq ${times}); do wget -q -T 5 -O - ${url}; done`)
      : (
          await Promise.all(Array.from({ length: times }, async () => (await fetch(url, { headers: { connection: "close" } })).text()))
        ).join("");
  const counts = new Map<string, number>();
  for (const [, name] of said.matchAll(/^hostname: (.*)$/gm)) counts.set(name!, (counts.get(name!) ?? 0) + 1);
  return counts;
}

async function ask(
  name: string,
  type: packet.RecordType,
  port = layout.ports.dns,
  address = nodeAddress,
): Promise<packet.DecodedPacket & { rcode: string }> {
  const socket = createSocket("udp4");
  try {
    socket.send(
      packet.encode({ type: "query", id: 1, flags: packet.RECURSION_DESIRED, questions: [{ type: type as "A", name }] }),
      port,
      address,
    );
    const [bytes] = (await once(socket, "message", { signal: AbortSignal.timeout(5000) })) as [Buffer];
    return packet.decode(bytes) as packet.DecodedPacket & { rcode: string };
  } finally {
    socket.close();
  }
}
const dataOf = (decoded: packet.DecodedPacket): unknown[] => (decoded.answers ?? []).map((answer) => (answer as { data: unknown }).data);

/** "connected", or the error's code, and how long that took. */
function dial(host: string, port: number): Promise<{ outcome: string; tookMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (outcome: string): void => {
      socket.destroy();
      resolve({ outcome, tookMs: performance.now() - startedAt });
    };
    socket.once("connect", () => end("connected"));
    socket.once("timeout", () => end("timeout"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

describe.concurrent("routing", () => {
  test("a cluster address leads to every endpoint, from a pod and from the node", async () => {
    for (const from of ["pod", "host"] as const) {
      const address = (await (await cluster.client()).request<Service>("GET", "/api/v1/namespaces/default/services/web")).spec!.clusterIP!;
      await until(async () => (await answers(from, address, 6)).size > 0);
      const counts = await answers(from, address, 60);
      expect([...counts.keys()].toSorted(), from).toEqual(["web-1", "web-2", "web-3"]);
      for (const count of counts.values()) expect(count).toBeGreaterThan(5);
    }
  });

  test("a node port leads to them as well, on the node's address", async () => {
    const { ports } = await created("node-port", { type: "NodePort", selector: { role: "web" } });
    const port = ports![0]!.nodePort!;
    expect(port).toBeGreaterThanOrEqual(layout.nodePortRange.from);
    await until(async () => (await dial(nodeAddress, port)).outcome === "connected");
    expect((await answers("host", `${nodeAddress}:${port}`, 30)).size).toBe(3);
    expect((await answers("pod", `${nodeAddress}:${port}`, 30)).size).toBe(3);
  });

  test("externalTrafficPolicy Local keeps the client's address", async () => {
    const { ports } = await created("local-port", { type: "NodePort", externalTrafficPolicy: "Local", selector: { role: "web" } });
    const address = `${nodeAddress}:${ports![0]!.nodePort}`;
    await until(async () => (await answers("pod", address, 1)).size === 1);
    const client = await cluster.pod("client");
    expect(await cluster.sh("client", `wget -q -T 5 -O - http://${address}/cgi-bin/index.cgi`)).toContain(client.status!.podIP);
  });

  test("a client with session affinity stays with one endpoint", async () => {
    const { clusterIP } = await created("sticky", { selector: { role: "web" }, sessionAffinity: "ClientIP" });
    await until(async () => (await answers("pod", clusterIP!, 1)).size === 1);
    expect((await answers("pod", clusterIP!, 20)).size).toBe(1);
  });

  test("a pod reaches itself through its Service", async () => {
    await cluster.create(server("narcissus", { role: "mirror" }));
    await cluster.untilPod("narcissus", (pod) => pod.status?.phase === "Running");
    const { clusterIP } = await created("mirror", { selector: { role: "mirror" } });
    await until(async () =>
      (await cluster.sh("narcissus", `wget -q -T 3 -O - http://${clusterIP}/cgi-bin/index.cgi`)).includes("hostname: narcissus"),
    );
  });

  test("a Service without endpoints is refused at once, and answers as soon as it has one", async () => {
    const { clusterIP } = await created("empty", { selector: { role: "nobody" } });
    const refused = await until(async () => {
      const tried = await dial(clusterIP!, 80);
      return tried.outcome === "ECONNREFUSED" ? tried : undefined;
    });
    expect(refused.tookMs).toBeLessThan(500);
    const fromPod = await cluster.sh("client", `time -p nc -w 5 ${clusterIP} 80 </dev/null || echo refused`);
    expect(fromPod).toContain("refused");
    expect(Number(/real (\S+)/.exec(fromPod)?.[1])).toBeLessThan(1);
    await cluster.create(server("late", { role: "nobody" }));
    await until(async () => (await answers("pod", clusterIP!, 1)).has("late"));
  });

  test("an endpoint that goes is not asked any more", async () => {
    await cluster.create(server("mortal", { role: "mortal" }));
    await cluster.create(server("eternal", { role: "mortal" }));
    const { clusterIP } = await created("mortals", { selector: { role: "mortal" } });
    await until(async () => (await answers("host", clusterIP!, 20)).size === 2);
    outputOf(await cluster.kubectl(["delete", "pod", "mortal"]));
    expect([...(await answers("host", clusterIP!, 40)).keys()]).toEqual(["eternal"]);
  });
});

describe.concurrent("names", () => {
  test("the cluster's DNS answers at its address, from the node and from a pod, by UDP and TCP", async () => {
    const { clusterIP } = (await (await cluster.client()).request<Service>("GET", "/api/v1/namespaces/default/services/web")).spec!;
    expect(dataOf(await until(() => ask("web.default.svc.cluster.local", "A", 53, layout.dnsAddress)))).toEqual([clusterIP]);
    expect((await dial(layout.dnsAddress, 53)).outcome).toBe("connected");
    expect(await cluster.sh("client", "nslookup web.default.svc.cluster.local")).toContain(`Address: ${clusterIP}`);
    // This nslookup asks every search domain, and fails when one of them does not know the name.
    expect(await cluster.sh("client", "nslookup web || true")).toContain(`Address: ${clusterIP}`);
    expect([...(await answers("pod", "web", 1)).keys()]).toHaveLength(1);
    expect(await cluster.sh("client", "nslookup kubernetes.default.svc.cluster.local")).toContain(layout.kubernetesAddress);
  });

  test("a headless Service has its pods' addresses, named ports, and names for pods with a hostname", async () => {
    const pod = podOf("named", { image: "test.example/whoami:1", command: undefined }, { hostname: "first", subdomain: "heads" });
    await cluster.create({ ...pod, metadata: { ...pod.metadata, labels: { role: "heads" } } });
    await cluster.create(service("heads", { clusterIP: "None", selector: { role: "heads" } }));
    const running = await cluster.untilPod("named", (candidate) => candidate.status?.phase === "Running");
    const address = running.status!.podIP!;
    const found = await until(async () => {
      const answer = await ask("heads.default.svc.cluster.local", "A");
      return dataOf(answer).length > 0 ? answer : undefined;
    });
    expect(dataOf(found)).toEqual([address]);
    expect(dataOf(await ask("first.heads.default.svc.cluster.local", "A"))).toEqual([address]);
    expect(dataOf(await ask("_http._tcp.heads.default.svc.cluster.local", "SRV"))).toMatchObject([
      { port: 8080, target: "first.heads.default.svc.cluster.local" },
    ]);
    expect(dataOf(await ask(`${address.split(".").toReversed().join(".")}.in-addr.arpa`, "PTR"))).toEqual([
      "first.heads.default.svc.cluster.local",
    ]);
    expect(dataOf(await ask(`${address.replaceAll(".", "-")}.default.pod.cluster.local`, "A"))).toEqual([address]);
    expect(await cluster.sh("named", "hostname -f")).toBe("first.heads.default.svc.cluster.local\n");
  });

  test("an external name is an alias, followed through the host's resolver", async () => {
    await cluster.create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "database" },
      spec: { type: "ExternalName", externalName: outside.name },
    } as Service);
    const answer = await until(async () => {
      const decoded = await ask("database.default.svc.cluster.local", "A");
      return decoded.rcode === "NOERROR" ? decoded : undefined;
    });
    expect(dataOf(answer)).toEqual([outside.name, outside.address]);
    expect(dataOf(await ask("database.default.svc.cluster.local", "CNAME"))).toEqual([outside.name]);
    expect(await cluster.sh("client", "ping -c 1 -w 1 database || true")).toContain(`PING database (${outside.address})`);
  });

  test("names outside go to the host's resolver; a name that is not is told from a type that is not", async () => {
    expect(await cluster.sh("client", `nslookup ${outside.name}`)).toContain(outside.address);
    expect((await ask("nothing.example.com", "A")).rcode).toBe("NXDOMAIN");
    expect((await ask("nothing.default.svc.cluster.local", "A")).rcode).toBe("NXDOMAIN");
    const noData = await ask("web.default.svc.cluster.local", "AAAA");
    expect([noData.rcode, noData.answers]).toEqual(["NOERROR", []]);
    expect(noData.authorities).toMatchObject([{ type: "SOA" }]);
  });
});
