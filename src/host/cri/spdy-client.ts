// The client's half of SPDY/3.1, as much as the streaming server of a container runtime needs: it opens streams, sends and
// receives data, answers pings. Runtimes neither push streams nor use flow-control windows, so neither does this.

import type { Duplex as NodeDuplex } from "node:stream";
import { Channel } from "../../base/channel.ts";
import { drained } from "../socket-duplex.ts";

const synStream = 1;
const rstStream = 3;
const ping = 6;
const goAway = 7;
const finFlag = 1;
const maxDataBytes = 32 * 1024;
/** Unread bytes of all streams together; beyond, the connection is not read. */
const maxUnreadBytes = 1 << 20;
const cancelStatus = 5;

/** One stream, both ways. */
export interface SpdyStream {
  /** Ends when the far end finishes or resets it; throws when the connection breaks first. Iterate once. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Resolves when the far end has finished or reset it, read or not. */
  readonly finished: Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more will be written. */
  end(): void;
  /** Gives both directions up. */
  reset(): void;
}

export class SpdyClient {
  readonly closed: Promise<void>;
  readonly #socket: NodeDuplex;
  readonly #streams = new Map<number, ClientStream>();
  readonly #headers = new StoredHeaders();
  #nextId = 1;
  #buffered: Buffer = Buffer.alloc(0);
  #unreadBytes = 0;

  /** `head`: what came with the answer to the upgrade. */
  constructor(socket: NodeDuplex, head: Buffer) {
    this.#socket = socket;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("end", () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        const failure = new Error("the runtime closed the connection");
        for (const stream of this.#streams.values()) stream.fail(failure);
        this.#streams.clear();
        resolve();
      });
    });
    if (head.length > 0) this.#receive(head);
  }

  /** Header names in lower case. */
  open(headers: Readonly<Record<string, string>>): SpdyStream {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new ClientStream(id, this);
    this.#streams.set(id, stream);
    if (this.#socket.destroyed) stream.fail(new Error("connection closed"));
    const fixed = Buffer.alloc(10);
    fixed.writeUInt32BE(id, 0);
    this.#control(synStream, 0, Buffer.concat([fixed, this.#headers.encode(headers)]));
    return stream;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async sendData(id: number, bytes: Uint8Array, fin: boolean): Promise<void> {
    for (let start = 0; start === 0 || start < bytes.length; start += maxDataBytes) {
      if (this.#socket.destroyed) throw new Error("connection closed");
      const part = bytes.subarray(start, start + maxDataBytes);
      const last = fin && start + maxDataBytes >= bytes.length;
      const header = Buffer.alloc(8);
      header.writeUInt32BE(id, 0);
      header.writeUInt32BE(part.length, 4);
      header[4] = last ? finFlag : 0;
      this.#socket.cork();
      this.#socket.write(header);
      const taken = this.#socket.write(part);
      this.#socket.uncork();
      if (!taken) await drained(this.#socket);
    }
  }

  sendReset(id: number): void {
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(id, 0);
    payload.writeUInt32BE(cancelStatus, 4);
    this.#control(rstStream, 0, payload);
    this.#streams.delete(id);
  }

  /** Counts what waits to be read; a slow reader holds the whole connection. */
  unread(deltaBytes: number): void {
    this.#unreadBytes += deltaBytes;
    if (this.#unreadBytes > maxUnreadBytes) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #control(type: number, flags: number, payload: Buffer): void {
    if (this.#socket.destroyed) return;
    const header = Buffer.alloc(8);
    header.writeUInt16BE(0x8003, 0);
    header.writeUInt16BE(type, 2);
    header.writeUInt32BE(payload.length, 4);
    header[4] = flags;
    this.#socket.write(Buffer.concat([header, payload]));
  }

  #receive(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    let at = 0;
    while (this.#buffered.length - at >= 8) {
      const length = this.#buffered.readUIntBE(at + 5, 3);
      if (this.#buffered.length - at < 8 + length) break;
      this.#frame(this.#buffered.subarray(at, at + 8), this.#buffered.subarray(at + 8, at + 8 + length));
      at += 8 + length;
    }
    this.#buffered = this.#buffered.subarray(at);
  }

  #frame(header: Buffer, payload: Buffer): void {
    const fin = (header[4]! & finFlag) !== 0;
    if ((header[0]! & 0x80) === 0) {
      const id = header.readUInt32BE(0);
      const stream = this.#streams.get(id);
      if (stream === undefined) return;
      if (payload.length > 0) stream.push(new Uint8Array(payload));
      if (fin) stream.finish();
      return;
    }
    switch (header.readUInt16BE(2)) {
      case rstStream:
        // Runtimes end a session by resetting its streams once everything is written: to a reader that is the end.
        this.#streams.get(payload.readUInt32BE(0))?.abandon();
        break;
      case ping:
        // Even numbers are the server's: sent back as they are.
        if (payload.length >= 4 && payload.readUInt32BE(0) % 2 === 0) this.#control(ping, 0, Buffer.from(payload));
        break;
      case goAway:
        break; // the connection ends by itself when its streams have
      default:
        // SYN_REPLY, HEADERS, SETTINGS, WINDOW_UPDATE: nothing in them matters here, except that a reply may end a stream.
        if (fin && payload.length >= 4) this.#streams.get(payload.readUInt32BE(0))?.finish();
    }
  }
}

class ClientStream implements SpdyStream {
  readonly incoming: AsyncIterable<Uint8Array>;
  readonly finished: Promise<void>;
  readonly #id: number;
  readonly #client: SpdyClient;
  readonly #inbox: Channel<Uint8Array>;
  #finish!: () => void;
  #ended = false;

  constructor(id: number, client: SpdyClient) {
    this.#id = id;
    this.#client = client;
    this.#inbox = new Channel<Uint8Array>(Number.MAX_SAFE_INTEGER);
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    const inbox = this.#inbox;
    this.incoming = {
      async *[Symbol.asyncIterator]() {
        for await (const chunk of inbox) {
          client.unread(-chunk.length);
          yield chunk;
        }
      },
    };
  }

  push(bytes: Uint8Array): void {
    // Once its reader has left, a stream's bytes are dropped.
    if (this.#inbox.push(bytes)) this.#client.unread(bytes.length);
  }
  finish(): void {
    this.#inbox.close();
    this.#finish();
  }
  /** The far end neither reads nor writes any more. */
  abandon(): void {
    this.#ended = true;
    this.finish();
  }
  fail(error: Error): void {
    this.#ended = true;
    this.#inbox.close(error);
    this.#finish();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended) throw new Error("stream closed");
    if (bytes.length > 0) await this.#client.sendData(this.#id, bytes, false);
  }
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#client.sendData(this.#id, new Uint8Array(0), true).catch(() => undefined); // closed already: ended all the same
  }
  reset(): void {
    this.#client.sendReset(this.#id);
    this.fail(new Error("stream closed"));
  }
}

/**
 * Header blocks are one zlib stream per direction. Stored (uncompressed) blocks are valid zlib, need no compressor, and
 * refer to SPDY's dictionary by its checksum only.
 */
class StoredHeaders {
  #begun = false;

  encode(headers: Readonly<Record<string, string>>): Buffer {
    const parts: Buffer[] = [uint32(Object.keys(headers).length)];
    for (const [name, value] of Object.entries(headers)) {
      for (const text of [name, value]) {
        const bytes = Buffer.from(text);
        parts.push(uint32(bytes.length), bytes);
      }
    }
    const block = Buffer.concat(parts);
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const start = this.#begun ? [] : [Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2])];
    this.#begun = true;
    // The empty block at the end is what a flush leaves: Go's reader hands the bytes before it out only then.
    return Buffer.concat([...start, stored, block, Buffer.from([0, 0, 0, 0xff, 0xff])]);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
