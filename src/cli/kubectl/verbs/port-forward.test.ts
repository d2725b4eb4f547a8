import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostZlib } from "../../../host/zlib.ts";
import { servePortForward, upgradePortForward } from "../../../kubelet/server/port-forward.ts";
import { duplexPair } from "../../../wire/duplex.ts";
import type { Duplex, Exchange } from "../../../wire/exchange.ts";
import { TestCommandLine } from "../testing.laws.ts";

const never = new AbortController().signal;

/** A node on whose pod's port 80 an echo listens, and nothing on others. */
const node: Exchange = async (request) => {
  const { response, duplex } = upgradePortForward(request);
  const target = {
    connect: async (port: number): Promise<Duplex> => {
      if (port !== 80) throw new Error("connection refused");
      const [near, far] = duplexPair();
      void (async () => {
        for await (const chunk of far.incoming) await far.write(chunk);
        far.end();
      })();
      return near;
    },
    [Symbol.asyncDispose]: async () => {},
  };
  if (duplex) void servePortForward(duplex, target, hostZlib, "pod", never);
  return response;
};

describe("port-forward", () => {
  let line: TestCommandLine;
  let connections: ((connection: Duplex) => void)[];
  beforeEach(async () => {
    line = await TestCommandLine.start({ dialKubelet: () => node });
    connections = [];
    line.hooks = {
      zlib: hostZlib,
      listen: async (_address, port, accept) => {
        connections.push(accept);
        return { port: port === 0 ? 40_000 : port, [Symbol.asyncDispose]: async () => {} };
      },
    };
    const { server } = line;
    await server.ask("POST", "/api/v1/namespaces/default/serviceaccounts", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default" },
    });
    await server.ask("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } });
    const spec = { nodeName: "n1", containers: [{ name: "c", image: "i", ports: [{ name: "http", containerPort: 80 }] }] };
    await server.ask("POST", "/api/v1/namespaces/default/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });
    const running = JSON.stringify({ status: { phase: "Running" } });
    await server.ask("PATCH", "/api/v1/namespaces/default/pods/p/status", running, { type: "application/merge-patch+json" });
  });
  afterEach(async () => await line[Symbol.asyncDispose]());

  const listening = async (count: number): Promise<void> => {
    while (connections.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const through = async (accept: (connection: Duplex) => void, text: string): Promise<string> => {
    const [mine, theirs] = duplexPair();
    accept(theirs);
    await mine.write(new TextEncoder().encode(text));
    mine.end();
    let answer = "";
    for await (const chunk of mine.incoming) answer += new TextDecoder().decode(chunk);
    return answer;
  };

  it("carries connections to the pod's port and ends when it is told to", async () => {
    const stop = new AbortController();
    const running = line.runUntil(stop.signal, "port-forward", "pod/p", "8080:http");
    await listening(2);
    expect(await Promise.all([through(connections[0]!, "hello"), through(connections[1]!, "again")])).toEqual(["hello", "again"]);
    stop.abort();
    const { out, err } = await running;
    expect(err).toBe("");
    expect(out).toBe(
      "Forwarding from 127.0.0.1:8080 -> 80\nForwarding from [::1]:8080 -> 80\nHandling connection for 8080\nHandling connection for 8080\n",
    );
  });

  it("tells what the node says when nothing listens in the pod, and goes on", async () => {
    const stop = new AbortController();
    const running = line.runUntil(stop.signal, "port-forward", "p", ":81");
    await listening(1);
    await through(connections[0]!, "x").catch(() => "");
    stop.abort();
    const { err } = await running;
    expect(err).toContain("error: an error occurred forwarding 40000 -> 81: ");
    expect(err).toContain("connection refused");
  });

  it("refuses what it cannot do", async () => {
    expect((await line.run("port-forward", "p")).err).toContain("TYPE/NAME and list of ports are required for port-forward");
    expect((await line.run("port-forward", "p", "nope")).err).toBe("error: Pod 'p' does not have a named port 'nope'\n");
    line.hooks = {};
    expect((await line.run("port-forward", "p", "80")).err).toContain("port-forward is not possible here");
  });
});
