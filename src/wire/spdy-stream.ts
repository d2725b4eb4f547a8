// One stream of a SPDY session: what it still has to read, what it may still write, and how each of its directions ends.

import { Channel } from "../base/channel.ts";
import type { Duplex, Headers } from "./exchange.ts";
import type { SpdyFrame } from "./spdy-frame.ts";
import { finFlag, resetStatus, SpdyError } from "./spdy-frame.ts";

const dataChunkBytes = 32 * 1024;

/** What a stream asks of its session. */
export interface StreamPort {
  send(frame: SpdyFrame): Promise<void>;
  claimWindow(stream: SpdyStream, wanted: number): Promise<number>;
  consumed(stream: SpdyStream, size: number): void;
  forget(stream: SpdyStream): void;
  reply(stream: SpdyStream): Promise<void>;
}

/** One stream of a session: a Duplex with a number and headers. */
export class SpdyStream implements Duplex {
  readonly id: number;
  /** What the opener said the stream is for; names in lower case. */
  readonly headers: Headers;
  /** Headers of the far end's answer, on the side that opened the stream. Rejects when it was refused. */
  readonly replied: Promise<Headers>;
  readonly closed: Promise<void>;
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Owned by the session. */
  sendWindow: number;
  unacknowledged = 0;
  readonly #port: StreamPort;
  readonly #inbox: Channel<Uint8Array>;
  #unread = 0;
  #endedIn = false;
  #endedOut = false;
  #failure: Error | undefined;
  /** Writes are sent one after the other, and the end after the last of them. */
  #writing: Promise<void> = Promise.resolve();
  #resolveClosed!: () => void;
  #resolveReplied!: (headers: Headers) => void;
  #rejectReplied!: (reason: Error) => void;
  #onRead: (() => void) | undefined;

  constructor(port: StreamPort, id: number, headers: Headers, sendWindow: number) {
    this.#port = port;
    this.id = id;
    this.headers = headers;
    this.sendWindow = sendWindow;
    this.#inbox = new Channel<Uint8Array>(Number.MAX_SAFE_INTEGER, () => {
      if (!this.#endedIn) this.destroy();
      this.#read(this.#unread);
    });
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.replied = new Promise((resolve, reject) => {
      this.#resolveReplied = resolve;
      this.#rejectReplied = reject;
    });
    this.replied.catch(() => undefined); // nobody need ask
    const inbox = this.#inbox;
    this.incoming = {
      [Symbol.asyncIterator]: () => {
        const reader = inbox[Symbol.asyncIterator]();
        return {
          next: async () => {
            const step = await reader.next();
            if (!step.done) this.#read(step.value.length);
            return step;
          },
          return: async () => (await reader.return!()) as IteratorReturnResult<undefined>,
        };
      },
    };
  }

  /** Bytes received and not yet read. */
  get unread(): number {
    return this.#unread;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#endedOut) return Promise.reject(new SpdyError("the stream's own direction has ended"));
    const done = this.#writing.then(() => this.#writeAll(bytes));
    this.#writing = done.catch(() => undefined); // this write's caller has the failure; the next one meets it anew
    return done;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#failure) throw this.#failure;
      const size = await this.#port.claimWindow(this, Math.min(dataChunkBytes, bytes.length - at));
      await this.#port.send({ type: "data", streamId: this.id, flags: 0, data: bytes.subarray(at, at + size) });
      at += size;
    }
  }

  end(): void {
    if (this.#endedOut) return;
    this.#endedOut = true;
    this.#writing = this.#writing
      .then(() => this.#port.send({ type: "data", streamId: this.id, flags: finFlag, data: new Uint8Array(0) }))
      .catch(() => undefined) // the connection is over, which ends the stream too
      .then(() => this.#settle());
  }

  /** Resets the stream: both directions are given up. */
  destroy(reason?: Error): void {
    if (this.#failure || (this.#endedIn && this.#endedOut)) return;
    this.fail(reason ?? new SpdyError("the stream was reset"));
    this.#port.forget(this);
    this.#port.send({ type: "reset", streamId: this.id, status: resetStatus.cancel }).catch(() => undefined); // over anyway
  }

  /** @throws when nothing can be written any more */
  checkWritable(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Waits until at most this many bytes are unread, or the stream is over. Called by the session. */
  async untilRead(atMost: number): Promise<void> {
    while (this.#unread > atMost && !this.#failure) await new Promise<void>((resolve) => (this.#onRead = resolve));
  }

  gotReply(headers: Headers): void {
    this.#resolveReplied(headers);
  }

  gotData(data: Uint8Array): void {
    if (this.#endedIn || !this.#inbox.push(data)) {
      this.#port.consumed(this, data.length);
      return;
    }
    this.#unread += data.length;
  }

  gotEnd(): void {
    this.#endedIn = true;
    this.#inbox.close();
    this.#settle();
  }

  /** The far end will not read: nothing can be written. */
  silence(): void {
    this.#endedOut = true;
    this.#settle();
  }

  fail(failure: Error): void {
    if (this.#failure) return;
    this.#failure = failure;
    const whole = this.#endedIn;
    this.#endedIn = true;
    this.#endedOut = true;
    if (!whole) this.#inbox.close(failure);
    this.#rejectReplied(failure);
    this.#resolveClosed();
    this.#wakeSession();
  }

  #read(size: number): void {
    this.#unread -= size;
    this.#port.consumed(this, size);
    this.#wakeSession();
  }

  #wakeSession(): void {
    const wake = this.#onRead;
    this.#onRead = undefined;
    wake?.();
  }

  #settle(): void {
    if (!this.#endedIn || !this.#endedOut) return;
    this.#port.forget(this);
    this.#resolveClosed();
  }
}
