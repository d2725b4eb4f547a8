// HTTP/1.1 connections of the server: plain requests, and upgrades to SPDY and WebSocket.

import type { IncomingMessage } from "node:http";
import { createServer, ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { joinDuplexes } from "../../wire/duplex.ts";
import type { Peer, Request, Response } from "../../wire/exchange.ts";
import { pump, wireBody } from "./http-body.ts";
import type { InFlight, Serving } from "./http-request.ts";
import { answer, requestHeaders } from "./http-request.ts";
import { requestBody, socketDuplex } from "./socket-duplex.ts";

/** From the first byte of a connection to the end of its first request's headers, TLS excluded. */
const firstHeadersTimeoutMs = 30_000;
/** From the end of an answer to the end of the next request's headers. */
const keepAliveTimeoutMs = 120_000;
const maxHeaderBytes = 64 * 1024;

/** Takes connections that speak HTTP/1.1. */
export function http1Path(serving: Serving): (socket: Socket, peer: Peer) => void {
  const peers = new WeakMap<object, Peer>();
  const waiting = new WeakMap<object, NodeJS.Timeout>();

  const expectHeaders = (socket: Socket, withinMs: number): void => {
    clearTimeout(waiting.get(socket));
    waiting.set(
      socket,
      setTimeout(() => socket.destroy(), withinMs),
    );
  };
  const gotHeaders = (socket: Socket): void => clearTimeout(waiting.get(socket));

  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true });
  server.timeout = 0;

  server.on("request", (message, reply) => {
    const { socket } = message;
    gotHeaders(socket);
    // Upgrades handle their socket's end themselves; a plain answer waits for the next request.
    reply.once("finish", () => {
      if (!socket.destroyed) expectHeaders(socket, keepAliveTimeoutMs);
    });
    void respond(message, reply, hasBody(message) ? requestBody(message) : undefined);
  });

  server.on("upgrade", (message: IncomingMessage, socket: Socket, head: Buffer) => {
    gotHeaders(socket);
    void upgrade(message, socket, head);
  });
  server.on("clientError", (_error, socket) => {
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    else socket.destroy();
  });

  const requestOf = (message: IncomingMessage, body: AsyncIterable<Uint8Array> | undefined): Request => ({
    method: message.method ?? "GET",
    target: message.url ?? "/",
    headers: requestHeaders(message.headers),
    ...(body && { body }),
    peer: peers.get(message.socket)!,
  });

  async function respond(message: IncomingMessage, reply: ServerResponse, body: AsyncIterable<Uint8Array> | undefined): Promise<void> {
    const inFlight = begin(serving);
    reply.once("close", () => inFlight.end(reply.writableFinished));
    const response = await answer(serving, requestOf(message, body), inFlight.abort.signal);
    if (!response) {
      message.socket.destroy();
      return;
    }
    await send(message, reply, response, inFlight);
  }

  async function send(message: IncomingMessage, reply: ServerResponse, response: Response, inFlight: InFlight): Promise<void> {
    try {
      const body = wireBody(response.body);
      // What is left of a body nobody wants would be taken for the next request: give the connection up instead.
      if (hasBody(message) && !message.complete) {
        reply.shouldKeepAlive = false;
        reply.once("finish", () => message.socket.destroySoon());
      }
      const headers: Record<string, string | number> = { ...response.headers };
      if (body === undefined || body instanceof Uint8Array) {
        if (response.status !== 204 && response.status !== 304 && response.status >= 200) headers["content-length"] ??= body?.length ?? 0;
        reply.writeHead(response.status, headers);
        reply.end(body);
        return;
      }
      inFlight.endless = true;
      reply.writeHead(response.status, headers);
      if (message.method === "HEAD") {
        await body[Symbol.asyncIterator]().return?.();
        reply.end();
        return;
      }
      reply.flushHeaders();
      await pump(body, reply);
    } catch (error) {
      if (!inFlight.abort.signal.aborted) serving.log.warn("an answer broke off", { target: message.url, error });
      message.socket.destroy();
    }
  }

  async function upgrade(message: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const inFlight = begin(serving);
    const gone = (): void => inFlight.end(false);
    socket.once("close", gone);
    socket.on("error", () => socket.destroy());
    const response = await answer(serving, requestOf(message, undefined), inFlight.abort.signal);
    if (!response || socket.destroyed) {
      response?.duplex?.destroy();
      socket.destroy();
      return;
    }
    if (response.status !== 101 || !response.duplex) {
      const reply = new ServerResponse(message);
      reply.shouldKeepAlive = false;
      reply.assignSocket(socket);
      reply.once("finish", () => {
        reply.detachSocket(socket);
        socket.destroySoon();
      });
      await send(message, reply, response, inFlight);
      return;
    }
    inFlight.endless = true;
    inFlight.abort.signal.addEventListener("abort", () => socket.destroy(), { once: true });
    const lines = Object.entries(response.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 101 ${STATUS_CODES[101]}\r\n${lines.join("")}\r\n`);
    const near = socketDuplex(socket, head);
    void near.closed.then(() => response.duplex!.destroy());
    await joinDuplexes(near, response.duplex);
    socket.destroySoon();
  }

  return (socket, peer) => {
    peers.set(socket, peer);
    expectHeaders(socket, firstHeadersTimeoutMs);
    socket.once("close", () => clearTimeout(waiting.get(socket)));
    server.emit("connection", socket);
  };
}

function hasBody(message: IncomingMessage): boolean {
  return message.headers["transfer-encoding"] !== undefined || Number(message.headers["content-length"] ?? 0) > 0;
}

/** Registers a request; `end` takes it out, and aborts it when its answer was not completed. */
export function begin(serving: Serving): InFlight & { end(complete: boolean): void } {
  const inFlight = {
    abort: new AbortController(),
    endless: false,
    answered: false,
    end: (complete: boolean): void => {
      if (!serving.inFlight.delete(inFlight)) return;
      if (!complete) inFlight.abort.abort(new Error("the client has gone away"));
      serving.onEnd();
    },
  };
  serving.inFlight.add(inFlight);
  return inFlight;
}
