// SPDY/3.1 sessions over a Duplex, both sides: how container runtimes and older clients of Kubernetes carry exec, attach and
// port-forward. One session holds many streams; each has its own two directions and headers that say what it is for.

import { Channel } from "../base/channel.ts";
import type { Duplex, Headers } from "./exchange.ts";
import { spdyDictionary } from "./spdy-dictionary.ts";
import type { SpdyFrame } from "./spdy-frame.ts";
import {
  decodeHeaderBlock,
  encodeHeaderBlock,
  encodeSpdyFrame,
  finFlag,
  resetStatus,
  SpdyError,
  SpdyParser,
  SpdyResetError,
  unidirectionalFlag,
} from "./spdy-frame.ts";
import type { StreamPort } from "./spdy-stream.ts";
import { SpdyStream } from "./spdy-stream.ts";

/** Header compression with a state that lives as long as the session; the host has zlib. */
export interface Zlib {
  /** Each block ends with a sync flush. */
  deflater(dictionary: Uint8Array): BlockCoder;
  inflater(dictionary: Uint8Array): BlockCoder;
}
export interface BlockCoder extends Disposable {
  /** Blocks go in and come out in the order of the calls. Rejects when the result would be larger than `maxBytes`. */
  code(block: Uint8Array, maxBytes: number): Promise<Uint8Array>;
}

export interface SpdyOptions {
  /** The client opens streams with odd numbers, the server with even ones. */
  readonly role: "client" | "server";
  readonly zlib: Zlib;
  /**
   * "windows": as the protocol says, 64 KiB per stream and session until the far end grants more. "connection": no windows,
   * the connection's own back-pressure only. Kubernetes' clients and containerd neither grant nor keep to windows: a sender
   * that waited for them would hang after 64 KiB.
   */
  readonly flowControl: "windows" | "connection";
  /** Most streams at once that the far end may open. Default 1,000; more are refused. */
  readonly maxStreams?: number;
}

const initialWindow = 64 * 1024;
const maxHeaderBytes = 64 * 1024;
const maxFrameBytes = 1024 * 1024;
/** Unread bytes of one stream; beyond, the connection is not read until its reader catches up. */
const maxUnreadBytes = 1024 * 1024;

/** Close it: until then a session keeps its connection open. */
export class SpdySession {
  /** Resolves when the connection is over, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #duplex: Duplex;
  readonly #options: SpdyOptions;
  readonly #deflater: BlockCoder;
  readonly #inflater: BlockCoder;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #incoming: Channel<SpdyStream>;
  /** Header blocks must be sent in the order in which they were compressed. */
  #sending: Promise<unknown> = Promise.resolve();
  #nextId: number;
  #nextPing: number;
  #lastRemoteId = 0;
  #streamWindow = initialWindow;
  #sendWindow = initialWindow;
  #unacknowledged = 0;
  #goneAway = false;
  #over: Error | undefined;
  readonly #windowWaiters = new Set<() => void>();
  readonly #pings = new Map<number, () => void>();

  constructor(duplex: Duplex, options: SpdyOptions) {
    this.#duplex = duplex;
    this.#options = options;
    this.#deflater = options.zlib.deflater(spdyDictionary);
    this.#inflater = options.zlib.inflater(spdyDictionary);
    this.#nextId = options.role === "client" ? 1 : 2;
    this.#nextPing = this.#nextId;
    this.#incoming = new Channel<SpdyStream>(options.maxStreams ?? 1_000);
    this.closed = this.#run();
  }

  /** Streams that the far end opens, as they come; each is answered when it is taken from here. Ends with the session. */
  get incoming(): AsyncIterable<SpdyStream> {
    return this.#incoming;
  }

  /** Opens a stream. Resolves once the request is sent; `stream.replied` tells what the far end said. */
  async open(headers: Headers): Promise<SpdyStream> {
    this.#checkOpen();
    if (this.#goneAway) throw new SpdyError("the far end takes no more streams");
    return await this.#inOrder(async () => {
      const stream = new SpdyStream(this.#port, this.#nextId, headers, this.#streamWindow);
      this.#nextId += 2;
      this.#streams.set(stream.id, stream);
      const block = await this.#deflater.code(encodeHeaderBlock(headers), maxHeaderBytes);
      await this.#send({ type: "synStream", streamId: stream.id, flags: 0, block });
      return stream;
    });
  }

  /** Resolves when the far end has answered. */
  async ping(): Promise<void> {
    this.#checkOpen();
    const id = this.#nextPing;
    this.#nextPing += 2;
    const answered = new Promise<void>((resolve) => this.#pings.set(id, resolve));
    await this.#send({ type: "ping", id });
    await Promise.race([answered, this.closed]);
    if (this.#pings.delete(id)) throw new SpdyError("the connection ended before the answer to a ping");
  }

  /** Tells the far end and ends the connection, streams included. */
  async close(): Promise<void> {
    if (!this.#over) {
      // The far end may already be gone; then there is nobody to tell.
      await this.#send({ type: "goAway", lastStreamId: this.#lastRemoteId, status: 0 }).catch(() => undefined);
    }
    this.#end(new SpdyError("the session is closed"));
    this.#duplex.end();
    this.#duplex.destroy();
  }

  /** What a stream may do with its session. */
  readonly #port: StreamPort = {
    send: (frame) => this.#send(frame),
    claimWindow: (stream, wanted) => this.#claimWindow(stream, wanted),
    consumed: (stream, size) => this.#consumed(stream, size),
    forget: (stream) => void this.#streams.delete(stream.id),
    reply: (stream) =>
      this.#inOrder(async () => {
        const block = await this.#deflater.code(encodeHeaderBlock({}), maxHeaderBytes);
        await this.#send({ type: "synReply", streamId: stream.id, flags: 0, block });
      }),
  };

  async #run(): Promise<void> {
    const parser = new SpdyParser(maxFrameBytes);
    let failure: Error = new SpdyError("the connection ended");
    try {
      for await (const chunk of this.#duplex.incoming) {
        for (const frame of parser.push(chunk)) await this.#receive(frame);
        if (this.#over) break;
      }
    } catch (error) {
      failure = error as Error;
      if (error instanceof SpdyError && !this.#over) {
        await this.#send({ type: "goAway", lastStreamId: this.#lastRemoteId, status: 1 }).catch(() => undefined); // nobody left to tell
      }
    }
    this.#end(failure);
    this.#duplex.destroy();
    await this.#sending.catch(() => undefined); // its caller has got the failure
    this.#deflater[Symbol.dispose]();
    this.#inflater[Symbol.dispose]();
  }

  #end(failure: Error): void {
    if (this.#over) return;
    this.#over = failure;
    for (const stream of this.#streams.values()) stream.fail(failure);
    this.#streams.clear();
    this.#incoming.close();
    this.#wakeWriters();
  }

  async #receive(frame: SpdyFrame): Promise<void> {
    switch (frame.type) {
      case "synStream":
        await this.#opened(frame.streamId, frame.flags, frame.block);
        return;
      case "synReply":
      case "headers": {
        // Every block moves the state of the decompressor on, wanted or not.
        const headers = decodeHeaderBlock(await this.#inflater.code(frame.block, maxHeaderBytes));
        const stream = this.#streams.get(frame.streamId);
        if (frame.type === "synReply") stream?.gotReply(headers);
        if (frame.flags & finFlag) stream?.gotEnd();
        return;
      }
      case "data":
        await this.#gotData(frame.streamId, frame.flags, frame.data);
        return;
      case "reset":
        this.#streams.get(frame.streamId)?.fail(new SpdyResetError(frame.status));
        this.#streams.delete(frame.streamId);
        this.#wakeWriters();
        return;
      case "ping": {
        const mine = frame.id % 2 === (this.#options.role === "client" ? 1 : 0);
        if (!mine) await this.#send(frame);
        else {
          this.#pings.get(frame.id)?.();
          this.#pings.delete(frame.id);
        }
        return;
      }
      case "goAway":
        this.#goneAway = true;
        return;
      case "settings":
        if (frame.initialWindow !== undefined) {
          const change = frame.initialWindow - this.#streamWindow;
          this.#streamWindow = frame.initialWindow;
          for (const stream of this.#streams.values()) stream.sendWindow += change;
          this.#wakeWriters();
        }
        return;
      case "windowUpdate": {
        const stream = this.#streams.get(frame.streamId);
        if (frame.streamId === 0) this.#sendWindow += frame.delta;
        else if (stream) stream.sendWindow += frame.delta;
        this.#wakeWriters();
        return;
      }
    }
  }

  async #opened(streamId: number, flags: number, block: Uint8Array): Promise<void> {
    const headers = decodeHeaderBlock(await this.#inflater.code(block, maxHeaderBytes));
    const expected = this.#options.role === "client" ? 0 : 1;
    if (streamId % 2 !== expected || streamId <= this.#lastRemoteId) throw new SpdyError(`the far end may not open a stream ${streamId}`);
    this.#lastRemoteId = streamId;
    const stream = new SpdyStream(this.#port, streamId, headers, this.#streamWindow);
    if (flags & finFlag) stream.gotEnd();
    if (flags & unidirectionalFlag) stream.silence();
    if (this.#streams.size >= (this.#options.maxStreams ?? 1_000) || !this.#incoming.push(stream)) {
      await this.#send({ type: "reset", streamId, status: resetStatus.refusedStream });
      return;
    }
    this.#streams.set(streamId, stream);
    if (!(flags & unidirectionalFlag)) await this.#port.reply(stream);
  }

  async #gotData(streamId: number, flags: number, data: Uint8Array): Promise<void> {
    const stream = this.#streams.get(streamId);
    if (!stream) {
      this.#consumed(undefined, data.length);
      // Data that crossed our reset is no fault; a stream that never was is one.
      const known = streamId < this.#nextId || streamId <= this.#lastRemoteId;
      if (!known) await this.#send({ type: "reset", streamId, status: resetStatus.invalidStream });
      return;
    }
    if (this.#options.flowControl === "windows" && stream.unread + data.length > initialWindow) {
      stream.fail(new SpdyError("the far end has sent more than its window"));
      this.#streams.delete(streamId);
      await this.#send({ type: "reset", streamId, status: resetStatus.flowControlError });
      return;
    }
    if (data.length > 0) stream.gotData(data);
    if (flags & finFlag) stream.gotEnd();
    if (this.#options.flowControl === "connection" && stream.unread > maxUnreadBytes) await stream.untilRead(maxUnreadBytes / 2);
  }

  /** How many bytes may be sent now, up to `wanted`; waits while it is none. */
  async #claimWindow(stream: SpdyStream, wanted: number): Promise<number> {
    if (this.#options.flowControl === "connection") return wanted;
    for (;;) {
      this.#checkOpen();
      stream.checkWritable();
      const granted = Math.min(wanted, stream.sendWindow, this.#sendWindow);
      if (granted > 0) {
        stream.sendWindow -= granted;
        this.#sendWindow -= granted;
        return granted;
      }
      await new Promise<void>((resolve) => this.#windowWaiters.add(resolve));
    }
  }

  /** Gives windows back when half of one has been read. */
  #consumed(stream: SpdyStream | undefined, size: number): void {
    if (this.#options.flowControl === "connection" || this.#over) return;
    const grant = (streamId: number, delta: number): void => {
      this.#send({ type: "windowUpdate", streamId, delta }).catch(() => undefined); // the reading side reports a broken connection
    };
    this.#unacknowledged += size;
    if (this.#unacknowledged >= initialWindow / 2) {
      grant(0, this.#unacknowledged);
      this.#unacknowledged = 0;
    }
    if (!stream) return;
    stream.unacknowledged += size;
    if (stream.unacknowledged >= initialWindow / 2) {
      grant(stream.id, stream.unacknowledged);
      stream.unacknowledged = 0;
    }
  }

  #wakeWriters(): void {
    const waiting = [...this.#windowWaiters];
    this.#windowWaiters.clear();
    for (const wake of waiting) wake();
  }

  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#sending.then(work, work);
    this.#sending = done;
    return done;
  }

  async #send(frame: SpdyFrame): Promise<void> {
    this.#checkOpen();
    await this.#duplex.write(encodeSpdyFrame(frame));
    if (frame.type === "reset") this.#wakeWriters();
  }

  #checkOpen(): void {
    if (this.#over) throw this.#over;
  }
}
