import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deepFreeze } from "../copy.ts";
import type { StatusError } from "../status.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch, createMergePatch, createThreeWayMergePatch } from "./merge-patch.ts";

const refusal = (run: () => unknown): StatusError => {
  try {
    run();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error("not refused");
};
const cause = (error: StatusError): string | undefined => error.cause as string | undefined;

describe("JSON patch", () => {
  test.each<[string, unknown, unknown[], unknown]>([
    ["add", { a: 1 }, [{ op: "add", path: "/b", value: { c: 1 } }], { a: 1, b: { c: 1 } }],
    ["add replaces", { a: 1 }, [{ op: "add", path: "/a", value: null }], { a: null }],
    ["insert", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
    ["append", [1], [{ op: "add", path: "/-", value: 2 }], [1, 2]],
    ["remove", { a: [1, 2] }, [{ op: "remove", path: "/a/0" }], { a: [2] }],
    ["replace", { a: { b: 1 } }, [{ op: "replace", path: "/a/b", value: 2 }], { a: { b: 2 } }],
    ["move", { a: 1 }, [{ op: "move", from: "/a", path: "/b" }], { b: 1 }],
    [
      "copy",
      { a: { x: 1 } },
      [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/y", value: 2 },
      ],
      { a: { x: 1 }, b: { x: 1, y: 2 } },
    ],
    ["test", { a: [1, { b: 2 }] }, [{ op: "test", path: "/a", value: [1, { b: 2 }] }], { a: [1, { b: 2 }] }],
    ["test for nothing", {}, [{ op: "test", path: "/a", value: null }], {}],
    ["escapes", { "a/b": { "c~d": 1 } }, [{ op: "remove", path: "/a~1b/c~0d" }], { "a/b": {} }],
    ["whole document", { a: 1 }, [{ op: "replace", path: "", value: [1] }], [1]],
    ["empty name", { "": 1 }, [{ op: "remove", path: "/" }], {}],
  ])("%s", (_, document, operations, result) => {
    expect(applyJsonPatch(deepFreeze(document), operations)).toEqual(result);
  });

  test.each<[unknown, string]>([
    [{ op: "add", path: "/x/y", value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
    [{ op: "remove", path: "/x" }, "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"],
    [{ op: "replace", path: "/x", value: 1 }, "replace operation does not apply: doc is missing key: /x: missing value"],
    [{ op: "test", path: "/a", value: 2 }, "testing value /a failed: test failed"],
    [{ op: "move", from: "/x", path: "/y" }, "error in move for path: '/x': Unable to remove nonexistent key: x: missing value"],
    [{ op: "copy", from: "/x", path: "/y" }, 'copy operation does not apply: doc is missing from path: "/x": missing value'],
    [{ op: "remove", path: "/list/3" }, "error in remove for path: '/list/3': Unable to access invalid index: 3: invalid index referenced"],
    [{ op: "add", path: "/list/x", value: 1 }, "error in add for path: '/list/x': invalid array index: \"x\""],
    [{ op: "jump", path: "/a" }, "Unexpected kind: jump"],
    [{ op: "add", path: "a", value: 1 }, 'invalid JSON pointer: "a"'],
    [{ op: "move", from: "/o", path: "/o/p" }, "error in move for path: '/o/p': a value cannot be moved into itself"],
    [
      { op: "remove", path: "/constructor" },
      "error in remove for path: '/constructor': Unable to remove nonexistent key: constructor: missing value",
    ],
  ])("%j does not fit", (operation, message) => {
    const error = refusal(() => applyJsonPatch({ a: 1, list: [1], o: {} }, [operation]));
    expect(error.code).toBe(422);
    expect(cause(error)).toBe(message);
  });

  test("reaches no prototype", () => {
    for (const path of ["/__proto__/polluted", "/constructor/prototype/polluted", "/__proto__"]) {
      expect(refusal(() => applyJsonPatch({}, [{ op: "add", path, value: 1 }])).code).toBe(422);
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("has limits", () => {
    expect(refusal(() => applyJsonPatch({}, { op: "add" })).code).toBe(400);
    expect(refusal(() => applyJsonPatch({}, Array(10_001).fill({}))).message).toBe(
      "The allowed maximum operations in a JSON patch is 10000, got 10001",
    );
    const bomb = Array.from({ length: 40 }, (_, i) => ({ op: "copy", from: "", path: `/a${i}` }));
    expect(refusal(() => applyJsonPatch({ a: "x".repeat(1000) }, bomb)).code).toBe(413);
  });
});

describe("merge patch", () => {
  test.each<[unknown, unknown, unknown]>([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("%j with %j is %j", (original, patch, result) => {
    expect(applyMergePatch(deepFreeze(original), deepFreeze(patch))).toEqual(result);
  });

  test("does not pollute and wants an object", () => {
    const result = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(refusal(() => applyMergePatch({}, [1])).code).toBe(400);
  });

  const noNulls = fc
    .letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.nat(3),
        fc.array(fc.nat(2), { maxLength: 2 }),
        fc.dictionary(fc.constantFrom("a", "b", "c"), tie("tree")),
      ),
    }))
    .tree.map((value) => ({ root: value }));

  test("a created patch leads from one to the other", () => {
    fc.assert(
      fc.property(noNulls, noNulls, (original, modified) => {
        expect(applyMergePatch(original, createMergePatch(original, modified))).toEqual(modified);
      }),
      { numRuns: 200 },
    );
  });

  test("three ways keep what only the live object has", () => {
    expect(createThreeWayMergePatch({ a: 1, gone: 1 }, { a: 2, b: { c: 1 } }, { a: 1, gone: 1, defaulted: 1, b: { d: 1 } })).toEqual({
      a: 2,
      gone: null,
      b: { c: 1 },
    });
  });
});
