// One HTTP/2 session of a dialled connection.

import { onAbort } from "../../base/on-abort.ts";
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { connect, constants } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { Request, Response } from "../../wire/exchange.ts";
import { DialError } from "./dial-error.ts";
import { pump, wireBody } from "./http-body.ts";
import { requestHeaders } from "./http-request.ts";

/** A session that is silent for this long is asked whether it still lives, and given up when no answer comes in time. */
const quietMs = 30_000;
const pingTimeoutMs = 15_000;
const unwanted = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "host"]);

export class Http2Client {
  readonly #session: ClientHttp2Session;
  readonly #where: string;
  #used = false;
  #goneAway = false;

  constructor(socket: TLSSocket, where: string) {
    this.#where = where;
    this.#session = connect(`https://${where}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: 1024 * 1024 },
    });
    this.#session.setLocalWindowSize(8 * 1024 * 1024);
    this.#session.on("error", () => undefined); // streams report it; a new request opens a new session
    this.#session.on("goaway", () => (this.#goneAway = true));
    this.#session.setTimeout(quietMs, () => this.#check());
  }

  /** New requests may be sent. */
  get usable(): boolean {
    return !this.#goneAway && !this.#session.closed && !this.#session.destroyed;
  }

  close(): void {
    this.#session.destroy();
  }

  async send(request: Request, signal: AbortSignal): Promise<Response> {
    const wasReused = this.#used;
    this.#used = true;
    const headers: Record<string, string | number> = { ":method": request.method, ":path": request.target };
    for (const name in request.headers) if (!unwanted.has(name)) headers[name] = request.headers[name]!;
    headers[":authority"] = request.headers["host"] ?? this.#where;
    const body = wireBody(request.body);
    if (body instanceof Uint8Array) headers["content-length"] = body.length;
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request(headers, { endStream: body === undefined });
    } catch (error) {
      throw Object.assign(error as Error, { wasReused });
    }
    const listening = onAbort(signal, () => void stream.destroy(signal.reason as Error));
    stream.once("close", () => listening[Symbol.dispose]());
    return await new Promise<Response>((resolve, reject) => {
      stream.once("response", (raw: IncomingHttpHeaders, flags) => {
        const status = Number(raw[":status"]);
        const ended = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
        if (ended) stream.resume();
        resolve({ status, headers: requestHeaders(raw), ...(!ended && { body: stream as AsyncIterable<Uint8Array> }) });
      });
      // Before the answer this rejects; after it, reading the body throws the same error.
      stream.on("error", (error) => reject(Object.assign(error, { wasReused })));
      stream.once("close", () =>
        reject(Object.assign(new DialError(`cannot reach ${this.#where}: the server closed the connection`, "ECONNRESET"), { wasReused })),
      );
      if (body instanceof Uint8Array) stream.end(body);
      else if (body) pump(body, stream).catch((error: Error) => stream.destroy(error));
    });
  }

  #check(): void {
    if (!this.usable) return;
    const timer = setTimeout(() => this.#session.destroy(new DialError(`${this.#where} no longer answers`, "ETIMEDOUT")), pingTimeoutMs);
    this.#session.once("close", () => clearTimeout(timer));
    this.#session.ping(() => clearTimeout(timer));
  }
}
