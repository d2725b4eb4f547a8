// Writing a body to a connection: at once, or chunk by chunk with back-pressure. Small chunks of one turn of the event loop
// leave together: a watch that gets a hundred events at once costs one TLS record, not a hundred.

import type { Writable } from "node:stream";
import { BugError } from "../../base/assert.ts";
import type { Body } from "../../wire/exchange.ts";
import { Decoded, DecodedStream } from "../../wire/exchange.ts";
import { drained } from "./socket-duplex.ts";

/** A batch of this size is written without waiting for the turn to end. */
const flushBytes = 64 * 1024;

/** The body as bytes. @throws BugError for a decoded one, which belongs to callers in the same process only. */
export function wireBody(body: Body): undefined | Uint8Array | AsyncIterable<Uint8Array> {
  if (body instanceof Decoded || body instanceof DecodedStream) throw new BugError("a decoded body was sent to a network peer");
  return body;
}

/** Writes the chunks and ends the stream. Rejects when the source throws or the stream closes; then the source is released. */
export async function pump(chunks: AsyncIterable<Uint8Array>, writable: Writable): Promise<void> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let scheduled: NodeJS.Immediate | undefined;
  const flush = (): boolean => {
    if (scheduled) clearImmediate(scheduled);
    scheduled = undefined;
    if (waiting.length === 0) return true;
    const batch = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
    return writable.destroyed || writable.write(batch);
  };
  const onClose = (): void => void iterator.return?.()?.catch?.(() => undefined);
  const iterator = chunks[Symbol.asyncIterator]();
  writable.once("close", onClose);
  try {
    for (;;) {
      const step = await iterator.next();
      if (writable.destroyed) throw new Error("connection closed");
      if (step.done) break;
      if (step.value.length === 0) continue;
      waiting.push(step.value);
      waitingBytes += step.value.length;
      if (waitingBytes >= flushBytes) flush();
      else scheduled ??= setImmediate(flush);
      if (writable.writableNeedDrain) await drained(writable);
    }
    flush();
    writable.end();
  } catch (error) {
    if (scheduled) clearImmediate(scheduled);
    await iterator.return?.();
    throw error;
  } finally {
    writable.off("close", onClose);
  }
}
