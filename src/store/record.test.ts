import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { CorruptRecordError } from "./store.ts";

const encoder = new TextEncoder();

describe("crc32c", () => {
  it("gives the check values of RFC 3720", () => {
    expect(crc32c(encoder.encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });
  it("goes on from a part", () => {
    expect(crc32c(encoder.encode("6789"), 0, crc32c(encoder.encode("12345")))).toBe(0xe3069283);
  });
});

describe("record", () => {
  it("comes back as it was written", () => {
    fc.assert(
      fc.property(
        fc.record({
          key: fc.string({ minLength: 1 }),
          value: fc.uint8Array(),
          cause: fc.option(fc.string({ minLength: 1, unit: "grapheme" }), { nil: undefined }),
          revision: fc.maxSafeNat(),
          createRevision: fc.maxSafeNat(),
          expiresAtMs: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
        }),
        (entry) => {
          const keyBytes = encoder.encode(entry.key);
          expect(decodeRecord(encodeRecord(entry, keyBytes), entry.key, keyBytes)).toEqual({
            ...entry,
            value: new Uint8Array(entry.value),
          });
        },
      ),
    );
  });
  it("refuses every single flipped bit, a cut and another key", () => {
    const keyBytes = encoder.encode("/a");
    const bytes = encodeRecord({ key: "/a", value: encoder.encode("value"), cause: "c", revision: 5, createRevision: 3 }, keyBytes);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => decodeRecord(damaged, "/a", keyBytes)).toThrow(CorruptRecordError);
    }
    expect(() => decodeRecord(bytes.subarray(0, bytes.length - 1), "/a", keyBytes)).toThrow(CorruptRecordError);
    expect(() => decodeRecord(bytes.subarray(0, 10), "/a", keyBytes)).toThrow("10 bytes");
    expect(() => decodeRecord(bytes, "/b", encoder.encode("/b"))).toThrow("/b is damaged");
  });
});
