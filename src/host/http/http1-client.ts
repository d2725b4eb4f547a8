// The HTTP/1.1 side of a dialled connection: a pool of kept sockets, and upgrades on sockets of their own.

import { onAbort } from "../../base/on-abort.ts";
import type { ClientRequest, IncomingMessage } from "node:http";
import { Agent, request as httpRequest } from "node:http";
import { Agent as TlsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { DialTarget, Request, Response } from "../../wire/exchange.ts";
import { pump, wireBody } from "./http-body.ts";
import { connectTimeoutMs } from "./dial-tls.ts";
import { DialError } from "./dial-error.ts";
import { requestHeaders } from "./http-request.ts";
import { socketDuplex } from "./socket-duplex.ts";

const noBody = new Set([204, 304]);

export class Http1Client {
  readonly #target: DialTarget;
  readonly #tls: ConnectionOptions | undefined;
  readonly #agent: Agent;
  readonly #upgraded = new Set<Socket>();

  constructor(target: DialTarget, tls: ConnectionOptions | undefined) {
    this.#target = target;
    this.#tls = tls;
    const kept = { keepAlive: true, maxFreeSockets: 8, timeout: 60_000 };
    this.#agent = tls ? new TlsAgent({ ...kept, ...tls, ALPNProtocols: ["http/1.1"], maxCachedSessions: 0 }) : new Agent(kept);
  }

  close(): void {
    this.#agent.destroy();
    for (const socket of this.#upgraded) socket.destroy();
  }

  async send(request: Request, signal: AbortSignal): Promise<Response> {
    const outgoing = this.#open(request, this.#agent);
    const listening = onAbort(signal, () => void outgoing.destroy(signal.reason as Error));
    const forget = (): void => listening[Symbol.dispose]();
    try {
      const message = await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once("response", resolve);
        outgoing.once("error", (error) => reject(Object.assign(error, { wasReused: outgoing.reusedSocket })));
        this.#write(outgoing, request, reject);
      });
      outgoing.on("error", () => undefined); // the body below reports what breaks from here on
      forget();
      const reading = onAbort(signal, () => void message.destroy(signal.reason as Error));
      message.once("close", () => reading[Symbol.dispose]());
      return { status: message.statusCode!, headers: requestHeaders(message.headers), ...bodyOf(request, message) };
    } catch (error) {
      forget();
      throw error;
    }
  }

  async upgrade(request: Request, signal: AbortSignal): Promise<Response> {
    const outgoing = this.#open(request, false);
    const listening = onAbort(signal, () => void outgoing.destroy(signal.reason as Error));
    const forget = (): void => listening[Symbol.dispose]();
    try {
      return await new Promise<Response>((resolve, reject) => {
        outgoing.once("error", reject);
        outgoing.once("response", (message) => {
          outgoing.on("error", () => undefined);
          message.once("close", forget);
          resolve({ status: message.statusCode!, headers: requestHeaders(message.headers), ...bodyOf(request, message) });
        });
        outgoing.once("upgrade", (message, socket, head) => {
          this.#upgraded.add(socket);
          const open = onAbort(signal, () => void socket.destroy());
          socket.once("close", () => {
            this.#upgraded.delete(socket);
            open[Symbol.dispose]();
          });
          forget();
          socket.setTimeout(0);
          socket.setNoDelay(true);
          resolve({ status: 101, headers: requestHeaders(message.headers), duplex: socketDuplex(socket, head) });
        });
        this.#write(outgoing, request, reject);
      });
    } catch (error) {
      forget();
      throw error;
    }
  }

  #open(request: Request, agent: Agent | false): ClientRequest {
    const options = {
      host: this.#target.address ?? this.#target.host,
      port: this.#target.port,
      method: request.method,
      path: request.target,
      headers: { ...request.headers },
      agent,
    };
    const outgoing = this.#tls ? httpsRequest({ ...this.#tls, ...options }) : httpRequest(options);
    outgoing.once("socket", (socket) => {
      if (!socket.connecting) return;
      const where = `${this.#target.host}:${this.#target.port}`;
      const timer = setTimeout(
        () => outgoing.destroy(new DialError(`cannot reach ${where}: no answer within ${connectTimeoutMs / 1_000} s`, "ETIMEDOUT")),
        connectTimeoutMs,
      );
      const done = (): void => clearTimeout(timer);
      socket.once(this.#tls ? "secureConnect" : "connect", done);
      socket.once("close", done);
      socket.setNoDelay(true);
    });
    return outgoing;
  }

  #write(outgoing: ClientRequest, request: Request, fail: (error: Error) => void): void {
    const body = wireBody(request.body);
    if (body === undefined || body instanceof Uint8Array) {
      if (body) outgoing.setHeader("content-length", body.length);
      else if (request.method !== "GET" && request.method !== "HEAD") outgoing.setHeader("content-length", 0);
      outgoing.end(body);
      return;
    }
    pump(body, outgoing).catch((error: Error) => {
      outgoing.destroy(error);
      fail(error);
    });
  }
}

function bodyOf(request: Request, message: IncomingMessage): { body?: AsyncIterable<Uint8Array> } {
  if (request.method === "HEAD" || noBody.has(message.statusCode!) || message.headers["content-length"] === "0") {
    message.resume();
    return {};
  }
  return { body: message as AsyncIterable<Uint8Array> };
}
