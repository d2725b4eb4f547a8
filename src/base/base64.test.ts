import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Text, encodeBase64Url } from "./base64.ts";

describe("base64", () => {
  it("agrees with the platform's, both ways, on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = encodeBase64(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64"));
        expect(decodeBase64(text)).toEqual(new Uint8Array(bytes));
      }),
    );
    expect(encodeBase64Text("admin")).toBe("YWRtaW4=");
  });

  it("has a form for URLs, read with or without padding and in either alphabet", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const text = encodeBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64Url(text)).toEqual(new Uint8Array(bytes));
        expect(decodeBase64Url(encodeBase64(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
    for (const text of ["YWRt aW4", "a", "é"]) expect(decodeBase64Url(text)).toBeUndefined();
  });

  it("skips line breaks and refuses everything else", () => {
    expect(decodeBase64("YWRt\naW4=\r\n")).toEqual(new TextEncoder().encode("admin"));
    for (const text of ["YWRtaW4", "YW=taW4=", "YWRt aW4", "é===", "===="]) expect(decodeBase64(text)).toBeUndefined();
  });
});
