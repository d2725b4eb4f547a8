// Server and dialer against each other, over real sockets on loopback.

import type { AddressInfo } from "node:net";
import { connect as tcpConnect, createServer as createTcpServer } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { connect as h2Connect } from "node:http2";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { CountingActivity } from "../../base/activity.ts";
import type { Log } from "../../base/log.ts";
import { silentLog } from "../../base/log.ts";
import { StatusError } from "../../object/status.ts";
import { duplexPair } from "../../wire/duplex.ts";
import type { DialIdentity, Exchange, Request, Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import type { KeyPair } from "../../cluster/keys.ts";
import type { Dialer } from "./dial.ts";
import { createDialer } from "./dial.ts";
import type { HttpServer, ServeOptions } from "./http-server.ts";
import { serve } from "./http-server.ts";
import { hostKeys } from "../keys/keys.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const never = new AbortController().signal;

async function text(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  const { body } = response;
  if (body instanceof Uint8Array) chunks.push(body);
  else if (body) for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

let ca: KeyPair;
let otherCa: KeyPair;
let serverCert: KeyPair;
let userCert: KeyPair;
let strangerCert: KeyPair;

beforeAll(async () => {
  const day = 86_400_000;
  [ca, otherCa] = await Promise.all([hostKeys.createCa("ca", day), hostKeys.createCa("other", day)]);
  const user = { commonName: "jane", organizations: ["dev", "ops"], usages: ["client"] as const, validForMs: day };
  [serverCert, userCert, strangerCert] = await Promise.all([
    hostKeys.issue({ ca, commonName: "api", dnsNames: ["api.test"], ipAddresses: ["127.0.0.1"], usages: ["server"], validForMs: day }),
    hostKeys.issue({ ca, ...user }),
    hostKeys.issue({ ca: otherCa, ...user }),
  ]);
});

const running: AsyncDisposable[] = [];
afterEach(async () => {
  for (const thing of running.splice(0).toReversed()) await thing[Symbol.asyncDispose]();
});

async function start(exchange: Exchange, options: Partial<ServeOptions> & { plain?: boolean } = {}): Promise<HttpServer> {
  const tls = { certPem: serverCert.certificatePem, keyPem: serverCert.keyPem, clientCaPem: ca.certificatePem };
  const { plain, ...rest } = options;
  const server = await serve(exchange, { host: "127.0.0.1", port: 0, log: silentLog, ...(!plain && { tls }), ...rest });
  running.push(server);
  return server;
}

function dialer(): Dialer {
  const made = createDialer();
  running.push(made);
  return made;
}

const kinds = ["h2", "h1", "plain"] as const;

/** An Exchange to the server by each of the three ways. */
function reach(kind: (typeof kinds)[number], server: HttpServer, identity: DialIdentity = {}): Exchange {
  const scheme = kind === "plain" ? "http" : "https";
  const exchange = dialer().dial({ scheme, host: "127.0.0.1", port: server.port }, { caPem: ca.certificatePem }, identity);
  return exchange;
}

const get = (target: string, headers: Record<string, string> = {}): Request => ({ method: "GET", target, headers, peer: { address: "" } });

describe.each(["tls", "plain"] as const)("server and dialer over %s", (way) => {
  const plain = way === "plain";
  const to = (server: HttpServer, identity: DialIdentity = {}): Exchange => reach(plain ? "plain" : "h2", server, identity);

  it("carries method, target, headers, status and bytes both ways", async () => {
    const seen: Request[] = [];
    const server = await start(
      async (request) => {
        seen.push(request);
        return {
          status: 201,
          headers: { "x-answer": "yes", warning: '299 - "a", 299 - "b"' },
          body: bytes(`got ${await text(request as never)}`),
        };
      },
      { plain },
    );
    const exchange = to(server);
    const response = await exchange(
      { method: "POST", target: "/a?b=c%20d", headers: { "x-ask": "1" }, body: bytes("hello"), peer: { address: "" } },
      never,
    );
    expect(response.status).toBe(201);
    expect(response.headers).toMatchObject({ "x-answer": "yes", "content-length": "9" });
    expect(await text(response)).toBe("got hello");
    expect(seen[0]).toMatchObject({ method: "POST", target: "/a?b=c%20d", headers: { "x-ask": "1" }, peer: { address: "127.0.0.1" } });
    expect(seen[0]!.peer.certificate).toBeUndefined();
    const empty = await exchange(get("/"), never);
    expect(await text(empty)).toBe("got ");
    expect(seen[1]!.body).toBeUndefined();
    expect(seen[1]!.headers["host"]).toBe(`127.0.0.1:${server.port}`);
  });

  it("streams both ways with back-pressure", async () => {
    const server = await start(async (request) => ({ status: 200, headers: {}, body: request.body as AsyncIterable<Uint8Array> }), {
      plain,
    });
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 200; i++) yield new Uint8Array(10_000).fill(i);
    }
    const response = await to(server)({ method: "POST", target: "/", headers: {}, body: source(), peer: { address: "" } }, never);
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) size += chunk.length;
    expect(size).toBe(2_000_000);
  });

  it("does not read a source faster than its reader takes it", async () => {
    let produced = 0;
    const server = await start(
      async () => ({
        status: 200,
        headers: {},
        body: (async function* () {
          for (; produced < 2_000; produced++) yield new Uint8Array(64 * 1024);
        })(),
      }),
      { plain },
    );
    const response = await to(server)(get("/"), never);
    const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    await reader.next();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(produced).toBeLessThan(1_500);
    await reader.return!();
  });

  it("ends the server's signal and source when the client leaves a stream", async () => {
    let released = false;
    const aborted = new Promise<void>((resolve) => {
      void start(
        async (_request, signal) => {
          signal.addEventListener("abort", () => resolve(), { once: true });
          return {
            status: 200,
            headers: {},
            body: (async function* () {
              try {
                yield bytes("first");
                await new Promise<void>((wake) => signal.addEventListener("abort", () => wake(), { once: true }));
              } finally {
                released = true;
              }
            })(),
          };
        },
        { plain },
      ).then(async (server) => {
        const controller = new AbortController();
        const response = await to(server)(get("/watch"), controller.signal);
        const reader = (response.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
        expect(Buffer.from((await reader.next()).value!).toString()).toBe("first");
        controller.abort(new Error("enough"));
        await expect(reader.next()).rejects.toThrow("enough");
      });
    });
    await aborted;
    await expect.poll(() => released).toBe(true);
  });

  it("turns what the exchange throws into a Status, and logs only what is a bug", async () => {
    const logged: string[] = [];
    const log: Log = { ...silentLog, error: (message) => void logged.push(message) };
    const server = await start(
      async (request) => {
        if (request.target === "/status") throw new StatusError("Conflict", "no");
        if (request.target === "/decoded") return { status: 200, headers: {}, body: new Decoded({}) };
        throw new TypeError("secret detail");
      },
      { plain, log },
    );
    const exchange = to(server);
    const conflict = await exchange(get("/status"), never);
    expect([conflict.status, (JSON.parse(await text(conflict)) as { reason: string }).reason]).toEqual([409, "Conflict"]);
    const broken = await exchange(get("/bug"), never);
    const shown = await text(broken);
    expect(broken.status).toBe(500);
    expect(shown).toContain('"InternalError"');
    expect(shown).not.toContain("secret");
    expect(logged).toEqual(["a request failed unexpectedly"]);
    await expect(exchange(get("/decoded"), never)).rejects.toThrow();
    expect((await exchange(get("/status"), never)).status).toBe(409);
  });

  it("survives a body that breaks off, and says so to the reader", async () => {
    const server = await start(
      async () => ({
        status: 200,
        headers: {},
        body: (async function* () {
          yield bytes("part");
          await new Promise((resolve) => setTimeout(resolve, 5));
          throw new Error("broken");
        })(),
      }),
      { plain },
    );
    const response = await to(server)(get("/"), never);
    await expect(text(response)).rejects.toThrow();
  });

  it("answers HEAD and 204 without a body and keeps the connection in order", async () => {
    const server = await start(
      async (request) =>
        request.target === "/none"
          ? { status: 204, headers: {} }
          : {
              status: 200,
              headers: {},
              body:
                request.target === "/s"
                  ? (async function* () {
                      yield bytes("abc");
                    })()
                  : bytes("abc"),
            },
      { plain },
    );
    const exchange = to(server);
    for (const target of ["/x", "/s"]) expect(await text(await exchange({ ...get(target), method: "HEAD" }, never))).toBe("");
    expect((await exchange(get("/none"), never)).status).toBe(204);
    expect(await text(await exchange(get("/x"), never))).toBe("abc");
  });

  it("answers early although the client still sends, and stays usable", async () => {
    const server = await start(async () => ({ status: 413, headers: {}, body: bytes("too much") }), { plain });
    const exchange = to(server);
    const large = { method: "POST", target: "/", headers: {}, body: new Uint8Array(100_000), peer: { address: "" } };
    expect((await exchange(large, never)).status).toBe(413);
    expect((await exchange(get("/"), never)).status).toBe(413);
  });

  it("hands an upgraded connection through, half-close included", async () => {
    const server = await start(
      async (request) => {
        const [near, far] = duplexPair();
        void (async () => {
          let all = "";
          for await (const chunk of near.incoming) all += Buffer.from(chunk).toString();
          await near.write(bytes(`echo ${all}`));
          near.end();
        })();
        return { status: 101, headers: { connection: "Upgrade", upgrade: request.headers["upgrade"]! }, duplex: far };
      },
      { plain },
    );
    const response = await to(server)({ ...get("/exec", { connection: "Upgrade", upgrade: "SPDY/3.1" }), method: "POST" }, never);
    expect([response.status, response.headers["upgrade"]]).toEqual([101, "SPDY/3.1"]);
    await response.duplex!.write(bytes("one "));
    await response.duplex!.write(bytes("two"));
    response.duplex!.end();
    expect(await text({ ...response, body: response.duplex!.incoming })).toBe("echo one two");
    await response.duplex!.closed;
  });

  it("answers a refused upgrade as plain HTTP", async () => {
    const server = await start(async () => ({ status: 403, headers: {}, body: bytes("no") }), { plain });
    const response = await to(server)(get("/exec", { connection: "Upgrade", upgrade: "websocket" }), never);
    expect([response.status, await text(response)]).toEqual([403, "no"]);
  });

  it("counts a request as busy until it is answered", async () => {
    const activity = new CountingActivity();
    let count = 0;
    const server = await start(
      async () => {
        count = activity.count;
        return { status: 200, headers: {} };
      },
      { plain, activity },
    );
    await to(server)(get("/"), never);
    expect([count, activity.count]).toEqual([1, 0]);
  });

  it("on disposal ends streams at once, lets begun requests finish, and refuses new ones", async () => {
    let finish!: () => void;
    const begun = new Promise<void>((resolve) => (finish = resolve));
    let streamEnded = false;
    const server = await start(
      async (request, signal) => {
        if (request.target === "/slow") {
          await begun;
          return { status: 200, headers: {}, body: bytes("finished") };
        }
        return {
          status: 200,
          headers: {},
          body: (async function* () {
            yield bytes("x");
            await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
            streamEnded = true;
          })(),
        };
      },
      { plain },
    );
    const exchange = to(server);
    const stream = await exchange(get("/watch"), never);
    const slow = exchange(get("/slow"), never).then(text);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const disposed = server[Symbol.asyncDispose]();
    await expect.poll(() => streamEnded).toBe(true);
    finish();
    expect(await slow).toBe("finished");
    await disposed;
    await text(stream).catch(() => undefined);
    await expect(to(server)(get("/"), never)).rejects.toThrow(`cannot reach 127.0.0.1:${server.port}: connection refused`);
  });
});

describe("TLS of the server", () => {
  const whoAmI: Exchange = async (request) => ({ status: 200, headers: {}, body: bytes(JSON.stringify(request.peer.certificate ?? null)) });

  it("knows a verified client certificate and ignores a stranger's", async () => {
    const server = await start(whoAmI);
    const as = async (pair: KeyPair | undefined): Promise<unknown> =>
      JSON.parse(
        await text(await reach("h2", server, pair && { certificatePem: pair.certificatePem, keyPem: pair.keyPem })(get("/"), never)),
      );
    expect(await as(userCert)).toEqual({
      commonName: "jane",
      organizations: ["dev", "ops"],
      fingerprint: hostKeys.inspect(userCert.certificatePem).fingerprint,
    });
    expect(await as(strangerCert)).toBeNull();
    expect(await as(undefined)).toBeNull();
  });

  it("speaks HTTP/1.1 to those who want it", async () => {
    const server = await start(whoAmI);
    const socket = tlsConnect({ host: "127.0.0.1", port: server.port, ca: ca.certificatePem });
    socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let all = "";
    for await (const chunk of socket) all += String(chunk);
    expect(all).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("serves renewed certificates without a restart", async () => {
    const server = await start(whoAmI);
    const renewed = await hostKeys.issue({
      ca: otherCa,
      commonName: "api",
      ipAddresses: ["127.0.0.1"],
      usages: ["server"],
      validForMs: 1e7,
    });
    expect((await reach("h2", server)(get("/"), never)).status).toBe(200);
    server.reload({ certPem: renewed.certificatePem, keyPem: renewed.keyPem, clientCaPem: ca.certificatePem });
    await expect(reach("h2", server)(get("/"), never)).rejects.toThrow("signed by a CA that is not trusted");
    const trusting = dialer().dial({ scheme: "https", host: "127.0.0.1", port: server.port }, { caPem: otherCa.certificatePem }, {});
    expect((await trusting(get("/"), never)).status).toBe(200);
  });

  it("survives garbage, plain HTTP and early hang-ups on its port", async () => {
    const server = await start(whoAmI);
    for (const junk of ["GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x00\x05aaaaa", ""]) {
      await new Promise<void>((resolve) => {
        const socket = tcpConnect(server.port, "127.0.0.1", () => socket.end(junk));
        socket.on("error", () => undefined);
        socket.on("close", () => resolve());
        socket.resume();
      });
    }
    expect((await reach("h2", server)(get("/"), never)).status).toBe(200);
  });

  it("cuts off a client that opens and cancels streams without end", async () => {
    const server = await start(async (_request, signal) => {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      return { status: 200, headers: {} };
    });
    // Node.js' own client does not notice that it was cut off while thousands of its streams wait: a relay sees it.
    let onCut: () => void;
    const cut = new Promise<void>((resolve) => (onCut = resolve));
    const relay = createTcpServer((near) => {
      const far = tcpConnect(server.port, "127.0.0.1");
      for (const socket of [near, far]) socket.on("error", () => undefined);
      near.pipe(far).pipe(near);
      far.once("close", () => {
        near.destroy();
        onCut();
      });
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const session = h2Connect(`https://127.0.0.1:${(relay.address() as AddressInfo).port}`, { ca: ca.certificatePem });
    session.on("error", () => undefined);
    const flood = setInterval(() => {
      for (let i = 0; i < 100 && !session.destroyed && !session.closed; i++) {
        const stream = session.request({ ":path": "/" });
        stream.on("error", () => undefined);
        setTimeout(() => stream.close(8), 10); // after its headers have left
      }
    }, 5);
    await cut;
    clearInterval(flood);
    session.destroy();
    relay.close();
    expect((await reach("h2", await start(whoAmI))(get("/"), never)).status).toBe(200);
  });
});

describe("dialer", () => {
  it("connects to the checked address but verifies the name", async () => {
    const server = await start(async (request) => ({ status: 200, headers: {}, body: bytes(request.headers["host"]!) }));
    const { dial } = dialer();
    const target = { scheme: "https", port: server.port, address: "127.0.0.1" } as const;
    const good = dial({ ...target, host: "api.test" }, { caPem: ca.certificatePem }, {});
    expect(await text(await good(get("/"), never))).toBe(`api.test:${server.port}`);
    const wrong = dial({ ...target, host: "other.test" }, { caPem: ca.certificatePem }, {});
    await expect(wrong(get("/"), never)).rejects.toThrow(
      `cannot reach other.test:${server.port}: the server's certificate is not made out to this name`,
    );
    const renamed = dial({ ...target, host: "other.test" }, { caPem: ca.certificatePem, serverName: "api.test" }, {});
    expect((await renamed(get("/"), never)).status).toBe(200);
    const insecure = dial({ ...target, host: "other.test" }, { insecure: true }, {});
    expect((await insecure(get("/"), never)).status).toBe(200);
  });

  it("sends the bearer token, follows no redirect, and falls back to HTTP/1.1", async () => {
    const server = await start(async (request) => ({
      status: 302,
      headers: { location: "/b" },
      body: bytes(request.headers["authorization"] ?? ""),
    }));
    const response = await reach("h2", server, { bearerToken: "t0ken" })(get("/a"), never);
    expect([response.status, await text(response)]).toEqual([302, "Bearer t0ken"]);
    const { createServer } = await import("node:https");
    const http1Only = createServer({ cert: serverCert.certificatePem, key: serverCert.keyPem }, (request, reply) =>
      reply.end(request.httpVersion),
    );
    await new Promise<void>((resolve) => http1Only.listen(0, "127.0.0.1", resolve));
    running.push({
      [Symbol.asyncDispose]: () =>
        new Promise((resolve) => {
          http1Only.close(() => resolve());
          http1Only.closeAllConnections();
        }),
    });
    const port = (http1Only.address() as { port: number }).port;
    const old = dialer().dial({ scheme: "https", host: "127.0.0.1", port }, { caPem: ca.certificatePem }, {});
    for (let i = 0; i < 2; i++) expect(await text(await old(get("/"), never))).toBe("1.1");
  });

  it("dials again when a server has come back", async () => {
    const first = await start(async () => ({ status: 200, headers: {} }));
    const exchange = reach("h2", first);
    expect((await exchange(get("/"), never)).status).toBe(200);
    await first[Symbol.asyncDispose]();
    await expect(exchange(get("/"), never)).rejects.toThrow("connection refused");
    await start(async () => ({ status: 202, headers: {} }), { port: first.port });
    expect((await exchange(get("/"), never)).status).toBe(202);
  });

  it("shares one session among concurrent requests and gives up at once when told to", async () => {
    const ports = new Set<string>();
    let waiting = 0;
    const server = await start(async (request, signal) => {
      ports.add(request.peer.address);
      if (request.target !== "/hang") return { status: 200, headers: {}, body: bytes("ok") };
      waiting++;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      waiting--;
      return { status: 200, headers: {} };
    });
    const exchange = reach("h2", server);
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(get("/"), never).then(text)));
    expect(new Set(answers)).toEqual(new Set(["ok"]));
    const controller = new AbortController();
    const hanging = exchange(get("/hang"), controller.signal);
    await expect.poll(() => waiting).toBe(1);
    controller.abort(new Error("told to"));
    await expect(hanging).rejects.toThrow("told to");
    await expect.poll(() => waiting).toBe(0);
  });
});
