// A socket (or any Node.js stream that goes both ways) as the Duplex of the house, and the small pieces that reading and
// writing streams share.

import type { Duplex as NodeDuplex, Readable, Writable } from "node:stream";
import type { Duplex } from "../wire/exchange.ts";

/** Chunks of a readable; leaving the loop early does not destroy the stream behind it. */
export function chunksOf(readable: Readable): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => readable.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array> };
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
