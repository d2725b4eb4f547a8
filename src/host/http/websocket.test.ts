// Our WebSocket against the `ws` package, both ways round, over real sockets.

import { afterEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { silentLog } from "../../base/log.ts";
import { acceptWebSocket, connectWebSocket } from "../../wire/websocket.ts";
import { createDialer } from "./dial.ts";
import { serve } from "./http-server.ts";
import { secureRandom } from "../random.ts";

const running: AsyncDisposable[] = [];
afterEach(async () => {
  for (const thing of running.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
});

describe("WebSocket against ws", () => {
  it("serves its client", async () => {
    const server = await serve(
      async (request) => {
        const { response, session } = acceptWebSocket(request, { protocols: ["v5.channel.k8s.io"] });
        if (session) {
          void (async () => {
            for await (const message of session.messages)
              await session.send(message.binary ? message.data : new TextDecoder().decode(message.data));
          })();
        }
        return response;
      },
      { host: "127.0.0.1", port: 0, log: silentLog },
    );
    running.push(server);
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/x`, ["v5.channel.k8s.io", "v4.channel.k8s.io"]);
    const got: (string | number)[] = [];
    const pong = new Promise((resolve) => client.once("pong", resolve));
    await new Promise((resolve) => client.once("open", resolve));
    expect(client.protocol).toBe("v5.channel.k8s.io");
    const large = Buffer.alloc(200_000, 5);
    const all = new Promise<void>((resolve) =>
      client.on("message", (data: Buffer, binary) => {
        got.push(binary ? data.length : data.toString());
        if (got.length === 3) resolve();
      }),
    );
    client.ping("hi");
    client.send("tëxt");
    client.send(large);
    client.send("one ", { fin: false });
    client.send("two", { fin: true });
    await Promise.all([all, pong]);
    expect(got).toEqual(["tëxt", 200_000, "one two"]);
    const closed = new Promise((resolve) => client.once("close", resolve));
    client.close(1000);
    expect(await closed).toBe(1000);
    await expect(
      new Promise((_, reject) => new WebSocket(`ws://127.0.0.1:${server.port}/x`, ["v9"]).once("error", reject)),
    ).rejects.toThrow("403");
  });

  it("talks to its server", async () => {
    const oracle = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "b" });
    await new Promise((resolve) => oracle.once("listening", resolve));
    oracle.on("connection", (socket) => {
      socket.ping();
      socket.on("pong", () => socket.send("ponged"));
      socket.on("message", (data: Buffer, binary) => {
        socket.send(binary ? data : data.toString());
        if (!binary) socket.close(4001, "enough");
      });
    });
    const dialer = createDialer();
    running.push(dialer, { [Symbol.asyncDispose]: () => new Promise((resolve) => oracle.close(() => resolve())) });
    const port = (oracle.address() as { port: number }).port;
    const exchange = dialer.dial({ scheme: "http", host: "127.0.0.1", port }, {}, {});
    const session = await connectWebSocket(
      exchange,
      { target: "/", protocols: ["a", "b"], random: secureRandom() },
      new AbortController().signal,
    );
    expect(session.protocol).toBe("b");
    await session.send(new Uint8Array(70_000).fill(9));
    const got: (string | number)[] = [];
    for await (const { binary, data } of session.messages) {
      got.push(binary ? data.length : new TextDecoder().decode(data));
      if (got.length === 2) await session.send("end");
    }
    expect(new Set(got)).toEqual(new Set([70_000, "end", "ponged"]));
    expect(await session.closed).toEqual({ code: 4001, reason: "enough" });
  });
});
