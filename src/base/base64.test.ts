import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64, encodeBase64Text } from "./base64.ts";

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

  it("skips line breaks and refuses everything else", () => {
    expect(decodeBase64("YWRt\naW4=\r\n")).toEqual(new TextEncoder().encode("admin"));
    for (const text of ["YWRtaW4", "YW=taW4=", "YWRt aW4", "é===", "===="]) expect(decodeBase64(text)).toBeUndefined();
  });
});
