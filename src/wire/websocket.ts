// WebSocket sessions over a Duplex (RFC 6455), both sides: exec, attach, logs and port-forward of today's clients.

import { encodeBase64 } from "../base/base64.ts";
import type { Random } from "../base/random.ts";
import { duplexPair } from "./duplex.ts";
import type { Duplex, Exchange, Peer, Request, Response } from "./exchange.ts";
import { sha1 } from "./sha1.ts";
import type { FrameType } from "./websocket-frame.ts";
import { encodeFrame, FrameParser, WebSocketError } from "./websocket-frame.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const defaultMaxMessageBytes = 32 * 1024 * 1024;

export interface WebSocketMessage {
  readonly binary: boolean;
  /** Of a text message: its UTF-8, checked. */
  readonly data: Uint8Array;
}

export interface WebSocketEnd {
  /** 1000 is a proper end, 1005 one without a code, 1006 a connection that broke off. */
  readonly code: number;
  readonly reason: string;
}

export interface WebSocketOptions {
  /** Present on the client's side, whose frames are masked. */
  readonly random?: Random;
  readonly protocol?: string;
  readonly maxMessageBytes?: number;
}

export class WebSocketSession {
  /** The subprotocol agreed on, "" for none. */
  readonly protocol: string;
  /** Resolves when the connection is over. */
  readonly closed: Promise<WebSocketEnd>;
  readonly #duplex: Duplex;
  readonly #random: Random | undefined;
  readonly #maxMessageBytes: number;
  #resolveClosed!: (end: WebSocketEnd) => void;
  #closeSent = false;
  #iterated = false;

  constructor(duplex: Duplex, options: WebSocketOptions = {}) {
    this.#duplex = duplex;
    this.#random = options.random;
    this.protocol = options.protocol ?? "";
    this.#maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    void duplex.closed.then(() => this.#resolveClosed({ code: 1006, reason: "the connection broke off" }));
  }

  /**
   * Whole messages until the far end closes; iterate once, and keep iterating: pings are answered here. Leaving the loop
   * early closes the session. @throws WebSocketError when the far end breaks the protocol
   */
  get messages(): AsyncIterable<WebSocketMessage> {
    return { [Symbol.asyncIterator]: () => this.#read() };
  }

  /** Sends one message: text for a string, binary for bytes. Resolves when more can be taken. */
  async send(message: string | Uint8Array): Promise<void> {
    if (this.#closeSent) throw new WebSocketError(1000, "the WebSocket is closed");
    if (typeof message === "string") await this.#write("text", encoder.encode(message));
    else await this.#write("binary", message);
  }

  async ping(payload: Uint8Array = new Uint8Array(0)): Promise<void> {
    await this.#write("ping", payload);
  }

  /** Says that nothing more will be sent. What still comes in can be read to its end. */
  async close(code = 1000, reason = ""): Promise<void> {
    if (this.#closeSent) return;
    this.#closeSent = true;
    const words = encoder.encode(reason).subarray(0, 120);
    const payload = new Uint8Array(2 + words.length);
    new DataView(payload.buffer).setUint16(0, code);
    payload.set(words, 2);
    await this.#write("close", payload);
    if (!this.#iterated) this.#duplex.end();
  }

  /** Ends the connection without a word. */
  destroy(reason?: Error): void {
    this.#closeSent = true;
    this.#duplex.destroy(reason);
  }

  async #write(type: FrameType, payload: Uint8Array): Promise<void> {
    await this.#duplex.write(encodeFrame({ type, final: true, payload }, this.#random?.bytes(4)));
  }

  async *#read(): AsyncGenerator<WebSocketMessage, void> {
    if (this.#iterated) throw new Error("the messages of a WebSocket can be read once");
    this.#iterated = true;
    const parser = new FrameParser({ masked: this.#random === undefined, maxPayloadBytes: this.#maxMessageBytes });
    let parts: Uint8Array[] = [];
    let kind: "text" | "binary" | undefined;
    let size = 0;
    let over = false;
    try {
      for await (const chunk of this.#duplex.incoming) {
        for (const { type, final, payload } of parser.push(chunk)) {
          if (type === "ping") {
            if (!this.#closeSent) await this.#write("pong", payload);
            continue;
          }
          if (type === "pong") continue;
          if (type === "close") {
            over = true;
            await this.#answerClose(payload);
            return;
          }
          if ((type === "continuation") !== (kind !== undefined)) throw new WebSocketError(1002, "a fragment is out of order");
          if (type !== "continuation") kind = type;
          size += payload.length;
          if (size > this.#maxMessageBytes) throw new WebSocketError(1009, `a message is larger than ${this.#maxMessageBytes} bytes`);
          parts.push(payload);
          if (!final) continue;
          const message = { binary: kind === "binary", data: joined(parts, size) };
          if (kind === "text") checkText(message.data);
          [parts, kind, size] = [[], undefined, 0];
          yield message;
        }
      }
      over = true;
      this.#resolveClosed({ code: 1006, reason: "the connection ended without a close frame" });
      this.#duplex.destroy();
    } catch (error) {
      over = true;
      if (error instanceof WebSocketError) {
        this.#resolveClosed({ code: error.code, reason: error.message });
        await this.close(error.code, error.message).catch(() => undefined); // the connection may be gone already
      }
      this.#duplex.destroy();
      throw error;
    } finally {
      if (!over) {
        await this.close(1000).catch(() => undefined); // the connection may be gone already
        this.#duplex.end();
        this.#duplex.destroy();
      }
    }
  }

  async #answerClose(payload: Uint8Array): Promise<void> {
    if (payload.length === 1) throw new WebSocketError(1002, "a close frame has half a code");
    const code = payload.length === 0 ? 1005 : new DataView(payload.buffer, payload.byteOffset).getUint16(0);
    checkText(payload.subarray(2));
    this.#resolveClosed({ code, reason: decoder.decode(payload.subarray(2)) });
    await this.close(code === 1005 ? 1000 : code).catch(() => undefined); // the far end need not wait for the echo
    this.#duplex.end();
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function checkText(data: Uint8Array): void {
  try {
    decoder.decode(data);
  } catch {
    throw new WebSocketError(1007, "a text is not UTF-8");
  }
}

/** The request asks for an upgrade to WebSocket. */
export function isWebSocketRequest(request: Request): boolean {
  return hasToken(request.headers["connection"], "upgrade") && hasToken(request.headers["upgrade"], "websocket");
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}

/** The subprotocols that the client offers, in its order of preference. Names with a slash (`SPDY/3.1+…`) are taken as they are. */
function offeredProtocols(request: Request): string[] {
  return (request.headers["sec-websocket-protocol"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

export interface AcceptOptions {
  /** What the server speaks; "" accepts a client that offers nothing. */
  readonly protocols: readonly string[];
  readonly maxMessageBytes?: number;
}

/** The answer to the upgrade request; with status 101 there is a session behind it. */
export type Accepted =
  | { readonly response: Response; readonly session: WebSocketSession }
  | { readonly response: Response; readonly session?: undefined };

/** Takes the first of the client's subprotocols that the server speaks. Refuses with 400, 403 (none in common) or 426. */
export function acceptWebSocket(request: Request, options: AcceptOptions): Accepted {
  const refused = (status: number, message: string, headers: Record<string, string> = {}): Accepted => ({
    response: { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: encoder.encode(`${message}\n`) },
  });
  const key = request.headers["sec-websocket-key"];
  if (!isWebSocketRequest(request) || request.method !== "GET" || key === undefined) return refused(400, "this is no WebSocket handshake");
  if (request.headers["sec-websocket-version"] !== "13")
    return refused(426, "WebSocket version 13 is needed", { "sec-websocket-version": "13" });
  const offered = offeredProtocols(request);
  const protocol = offered.length === 0 ? "" : offered.find((name) => options.protocols.includes(name));
  if (protocol === undefined || !options.protocols.includes(protocol)) {
    return refused(
      403,
      `no subprotocol in common: the client offers [${offered.join(", ")}], the server speaks [${options.protocols.join(", ")}]`,
    );
  }
  const [near, far] = duplexPair();
  return {
    session: new WebSocketSession(near, {
      protocol,
      ...(options.maxMessageBytes !== undefined && { maxMessageBytes: options.maxMessageBytes }),
    }),
    response: {
      status: 101,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-accept": acceptOf(key),
        ...(protocol !== "" && { "sec-websocket-protocol": protocol }),
      },
      duplex: far,
    },
  };
}

function acceptOf(key: string): string {
  return encodeBase64(sha1(encoder.encode(key + acceptSuffix)));
}

export interface ConnectOptions {
  /** Path and query. */
  readonly target: string;
  /** In order of preference; none: no subprotocol. */
  readonly protocols: readonly string[];
  readonly random: Random;
  readonly headers?: Readonly<Record<string, string>>;
  readonly peer?: Peer;
  readonly maxMessageBytes?: number;
}

/** The server did not upgrade; its answer says why. */
export class WebSocketRefusedError extends Error {
  override readonly name = "WebSocketRefusedError";
  readonly response: Response;
  constructor(response: Response, why: string) {
    super(why);
    this.response = response;
  }
}

/** @throws WebSocketRefusedError */
export async function connectWebSocket(exchange: Exchange, options: ConnectOptions, signal: AbortSignal): Promise<WebSocketSession> {
  const key = encodeBase64(options.random.bytes(16));
  const response = await exchange(
    {
      method: "GET",
      target: options.target,
      headers: {
        ...options.headers,
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": key,
        ...(options.protocols.length > 0 && { "sec-websocket-protocol": options.protocols.join(", ") }),
      },
      peer: options.peer ?? { address: "" },
    },
    signal,
  );
  const { duplex, headers, status } = response;
  if (status !== 101 || !duplex)
    throw new WebSocketRefusedError(response, `the server answered ${status} instead of upgrading to WebSocket`);
  const protocol = headers["sec-websocket-protocol"] ?? "";
  if (headers["sec-websocket-accept"] !== acceptOf(key) || (protocol !== "" && !options.protocols.includes(protocol))) {
    duplex.destroy();
    throw new WebSocketRefusedError(response, "the server's WebSocket handshake is wrong");
  }
  return new WebSocketSession(duplex, {
    random: options.random,
    protocol,
    ...(options.maxMessageBytes !== undefined && { maxMessageBytes: options.maxMessageBytes }),
  });
}

/** The payload of binary messages as one stream of bytes: SPDY inside WebSocket. Ending one direction ends the session. */
export function webSocketDuplex(session: WebSocketSession): Duplex {
  return {
    incoming: {
      async *[Symbol.asyncIterator]() {
        for await (const message of session.messages) if (message.data.length > 0) yield message.data;
      },
    },
    write: (bytes) => session.send(bytes),
    end: () => void session.close().catch(() => undefined), // already over
    destroy: (reason) => session.destroy(reason),
    closed: session.closed.then(() => undefined),
  };
}
