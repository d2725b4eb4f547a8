// A socket (or any Node.js stream that goes both ways) as the Duplex of the house, and the small pieces that reading and
// writing streams share.

import type { Duplex as NodeDuplex, Readable, Writable } from "node:stream";
import { CancelledError } from "../../base/assert.ts";
import type { Duplex } from "../../wire/exchange.ts";

/**
 * Chunks of a readable; leaving the loop early does not destroy the stream behind it. Every request with a body is read through
 * this, and Node.js' own iterator costs it several times as much.
 * `explain` gives what is thrown when the stream fails or closes before its end.
 */
export function chunksOf(readable: Readable, explain: (error: Error) => Error = (error) => error): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new Chunks(readable, explain) };
}

/** A request's body. A client that breaks off gives its request up: that is nobody's failure. */
export const requestBody = (readable: Readable): AsyncIterable<Uint8Array> =>
  chunksOf(readable, (error) => new CancelledError("the client broke its request off", { cause: error }));

const events = ["readable", "end", "close", "error"] as const;

class Chunks implements AsyncIterator<Uint8Array> {
  readonly #readable: Readable;
  readonly #explain: (error: Error) => Error;
  #waiting: { resolve: (step: IteratorResult<Uint8Array>) => void; reject: (error: Error) => void } | undefined;
  #listening = false;
  readonly #look = (): void => this.#answer();

  constructor(readable: Readable, explain: (error: Error) => Error) {
    this.#readable = readable;
    this.#explain = explain;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const step = this.#step();
    if (step instanceof Error) return Promise.reject(step);
    if (step) return Promise.resolve(step);
    this.#listen();
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#stopListening();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** What can be told now; undefined when one has to wait. */
  #step(): IteratorResult<Uint8Array> | Error | undefined {
    const readable = this.#readable;
    const chunk = readable.destroyed ? null : (readable.read() as Uint8Array | null);
    if (chunk !== null) return { done: false, value: chunk };
    if (readable.errored) return this.#explain(readable.errored);
    if (readable.readableEnded) return { done: true, value: undefined };
    // Closed before its end: half a body must not look whole.
    return readable.destroyed || readable.closed ? this.#explain(new Error("the connection was closed before the end")) : undefined;
  }

  #answer(): void {
    const waiting = this.#waiting;
    const step = waiting && this.#step();
    if (!step) return;
    this.#waiting = undefined;
    if (step instanceof Error || step.done) this.#stopListening();
    if (step instanceof Error) waiting.reject(step);
    else waiting.resolve(step);
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
