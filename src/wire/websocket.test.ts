import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { channelMessage, channelProtocolV4, channelProtocolV5, closeMessage, parseChannelMessage } from "./channel-framing.ts";
import { duplexPair } from "./duplex.ts";
import type { Request } from "./exchange.ts";
import { sha1 } from "./sha1.ts";
import type { Frame } from "./websocket-frame.ts";
import { encodeFrame, FrameParser } from "./websocket-frame.ts";
import { acceptWebSocket, connectWebSocket, WebSocketSession, webSocketDuplex } from "./websocket.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const random = new SeededRandom(1);
const never = new AbortController().signal;

describe("sha1", () => {
  it("gives the values of its specification", () => {
    expect(hex(sha1(bytes("abc")))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(hex(sha1(bytes("")))).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
    expect(hex(sha1(bytes("a".repeat(1_000))))).toBe("291e9a6c66994949b57ba5e650361e98fc36b1ba");
  });
});

describe("frames", () => {
  it("come back whole from any cutting", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            type: fc.constantFrom("text", "binary", "continuation"),
            final: fc.boolean(),
            size: fc.constantFrom(0, 1, 125, 126, 65_535, 65_536),
          }),
          { maxLength: 4 },
        ),
        fc.boolean(),
        fc.integer({ min: 1, max: 70_000 }),
        (shapes, masked, cut) => {
          const frames: Frame[] = shapes.map(({ type, final, size }) => ({ type: type as "text", final, payload: random.bytes(size) }));
          const all = Uint8Array.from(frames.flatMap((frame) => [...encodeFrame(frame, masked ? random.bytes(4) : undefined)]));
          const parser = new FrameParser({ masked, maxPayloadBytes: 1e6 });
          const got: Frame[] = [];
          for (let at = 0; at < all.length; at += cut) got.push(...parser.push(all.subarray(at, at + cut)));
          expect(got.map((frame) => [frame.type, frame.final, hex(frame.payload)])).toEqual(
            frames.map((frame) => [frame.type, frame.final, hex(frame.payload)]),
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it.each([
    ["a reserved bit", [0xc2, 0x00], 1002],
    ["an unknown opcode", [0x83, 0x00], 1002],
    ["a masked frame from a server", [0x82, 0x80, 0, 0, 0, 0], 1002],
    ["a fragmented ping", [0x09, 0x00], 1002],
    ["a long ping", [0x89, 126, 0, 126], 1002],
    ["a huge frame", [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0], 1009],
  ])("refuse %s", (_what, data, code) => {
    expect(() => new FrameParser({ masked: false, maxPayloadBytes: 1_000 }).push(Uint8Array.from(data))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

/** A connected client and server. */
async function pair(offer: string[], speak: string[]): Promise<{ client: WebSocketSession; server: WebSocketSession }> {
  let server: WebSocketSession | undefined;
  const client = await connectWebSocket(
    async (request) => {
      const accepted = acceptWebSocket(request, { protocols: speak });
      server = accepted.session;
      return accepted.response;
    },
    { target: "/exec", protocols: offer, random },
    never,
  );
  return { client, server: server! };
}

async function all(session: WebSocketSession): Promise<string[]> {
  const got: string[] = [];
  for await (const message of session.messages) got.push(`${message.binary ? "b" : "t"}:${new TextDecoder().decode(message.data)}`);
  return got;
}

describe("sessions", () => {
  it("agree on the client's first choice that the server speaks, slash or not", async () => {
    const tunnel = "SPDY/3.1+portforward.k8s.io";
    expect((await pair(["a", channelProtocolV5, channelProtocolV4], [channelProtocolV4, channelProtocolV5])).client.protocol).toBe(
      channelProtocolV5,
    );
    const { client, server } = await pair([tunnel], [tunnel]);
    expect([client.protocol, server.protocol]).toEqual([tunnel, tunnel]);
    expect((await pair([], ["", "x"])).client.protocol).toBe("");
    await expect(pair([channelProtocolV5], [channelProtocolV4])).rejects.toMatchObject({ response: { status: 403 } });
    await expect(pair([], ["x"])).rejects.toMatchObject({ response: { status: 403 } });
  });

  it("refuse what is no handshake", () => {
    const request: Request = {
      method: "GET",
      target: "/",
      headers: { connection: "keep-alive, Upgrade", upgrade: "websocket", "sec-websocket-key": "x" },
      peer: { address: "" },
    };
    expect(acceptWebSocket(request, { protocols: [""] }).response.status).toBe(426);
    expect(acceptWebSocket({ ...request, headers: {} }, { protocols: [""] }).response.status).toBe(400);
    const good = {
      ...request,
      headers: { ...request.headers, "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
    };
    expect(acceptWebSocket(good, { protocols: [""] }).response.headers["sec-websocket-accept"]).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  it("carry messages both ways, answer pings, and end with a code", async () => {
    const { client, server } = await pair(["x"], ["x"]);
    const got = Promise.all([all(client), all(server)]);
    await client.send("hellö");
    await client.ping(bytes("p"));
    await server.send(bytes("bin"));
    await client.send(new Uint8Array(0));
    await server.close(4000, "bye");
    expect(await got).toEqual([["b:bin"], ["t:hellö", "b:"]]);
    expect(await client.closed).toEqual({ code: 4000, reason: "bye" });
    expect((await server.closed).code).toBe(4000);
    await expect(server.send("late")).rejects.toThrow("closed");
  });

  it("join fragments around a ping and refuse broken sequences, texts and sizes", async () => {
    const run = async (...frames: Frame[]): Promise<unknown> => {
      const [near, far] = duplexPair();
      const server = new WebSocketSession(near, { maxMessageBytes: 10 });
      void (async () => {
        for (const frame of frames) await far.write(encodeFrame(frame, random.bytes(4)));
        far.end();
      })().catch(() => undefined);
      return await all(server).catch((error: { code: number }) => error.code);
    };
    const part = (type: Frame["type"], text: string, final = true): Frame => ({ type, final, payload: bytes(text) });
    expect(await run(part("text", "a", false), part("ping", ""), part("continuation", "b", false), part("continuation", "c"))).toEqual([
      "t:abc",
    ]);
    expect(await run(part("continuation", "b"))).toBe(1002);
    expect(await run(part("text", "a", false), part("text", "b"))).toBe(1002);
    expect(await run({ type: "text", final: true, payload: Uint8Array.of(0xff) })).toBe(1007);
    expect(await run(part("binary", "123456", false), part("continuation", "78901"))).toBe(1009);
    expect(await run({ type: "close", final: true, payload: Uint8Array.of(3) })).toBe(1002);
  });

  it("notice a connection that breaks off", async () => {
    const [near, far] = duplexPair();
    const server = new WebSocketSession(near);
    const reading = all(server);
    far.end();
    expect(await reading).toEqual([]);
    expect((await server.closed).code).toBe(1006);
  });

  it("carry a byte stream", async () => {
    const { client, server } = await pair(["x"], ["x"]);
    const left = webSocketDuplex(client);
    const right = webSocketDuplex(server);
    const reading = (async () => {
      let size = 0;
      for await (const chunk of right.incoming) size += chunk.length;
      return size;
    })();
    for (let i = 0; i < 20; i++) await left.write(new Uint8Array(50_000));
    left.end();
    expect(await reading).toBe(1_000_000);
  });
});

describe("channel framing", () => {
  it("puts the channel first and half-closes in v5 only", () => {
    expect(channelMessage(1, bytes("a"))).toEqual(Uint8Array.of(1, 97));
    expect(parseChannelMessage(Uint8Array.of(1, 97), channelProtocolV4)).toEqual({ type: "data", channel: 1, data: bytes("a") });
    expect(parseChannelMessage(closeMessage(0), channelProtocolV5)).toEqual({ type: "close", channel: 0 });
    expect(parseChannelMessage(closeMessage(0), channelProtocolV4)).toBeUndefined();
    expect(parseChannelMessage(new Uint8Array(0), channelProtocolV5)).toBeUndefined();
  });
});
