// The streams of exec and attach as they come over the wire, in the two framings that clients of Kubernetes speak: channels in
// WebSocket messages (v5 and v4.channel.k8s.io), and SPDY streams.

import type { Clock } from "../../base/clock.ts";
import { sleep } from "../../base/clock.ts";
import type { Duplex, Request, Response } from "../../wire/exchange.ts";
import {
  channelMessage,
  channelProtocolV4,
  channelProtocolV5,
  errorChannel,
  parseChannelMessage,
  resizeChannel,
  stderrChannel,
  stdinChannel,
  stdoutChannel,
} from "../../wire/channel-framing.ts";
import { duplexPair } from "../../wire/duplex.ts";
import type { Zlib } from "../../wire/spdy.ts";
import { SpdySession } from "../../wire/spdy.ts";
import { acceptWebSocket, isWebSocketRequest } from "../../wire/websocket.ts";
import type { WebSocketSession } from "../../wire/websocket.ts";
import { errorResponse } from "./responses.ts";

export interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** What the client sends, taken one after the other. */
export type RemoteInput =
  | { readonly type: "stdin"; readonly bytes: Uint8Array }
  | { readonly type: "stdin-end" }
  | { readonly type: "resize"; readonly width: number; readonly height: number };

export interface RemoteStreams {
  readonly input: AsyncIterable<RemoteInput>;
  stdout(bytes: Uint8Array): Promise<void>;
  stderr(bytes: Uint8Array): Promise<void>;
  /** Sends the final status and closes. */
  finish(status: Uint8Array): Promise<void>;
  /** The connection is over. */
  readonly closed: Promise<void>;
}

export interface Upgrade {
  readonly response: Response;
  /** Absent when the handshake failed. */
  readonly streams?: Promise<RemoteStreams>;
}

const spdyProtocols = [channelProtocolV5, channelProtocolV4];
/** A SPDY client opens its streams one by one; it has this long. */
const openStreamsMs = 30_000;

export function upgradeStreams(request: Request, wanted: Wanted, zlib: Zlib, clock: Clock): Upgrade {
  if (isWebSocketRequest(request)) {
    const accepted = acceptWebSocket(request, { protocols: [channelProtocolV5, channelProtocolV4] });
    if (!accepted.session) return { response: accepted.response };
    return { response: accepted.response, streams: Promise.resolve(webSocketStreams(accepted.session)) };
  }
  if ((request.headers["upgrade"] ?? "").toLowerCase() === "spdy/3.1") {
    const offered = (request.headers["x-stream-protocol-version"] ?? "").split(",").map((name) => name.trim());
    const protocol = offered.find((name) => spdyProtocols.includes(name));
    if (protocol === undefined)
      return {
        response: errorResponse(
          403,
          `unable to upgrade: unable to negotiate protocol: client supports [${offered.join(" ")}], server accepts [${spdyProtocols.join(" ")}]`,
        ),
      };
    const [near, far] = duplexPair();
    const headers = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": protocol };
    return { response: { status: 101, headers, duplex: far }, streams: spdyStreams(near, wanted, zlib, clock) };
  }
  return { response: errorResponse(400, "unable to upgrade: missing upgrade headers in request") };
}

function webSocketStreams(session: WebSocketSession): RemoteStreams {
  async function* input(): AsyncIterable<RemoteInput> {
    for await (const { data } of session.messages) {
      const event = parseChannelMessage(data, session.protocol);
      if (!event) continue;
      if (event.type === "close") {
        if (event.channel === stdinChannel) yield { type: "stdin-end" };
      } else if (event.channel === stdinChannel) yield { type: "stdin", bytes: event.data };
      else if (event.channel === resizeChannel) {
        const resize = parseResize(event.data);
        if (resize) yield resize;
      }
    }
  }
  return {
    input: input(),
    stdout: (bytes) => session.send(channelMessage(stdoutChannel, bytes)),
    stderr: (bytes) => session.send(channelMessage(stderrChannel, bytes)),
    finish: async (status) => {
      await session.send(channelMessage(errorChannel, status));
      await session.close();
    },
    closed: session.closed.then(() => undefined),
  };
}

function parseResize(bytes: Uint8Array): RemoteInput | undefined {
  try {
    const size = JSON.parse(new TextDecoder().decode(bytes)) as { Width?: number; Height?: number };
    return { type: "resize", width: size.Width ?? 0, height: size.Height ?? 0 };
  } catch {
    // A size that cannot be read changes nothing.
    return undefined;
  }
}

async function spdyStreams(duplex: Duplex, wanted: Wanted, zlib: Zlib, clock: Clock): Promise<RemoteStreams> {
  const session = new SpdySession(duplex, { role: "server", zlib, flowControl: "connection" });
  const names = [
    "error",
    ...(wanted.stdin ? ["stdin"] : []),
    ...(wanted.stdout ? ["stdout"] : []),
    ...(wanted.stderr && !wanted.tty ? ["stderr"] : []),
    ...(wanted.tty ? ["resize"] : []),
  ];
  const streams = new Map<string, Duplex>();
  const late = new AbortController();
  const collect = (async () => {
    for await (const stream of session.incoming) {
      streams.set(stream.headers["streamtype"] ?? "", stream);
      if (names.every((name) => streams.has(name))) return;
    }
    throw new Error("the client closed the connection before it opened its streams");
  })();
  const timeUp = sleep(clock, openStreamsMs, late.signal).then(() =>
    Promise.reject(new Error("timed out waiting for client to create streams")),
  );
  try {
    await Promise.race([collect, timeUp.catch((error: unknown) => (late.signal.aborted ? collect : Promise.reject(error as Error)))]);
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    late.abort(new Error("streams are open"));
  }
  const merged = mergeInput(streams.get("stdin"), streams.get("resize"));
  return {
    input: merged,
    stdout: async (bytes) => await streams.get("stdout")?.write(bytes),
    stderr: async (bytes) => await streams.get("stderr")?.write(bytes),
    finish: async (status) => {
      const error = streams.get("error")!;
      await error.write(status);
      for (const stream of streams.values()) stream.end();
      await session.close();
    },
    closed: session.closed,
  };
}

/** Two streams' inputs as one, in the order in which they come. */
async function* mergeInput(stdin: Duplex | undefined, resize: Duplex | undefined): AsyncIterable<RemoteInput> {
  type Step = { readonly from: "stdin" | "resize"; readonly result: IteratorResult<Uint8Array> };
  const readers = new Map<"stdin" | "resize", AsyncIterator<Uint8Array>>();
  if (stdin) readers.set("stdin", stdin.incoming[Symbol.asyncIterator]());
  if (resize) readers.set("resize", resize.incoming[Symbol.asyncIterator]());
  const next = new Map<"stdin" | "resize", Promise<Step>>();
  const arm = (from: "stdin" | "resize"): void =>
    void next.set(
      from,
      readers
        .get(from)!
        .next()
        .then((result) => ({ from, result })),
    );
  for (const from of readers.keys()) arm(from);
  while (next.size > 0) {
    const { from, result } = await Promise.race(next.values());
    if (result.done) {
      next.delete(from);
      if (from === "stdin") yield { type: "stdin-end" };
      continue;
    }
    arm(from);
    if (from === "stdin") yield { type: "stdin", bytes: result.value };
    else {
      const size = parseResize(result.value);
      if (size) yield size;
    }
  }
}
