import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "./json.ts";
import { JsonSyntaxError, TooDeepError, TooLargeError } from "./syntax-errors.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("parseJson", () => {
  test("gives what JSON.parse gives, with no duplicates", () => {
    const noProto = fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(noProto, (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(encode(text))).toEqual({ value: JSON.parse(text), duplicates: [] });
      }),
      { numRuns: 200 },
    );
  });

  test("names duplicate keys by their path and keeps the last", () => {
    const parsed = parseJson('{"spec":{"replicas":1,"a":[{"b":1,"b":"x:\\"y"}],"replicas":2},"k:":"[{"}');
    expect(parsed.value).toEqual({ spec: { replicas: 2, a: [{ b: 'x:"y' }] }, "k:": "[{" });
    expect(parsed.duplicates).toEqual(['duplicate field "spec.a[0].b"', 'duplicate field "spec.replicas"']);
  });

  test("sees a key written in two spellings as the same key", () => {
    expect(parseJson('{"a":1,"\\u0061":2}').duplicates).toEqual(['duplicate field "a"']);
  });

  test.each([
    ["", "unexpected end of JSON input"],
    ["{", "unexpected end of JSON input"],
    ["x", "invalid character 'x' looking for beginning of value"],
    ["{a:1}", "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ["[1 2]", "invalid character '2' after array element"],
    ["1 2", "invalid character '2' after top-level value"],
    ["tru", "unexpected end of JSON input"],
    ["trux", "invalid character 'x' in literal true (expecting 'e')"],
    ["01", "invalid character '1' after top-level value"],
    ["1.x", "invalid character 'x' after decimal point in numeric literal"],
    ["1ex", "invalid character 'x' in exponent of numeric literal"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["[1,]", "invalid character ']' looking for beginning of value"],
  ])("refuses %j with Go's words", (text, message) => {
    expect(() => parseJson(text)).toThrow(message);
  });

  test("refuses what no JSON text may be, and nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\ 01-.eEtrufalsn'.split("")) }), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (valid) parseJson(text);
        else expect(() => parseJson(text)).toThrow(/^(invalid character|unexpected end)/);
      }),
      { numRuns: 500 },
    );
  });

  test("holds its limits before recursing", () => {
    expect(() => parseJson("[".repeat(200_000))).toThrow(TooDeepError);
    expect(() => parseJson('{"a":'.repeat(513))).toThrow(TooDeepError);
    expect(parseJson("[".repeat(512) + "]".repeat(512)).duplicates).toEqual([]);
    expect(() => parseJson('"12345"', { maxBytes: 6 })).toThrow(TooLargeError);
  });

  test("refuses __proto__ however spelled, numbers beyond a double, and invalid UTF-8", () => {
    expect(() => parseJson('{"__proto__":{"x":1}}')).toThrow(JsonSyntaxError);
    expect(() => parseJson('{"a":[{"\\u005f_proto__":1}]}')).toThrow(JsonSyntaxError);
    expect(() => parseJson("[1e999]")).toThrow(JsonSyntaxError);
    expect(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22))).toThrow("invalid UTF-8");
    expect(parseJson("9007199254740993").value).toBe(9007199254740992);
  });
});
