// A socket (or any Node.js stream that goes both ways) as the Duplex of the house, and the small pieces that reading and
// writing streams share.

import type { Duplex as NodeDuplex, Readable, Writable } from "node:stream";
import type { Duplex } from "../../wire/exchange.ts";

/**
 * Chunks of a readable; leaving the loop early does not destroy the stream behind it. Every request with a body is read through
 * this, and Node.js' own iterator costs it several times as much.
 */
export function chunksOf(readable: Readable): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new Chunks(readable) };
}

const events = ["readable", "end", "close", "error"] as const;

class Chunks implements AsyncIterator<Uint8Array> {
  readonly #readable: Readable;
  #waiting: { resolve: (step: IteratorResult<Uint8Array>) => void; reject: (error: Error) => void } | undefined;
  #listening = false;
  readonly #look = (): void => this.#answer();

  constructor(readable: Readable) {
    this.#readable = readable;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const step = this.#step();
    if (step) return Promise.resolve(step);
    if (this.#readable.errored) return Promise.reject(this.#readable.errored);
    this.#listen();
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#stopListening();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What can be told now; undefined when one has to wait, or when the stream has failed. */
  #step(): IteratorResult<Uint8Array> | undefined {
    const chunk = this.#readable.destroyed ? null : (this.#readable.read() as Uint8Array | null);
    if (chunk !== null) return { done: false, value: chunk };
    if (this.#readable.errored) return undefined;
    if (this.#readable.readableEnded) return { done: true, value: undefined };
    // Closed before its end: half a body must not look whole.
    if (this.#readable.destroyed || this.#readable.closed) throw brokenOff();
    return undefined;
  }

  #answer(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    try {
      const step = this.#step();
      if (!step && !this.#readable.errored) return;
      this.#waiting = undefined;
      if (!step) waiting.reject(this.#readable.errored!);
      else {
        if (step.done) this.#stopListening();
        waiting.resolve(step);
      }
    } catch (error) {
      this.#waiting = undefined;
      this.#stopListening();
      waiting.reject(error as Error);
    }
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const event of events) this.#readable.on(event, this.#look);
  }

  #stopListening(): void {
    if (!this.#listening) return;
    this.#listening = false;
    for (const event of events) this.#readable.off(event, this.#look);
  }
}

const brokenOff = (): Error => Object.assign(new Error("the connection was closed before the end"), { code: "ERR_STREAM_PREMATURE_CLOSE" });

/** Resolves when the stream takes more; rejects when it closes first. */
export function drained(writable: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      writable.off("close", onClose);
      resolve();
    };
    const onClose = (): void => {
      writable.off("drain", onDrain);
      reject(writable.errored ?? new Error("connection closed"));
    };
    if (writable.destroyed) {
      reject(writable.errored ?? new Error("connection closed"));
      return;
    }
    writable.once("drain", onDrain);
    writable.once("close", onClose);
  });
}

/** `head`: bytes of the upgraded connection that arrived together with the HTTP headers. */
export function socketDuplex(socket: NodeDuplex, head?: Uint8Array): Duplex {
  const closed = new Promise<void>((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
  // A reset by the far end also ends the reading loop; without a listener it would end the process.
  socket.on("error", () => socket.destroy());
  if (head && head.length > 0) socket.unshift(head);
  return {
    incoming: chunksOf(socket),
    closed,
    write: async (bytes) => {
      if (socket.destroyed || socket.writableEnded) throw new Error("connection closed");
      if (bytes.length > 0 && !socket.write(bytes)) await drained(socket);
    },
    end: () => {
      if (!socket.writableEnded) socket.end();
    },
    destroy: () => socket.destroy(),
  };
}
