import { describe, expect, it } from "vitest";
import { Decoded } from "../wire/exchange.ts";
import { failureOf, readValue } from "./answer.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("an answer's body", () => {
  it("is a decoded object, JSON from bytes or from pieces, or text", async () => {
    async function* pieces(): AsyncGenerator<Uint8Array> {
      const whole = bytes('{"name":"é"}');
      yield whole.subarray(0, 10);
      yield whole.subarray(10);
    }
    expect(await readValue(undefined)).toBeUndefined();
    expect(await readValue(bytes(""))).toBeUndefined();
    expect(await readValue(new Decoded({ name: "a" }))).toEqual({ name: "a" });
    expect(await readValue(bytes('\n{"name":"a"}'))).toEqual({ name: "a" });
    expect(await readValue(pieces())).toEqual({ name: "é" });
    expect(await readValue(bytes("ok"))).toBe("ok");
    expect(await readValue(bytes("{broken"))).toBe("{broken");
  });
});

describe("a refusal", () => {
  it("is the Status that the server sent", () => {
    const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "Conflict", message: "changed", code: 409 };
    expect(failureOf(409, status)).toMatchObject({ reason: "Conflict", message: "changed" });
  });

  it("says what a server said that sent none", () => {
    expect(failureOf(503, "  no backend\n")).toMatchObject({ reason: "ServiceUnavailable", message: "no backend", code: 503 });
    expect(failureOf(418, undefined)).toMatchObject({ reason: "InternalError", message: "the server answered with status 418" });
    expect(failureOf(404, "404 page not found")).toMatchObject({ message: "the server could not find the requested resource" });
  });
});
