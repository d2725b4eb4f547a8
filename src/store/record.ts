// One stored version as bytes, for backends that write to disk: a header with a checksum, then the value untouched.
//
//   offset 0  format (1)
//          1  CRC-32C of the key and of everything from offset 5 on, big endian like all numbers here
//          5  revision of this version
//         13  revision that created the key
//         21  expiry in milliseconds since the epoch, 0 for none
//         29  length of the cause in bytes
//         31  cause (UTF-8), then the value
//
// The key is part of the checksum, so a record that turns up under another key is refused too.

import { assert } from "../base/assert.ts";
import { crc32c } from "./crc32c.ts";
import type { Entry } from "./store.ts";
import { CorruptRecordError } from "./store.ts";

const format = 1;
const headerBytes = 31;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const noBytes = new Uint8Array(0);

/** The record of an entry; `keyBytes` is its key in UTF-8. */
export function encodeRecord(entry: Entry, keyBytes: Uint8Array): Uint8Array {
  const cause = entry.cause === undefined ? noBytes : encoder.encode(entry.cause);
  assert(cause.length <= 0xffff, "a cause does not fit its record");
  const bytes = new Uint8Array(headerBytes + cause.length + entry.value.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = format;
  setInteger(view, 5, entry.revision);
  setInteger(view, 13, entry.createRevision);
  setInteger(view, 21, entry.expiresAtMs ?? 0);
  view.setUint16(29, cause.length);
  bytes.set(cause, headerBytes);
  bytes.set(entry.value, headerBytes + cause.length);
  view.setUint32(1, checksum(bytes, keyBytes));
  return bytes;
}

/** @throws CorruptRecordError when the bytes are not what was written under this key. The value is a view of `bytes`. */
export function decodeRecord(bytes: Uint8Array, key: string, keyBytes: Uint8Array): Entry {
  if (bytes.length < headerBytes) throw corrupt(key, `it has ${bytes.length} bytes`);
  if (bytes[0] !== format) throw corrupt(key, `its format is ${bytes[0]}, not ${format}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(1) !== checksum(bytes, keyBytes)) throw corrupt(key, "its checksum does not match");
  const causeEnd = headerBytes + view.getUint16(29);
  if (causeEnd > bytes.length) throw corrupt(key, "its cause is longer than the record");
  const expiresAtMs = getInteger(view, 21);
  return {
    key,
    value: new Uint8Array(bytes.buffer, bytes.byteOffset + causeEnd, bytes.length - causeEnd),
    ...(causeEnd > headerBytes && { cause: decoder.decode(bytes.subarray(headerBytes, causeEnd)) }),
    revision: getInteger(view, 5),
    createRevision: getInteger(view, 13),
    ...(expiresAtMs !== 0 && { expiresAtMs }),
  };
}

function checksum(bytes: Uint8Array, keyBytes: Uint8Array): number {
  return crc32c(bytes, 5, crc32c(keyBytes));
}

function corrupt(key: string, why: string): CorruptRecordError {
  return new CorruptRecordError(`the stored record of ${key} is damaged: ${why}`);
}

/** Writes a safe integer as 64 bits. */
export function setInteger(view: DataView, offset: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, `not a storable integer: ${value}`);
  view.setUint32(offset, Math.floor(value / 0x1_0000_0000));
  view.setUint32(offset + 4, value >>> 0);
}

/** Reads what setInteger wrote. */
export function getInteger(view: DataView, offset: number): number {
  return view.getUint32(offset) * 0x1_0000_0000 + view.getUint32(offset + 4);
}
