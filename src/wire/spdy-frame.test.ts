import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { spdyDictionary } from "./spdy-dictionary.ts";
import type { SpdyFrame } from "./spdy-frame.ts";
import { decodeHeaderBlock, encodeHeaderBlock, encodeSpdyFrame, SpdyParser } from "./spdy-frame.ts";

describe("the dictionary", () => {
  it("has the length and the Adler-32 that every SPDY/3 stream announces", () => {
    let [a, b] = [1, 0];
    for (const byte of spdyDictionary) {
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
    expect(spdyDictionary.length).toBe(1_423);
    expect((b * 0x1_0000 + a).toString(16)).toBe("e3c6a7c2");
  });
});

describe("frames", () => {
  const block = Uint8Array.of(1, 2, 3);
  const frames: SpdyFrame[] = [
    { type: "synStream", streamId: 1, flags: 1, block },
    { type: "synReply", streamId: 1, flags: 0, block },
    { type: "headers", streamId: 5, flags: 0, block },
    { type: "data", streamId: 0x7fff_ffff, flags: 1, data: new Uint8Array(3_000).fill(3) },
    { type: "data", streamId: 3, flags: 0, data: new Uint8Array(0) },
    { type: "reset", streamId: 3, status: 5 },
    { type: "settings" },
    { type: "settings", initialWindow: 99 },
    { type: "ping", id: 0x8000_0001 },
    { type: "goAway", lastStreamId: 7, status: 0 },
    { type: "windowUpdate", streamId: 0, delta: 0x7fff_ffff },
  ];

  it("come back whole from any cutting", () => {
    const all = Uint8Array.from(frames.flatMap((frame) => [...encodeSpdyFrame(frame)]));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), (cut) => {
        const parser = new SpdyParser();
        const got: SpdyFrame[] = [];
        for (let at = 0; at < all.length; at += cut) got.push(...parser.push(all.subarray(at, at + cut)));
        expect(got).toEqual(frames);
      }),
      { numRuns: 15 },
    );
  });

  it("have the bytes of the specification", () => {
    expect([...encodeSpdyFrame({ type: "synStream", streamId: 1, flags: 1, block })]).toEqual([
      0x80, 3, 0, 1, 1, 0, 0, 13, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3,
    ]);
    expect([...encodeSpdyFrame({ type: "ping", id: 2 })]).toEqual([0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2]);
    expect([...encodeSpdyFrame({ type: "data", streamId: 5, flags: 1, data: block })]).toEqual([0, 0, 0, 5, 1, 0, 0, 3, 1, 2, 3]);
  });

  it("are skipped when unknown and refused when malformed", () => {
    expect(new SpdyParser().push(Uint8Array.of(0x80, 3, 0, 99, 0, 0, 0, 1, 7))).toEqual([]);
    expect(() => new SpdyParser().push(Uint8Array.of(0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2))).toThrow("version 2");
    expect(() => new SpdyParser().push(Uint8Array.of(0x80, 3, 0, 3, 0, 0, 0, 4, 0, 0, 0, 2))).toThrow("too short");
    expect(() => new SpdyParser(100).push(Uint8Array.of(0, 0, 0, 1, 0, 1, 0, 0))).toThrow("too large");
  });
});

describe("header blocks", () => {
  it("come back in lower case", () => {
    expect(decodeHeaderBlock(encodeHeaderBlock({ streamType: "stdin", requestID: "7", empty: "", é: "ü" }))).toEqual({
      streamtype: "stdin",
      requestid: "7",
      empty: "",
      é: "ü",
    });
    expect(() => decodeHeaderBlock(encodeHeaderBlock({ a: "b" }).subarray(0, 10))).toThrow("cut short");
    expect(() => decodeHeaderBlock(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow("cut short");
  });
});
