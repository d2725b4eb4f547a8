// Clients that behave badly on the connection itself: the server answers or cuts them off, and meanwhile serves everybody else.

import { connect as h2Connect } from "node:http2";
import { connect as tcpConnect, type Socket } from "node:net";
import { connect as tlsConnect, type TLSSocket } from "node:tls";
import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../../src/apiserver/testing.laws.ts";
import { WireServer } from "./wire-server.ts";

const maps = "/api/v1/namespaces/default/configmaps";
/** A busy machine is slow; a server that waits for such clients would never answer. */
const soonMs = 5000;
const { signal } = new AbortController();

let server: WireServer;
const open: Socket[] = [];
beforeAll(async () => {
  server = await WireServer.open();
});
afterEach(async () => {
  // Whatever the test did: others are still answered, nothing was our own fault.
  const { status } = await server.ask("GET", `${maps}?limit=1`, undefined, { bytes: true });
  expect(status).toBe(200);
  expect(server.errors).toEqual([]);
  for (const socket of open.splice(0)) socket.destroy();
});
afterAll(() => server[Symbol.asyncDispose]());

async function secure(): Promise<TLSSocket> {
  const { port, caPem, admin } = server.door;
  const socket = tlsConnect({
    host: "127.0.0.1",
    port,
    ca: caPem,
    cert: admin.certificatePem,
    key: admin.keyPem,
    ALPNProtocols: ["http/1.1"],
  });
  open.push(socket);
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  socket.on("error", () => undefined);
  return socket;
}

/** Sends text and reads the first line of the answer; "" when the server hangs up. */
async function firstLine(text: string | Buffer): Promise<string> {
  const socket = await secure();
  return await new Promise((resolve) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1").split("\r\n")[0]!));
    socket.once("close", () => resolve(""));
    socket.write(text);
  });
}

/** Milliseconds that an ordinary request of somebody else takes. */
async function elsewhere(): Promise<number> {
  const startedAt = performance.now();
  expect((await server.ask("GET", "/api/v1/namespaces/default", undefined, { bytes: true })).status).toBe(200);
  return performance.now() - startedAt;
}

describe("on the connection", { timeout: 30_000 }, () => {
  it("serves others beside a thousand connections that say nothing", async () => {
    const sockets = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const socket = tcpConnect(server.door.port, "127.0.0.1");
        open.push(socket);
        socket.on("error", () => undefined);
        await new Promise((resolve) => socket.once("connect", resolve));
        return socket;
      }),
    );
    expect(sockets.every((socket) => !socket.destroyed)).toBe(true);
    expect(await elsewhere()).toBeLessThan(soonMs);
  });

  it("serves others beside half-sent requests", async () => {
    for (let i = 0; i < 50; i++) {
      const socket = await secure();
      socket.write(
        i % 2 === 0
          ? "GET /api HTTP/1.1\r\nHost: a\r\nX-Half: "
          : `POST ${maps} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":`,
      );
    }
    expect(await elsewhere()).toBeLessThan(soonMs);
  });

  it("refuses what is no HTTP, headers without end, and bodies that are too long", async () => {
    expect(await firstLine("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect(await firstLine(`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(200_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 |^$/);
    const tooLong = `POST ${maps} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n`;
    expect(await firstLine(Buffer.concat([Buffer.from(tooLong), Buffer.alloc(4_000_000, 0x20)]))).toBe("HTTP/1.1 413 Payload Too Large");
    const { status, body } = await server.ask("POST", maps, `"${"x".repeat(3 * 1024 * 1024)}"`, { bytes: true });
    expect({ status, message: body.message }).toEqual({ status: 413, message: "Request entity too large: limit is 3145728" });
  });

  it("refuses depth, alias bombs and broken UTF-8", async () => {
    const deep = await server.ask("POST", maps, '{"a":'.repeat(100_000), { bytes: true });
    expect(deep.status).toBe(400);
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghi".split("").map((name, i) => `${name}: &${name} [${`*${"abcdefgh"[i]},`.repeat(9)}]`),
    ].join("\n");
    const bombed = await server.ask("POST", maps, bomb, { bytes: true, type: "application/yaml" });
    expect(bombed.status).toBe(400);
    const broken = await server.ask("POST", maps, Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d), { bytes: true });
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(broken.status).toBeLessThan(500);
    const polluted = await server.ask("POST", maps, '{"metadata":{"name":"p","labels":{"__proto__":"x"}},"__proto__":{"polluted":1}}', {
      bytes: true,
    });
    expect(polluted.status).toBeLessThan(500);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await server.ask("GET", "/api/v1/namespaces/%ff%00/pods/%2e%2e%2f", undefined, { bytes: true })).status).toBe(404);
  });

  it("lets a slow reader of large answers wait alone", async () => {
    for (let i = 0; i < 20; i++)
      expect(
        (await server.ask("POST", maps, { metadata: { name: `big-${i}` }, data: { v: "x".repeat(100_000) } }, { bytes: true })).status,
      ).toBe(201);
    const { port, caPem, admin } = server.door;
    const session = h2Connect(`https://127.0.0.1:${port}`, { ca: caPem, cert: admin.certificatePem, key: admin.keyPem });
    session.on("error", () => undefined);
    const before = process.memoryUsage().rss;
    // Asked for, never read: flow control keeps the bytes at the server, which holds each list once.
    for (let i = 0; i < 20; i++)
      session
        .request({ ":path": maps })
        .on("error", () => undefined)
        .pause();
    const watch = session.request({ ":path": `${maps}?watch=1` });
    watch.on("error", () => undefined).pause();
    for (let i = 0; i < 20; i++) {
      const patch = JSON.stringify({ data: { v: `${i}`.repeat(50_000) } });
      await server.ask("PATCH", `${maps}/big-0`, patch, { bytes: true, type: "application/merge-patch+json" });
    }
    expect(await elsewhere()).toBeLessThan(soonMs);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
    session.destroy();
  });

  it("compresses large answers for those who take it", async () => {
    const ask = async (headers: Record<string, string>): Promise<{ headers: Readonly<Record<string, string>>; bytes: Uint8Array }> => {
      const response = await server.exchange({ method: "GET", target: maps, headers, peer: { address: "" } }, signal);
      return { headers: response.headers, bytes: (await bytesOf(response.body))! };
    };
    const plain = await ask({});
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const small = await ask({ "accept-encoding": "gzip, deflate" });
    expect(small.headers["content-encoding"]).toBe("gzip");
    expect(small.bytes.length).toBeLessThan(plain.bytes.length / 10);
    expect(Buffer.from(gunzipSync(small.bytes)).equals(Buffer.from(plain.bytes))).toBe(true);
    expect((await ask({ "accept-encoding": "gzip;q=0" })).headers["content-encoding"]).toBeUndefined();
  });
});
