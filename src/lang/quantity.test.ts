import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityToNumber,
  quantityValue,
} from "./quantity.ts";

describe("canonicalQuantity", () => {
  test.each<[string | number, string]>([
    ["0", "0"],
    ["0m", "0"],
    ["-0", "0"],
    ["1", "1"],
    [2, "2"],
    [0.5, "500m"],
    ["1000m", "1"],
    ["1.5", "1500m"],
    ["0.1", "100m"],
    ["100m", "100m"],
    ["1500m", "1500m"],
    ["1000", "1k"],
    ["1200", "1200"],
    ["123000000", "123M"],
    ["1024", "1024"],
    ["1024Ki", "1Mi"],
    ["1000Ki", "1000Ki"],
    ["1.5Gi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["100.5Ki", "102912"],
    ["0.1Ki", "102400m"],
    ["1Ki", "1Ki"],
    ["0.5Ki", "512"],
    ["1e3", "1e3"],
    ["1E3", "1e3"],
    ["12e6", "12e6"],
    ["123e1", "1230"],
    ["1e-3", "1e-3"],
    ["1E", "1E"],
    ["5Ei", "5Ei"],
    ["+1", "1"],
    ["-1.5", "-1500m"],
    ["-1Gi", "-1Gi"],
    ["1n", "1n"],
    ["0.1n", "1n"],
    ["-0.1n", "-1n"],
    ["1.0000000001", "1000000001n"],
    ["1u", "1u"],
    ["007", "7"],
    ["1.", "1"],
    [".5", "500m"],
    [" 1 ", "1"],
    ["9223372036854775808Gi", "9223372036854775807"],
    ["1e999999999", "9223372036854775807"],
  ])("%s is %s", (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  test.each(["", "abc", "1b", "1 Gi", "1..2", "1.2.3", "1m5x", "Infinity", "0x10"])("%j is no quantity", (text) => {
    expect(() => canonicalQuantity(text)).toThrow(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  });

  test.each(["1kk", "1K", "--1", "1e", "1mi", "1G5", "1e+", "1ki"])("%j has no known suffix", (text) => {
    expect(() => canonicalQuantity(text)).toThrow("unable to parse quantity's suffix");
  });

  const quantityText = fc
    .tuple(
      fc.integer({ min: -999_999_999, max: 999_999_999 }),
      fc.option(fc.nat(999), { nil: undefined }),
      fc.constantFrom("", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "e-6", "E2"),
    )
    .map(([whole, fraction, suffix]) => `${whole}${fraction === undefined ? "" : `.${fraction}`}${suffix}`);

  test("is a fixed point and keeps the amount", () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        const canonical = canonicalQuantity(text);
        expect(canonicalQuantity(canonical)).toBe(canonical);
        expect(compareQuantities(canonical, text)).toBe(0);
        expect(canonical).toBe(formatQuantity(parseQuantity(text)));
      }),
      { numRuns: 500 },
    );
  });

  test("short and long ways to a value agree", () => {
    fc.assert(
      fc.property(quantityText, (text) => {
        const quantity = parseQuantity(text);
        expect(quantityValue(text)).toBe(quantityValue(quantity));
        expect(quantityMilliValue(text)).toBe(quantityMilliValue(quantity));
      }),
      { numRuns: 500 },
    );
  });
});

test("values round away from zero", () => {
  expect(quantityValue("1500m")).toBe(2);
  expect(quantityValue("-1500m")).toBe(-2);
  expect(quantityValue("1m")).toBe(1);
  expect(quantityValue("128Mi")).toBe(134217728);
  expect(quantityValue("16Gi")).toBe(17179869184);
  expect(quantityMilliValue("100u")).toBe(1);
  expect(quantityMilliValue("2")).toBe(2000);
  expect(quantityToNumber("1500m")).toBe(1.5);
});

test("arithmetic keeps the left format, or the right one's when the left is zero", () => {
  expect(formatQuantity(addQuantities("1Gi", "512Mi"))).toBe("1536Mi");
  expect(formatQuantity(addQuantities("0", "1Ki"))).toBe("1Ki");
  expect(formatQuantity(addQuantities("500m", "600m"))).toBe("1100m");
  expect(compareQuantities("1Gi", "1G")).toBe(1);
  expect(compareQuantities("100m", "0.1")).toBe(0);
});
