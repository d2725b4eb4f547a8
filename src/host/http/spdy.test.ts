// Both sides of SPDY/3.1 against each other, with Node's zlib between them.

import { describe, expect, it } from "vitest";
import { duplexPair, joinDuplexes } from "../../wire/duplex.ts";
import type { Duplex } from "../../wire/exchange.ts";
import type { SpdyOptions } from "../../wire/spdy.ts";
import type { SpdyStream } from "../../wire/spdy-stream.ts";
import { SpdySession } from "../../wire/spdy.ts";
import { encodeSpdyFrame } from "../../wire/spdy-frame.ts";
import { hostZlib } from "../zlib.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(duplex: Duplex): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of duplex.incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function first(session: SpdySession): Promise<SpdyStream> {
  for await (const stream of session.incoming) return stream;
  throw new Error("no stream came");
}

function sessions(
  flowControl: SpdyOptions["flowControl"],
  more: Partial<SpdyOptions> = {},
): { client: SpdySession; server: SpdySession } & AsyncDisposable {
  const [near, far] = duplexPair();
  const client = new SpdySession(near, { role: "client", zlib: hostZlib, flowControl, ...more });
  const server = new SpdySession(far, { role: "server", zlib: hostZlib, flowControl, ...more });
  return {
    client,
    server,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server.close();
      await Promise.all([client.closed, server.closed]);
    },
  };
}

describe.each(["windows", "connection"] as const)("SPDY/3.1 with flow control by %s", (flowControl) => {
  it("opens streams from both sides with their headers", async () => {
    await using pair = sessions(flowControl);
    const accepted: SpdyStream[] = [];
    const accepting = (async () => {
      for await (const stream of pair.server.incoming) if (accepted.push(stream) === 3) break;
    })();
    const opened = await Promise.all(["error", "stdin", "stdout"].map((streamType) => pair.client.open({ streamType, port: "80" })));
    await Promise.all(opened.map((stream) => stream.replied));
    await accepting;
    expect(accepted.map((stream) => [stream.id, stream.headers])).toEqual([
      [1, { streamtype: "error", port: "80" }],
      [3, { streamtype: "stdin", port: "80" }],
      [5, { streamtype: "stdout", port: "80" }],
    ]);
    const back = await pair.server.open({ from: "server" });
    expect([back.id, (await first(pair.client)).headers]).toEqual([2, { from: "server" }]);
  });

  it("half-closes: the one direction ends, the other goes on", async () => {
    await using pair = sessions(flowControl);
    const near = await pair.client.open({ a: "b" });
    const far = await first(pair.server);
    await near.write(bytes("question"));
    near.end();
    expect(await read(far)).toBe("question");
    await far.write(bytes("answer"));
    far.end();
    expect(await read(near)).toBe("answer");
    await Promise.all([near.closed, far.closed]);
    await expect(near.write(bytes("late"))).rejects.toThrow("ended");
  });

  it("carries a megabyte each way at once, in order", async () => {
    await using pair = sessions(flowControl);
    const near = await pair.client.open({});
    const far = await first(pair.server);
    const send = async (stream: SpdyStream): Promise<void> => {
      for (let i = 0; i < 16; i++) await stream.write(new Uint8Array(65_536).fill(97 + i));
      stream.end();
    };
    const whole = Array.from({ length: 16 }, (_, i) => String.fromCharCode(97 + i).repeat(65_536)).join("");
    const [, , atFar, atNear] = await Promise.all([send(near), send(far), read(far), read(near)]);
    expect(atFar === whole && atNear === whole).toBe(true);
  });

  it("makes a writer wait for a slow reader", async () => {
    await using pair = sessions(flowControl);
    const near = await pair.client.open({});
    const far = await first(pair.server);
    let written = 0;
    const writing = (async () => {
      for (; written < 64; written++) await near.write(new Uint8Array(1 << 18));
      near.end();
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(60);
    expect((await read(far)).length).toBe(64 << 18);
    await writing;
  });

  it("ends both sides of a stream that is reset, and no other", async () => {
    await using pair = sessions(flowControl);
    const [one, two] = [await pair.client.open({ n: "1" }), await pair.client.open({ n: "2" })];
    const accepted = pair.server.incoming[Symbol.asyncIterator]();
    const farOne = (await accepted.next()).value!;
    const farTwo = (await accepted.next()).value!;
    const reading = read(farOne);
    one.destroy();
    await expect(reading).rejects.toThrow("reset");
    await expect(farOne.write(bytes("x"))).rejects.toThrow("reset");
    await expect(one.write(bytes("x"))).rejects.toThrow("reset");
    await two.write(bytes("still here"));
    two.end();
    expect(await read(farTwo)).toBe("still here");
  });

  it("answers pings and tells every stream when the connection breaks", async () => {
    const [near, far] = duplexPair();
    const client = new SpdySession(near, { role: "client", zlib: hostZlib, flowControl });
    const server = new SpdySession(far, { role: "server", zlib: hostZlib, flowControl });
    await Promise.all([client.ping(), server.ping(), client.ping()]);
    const stream = await client.open({});
    const remote = await first(server);
    const reading = read(stream);
    far.destroy(new Error("cable cut"));
    await expect(reading).rejects.toThrow();
    await expect(read(remote)).rejects.toThrow();
    await Promise.all([client.closed, server.closed]);
    await expect(client.open({})).rejects.toThrow();
    await expect(client.ping()).rejects.toThrow();
  });

  it("joins two streams as a proxy does", async () => {
    await using left = sessions(flowControl);
    await using right = sessions(flowControl);
    const user = await left.client.open({});
    const proxied = await first(left.server);
    const onward = await right.client.open({});
    const target = await first(right.server);
    const joined = joinDuplexes(proxied, onward);
    await user.write(bytes("ping"));
    user.end();
    expect(await read(target)).toBe("ping");
    await target.write(bytes("pong"));
    target.end();
    expect(await read(user)).toBe("pong");
    await joined;
  });
});

describe("SPDY/3.1 limits", () => {
  it("a window that is used up stops the writer until the reader gives it back", async () => {
    await using pair = sessions("windows");
    const near = await pair.client.open({});
    const far = await first(pair.server);
    let done = false;
    const writing = near.write(new Uint8Array(65_537)).then(() => (done = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([done, far.unread]).toEqual([false, 65_536]);
    near.end();
    expect((await read(far)).length).toBe(65_537);
    await writing;
    expect(done).toBe(true);
  });

  it("resets a stream whose sender ignores the window", async () => {
    const [near, far] = duplexPair();
    const client = new SpdySession(near, { role: "client", zlib: hostZlib, flowControl: "connection" });
    const server = new SpdySession(far, { role: "server", zlib: hostZlib, flowControl: "windows" });
    const stream = await client.open({});
    const remote = await first(server);
    await stream.write(new Uint8Array(70_000));
    await expect(read(stream)).rejects.toThrow("status 7");
    await expect(read(remote)).rejects.toThrow("window");
    await client.close();
    await Promise.all([client.closed, server.closed]);
  });

  it("refuses streams beyond the limit", async () => {
    await using pair = sessions("connection", { maxStreams: 2 });
    const streams = [await pair.client.open({}), await pair.client.open({}), await pair.client.open({})];
    await streams[0]!.replied;
    await expect(streams[2]!.replied).rejects.toThrow("status 3");
  });

  it("ends the session on garbage and on a stream number that goes back", async () => {
    for (const junk of [
      bytes("GET / HTTP/1.1\r\n\r\n".repeat(20)),
      encodeSpdyFrame({ type: "synStream", streamId: 1, flags: 0, block: Uint8Array.of(1, 2, 3) }),
    ]) {
      const [near, far] = duplexPair();
      const server = new SpdySession(far, { role: "server", zlib: hostZlib, flowControl: "connection" });
      await near.write(junk);
      near.end();
      await server.closed;
      for await (const _ of server.incoming) throw new Error("no stream expected");
    }
  });
});
