// Requests to one API server: bodies to values, refusals to StatusErrors, warnings to the person.

import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import { failureOf, readValue } from "../../client/answer.ts";
import { watchEvents } from "../../client/watch-stream.ts";
import type { Status } from "../../object/status.ts";
import { StatusError } from "../../object/status.ts";
import type { Exchange, Headers, Response, WatchEvent } from "../../wire/exchange.ts";
import type { WebSocketSession } from "../../wire/websocket.ts";
import { connectWebSocket, WebSocketRefusedError } from "../../wire/websocket.ts";

export const tableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

export interface RequestOptions {
  readonly accept?: string;
  readonly contentType?: string;
  /** A value, sent as JSON, or a text as it is. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export interface ServerConnectionDeps {
  readonly exchange: Exchange;
  /** "host:port", for messages. */
  readonly address: string;
  readonly basePath: string;
  readonly headers: Headers;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Milliseconds that one request may take; 0 for no limit. Watches and streams have none. */
  readonly timeoutMs: number;
  readonly warn: (text: string) => void;
}

export class ServerConnection {
  readonly #deps: ServerConnectionDeps;

  constructor(deps: ServerConnectionDeps) {
    this.#deps = deps;
  }

  get address(): string {
    return this.#deps.address;
  }

  /** One request, its answer as a value. @throws StatusError */
  async request<R = any>(method: string, target: string, options: RequestOptions = {}): Promise<R> {
    const { clock, timeoutMs } = this.#deps;
    const limit = new AbortController();
    using _ =
      timeoutMs > 0 ? clock.after(timeoutMs, () => limit.abort(new Error(`the request timed out after ${timeoutMs / 1000}s`))) : none;
    const signal = options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]);
    const response = await this.open(method, target, { ...options, signal });
    return (await readValue(response.body)) as R;
  }

  get<R = any>(target: string, options?: RequestOptions): Promise<R> {
    return this.request<R>("GET", target, options);
  }

  /** The answer, checked for failure, its body still to be read. @throws StatusError */
  async open(method: string, target: string, options: RequestOptions = {}): Promise<Response> {
    const { exchange, headers, basePath, signal } = this.#deps;
    const { body, contentType } = options;
    const response = await exchange(
      {
        method,
        target: basePath + target,
        headers: {
          accept: options.accept ?? "application/json",
          "user-agent": "kubectl/timonier",
          ...(body !== undefined && { "content-type": contentType ?? "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)) }),
        peer: { address: "" },
      },
      options.signal === undefined ? signal : AbortSignal.any([options.signal, signal]),
    );
    for (const warning of warningsOf(response.headers["warning"])) this.#deps.warn(warning);
    if (response.status >= 400) throw failureOf(response.status, await readValue(response.body));
    return response;
  }

  /** Events of a watch until the server ends it. @throws StatusError, for an ERROR event too */
  async *watch(target: string, signal: AbortSignal, accept?: string): AsyncGenerator<WatchEvent, void> {
    const response = await this.open("GET", target, { signal, ...(accept !== undefined && { accept }) });
    for await (const event of watchEvents(response.body)) {
      if (event.type === "ERROR") throw StatusError.from(event.object as Status);
      yield event;
    }
  }

  /** @throws StatusError when the server answers instead of upgrading */
  async webSocket(target: string, protocols: readonly string[], signal: AbortSignal): Promise<WebSocketSession> {
    const { exchange, headers, basePath, random } = this.#deps;
    try {
      return await connectWebSocket(
        exchange,
        { target: basePath + target, protocols, random, headers },
        AbortSignal.any([signal, this.#deps.signal]),
      );
    } catch (error) {
      if (!(error instanceof WebSocketRefusedError) || error.response.status < 400) throw error;
      throw failureOf(error.response.status, await readValue(error.response.body));
    }
  }
}

const none: Disposable = { [Symbol.dispose]() {} };

/** Texts of a Warning header (RFC 7234): `299 - "text", 299 - "another"`. */
function warningsOf(header: string | undefined): string[] {
  if (header === undefined) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replaceAll(/\\(.)/g, "$1"));
}
