// Watch events out of a response body: decoded ones as they are, bytes as JSON values, one a line.

import type { Body, WatchEvent } from "../wire/exchange.ts";
import { Decoded, DecodedStream } from "../wire/exchange.ts";
import { StatusError } from "../object/status.ts";

/** Longest line taken: an object of the largest size the API accepts, with room for the frame. */
const maxLineBytes = 16 * 1024 * 1024;

/** The events of a watch response, in order. @throws StatusError when a line is no event or far too long. */
export async function* watchEvents(body: Body): AsyncGenerator<WatchEvent, void> {
  if (body === undefined) return;
  if (body instanceof DecodedStream) {
    yield* body.events;
    return;
  }
  if (body instanceof Decoded) throw new StatusError("InternalError", "the server answered a watch with a single object");
  for await (const line of lines(body instanceof Uint8Array ? [body] : body)) {
    let event: WatchEvent;
    try {
      event = JSON.parse(line) as WatchEvent;
    } catch (error) {
      throw new StatusError("InternalError", `unable to decode an event from the watch stream: ${(error as Error).message}`);
    }
    yield event;
  }
}

/** Lines of UTF-8 text; empty ones are left out. A last line without a newline is incomplete and dropped. */
async function* lines(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let waiting = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, from);
      if (end < 0) break;
      parts.push(decoder.decode(chunk.subarray(from, end), { stream: true }));
      const line = parts.join("");
      parts = [];
      waiting = 0;
      from = end + 1;
      if (line !== "") yield line;
    }
    if (from < chunk.length) {
      waiting += chunk.length - from;
      if (waiting > maxLineBytes) throw new StatusError("InternalError", "an event of the watch stream is too large");
      parts.push(decoder.decode(chunk.subarray(from), { stream: true }));
    }
  }
}
