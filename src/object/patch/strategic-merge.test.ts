import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deepFreeze } from "../copy.ts";
import { field, list, map, int32, string, struct } from "../schema.ts";
import type { StatusError } from "../status.ts";
import { applyStrategicMerge, createThreeWayPatch, createTwoWayPatch } from "./strategic-merge.ts";

const port = struct("Port", "", { containerPort: field(1, int32, ""), name: field(2, string, "") });
const container = struct("Container", "", {
  name: field(1, string, ""),
  image: field(2, string, ""),
  args: field(3, list(string), ""),
  ports: field(4, list(port), "", { patchStrategy: "merge", patchMergeKey: "containerPort" }),
});
const volume = struct("Volume", "", {
  name: field(1, string, ""),
  emptyDir: field(2, struct("EmptyDir", "", { medium: field(1, string, "") }), ""),
  hostPath: field(3, struct("HostPath", "", { path: field(1, string, "") }), ""),
});
const strategy = struct("Strategy", "", { type: field(1, string, ""), rollingUpdate: field(2, map(int32), "") });
const root = struct("Root", "", {
  labels: field(1, map(string), ""),
  containers: field(2, list(container), "", { patchStrategy: "merge", patchMergeKey: "name" }),
  finalizers: field(3, list(string), "", { patchStrategy: "merge" }),
  volumes: field(4, list(volume), "", { patchStrategy: "merge,retainKeys", patchMergeKey: "name" }),
  strategy: field(5, strategy, "", { patchStrategy: "retainKeys" }),
  template: field(6, struct("Template", "", { labels: field(1, map(string), "") }), "", { patchStrategy: "replace" }),
});

const apply = (original: unknown, patch: unknown): unknown => applyStrategicMerge(root, deepFreeze(original), deepFreeze(patch));
const refusal = (run: () => unknown): StatusError => {
  try {
    run();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error("not refused");
};
const names = (value: unknown): string[] => (value as { containers: { name: string }[] }).containers.map((item) => item.name);

describe("applying", () => {
  test.each<[string, unknown, unknown, unknown]>([
    ["maps merge, null deletes", { labels: { a: "1", b: "2" } }, { labels: { a: null, c: "3" } }, { labels: { b: "2", c: "3" } }],
    [
      "lists merge by key",
      { containers: [{ name: "a", image: "1", args: ["x"] }] },
      { containers: [{ name: "a", image: "2" }] },
      { containers: [{ name: "a", image: "2", args: ["x"] }] },
    ],
    [
      "lists inside lists merge too",
      { containers: [{ name: "a", ports: [{ containerPort: 80 }] }] },
      { containers: [{ name: "a", ports: [{ containerPort: 81 }] }] },
      { containers: [{ name: "a", ports: [{ containerPort: 81 }, { containerPort: 80 }] }] },
    ],
    [
      "other lists are replaced",
      { containers: [{ name: "a", args: ["x", "y"] }] },
      { containers: [{ name: "a", args: ["z"] }] },
      { containers: [{ name: "a", args: ["z"] }] },
    ],
    [
      "an element is deleted",
      { containers: [{ name: "a" }, { name: "b" }] },
      { containers: [{ $patch: "delete", name: "a" }] },
      { containers: [{ name: "b" }] },
    ],
    [
      "a list is replaced",
      { containers: [{ name: "a" }, { name: "b" }] },
      { containers: [{ name: "c" }, { $patch: "replace" }] },
      { containers: [{ name: "c" }] },
    ],
    ["a map is replaced", { labels: { a: "1" } }, { labels: { $patch: "replace", b: "2" } }, { labels: { b: "2" } }],
    ["a map is deleted", { labels: { a: "1" } }, { labels: { $patch: "delete" } }, { labels: {} }],
    ["the whole object", { labels: { a: "1" } }, { $patch: "replace", finalizers: ["x"] }, { finalizers: ["x"] }],
    ["primitive lists merge", { finalizers: ["a", "b"] }, { finalizers: ["b", "c"] }, { finalizers: ["a", "b", "c"] }],
    ["primitives are deleted", { finalizers: ["a", "b"] }, { "$deleteFromPrimitiveList/finalizers": ["a"] }, { finalizers: ["b"] }],
    [
      "primitives are ordered",
      { finalizers: ["a", "b", "z"] },
      { "$setElementOrder/finalizers": ["b", "a"] },
      { finalizers: ["b", "a", "z"] },
    ],
    ["strategy replace", { template: { labels: { a: "1" } } }, { template: { labels: { b: "1" } } }, { template: { labels: { b: "1" } } }],
    [
      "retainKeys clears",
      { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } },
      { strategy: { $retainKeys: ["type"], type: "Recreate" } },
      { strategy: { type: "Recreate" } },
    ],
    [
      "retainKeys in elements",
      { volumes: [{ name: "v", emptyDir: {} }] },
      { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/" } }] },
      { volumes: [{ name: "v", hostPath: { path: "/" } }] },
    ],
    [
      "directives in new elements leave no trace",
      {},
      { containers: [{ name: "a", ports: [{ containerPort: 1, $patch: "delete" }], "$setElementOrder/ports": [] }] },
      { containers: [{ name: "a", ports: [] }] },
    ],
    ["what no schema knows is a merge patch", { x: { a: 1, b: [1] } }, { x: { a: null, b: [2] } }, { x: { b: [2] } }],
    ["null for nothing", {}, { labels: null, strategy: { type: null } }, { strategy: {} }],
  ])("%s", (_, original, patch, result) => {
    expect(apply(original, patch)).toEqual(result);
  });

  test("$setElementOrder weaves live elements in", () => {
    const live = { containers: ["a", "sidecar", "b", "z"].map((name) => ({ name })) };
    const patch = {
      "$setElementOrder/containers": [{ name: "b" }, { name: "a" }, { name: "new" }],
      containers: [{ name: "new", image: "i" }],
    };
    expect(names(apply(live, patch))).toEqual(["sidecar", "b", "a", "new", "z"]);
  });

  test.each<[unknown, unknown, string]>([
    [{ containers: [{ name: "a" }] }, { containers: [{ image: "x" }] }, "map: map[image:x] does not contain declared merge key: name"],
    [{}, { labels: { $patch: "remove" } }, "unknown patch type: remove in map: map[$patch:remove]"],
    [{}, { containers: [["a"]] }, "lists of lists are not supported"],
    [
      {},
      { containers: [{ name: "b" }, { name: "a" }], "$setElementOrder/containers": [{ name: "a" }, { name: "b" }] },
      "The order in patch list",
    ],
  ])("%j with %j does not fit", (original, patch, message) => {
    const error = refusal(() => apply(original, patch));
    expect(error.code).toBe(422);
    expect(error.cause).toContain(message);
  });

  test.each<[unknown, string]>([
    [{ "$deleteFromPrimitiveList/finalizers": 1 }, "invalid patch format of primitive list"],
    [{ "$setElementOrder/finalizers": {} }, "invalid patch format of setElementOrder list"],
    [{ strategy: { $retainKeys: ["rollingUpdate"], type: "x" } }, "invalid patch format of retainKeys"],
    ["x", "invalid JSON document"],
  ])("%j is malformed", (patch, message) => {
    const error = refusal(() => apply({}, patch));
    expect([error.code, error.message]).toEqual([400, message]);
  });

  test("does not pollute", () => {
    apply({}, JSON.parse('{"__proto__":{"polluted":1},"labels":{"__proto__":{"polluted":"1"}}}'));
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

const name = fc.constantFrom("a", "b", "c", "d");
const uniqueBy = (key: string) => ({ maxLength: 3, selector: (item: any) => item[key] as unknown });
const containerArb = fc.record(
  {
    name,
    image: name,
    args: fc.array(name, { maxLength: 2 }),
    ports: fc.uniqueArray(fc.record({ containerPort: fc.nat(3), name }, { requiredKeys: ["containerPort"] }), uniqueBy("containerPort")),
  },
  { requiredKeys: ["name"] },
);
const objectArb = fc.record(
  {
    labels: fc.dictionary(name, name),
    containers: fc.uniqueArray(containerArb, uniqueBy("name")),
    finalizers: fc.uniqueArray(name, { maxLength: 3 }),
    volumes: fc.uniqueArray(
      fc.record({ name, emptyDir: fc.record({ medium: name }), hostPath: fc.record({ path: name }) }, { requiredKeys: ["name"] }),
      uniqueBy("name"),
    ),
    strategy: fc.record({ type: name, rollingUpdate: fc.dictionary(name, fc.nat(2)) }, { requiredKeys: ["type"] }),
    template: fc.record({ labels: fc.dictionary(name, name) }),
  },
  { requiredKeys: [] },
);

describe("creating", () => {
  test("a two-way patch leads from one to the other", () => {
    fc.assert(
      fc.property(objectArb, objectArb, (original, modified) => {
        const result = applyStrategicMerge(root, original, createTwoWayPatch(root, original, modified));
        // A list emptied element by element stays as an empty list, and so does an emptied map.
        expect(result).toEqual(modified);
      }),
      { numRuns: 500 },
    );
  });

  test("of the same object is empty", () => {
    fc.assert(
      fc.property(objectArb, (object) => {
        expect(createThreeWayPatch(root, object, object, object)).toEqual({});
      }),
    );
  });

  test("three ways: change, add, delete, keep, order", () => {
    const original = {
      labels: { gone: "1", kept: "1" },
      containers: [{ name: "web", image: "1" }, { name: "old" }],
      finalizers: ["f", "g"],
    };
    const modified = {
      labels: { kept: "1", fresh: "2" },
      containers: [{ name: "web", image: "2" }, { name: "new" }],
      finalizers: ["f", "h"],
    };
    const current = {
      labels: { gone: "1", kept: "1", live: "1" },
      containers: [{ name: "web", image: "1", args: ["defaulted"] }, { name: "injected" }, { name: "old" }],
      finalizers: ["f", "g", "live"],
    };
    const patch = createThreeWayPatch(root, original, modified, current);
    expect(patch).toEqual({
      labels: { fresh: "2", gone: null },
      containers: [{ name: "web", image: "2" }, { name: "new" }, { $patch: "delete", name: "old" }],
      "$setElementOrder/containers": [{ name: "web" }, { name: "new" }],
      finalizers: ["h"],
      "$deleteFromPrimitiveList/finalizers": ["g"],
      "$setElementOrder/finalizers": ["f", "h"],
    });
    expect(applyStrategicMerge(root, current, patch)).toEqual({
      labels: { kept: "1", live: "1", fresh: "2" },
      containers: [{ name: "web", image: "2", args: ["defaulted"] }, { name: "new" }, { name: "injected" }],
      finalizers: ["f", "h", "live"],
    });
  });

  test("retainKeys drops what was defaulted", () => {
    const current = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } };
    const patch = createThreeWayPatch(root, {}, { strategy: { type: "Recreate" } }, current);
    expect(patch).toEqual({ strategy: { type: "Recreate", $retainKeys: ["type"] } });
    expect(applyStrategicMerge(root, current, patch)).toEqual({ strategy: { type: "Recreate" } });
  });

  test("null in the wanted object deletes", () => {
    expect(createThreeWayPatch(root, {}, { strategy: null, labels: null }, { strategy: { type: "x" } })).toEqual({ strategy: null });
  });
});
