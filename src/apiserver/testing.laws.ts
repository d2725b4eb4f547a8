// A server over the memory store for tests: its own clock, seeded randomness, keys that sign without cryptography, and short
// ways to ask as somebody.

import { uncounted } from "../base/activity.ts";
import { decodeBase64Url, encodeBase64Url } from "../base/base64.ts";
import { silentLog, type Log } from "../base/log.ts";
import { ManualClock } from "../base/manual-clock.ts";
import { noMetrics } from "../base/metrics.ts";
import { SeededRandom } from "../base/random.ts";
import { builtinKinds } from "../kinds/all.ts";
import type { Kind } from "../object/kind.ts";
import { KindRegistry } from "../object/kind-registry.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { Store } from "../store/store.ts";
import type { Exchange, Peer, Request, Response, UserInfo } from "../wire/exchange.ts";
import { Decoded } from "../wire/exchange.ts";
import type { ApiServer } from "./api-server.ts";
import { createApiServer } from "./api-server.ts";
import type { Claims, TokenKeys } from "./authn/token-keys.ts";
import type { ApiServerDeps } from "./deps.ts";
import { concat, textOf, utf8 } from "./watch/bytes.ts";

/** "Signs" by a prefix: what is tested is what the server does with claims. */
export const plainKeys: TokenKeys = {
  sign: async (claims) => `plain.${encodeBase64Url(utf8(JSON.stringify(claims)))}`,
  verify: async (token) => {
    const bytes = token.startsWith("plain.") ? decodeBase64Url(token.slice("plain.".length)) : undefined;
    return bytes && (JSON.parse(textOf(bytes)) as Claims);
  },
  jwks: () => ({ keys: [] }),
};

export const admin: UserInfo = { name: "admin", groups: ["system:masters"] };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: any;
}

export interface AskOptions {
  readonly as?: UserInfo;
  readonly peer?: Peer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Travel as bytes, as over a connection. Default: as decoded objects. */
  readonly bytes?: boolean;
}

export class TestServer implements AsyncDisposable {
  readonly clock = new ManualClock(Date.parse("2026-01-01T00:00:00Z"));
  readonly store: Store;
  readonly api: ApiServer;
  readonly errors: string[] = [];
  readonly #stop = new AbortController();

  constructor(kinds: readonly Kind[], options: Partial<ApiServerDeps>) {
    this.store = options.store ?? new MemoryStore({ clock: this.clock });
    const log: Log = {
      ...silentLog,
      error: (message, fields) => void this.errors.push(`${message} ${JSON.stringify(fields)}`),
      child: () => log,
    };
    this.api = createApiServer({
      store: this.store,
      clock: this.clock,
      random: new SeededRandom(1),
      log,
      metrics: noMetrics,
      activity: uncounted,
      kinds: new KindRegistry(kinds),
      tokenKeys: plainKeys,
      serviceCidr: "10.96.0.0/16",
      nodePortRange: "30000-32767",
      clusterDomain: "cluster.local",
      issuer: "https://kubernetes.default.svc.cluster.local",
      yieldNow: () => new Promise((resolve) => setImmediate(resolve)),
      ...options,
    });
  }

  static async start(options: Partial<ApiServerDeps> & { readonly extraKinds?: readonly Kind[] } = {}): Promise<TestServer> {
    const { extraKinds = [], ...deps } = options;
    const server = new TestServer([...builtinKinds, ...extraKinds], deps);
    await server.api.start();
    return server;
  }

  get exchange(): Exchange {
    return this.api.exchange;
  }

  send(
    method: string,
    target: string,
    body?: unknown,
    options: AskOptions = {},
    signal: AbortSignal = this.#stop.signal,
  ): Promise<Response> {
    const raw = body instanceof Uint8Array || typeof body === "string";
    const bytes = options.bytes || raw;
    const request: Request = {
      method,
      target,
      headers: { "content-type": options.type ?? "application/json", "user-agent": "test/1.0", ...options.headers },
      peer: options.peer ?? { address: "127.0.0.1", user: options.as ?? admin },
      ...(bytes ? {} : { decoded: true }),
      ...(body !== undefined && {
        body: raw ? (typeof body === "string" ? utf8(body) : body) : bytes ? utf8(JSON.stringify(body)) : new Decoded(body),
      }),
    };
    return this.exchange(request, signal);
  }

  /** Asks and reads the answer as a value. */
  async ask(method: string, target: string, body?: unknown, options: AskOptions = {}): Promise<Answer> {
    const response = await this.send(method, target, body, options);
    const { status, headers } = response;
    if (response.body instanceof Decoded) return { status, headers, body: response.body.value };
    const bytes = await bytesOf(response.body);
    if (!bytes) return { status, headers, body: undefined };
    const text = textOf(bytes);
    return { status, headers, body: (headers["content-type"] ?? "").includes("json") ? JSON.parse(text) : text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("test is over"));
    await this.api[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** A body as bytes, from memory or from a connection; undefined when it is neither. */
export async function bytesOf(body: Response["body"]): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body;
  if (body === undefined || !(Symbol.asyncIterator in body)) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return concat([new Uint8Array(), ...parts]);
}
