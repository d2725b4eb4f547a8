import { describe, expect, test } from "vitest";
import type { UserInfo } from "../wire/exchange.ts";
import type { Pod } from "../kinds/core/types.gen.ts";
import { channelMessage, channelProtocolV5, closeMessage, portForwardTunnelProtocol } from "../wire/channel-framing.ts";
import { SpdySession } from "../wire/spdy.ts";
import type { Zlib } from "../wire/spdy.ts";
import { connectWebSocket, webSocketDuplex } from "../wire/websocket.ts";
import { hostZlib } from "../host/zlib.ts";
import { KubeletBed } from "./kubelet-bed.laws.ts";

const apiServer: UserInfo = { name: "kube-apiserver-kubelet-client", groups: ["system:authenticated"] };
const running = (pod: Pod): boolean => pod.status?.phase === "Running";
const script = (behaviour: object) => ({ annotations: { "simulation.timonier.io/app": JSON.stringify(behaviour) } });
const nginx = { name: "app", image: "nginx:1.14.2" };
const never = new AbortController().signal;

const ask = (bed: KubeletBed, target: string, user: UserInfo | undefined = apiServer, method = "GET", signal = never) =>
  bed.kubelet.exchange({ method, target, headers: {}, peer: { address: "192.0.2.1", ...(user && { user }) } }, signal);

async function textOf(body: unknown): Promise<string> {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  let text = "";
  for await (const chunk of body as AsyncIterable<Uint8Array>) text += new TextDecoder().decode(chunk);
  return text;
}

describe("who may ask", () => {
  test("nobody without a name; by certificate; by token; by right", async () => {
    await using bed = await KubeletBed.start();
    expect((await ask(bed, "/pods", null as never)).status).toBe(401);
    const certificate = { commonName: "jane", organizations: ["dev"], fingerprint: "" };
    const asJane = (target: string, method = "GET") =>
      bed.kubelet.exchange({ method, target, headers: {}, peer: { address: "", certificate } }, never);
    const denied = await asJane("/pods");
    expect([denied.status, JSON.parse(await textOf(denied.body)).message]).toEqual([
      403,
      "Forbidden (user=jane, verb=get, resource=nodes, subresource(s)=[proxy])",
    ]);
    await bed.client.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "look" },
      rules: [{ apiGroups: [""], resources: ["nodes/proxy", "nodes/metrics"], verbs: ["get"] }],
    });
    await bed.client.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "look" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "look" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "dev" }],
    });
    await bed.clock.advance(31_000);
    expect((await asJane("/pods")).status).toBe(200);
    expect((await asJane("/metrics/resource")).status).toBe(200);
    expect((await asJane("/stats/summary")).status).toBe(403);
    // Reading is not entering, though a WebSocket handshake is a GET.
    expect((await asJane("/exec/default/web/app?command=id&output=1")).status).toBe(403);
    const bad = await bed.kubelet.exchange(
      { method: "GET", target: "/pods", headers: { authorization: "Bearer nonsense" }, peer: { address: "" } },
      never,
    );
    expect(bad.status).toBe(401);
    expect((await ask(bed, "/nothing")).status).toBe(404);
    expect(await textOf((await ask(bed, "/healthz")).body)).toBe("ok");
  });
});

describe("logs", () => {
  const lines = ["one", { afterMs: 1000, text: "two", stream: "stderr" }, { afterMs: 2000, text: "three" }];
  test("the whole, the end, since, with times, by stream, so many bytes", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ log: lines }));
    await bed.until(running);
    await bed.clock.advance(3000);
    const logs = async (query = "") => await textOf((await ask(bed, `/containerLogs/default/web/app?${query}`)).body);
    expect(await logs()).toBe("one\ntwo\nthree\n");
    expect(await logs("tailLines=2")).toBe("two\nthree\n");
    expect(await logs("tailLines=0")).toBe("");
    expect(await logs("sinceSeconds=2")).toBe("two\nthree\n");
    expect(await logs("sinceTime=2026-01-01T00:00:02Z")).toBe("three\n");
    expect(await logs("stream=Stderr")).toBe("two\n");
    expect(await logs("limitBytes=6")).toBe("one\ntw");
    expect(await logs("timestamps=true&tailLines=1")).toBe("2026-01-01T00:00:02.000000000Z three\n");
    const refusal = await ask(bed, "/containerLogs/default/web/app?tailLines=x");
    expect(refusal.status).toBe(400);
  });

  test("follows until the container ends", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ restartPolicy: "Never", containers: [nginx] }, script({ log: lines, exitAfterMs: 5000 }));
    await bed.until(running);
    const response = await ask(bed, "/containerLogs/default/web/app?follow=true");
    const whole = textOf(response.body);
    await bed.clock.advance(10_000);
    expect(await whole).toBe("one\ntwo\nthree\n");
  });

  test("of the run before; of none; of one that waits", async () => {
    let broken = true;
    await using bed = await KubeletBed.start({ failPull: () => (broken ? "no such image" : undefined) });
    const message = async (query: string) => {
      const response = await ask(bed, `/containerLogs/default/web/${query}`);
      return [response.status, JSON.parse(await textOf(response.body)).message];
    };
    await bed.create({ containers: [nginx] }, script({ log: ["hello"], exitAfterMs: 1000, exitCode: 1 }));
    await bed.until((pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === "ImagePullBackOff");
    expect(await message("app")).toEqual([400, `container "app" in pod "web" is waiting to start: trying and failing to pull image`]);
    expect(await message("other")).toEqual([400, `container "other" in pod "web" is not available`]);
    expect(await message("app?previous=true")).toEqual([400, `previous terminated container "app" in pod "web" not found`]);
    broken = false;
    await bed.until((pod) => pod.status?.containerStatuses?.[0]?.restartCount === 1);
    expect(await textOf((await ask(bed, "/containerLogs/default/web/app?previous=true")).body)).toBe("hello\n");
    expect((await ask(bed, "/containerLogs/default/absent/app")).status).toBe(404);
  });
});

const socket = (bed: KubeletBed, target: string, protocol: string) =>
  connectWebSocket(
    bed.kubelet.exchange,
    { target, protocols: [protocol], random: bed.random, peer: { address: "", user: apiServer } },
    never,
  );

describe("exec", () => {
  test("output, errors and the exit code over WebSocket", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ exec: { "check it": { stdout: "out", stderr: "err", exitCode: 3 } } }));
    await bed.until(running);
    const session = await socket(bed, "/exec/default/web/app?command=check&command=it&output=1&error=1", channelProtocolV5);
    const got: Record<number, string> = {};
    for await (const { data } of session.messages) got[data[0]!] = (got[data[0]!] ?? "") + new TextDecoder().decode(data.subarray(1));
    expect(got[1]).toBe("out");
    expect(got[2]).toBe("err");
    expect(JSON.parse(got[3]!)).toMatchObject({
      status: "Failure",
      reason: "NonZeroExitCode",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    expect((await session.closed).code).toBe(1000);
  });

  test("input with its end (v5)", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    await bed.until(running);
    const session = await socket(bed, "/exec/default/web/app?command=cat&input=1&output=1", channelProtocolV5);
    await session.send(channelMessage(0, new TextEncoder().encode("echo me")));
    await session.send(closeMessage(0));
    let out = "";
    let status = "";
    for await (const { data } of session.messages) {
      if (data[0] === 1) out += new TextDecoder().decode(data.subarray(1));
      if (data[0] === 3) status = new TextDecoder().decode(data.subarray(1));
    }
    expect(out).toBe("echo me");
    expect(JSON.parse(status)).toEqual({ metadata: {}, status: "Success" });
  });

  test("over SPDY, as older clients ask", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ exec: { "*": { stdout: "hi", exitCode: 0 } } }));
    await bed.until(running);
    const response = await bed.kubelet.exchange(
      {
        method: "POST",
        target: "/exec/default/web/app?command=x&output=1&error=1",
        headers: { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v5.channel.k8s.io, v4.channel.k8s.io" },
        peer: { address: "", user: apiServer },
      },
      never,
    );
    expect([response.status, response.headers["x-stream-protocol-version"]]).toEqual([101, "v5.channel.k8s.io"]);
    const session = new SpdySession(response.duplex!, { role: "client", zlib: hostZlib as Zlib, flowControl: "connection" });
    const [error, stdout] = [
      await session.open({ streamtype: "error" }),
      await session.open({ streamtype: "stdout" }),
      await session.open({ streamtype: "stderr" }),
    ];
    expect(await textOf(stdout!.incoming)).toBe("hi");
    expect(JSON.parse(await textOf(error!.incoming))).toMatchObject({ status: "Success" });
    await session.close();
  });

  test("a container that does not run cannot be entered", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ restartPolicy: "Never", containers: [{ ...nginx, command: ["true"] }] });
    await bed.until((pod) => pod.status?.phase === "Succeeded");
    const response = await ask(bed, "/exec/default/web/app?command=x&output=1");
    expect(JSON.parse(await textOf(response.body)).message).toBe(`unable to upgrade connection: container not found ("app")`);
  });
});

describe("port-forward", () => {
  test("SPDY inside a WebSocket: two connections at once, and one refused", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ closedPorts: [81] }));
    await bed.until(running);
    const webSocket = await socket(bed, "/portForward/default/web", portForwardTunnelProtocol);
    const session = new SpdySession(webSocketDuplex(webSocket), { role: "client", zlib: hostZlib as Zlib, flowControl: "connection" });
    const connect = async (port: number, requestid: string) => {
      const error = await session.open({ streamtype: "error", port: String(port), requestid });
      error.end();
      return { error, data: await session.open({ streamtype: "data", port: String(port), requestid }) };
    };
    const [first, second, refused] = [await connect(80, "0"), await connect(80, "1"), await connect(81, "2")];
    await first.data.write(new TextEncoder().encode("first"));
    await second.data.write(new TextEncoder().encode("second"));
    first.data.end();
    second.data.end();
    expect(await Promise.all([textOf(first.data.incoming), textOf(second.data.incoming)])).toEqual(["first", "second"]);
    expect(await textOf(first.error.incoming)).toBe("");
    expect(await textOf(refused.error.incoming)).toMatch(/^error forwarding port 81 to pod web_default: .*connection refused$/);
    await session.close();
  });
});

test("pods, running pods, summary, metrics", async () => {
  await using bed = await KubeletBed.start();
  await bed.create({ containers: [nginx] });
  const { metadata } = await bed.until(running);
  const json = async (target: string) => JSON.parse(await textOf((await ask(bed, target)).body));
  expect((await json("/pods")).items.map((pod: Pod) => pod.metadata!.name)).toEqual(["web"]);
  expect((await json("/runningpods/")).items[0].metadata).toEqual({ name: "web", namespace: "default", uid: metadata!.uid });
  await json("/stats/summary");
  await bed.clock.advance(10_000);
  const summary = await json("/stats/summary");
  expect(summary.node).toMatchObject({ nodeName: "node-1", cpu: { usageNanoCores: 100_000_000 } });
  expect(summary.pods[0]).toMatchObject({
    podRef: { name: "web" },
    containers: [{ name: "app", cpu: { usageNanoCores: 10_000_000 }, memory: { workingSetBytes: 16_777_216 } }],
  });
  const metrics = await textOf((await ask(bed, "/metrics/resource")).body);
  expect(metrics).toContain(`container_memory_working_set_bytes{container="app",namespace="default",pod="web"} 16777216 `);
});
