import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import * as packet from "dns-packet";
import { describe, expect, it } from "vitest";
import { silentLog } from "../../base/log.ts";
import type { DnsResolver } from "../../dns/dns-server.ts";
import { decodeQuery, encodeQuery } from "./dns-codec.ts";
import { createDnsListener } from "./dns-listener.ts";
import { frameTcp } from "./upstream.ts";

const many: DnsResolver = (question) =>
  question.name === "outside.example"
    ? { kind: "forward" }
    : {
        kind: "answer",
        code: "NOERROR",
        answers: Array.from({ length: question.name === "big.local" ? 100 : 1 }, (_, position) => ({
          name: question.name,
          ttlSeconds: 5,
          type: "A" as const,
          address: `10.0.0.${position}`,
        })),
        additionals: [],
        authorities: [],
      };

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A port that is free for datagrams may be taken for connections by another test: then the next one. */
async function listening(
  upstreams: { address: string; port: number }[] = [],
  tries = 5,
): Promise<{ port: number; listener: AsyncDisposable }> {
  const port = await freePort();
  try {
    const listener = await createDnsListener({ address: "127.0.0.1", port, upstreams: () => upstreams, log: silentLog }).listen(many);
    return { port, listener };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || tries === 0) throw error;
    return await listening(upstreams, tries - 1);
  }
}

async function overUdp(port: number, bytes: Uint8Array): Promise<packet.DecodedPacket & { rcode: string; flag_tc: boolean }> {
  const socket = createSocket("udp4");
  socket.send(bytes, port, "127.0.0.1");
  const [answer] = (await once(socket, "message")) as [Buffer];
  socket.close();
  return packet.decode(answer) as never;
}

describe("the name server's sockets", () => {
  it("answer over UDP and TCP, and send a long answer's client to TCP", async () => {
    const { port, listener } = await listening();
    await using _ = listener;
    expect((await overUdp(port, encodeQuery(7, { name: "web.local", type: "A" }))).answers).toMatchObject([{ data: "10.0.0.0" }]);
    const cut = await overUdp(port, encodeQuery(8, { name: "big.local", type: "A" }));
    expect([cut.flag_tc, cut.answers]).toEqual([true, []]);

    const socket = connect(port, "127.0.0.1");
    socket.write(frameTcp(encodeQuery(9, { name: "big.local", type: "A" })));
    let received = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 2 + received.readUInt16BE(0)) break;
    }
    expect(packet.decode(received.subarray(2)).answers).toHaveLength(100);
  });

  it("forward what is not theirs, past a resolver that refuses, and believe nobody whom they did not ask", async () => {
    const stranger = createSocket("udp4");
    const resolver = createSocket("udp4");
    resolver.on("message", (query, from) => {
      const question = packet.decode(query);
      const reply = (data: string): Uint8Array =>
        packet.encode({ ...question, type: "response", answers: [{ type: "A", name: "outside.example", ttl: 60, data }] });
      stranger.send(reply("6.6.6.6"), from.port, from.address, () => resolver.send(reply("192.0.2.1"), from.port, from.address));
    });
    resolver.bind(0, "127.0.0.1");
    await once(resolver, "listening");
    const { port, listener } = await listening([
      { address: "127.0.0.1", port: await freePort() },
      { address: "127.0.0.1", port: resolver.address().port },
    ]);
    await using _ = listener;
    const beganMs = performance.now();
    expect((await overUdp(port, encodeQuery(3, { name: "outside.example", type: "A" }))).answers).toMatchObject([{ data: "192.0.2.1" }]);
    expect(performance.now() - beganMs).toBeLessThan(1500);
    resolver.close();
    stranger.close();
  });

  it("say SERVFAIL when nobody answers", async () => {
    const { port, listener } = await listening([{ address: "127.0.0.1", port: await freePort() }]);
    await using _ = listener;
    expect((await overUdp(port, encodeQuery(3, { name: "outside.example", type: "A" }))).rcode).toBe("SERVFAIL");
  });

  it("survive rubbish and answer what has at least an id", async () => {
    const { port, listener } = await listening();
    await using _ = listener;
    const socket = createSocket("udp4");
    for (let size = 0; size < 40; size++) socket.send(Buffer.alloc(size, 0xc0), port, "127.0.0.1");
    socket.close();
    const bad = Buffer.from(encodeQuery(5, { name: "web.local", type: "A" }));
    bad[12] = 0xff;
    expect((await overUdp(port, bad)).rcode).toBe("FORMERR");
    expect((await overUdp(port, encodeQuery(6, { name: "web.local", type: "A" }))).rcode).toBe("NOERROR");
  });
});

describe("decoding a query", () => {
  it("ignores answers and short packets, so that two servers never talk to each other", () => {
    const query = encodeQuery(1, { name: "a.b", type: "A" });
    expect(decodeQuery(query.subarray(0, 11))).toBeUndefined();
    query[2]! |= 0x80;
    expect(decodeQuery(query)).toBeUndefined();
  });
});
