// What a key is, and the one order of keys: by their UTF-8 bytes, so that every backend agrees with a byte-ordered file.

import { assert } from "../base/assert.ts";

/** Longest key in UTF-8 bytes. */
const maxKeyBytes = 1_500;
/** Longest cause in UTF-8 bytes. */
export const maxCauseBytes = 1_024;

const encoder = new TextEncoder();
const aboveSurrogates = /[\ud800-\uffff]/;
const loneSurrogate = /[\ud800-\udfff]/u;

/** @throws BugError unless the key is well-formed text of 1 to 1,500 bytes without NUL. */
export function checkKey(key: string): void {
  assert(key.length > 0, "a store key is empty");
  assert(!key.includes("\0"), "a store key has a NUL");
  if (key.length <= maxKeyBytes / 3 && !aboveSurrogates.test(key)) return;
  assert(!loneSurrogate.test(key), "a store key is not well-formed text");
  assert(encoder.encode(key).length <= maxKeyBytes, `a store key is longer than ${maxKeyBytes} bytes: ${key.slice(0, 100)}…`);
}

/** @throws BugError when the cause is longer than 1 KiB. */
export function checkCause(cause: string | undefined): void {
  if (cause === undefined || cause.length <= maxCauseBytes / 3) return;
  assert(encoder.encode(cause).length <= maxCauseBytes, `a cause is longer than ${maxCauseBytes} bytes`);
}

/**
 * Negative, zero or positive as `left` comes before, at or after `right` in the order of UTF-8 bytes. That is JavaScript's
 * own order except where a surrogate pair meets a character from U+E000 on.
 */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  const native = left < right ? -1 : 1;
  if (!aboveSurrogates.test(left) || !aboveSurrogates.test(right)) return native;
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    return aSurrogate === bSurrogate ? a - b : aSurrogate ? 1 : -1;
  }
  return left.length - right.length;
}
