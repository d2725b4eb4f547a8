// Randomness from the operating system, for names, UIDs, keys and jitter alike.

import { randomFillSync } from "node:crypto";
import type { Random } from "../base/random.ts";

/** Bytes drawn at once, so that a small request is no system call. */
const poolBytes = 4_096;

export function secureRandom(): Random {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  const bytes = (size: number): Uint8Array<ArrayBuffer> => {
    if (size > poolBytes / 4) return randomFillSync(new Uint8Array(size));
    if (used + size > poolBytes) {
      randomFillSync(pool);
      used = 0;
    }
    const taken = pool.slice(used, used + size);
    // What was handed out may be a key: it does not stay behind.
    pool.fill(0, used, used + size);
    used += size;
    return taken;
  };
  return {
    bytes,
    next: () => {
      const drawn = bytes(8);
      const view = new DataView(drawn.buffer);
      return ((view.getUint32(0) >>> 5) * 0x400_0000 + (view.getUint32(4) >>> 6)) / 0x20_0000_0000_0000;
    },
  };
}
