import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { clone, deepFreeze } from "../copy.ts";
import type { StructType } from "../schema.ts";
import { atomicMap, boolean, field, int32, json, list, map, mapList, pointer, requiredField, setList, string, struct } from "../schema.ts";
import type { StatusError } from "../status.ts";
import { fieldSetOf } from "./field-set.ts";
import { applyServerSide, trackUpdate } from "./managed-fields.ts";

const port = struct("Port", "", {
  containerPort: requiredField(1, int32, ""),
  protocol: field(2, string, "", { default: "TCP" }),
  name: field(3, string, ""),
});
const container = struct("Container", "", {
  name: requiredField(1, string, ""),
  image: field(2, string, ""),
  args: field(3, list(string), ""),
  ports: field(4, mapList(port, "containerPort", "protocol"), ""),
  resources: field(5, struct("Resources", "", { limits: field(1, map(string), "") }), ""),
  securityContext: pointer(6, struct("SecurityContext", "", { runAsUser: pointer(1, int32, ""), privileged: pointer(2, boolean, "") }), ""),
});
const schema: StructType = struct("Thing", "", {
  apiVersion: field(1, string, ""),
  kind: field(2, string, ""),
  metadata: field(
    3,
    struct("Meta", "", {
      name: field(1, string, ""),
      namespace: field(2, string, ""),
      uid: field(3, string, ""),
      labels: field(4, map(string), ""),
      finalizers: field(5, setList(string), ""),
      managedFields: field(6, list(json), ""),
    }),
    "",
  ),
  spec: field(
    4,
    struct("Spec", "", {
      replicas: pointer(1, int32, ""),
      selector: field(2, atomicMap(string), ""),
      containers: requiredField(3, mapList(container, "name"), ""),
      extra: field(4, json, ""),
    }),
    "",
  ),
  status: field(5, struct("Status", "", { phase: field(1, string, "") }), ""),
});

type Thing = Record<string, any>;
const thing = (body: Thing, labels?: Thing): Thing => ({
  apiVersion: "v1",
  kind: "Thing",
  metadata: { name: "a", ...(labels && { labels }) },
  ...body,
});
let second = 0;
beforeEach(() => (second = 0));
const now = (): string => `2026-01-01T00:00:${String(second++).padStart(2, "0")}Z`;

const update = (
  live: Thing | undefined,
  change: Thing,
  manager: string,
  more: { subresource?: string; apiVersion?: string } = {},
): Thing => {
  const draft = clone({ ...live, ...change, metadata: { ...live?.["metadata"], ...change["metadata"] } }) as Thing;
  trackUpdate({ schema, live, draft, manager, apiVersion: "v1", now: now(), ...more });
  return deepFreeze(draft) as Thing;
};
const apply = (live: Thing | undefined, applied: Thing, manager: string, force = false): Thing =>
  deepFreeze(applyServerSide({ schema, live, applied: deepFreeze(applied) as Thing, manager, apiVersion: "v1", force, now: now() }));
const fields = (object: Thing, manager: string): unknown =>
  object["metadata"].managedFields?.find((entry: Thing) => entry["manager"] === manager)?.fieldsV1;
const refusal = (run: () => unknown): StatusError => {
  try {
    run();
  } catch (error) {
    return error as StatusError;
  }
  throw new Error("not refused");
};

describe("tracking updates", () => {
  test("a new object's fields are written as Kubernetes writes them", () => {
    const created = update(
      undefined,
      thing(
        {
          spec: {
            replicas: 1,
            selector: { app: "a" },
            containers: [{ name: "c", image: "i", resources: {}, args: ["x"], ports: [{ containerPort: 80, protocol: "TCP" }] }],
          },
          status: {},
        },
        { app: "a" },
      ),
      "kubectl-create",
    );
    expect(created["metadata"].managedFields).toEqual([
      {
        manager: "kubectl-create",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
          "f:spec": {
            "f:containers": {
              'k:{"name":"c"}': {
                ".": {},
                "f:args": {},
                "f:image": {},
                "f:name": {},
                "f:ports": { ".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} } },
                "f:resources": {},
              },
            },
            "f:replicas": {},
            "f:selector": {},
          },
        },
      },
    ]);
  });

  test("what another changes is no longer mine", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }, { a: "1", b: "1" }), "one");
    const two = update(one, { spec: { replicas: 2 }, metadata: { labels: { a: "1", b: "2" } } }, "two");
    expect(fields(two, "one")).toEqual({ "f:metadata": { "f:labels": { ".": {}, "f:a": {} } } });
    expect(fields(two, "two")).toEqual({ "f:metadata": { "f:labels": { "f:b": {} } }, "f:spec": { "f:replicas": {} } });
  });

  test("what is removed is nobody's, and a manager of nothing is forgotten", () => {
    const one = update(undefined, thing({ spec: { containers: [{ name: "c", image: "i" }] } }), "one");
    const two = update(one, { spec: { replicas: 1, containers: [] } }, "two");
    expect(two["metadata"].managedFields.map((entry: Thing) => entry["manager"])).toEqual(["two"]);
    expect(fields(two, "two")).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  test("a write that changes nothing leaves all as it is", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }), "one");
    const same = update(one, { metadata: { uid: "other", managedFields: undefined } }, "two");
    expect(same["metadata"].managedFields).toEqual(one["metadata"].managedFields);
  });

  test("entries differ by subresource and version", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }), "kubelet");
    const two = update(one, { status: { phase: "Running" } }, "kubelet", { subresource: "status" });
    const three = update(two, { spec: { replicas: 2 } }, "kubelet", { apiVersion: "v2" });
    expect(three["metadata"].managedFields.map((entry: Thing) => [entry["apiVersion"], entry["subresource"]])).toEqual([
      ["v1", "status"],
      ["v2", undefined],
    ]);
  });

  test("ignored fields are not owned", () => {
    const draft = thing({ spec: { replicas: 1 }, status: { phase: "x" } });
    trackUpdate({ schema, live: undefined, draft, manager: "m", apiVersion: "v1", now: now(), ignored: fieldSetOf([["f:status"]]) });
    expect(fields(draft, "m")).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  test("one empty entry wipes ownership, and then nobody is tracked until an apply", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }), "one");
    const kept = update(one, { spec: { replicas: 2 }, metadata: { managedFields: [] } }, "one");
    expect(fields(kept, "one")).toBeDefined();
    const wiped = update(one, { metadata: { managedFields: [{}] } }, "one");
    expect(wiped["metadata"]).not.toHaveProperty("managedFields");
    const later = update(wiped, { spec: { replicas: 5 } }, "two");
    expect(later["metadata"]).not.toHaveProperty("managedFields");
    const applied = apply(later, thing({ spec: { replicas: 5 } }), "me");
    expect(fields(applied, "before-first-apply")).toEqual({ "f:spec": { "f:replicas": {} } });
    expect(fields(applied, "me")).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  test("entries that cannot be read are not believed", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }), "one");
    const two = update(
      one,
      { metadata: { managedFields: [{ operation: "Update", fieldsV1: { bad: {} } }] }, spec: { replicas: 2 } },
      "two",
    );
    expect(two["metadata"].managedFields.map((entry: Thing) => entry["manager"])).toEqual(["two"]);
  });

  test("the oldest updates are joined beyond ten", () => {
    let object = update(undefined, thing({ spec: { replicas: 1 } }), "first");
    for (let i = 0; i < 20; i++)
      object = update(object, { metadata: { labels: { ...object["metadata"].labels, [`l${i}`]: "x" } } }, `m${i}`);
    const entries = object["metadata"].managedFields as Thing[];
    expect(entries.map((entry) => entry["manager"])).toEqual(["ancient-changes", ...Array.from({ length: 9 }, (_, i) => `m${i + 11}`)]);
    expect(entries[0]!["fieldsV1"]["f:spec"]).toEqual({ "f:replicas": {} });
    expect(Object.keys(entries[0]!["fieldsV1"]["f:metadata"]["f:labels"])).toHaveLength(12);
  });

  test("sets and untyped values", () => {
    const one = update(undefined, thing({ metadata: { name: "a", finalizers: ["x/y"] }, spec: { extra: { a: { b: 1 }, l: [1] } } }), "one");
    expect(fields(one, "one")).toEqual({
      "f:metadata": { "f:finalizers": { ".": {}, 'v:"x/y"': {} } },
      "f:spec": { "f:extra": { ".": {}, "f:a": { ".": {}, "f:b": {} }, "f:l": {} } },
    });
  });

  test("a list that wrongly repeats an element does not break the write", () => {
    const one = update(
      undefined,
      thing({
        spec: {
          containers: [
            { name: "c", image: "1" },
            { name: "c", image: "2" },
          ],
        },
      }),
      "one",
    );
    expect(fields(one, "one")).toEqual({ "f:spec": { "f:containers": { 'k:{"name":"c"}': {} } } });
    const two = update(one, { spec: { containers: [{ name: "c", image: "1" }] } }, "two");
    expect(fields(two, "two")).toEqual({ "f:spec": { "f:containers": { 'k:{"name":"c"}': {} } } });
  });
});

describe("applying", () => {
  test("creates, owns what it names, and applies again without a trace", () => {
    const configuration = thing(
      { spec: { replicas: 3, containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }] }] } },
      { app: "a" },
    );
    const created = apply(undefined, configuration, "me");
    expect(created["metadata"].managedFields).toEqual([
      {
        manager: "me",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:app": {} } },
          "f:spec": {
            "f:containers": {
              'k:{"name":"c"}': {
                ".": {},
                "f:image": {},
                "f:name": {},
                "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
              },
            },
            "f:replicas": {},
          },
        },
      },
    ]);
    expect(apply(created, configuration, "me")).toEqual(created);
  });

  test("conflicts with whoever set another value, unless forced", () => {
    const one = update(undefined, thing({ spec: { replicas: 1 } }, { app: "a" }), "kubectl-edit");
    const configuration = thing({ spec: { replicas: 2 } });
    const error = refusal(() => apply(one, configuration, "me"));
    expect(error.code).toBe(409);
    expect(error.message).toBe('Apply failed with 1 conflict: conflict with "kubectl-edit" using v1: .spec.replicas');
    expect(error.status.details).toEqual({
      causes: [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl-edit" using v1', field: ".spec.replicas" }],
    });
    const forced = apply(one, configuration, "me", true);
    expect(forced["spec"].replicas).toBe(2);
    expect(fields(forced, "kubectl-edit")).toEqual({ "f:metadata": { "f:labels": { ".": {}, "f:app": {} } } });
    expect(refusal(() => apply(forced, thing({ spec: { replicas: 9, selector: {} } }, { app: "b" }), "other")).message).toBe(
      'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using v1:\n- .metadata.labels.app\nconflicts with "me":\n- .spec.replicas',
    );
  });

  test("the same value is shared, and a field goes when its last owner lets go", () => {
    const a = apply(undefined, thing({ spec: { replicas: 1 } }, { x: "1" }), "a");
    const both = apply(a, thing({ spec: { replicas: 1 } }), "b");
    const withoutA = apply(both, thing({}), "a");
    expect(withoutA["spec"]).toEqual({ replicas: 1 });
    expect(withoutA["metadata"]).not.toHaveProperty("labels.x");
    const none = apply(withoutA, thing({}), "b");
    expect(none["spec"]).toBeUndefined();
  });

  test("a list element goes with what others never owned in it, and stays for its other owner", () => {
    const one = apply(
      undefined,
      thing({
        spec: {
          containers: [
            { name: "c", image: "i" },
            { name: "d", image: "i" },
          ],
        },
      }),
      "me",
    );
    const defaulted = deepFreeze({
      ...one,
      spec: { containers: one["spec"].containers.map((item: Thing) => ({ ...item, args: ["defaulted"] })) },
    });
    const shrunk = apply(defaulted, thing({ spec: { containers: [{ name: "c", image: "i" }] } }), "me");
    expect(shrunk["spec"].containers).toEqual([{ name: "c", image: "i", args: ["defaulted"] }]);
    const shared = update(
      defaulted,
      { spec: { containers: [defaulted["spec"].containers[0], { ...defaulted["spec"].containers[1], image: "theirs" }] } },
      "them",
    );
    const kept = apply(shared, thing({ spec: { containers: [{ name: "c", image: "i" }] } }), "me");
    expect(kept["spec"].containers[1]).toEqual({ image: "theirs", args: ["defaulted"] });
  });

  test("a pointer struct goes with its last applied field", () => {
    const one = apply(undefined, thing({ spec: { containers: [{ name: "c", securityContext: { runAsUser: 1 } }] } }), "me");
    const two = apply(one, thing({ spec: { containers: [{ name: "c" }] } }), "me");
    expect(two["spec"].containers).toEqual([{ name: "c" }]);
  });

  test("applied order wins, other elements keep their place", () => {
    const live = update(undefined, thing({ spec: { containers: ["a", "x", "b", "y"].map((name) => ({ name })) } }), "one");
    const applied = apply(live, thing({ spec: { containers: ["b", "a", "new"].map((name) => ({ name })) } }), "me");
    expect(applied["spec"].containers.map((item: Thing) => item["name"])).toEqual(["x", "b", "y", "a", "new"]);
  });

  test("atomic maps are replaced whole and conflict whole", () => {
    const one = apply(undefined, thing({ spec: { selector: { a: "1" } } }), "a");
    expect(refusal(() => apply(one, thing({ spec: { selector: { b: "1" } } }), "b")).message).toContain(".spec.selector");
    expect(apply(one, thing({ spec: { selector: { b: "1" } } }), "a")["spec"].selector).toEqual({ b: "1" });
  });

  test("a malformed configuration is refused", () => {
    expect(refusal(() => apply(undefined, { metadata: { managedFields: [{ manager: "x" }] } }, "me")).message).toBe(
      "metadata.managedFields must be nil",
    );
    expect(refusal(() => apply(undefined, thing({ spec: { containers: [{ name: "c" }, { name: "c" }] } }), "me")).message).toBe(
      '.spec.containers: duplicate entries for key [name="c"]',
    );
    expect(refusal(() => apply(undefined, thing({ spec: { containers: [{ image: "c" }] } }), "me")).code).toBe(400);
  });

  const names = fc.constantFrom("a", "b", "c");
  const configuration = fc
    .record(
      {
        replicas: fc.nat(2),
        selector: fc.dictionary(names, names),
        containers: fc.uniqueArray(
          fc.record({ name: names, image: names, securityContext: fc.record({ runAsUser: fc.nat(2) }) }, { requiredKeys: ["name"] }),
          {
            selector: (item) => item.name,
          },
        ),
      },
      { requiredKeys: [] },
    )
    .map((spec) => thing({ spec }));

  test("whatever was there before, a sole applier's object is what it applied", () => {
    fc.assert(
      fc.property(configuration, configuration, (first, last) => {
        const object = apply(apply(undefined, first, "me"), last, "me");
        const { managedFields: _, ...metadata } = object["metadata"];
        const spec = { ...last["spec"] };
        expect(prune({ ...object, metadata })).toEqual(prune({ ...last, spec }));
        // Applying again changes nothing.
        const again = apply(object, last, "me");
        expect(prune(again["spec"] ?? {})).toEqual(prune(object["spec"] ?? {}));
        expect(fields(again, "me")).toEqual(fields(object, "me"));
      }),
      { numRuns: 300 },
    );
  });

  test("owners of disjoint labels never see each other", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom("p", "q"), fc.subarray(["a", "b", "c"])), { maxLength: 6 }), (steps) => {
        let object = apply(undefined, thing({}), "start");
        const wanted: Record<string, string[]> = { p: [], q: [] };
        for (const [manager, keys] of steps) {
          wanted[manager] = keys;
          object = apply(object, thing({}, Object.fromEntries(keys.map((key) => [`${manager}-${key}`, "1"]))), manager);
        }
        const expected = Object.entries(wanted).flatMap(([manager, keys]) => keys.map((key) => `${manager}-${key}`));
        expect(Object.keys(object["metadata"].labels ?? {}).sort()).toEqual(expected.sort());
      }),
      { numRuns: 200 },
    );
  });
});

/** Without empty maps and lists: whether one stays behind is of no importance here. */
function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prune);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .map(([name, member]) => [name, prune(member)] as const)
    .filter(([, member]) => !(typeof member === "object" && member !== null && Object.keys(member).length === 0));
  return Object.fromEntries(entries);
}
