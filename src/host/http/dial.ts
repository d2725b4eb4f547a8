// Exchanges to other servers: HTTP/2 where the server agrees to it, else HTTP/1.1; upgrades always by HTTP/1.1. No redirect
// is followed and no proxy taken: the address that was checked is the one that is reached.

import { onAbort } from "../../base/on-abort.ts";
import { setMaxListeners } from "node:events";
import type { Dial, DialIdentity, DialTarget, DialTrust, Exchange, Request } from "../../wire/exchange.ts";
import { connectTls, tlsOptions } from "./dial-tls.ts";
import { Http1Client } from "./http1-client.ts";
import { Http2Client } from "./http2-client.ts";
import { DialError, dialError } from "./dial-error.ts";

/** After a failed connection, how long the next attempt waits at least; doubled up to the second number. */
const backOffMs = [50, 2_000] as const;

export interface Dialer extends AsyncDisposable {
  readonly dial: Dial;
}

/** Connections are kept for reuse per dialled Exchange; disposal closes them all. */
export function createDialer(): Dialer {
  const connections = new Set<Connection>();
  let closed = false;
  return {
    dial: (target, trust, identity) => {
      if (closed) throw new Error("the dialer is closed");
      const connection = new Connection(target, trust, identity);
      connections.add(connection);
      return connection.exchange;
    },
    [Symbol.asyncDispose]: async () => {
      closed = true;
      for (const connection of connections) connection.close();
      connections.clear();
    },
  };
}

/** States: which protocol the server speaks is unknown → h2 (one session, renewed when it breaks) or h1 (a pool). */
class Connection {
  readonly #target: DialTarget;
  readonly #trust: DialTrust;
  readonly #identity: DialIdentity;
  readonly #where: string;
  readonly #http1: Http1Client;
  #protocol: "unknown" | "h2" | "h1";
  #session: Promise<Http2Client | undefined> | undefined;
  #failures = 0;
  #closed = false;

  constructor(target: DialTarget, trust: DialTrust, identity: DialIdentity) {
    this.#target = target;
    this.#trust = trust;
    this.#identity = identity;
    this.#where = target.host.includes(":") ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
    this.#http1 = new Http1Client(target, tlsOptions(target, trust, identity));
    this.#protocol = target.scheme === "https" ? "unknown" : "h1";
  }

  readonly exchange: Exchange = async (request, signal) => {
    signal.throwIfAborted();
    setMaxListeners(0, signal); // one signal may well end hundreds of requests
    const sent = this.#completed(request);
    try {
      return await this.#send(sent, signal);
    } catch (error) {
      signal.throwIfAborted();
      // A kept connection may have died meanwhile: what can be repeated without harm is, once, on a fresh one.
      const repeatable = (request.method === "GET" || request.method === "HEAD") && request.body === undefined;
      if (!repeatable || this.#closed || !(error as { wasReused?: boolean }).wasReused) throw dialError(this.#where, error);
    }
    try {
      return await this.#send(sent, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw dialError(this.#where, error);
    }
  };

  close(): void {
    this.#closed = true;
    this.#http1.close();
    void this.#session?.then(
      (session) => session?.close(),
      () => undefined,
    );
  }

  async #send(request: Request, signal: AbortSignal): ReturnType<Exchange> {
    if (this.#closed) throw new DialError(`the connection to ${this.#where} was closed`, undefined);
    if (/upgrade/i.test(request.headers["connection"] ?? "")) return await this.#http1.upgrade(request, signal);
    if (this.#protocol === "h1") return await this.#http1.send(request, signal);
    const session = await abortable(this.#openSession(), signal);
    if (!session) return await this.#http1.send(request, signal);
    return await session.send(request, signal);
  }

  /** The one HTTP/2 session; undefined when the server has chosen HTTP/1.1. Concurrent callers share the attempt. */
  async #openSession(): Promise<Http2Client | undefined> {
    // Whoever made that attempt has its failure; the next one tries anew.
    const current = await this.#session?.catch(() => undefined);
    if (current?.usable) return current;
    if (this.#protocol === "h1") return undefined;
    if (!this.#session || current) {
      this.#session = this.#connect();
      this.#session.catch(() => (this.#session = undefined));
    }
    return await this.#session;
  }

  async #connect(): Promise<Http2Client | undefined> {
    if (this.#failures > 0) {
      const waitMs = Math.min(backOffMs[0] * 2 ** (this.#failures - 1), backOffMs[1]);
      await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
    }
    try {
      const socket = await connectTls(this.#target, this.#trust, this.#identity, ["h2", "http/1.1"]);
      this.#failures = 0;
      if (this.#closed) {
        socket.destroy();
        throw new DialError(`the connection to ${this.#where} was closed`, undefined);
      }
      if (socket.alpnProtocol === "h2") {
        this.#protocol = "h2";
        return new Http2Client(socket, this.#where);
      }
      this.#protocol = "h1";
      socket.destroy();
      return undefined;
    } catch (error) {
      this.#failures++;
      throw dialError(this.#where, error);
    }
  }

  /** Adds what every request to this server carries. */
  #completed(request: Request): Request {
    const headers: Record<string, string> = { ...request.headers };
    headers["host"] ??= this.#where;
    if (this.#identity.bearerToken !== undefined) headers["authorization"] ??= `Bearer ${this.#identity.bearerToken}`;
    return { ...request, headers };
  }
}

/** Waits for something shared without giving up the caller's right to leave. */
async function abortable<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  let listening: Disposable | undefined;
  const aborted = new Promise<never>((_, reject) => {
    listening = onAbort(signal, () => reject(signal.reason as Error));
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    listening?.[Symbol.dispose]();
  }
}
