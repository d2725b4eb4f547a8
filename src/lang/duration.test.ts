import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, formatDurationNanos, parseDuration, parseDurationNanos } from "./duration.ts";
import { expandVariables } from "./expansion.ts";
import { age, humanDuration } from "./human-duration.ts";
import { compareKubeVersions } from "./version.ts";

describe("durations", () => {
  test.each<[string, number]>([
    ["0", 0],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["-250ms", -250],
    ["1us", 0.001],
    ["1h0.5m", 3_630_000],
    [".5s", 500],
  ])("%s is %d ms", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each<[string, string]>([
    ["", 'time: invalid duration ""'],
    ["5", 'time: missing unit in duration "5"'],
    ["5x", 'time: unknown unit "x" in duration "5x"'],
    ["h", 'time: invalid duration "h"'],
    ["-", 'time: invalid duration "-"'],
    ["9999999h", 'time: invalid duration "9999999h"'],
  ])("%j is refused", (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });

  test("print as Go does and read back", () => {
    expect(formatDuration(5_400_000)).toBe("1h30m0s");
    expect(formatDuration(65_500)).toBe("1m5.5s");
    expect(formatDuration(250)).toBe("250ms");
    expect(formatDuration(0)).toBe("0s");
    expect(formatDurationNanos(1500n)).toBe("1.5\u00b5s");
    fc.assert(
      fc.property(fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }), (nanos) => {
        expect(parseDurationNanos(formatDurationNanos(nanos))).toBe(nanos);
      }),
    );
  });
});

test.each<[number, string]>([
  [-5000, "<invalid>"],
  [-500, "0s"],
  [0, "0s"],
  [119_000, "119s"],
  [120_000, "2m"],
  [432_000, "7m12s"],
  [179 * 60_000, "179m"],
  [3 * 3600_000, "3h"],
  [3.5 * 3600_000, "3h30m"],
  [47 * 3600_000, "47h"],
  [52 * 3600_000, "2d4h"],
  [410 * 86_400_000, "410d"],
  [800 * 86_400_000, "2y70d"],
  [9 * 365 * 86_400_000, "9y"],
])("%d ms ago is %s", (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test("age", () => {
  expect(age("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:45Z"))).toBe("45s");
  expect(age(undefined, 0)).toBe("<unknown>");
});

test.each<[string, string]>([
  ["$(A)", "1"],
  ["a $(A) $(B) $(C)!", "a 1 two $(C)!"],
  ["$$(A)", "$(A)"],
  ["$$$(A)", "$1"],
  ["$$$$", "$$"],
  ["$", "$"],
  ["a$", "a$"],
  ["$(", "$("],
  ["$(A", "$(A"],
  ["$(A)$(A)", "11"],
  ["$x$(A)", "$x1"],
  ["$()", "$()"],
  ["$($(A))", "$($(A))"],
  ["$(A)$", "1$"],
])("%s expands to %s", (text, expanded) => {
  const values: Record<string, string> = { A: "1", B: "two" };
  expect(expandVariables(text, (name) => values[name])).toBe(expanded);
});

test("versions rank", () => {
  const versions = ["foo10", "v1alpha1", "v10", "v2", "v1", "v1beta1", "v11beta2", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "v10beta3"];
  expect(versions.sort(compareKubeVersions)).toEqual([
    "v10",
    "v2",
    "v1",
    "v11beta2",
    "v10beta3",
    "v3beta1",
    "v1beta1",
    "v12alpha1",
    "v11alpha2",
    "v1alpha1",
    "foo1",
    "foo10",
  ]);
});
