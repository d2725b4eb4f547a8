// HTTP/2 connections of the server, on Node's core stream API.

import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { constants, performServerHandshake } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Peer, Request, Response } from "../../wire/exchange.ts";
import { pump, wireBody } from "./http-body.ts";
import type { InFlight, Serving } from "./http-request.ts";
import { answer, requestHeaders } from "./http-request.ts";
import { begin } from "./http1-path.ts";
import { requestBody } from "./socket-duplex.ts";

const maxConcurrentStreams = 250;
/** A session without streams is closed after this. */
const idleTimeoutMs = 300_000;
/** A client that opens and cancels streams faster than this, on average over a burst, is cut off (CVE-2023-44487). */
const resetsPerSecond = 50;
const resetBurst = 500;

const settings = {
  maxConcurrentStreams,
  initialWindowSize: 256 * 1024,
  maxHeaderListSize: 64 * 1024,
  enablePush: false,
};

/** Headers that HTTP/2 forbids. */
const connectionHeaders = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** Takes TLS connections that agreed on h2; gives the session. */
export function http2Path(serving: Serving): (socket: TLSSocket, peer: Peer) => ServerHttp2Session {
  return (socket, peer) => {
    const session = performServerHandshake(socket, { settings, maxHeaderListPairs: 256, maxSendHeaderBlockLength: 64 * 1024 });
    let open = 0;
    let resets = 0;
    let countedAtMs = performance.now();
    // One session carries many uploads at once; the default window for all of them is 64 KiB.
    session.setLocalWindowSize(1024 * 1024);
    session.on("error", (error) => {
      serving.log.debug("an HTTP/2 session failed", { error });
      socket.destroy();
    });
    session.setTimeout(idleTimeoutMs, () => {
      if (open === 0) session.close();
    });
    session.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      open++;
      stream.once("close", () => {
        open--;
        if (stream.rstCode !== constants.NGHTTP2_CANCEL) return;
        const nowMs = performance.now();
        resets = Math.max(0, resets - ((nowMs - countedAtMs) / 1_000) * resetsPerSecond) + 1;
        countedAtMs = nowMs;
        if (resets > resetBurst && !session.destroyed) cutOff(session, socket);
      });
      void serveStream(serving, stream, headers, peer);
    });
    return session;
  };
}

/** Says why and hangs up. A destroyed session would wait for a client that does not read. */
function cutOff(session: ServerHttp2Session, socket: TLSSocket): void {
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  setImmediate(() => socket.destroy());
}

async function serveStream(serving: Serving, stream: ServerHttp2Stream, raw: IncomingHttpHeaders, peer: Peer): Promise<void> {
  stream.on("error", () => undefined); // the close event follows and ends the request
  const inFlight = begin(serving);
  // Once the whole answer is with the stream nobody is left to be told that the client has gone.
  stream.once("close", () => inFlight.end(inFlight.answered));
  if (raw.expect === "100-continue") stream.additionalHeaders({ ":status": 100 });
  const headers = requestHeaders(raw);
  const authority = raw[":authority"];
  if (authority !== undefined) headers["host"] ??= String(authority);
  const request: Request = {
    method: String(raw[":method"]),
    target: String(raw[":path"] ?? "/"),
    headers,
    ...(!stream.endAfterHeaders && { body: requestBody(stream) }),
    peer,
  };
  const response = await answer(serving, request, inFlight.abort.signal);
  if (!response || stream.destroyed) {
    response?.duplex?.destroy();
    await release(response);
    return;
  }
  await send(serving, stream, request, response, inFlight);
}

async function send(serving: Serving, stream: ServerHttp2Stream, request: Request, response: Response, inFlight: InFlight): Promise<void> {
  try {
    const body = wireBody(response.body);
    const headers: Record<string, string | number> = { ":status": response.status };
    for (const name in response.headers) if (!connectionHeaders.has(name)) headers[name] = response.headers[name]!;
    if (response.status === 101) {
      // HTTP/2 has no upgrade; a client that asks for one here is told to come by HTTP/1.1.
      response.duplex?.destroy();
      stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED);
      return;
    }
    if (body === undefined || body instanceof Uint8Array) {
      if (response.status !== 204 && response.status !== 304) headers["content-length"] ??= body?.length ?? 0;
      inFlight.answered = true;
      if (request.method === "HEAD" || !body || body.length === 0) stream.respond(headers, { endStream: true });
      else {
        stream.respond(headers);
        stream.end(body);
      }
    } else {
      inFlight.endless = true;
      if (request.method === "HEAD") {
        await release(response);
        inFlight.answered = true;
        stream.respond(headers, { endStream: true });
        return;
      }
      stream.respond(headers);
      await pump(body, stream);
      inFlight.answered = true;
    }
    // The rest of a body that nobody reads must not hold the connection's window.
    if (!stream.readableEnded) stream.resume();
  } catch (error) {
    if (!inFlight.abort.signal.aborted) serving.log.warn("an answer broke off", { target: request.target, error });
    // Closing would end the stream properly first, and half an answer would look whole.
    stream.destroy(error as Error);
  }
}

/** Lets go of a streamed body that will not be sent. */
async function release(response: Response | undefined): Promise<void> {
  const body = response?.body;
  if (body && Symbol.asyncIterator in body) await body[Symbol.asyncIterator]().return?.();
}
