import { expect, test } from "vitest";
import { clone, deepEqual, deepFreeze } from "./copy.ts";

test("a clone shares nothing and may be changed", () => {
  const original = deepFreeze({ metadata: { name: "a", labels: { x: "1" } }, list: [{ n: 1 }, [2]] });
  const copy = clone(original) as unknown as { metadata: { labels: Record<string, string> }; list: { n: number }[] };
  expect(copy).toEqual(original);
  copy.metadata.labels["y"] = "2";
  copy.list[0]!.n = 5;
  expect(original).toEqual({ metadata: { name: "a", labels: { x: "1" } }, list: [{ n: 1 }, [2]] });
});

test("a clone never takes a prototype from its source", () => {
  const hostile = JSON.parse('{"a":{"__proto__":{"polluted":true}}}') as { a: object };
  const copy = clone(hostile);
  expect(Object.getPrototypeOf(copy.a)).toBe(Object.prototype);
  expect("polluted" in copy.a).toBe(false);
});

test("freezing reaches every part", () => {
  const frozen = deepFreeze({ a: [{ b: 1 }] });
  expect(() => ((frozen.a[0] as { b: number }).b = 2)).toThrow(TypeError);
  expect(() => frozen.a.push({ b: 3 })).toThrow(TypeError);
});

test.each([
  [{ a: 1, b: [1, { c: "x" }] }, { b: [1, { c: "x" }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1, b: null }, { a: 1 }, true],
  [{ a: undefined }, { b: undefined }, true],
  [{ a: 1 }, { b: 1 }, false],
  [{ a: 1, b: null }, { a: 1, c: 2 }, false],
  [[1, 2], [1, 2, 3], false],
  [[1], { 0: 1 }, false],
  [{}, [], false],
  [null, undefined, true],
  [0, null, false],
  ["", undefined, false],
  [{ toString: 1 }, {}, false],
  [{}, { toString: 1 }, false],
])("%j and %j compare as %s", (a, b, equal) => {
  expect(deepEqual(a, b)).toBe(equal);
  expect(deepEqual(b, a)).toBe(equal);
});
