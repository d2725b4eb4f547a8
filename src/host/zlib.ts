// The header compression of SPDY by Node's zlib.

import type { Deflate, Inflate } from "node:zlib";
import { constants, createDeflate, createInflate } from "node:zlib";
import type { BlockCoder, Zlib } from "../wire/spdy.ts";

export const hostZlib: Zlib = {
  deflater: (dictionary) => coder(createDeflate({ dictionary })),
  inflater: (dictionary) => coder(createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH })),
};

function coder(stream: Deflate | Inflate): BlockCoder {
  let chunks: Uint8Array[] = [];
  let size = 0;
  let limit = 0;
  let failure: Error | undefined;
  let fail: ((error: Error) => void) | undefined;
  const broken = (error: Error): void => {
    failure ??= error;
    fail?.(failure);
  };
  stream.on("data", (chunk: Uint8Array) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) stream.destroy(new Error(`a header block is larger than ${limit} bytes`));
  });
  stream.on("error", broken);
  stream.on("close", () => broken(new Error("the header compression is closed")));

  let last: Promise<unknown> = Promise.resolve();
  const run = (block: Uint8Array, maxBytes: number): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      if (failure) {
        reject(failure);
        return;
      }
      fail = reject;
      [chunks, size, limit] = [[], 0, maxBytes];
      stream.write(block);
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        fail = undefined;
        if (failure) reject(failure);
        else resolve(new Uint8Array(Buffer.concat(chunks, size)));
      });
    });
  return {
    code: (block, maxBytes) => {
      const done = last.then(
        () => run(block, maxBytes),
        () => run(block, maxBytes),
      );
      last = done;
      return done;
    },
    [Symbol.dispose]: () => stream.destroy(),
  };
}
