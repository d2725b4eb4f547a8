// Bytes from the node: what the server asks the kubelet for, and what it says when it cannot.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { duplexPair } from "../../wire/duplex.ts";
import type { Duplex, Request, Response } from "../../wire/exchange.ts";
import { TestServer } from "../testing.laws.ts";
import { textOf, utf8 } from "../watch/bytes.ts";

const pods = "/api/v1/namespaces/default/pods";

describe("connect", () => {
  let server: TestServer;
  const seen: Request[] = [];
  let kubelet: Duplex | undefined;
  const dialled: object[] = [];

  const answer = async (request: Request): Promise<Response> => {
    seen.push(request);
    if (request.headers["upgrade"] === undefined)
      return { status: 200, headers: { "content-type": "text/plain" }, body: utf8("from the node") };
    const [near, far] = duplexPair();
    kubelet = far;
    return { status: 101, headers: { upgrade: "websocket", connection: "Upgrade" }, duplex: near };
  };

  beforeAll(async () => {
    server = await TestServer.start({
      dialKubelet: (node) =>
        node.name === "gone" ? async () => Promise.reject(new Error("connection refused")) : (dialled.push(node), answer),
      dialCluster: (target) => (dialled.push(target), answer),
    });
    await server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
    for (const name of ["n1", "gone"])
      await server.ask("POST", "/api/v1/nodes", {
        metadata: { name },
        status: {
          addresses: [
            { type: "Hostname", address: name },
            { type: "InternalIP", address: "10.0.0.7" },
          ],
          daemonEndpoints: { kubeletEndpoint: { Port: 10350 } },
        },
      });
    const pod = (name: string, nodeName: string | undefined, names: string[]): object => ({
      metadata: { name },
      spec: {
        ...(nodeName && { nodeName }),
        containers: names.map((container) => ({ name: container, image: "i", ports: [{ containerPort: 8080 }] })),
        initContainers: [],
      },
    });
    await server.ask("POST", pods, pod("one", "n1", ["c"]));
    await server.ask("POST", pods, pod("two", "n1", ["a", "b"]));
    await server.ask("POST", pods, pod("unbound", undefined, ["c"]));
    await server.ask("POST", pods, pod("lost", "gone", ["c"]));
    await server.ask("PATCH", `${pods}/one/status`, JSON.stringify({ status: { podIP: "10.244.0.5", podIPs: [{ ip: "10.244.0.5" }] } }), {
      type: "application/merge-patch+json",
    });
  });
  afterEach(() => {
    expect(server.errors).toEqual([]);
    seen.length = 0;
    dialled.length = 0;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("passes logs on, with their options", async () => {
    const log = await server.ask("GET", `${pods}/one/log?container=c&tailLines=5&follow=true`, undefined, { bytes: true });
    expect(log.body).toBe("from the node");
    expect(seen[0]!.target).toBe("/containerLogs/default/one/c?tailLines=5&follow=true");
    expect(seen[0]!.peer.user).toBeUndefined();
    expect(dialled).toEqual([{ name: "n1", addresses: ["10.0.0.7", "n1"], port: 10350 }]);
  });

  it("says which container is meant or missing", async () => {
    const refused = async (target: string): Promise<string> => {
      const { body } = await server.ask("GET", target, undefined, { bytes: true });
      expect(body.code).toBe(400);
      return body.message;
    };
    expect(await refused(`${pods}/one/log?container=x`)).toBe("container x is not valid for pod one");
    expect(await refused(`${pods}/two/log`)).toBe("a container name must be specified for pod two, choose one of: [a b]");
    expect(await refused(`${pods}/unbound/exec?command=ls`)).toBe("pod unbound does not have a host assigned");
  });

  it("joins an exec with the kubelet, with the kubelet's names for the streams", async () => {
    const stop = new AbortController();
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      authorization: "Bearer secret",
      "sec-websocket-protocol": "v5.channel.k8s.io",
    };
    const response = await server.send(
      "POST",
      `${pods}/one/exec?command=ls&command=-l&stdin=true&stdout=true&tty=false`,
      undefined,
      { bytes: true, headers },
      stop.signal,
    );
    expect(response.status).toBe(101);
    expect(seen[0]!.target).toBe("/exec/default/one/c?command=ls&command=-l&input=1&output=1");
    expect(seen[0]!.headers["authorization"]).toBeUndefined();
    expect(seen[0]!.headers["sec-websocket-protocol"]).toBe("v5.channel.k8s.io");
    await response.duplex!.write(utf8("to the node"));
    for await (const chunk of kubelet!.incoming) {
      expect(textOf(chunk)).toBe("to the node");
      break;
    }
    stop.abort(new Error("client went away"));
    await response.duplex!.closed;
    await kubelet!.closed;
  });

  it("tells that a node cannot be reached", async () => {
    const lost = await server.ask("GET", `${pods}/lost/log`, undefined, { bytes: true });
    expect(lost.body).toMatchObject({ code: 503, message: "error trying to reach the kubelet of node gone: connection refused" });
  });

  it("proxies to nodes, pods and services", async () => {
    await server.ask("GET", "/api/v1/nodes/n1/proxy/metrics/cadvisor?x=1", undefined, { bytes: true });
    expect(seen.at(-1)!.target).toBe("/metrics/cadvisor?x=1");
    await server.ask("GET", `${pods}/one:9090/proxy/some/path/`, undefined, { bytes: true });
    expect(dialled.at(-1)).toEqual({ scheme: "http", host: "10.244.0.5", port: 9090 });
    expect(seen.at(-1)!.target).toBe("/some/path/");
    await server.ask("POST", "/api/v1/namespaces/default/services", {
      metadata: { name: "web" },
      spec: { ports: [{ name: "http", port: 80 }] },
    });
    const none = await server.ask("GET", "/api/v1/namespaces/default/services/web/proxy/", undefined, { bytes: true });
    expect(none.body).toMatchObject({ code: 503, message: 'no endpoints available for service "web"' });
    await server.ask("POST", "/api/v1/namespaces/default/endpoints", {
      metadata: { name: "web" },
      subsets: [{ addresses: [{ ip: "10.244.0.9" }], ports: [{ name: "http", port: 8080 }] }],
    });
    await server.ask("POST", "/api/v1/namespaces/default/services/https:web:http/proxy/login", "a=b", {
      type: "application/x-www-form-urlencoded",
    });
    expect(dialled.at(-1)).toEqual({ scheme: "https", host: "10.244.0.9", port: 8080 });
    expect(seen.at(-1)).toMatchObject({ method: "POST", target: "/login" });
  });
});
