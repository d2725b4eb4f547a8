import { expect, test } from "vitest";
import { deepFreeze } from "./copy.ts";
import { decodeObject } from "./decode.ts";
import {
  boolean,
  bytes,
  double,
  duration,
  field,
  fieldsV1,
  int32,
  int64,
  intOrString,
  list,
  map,
  microTime,
  pointer,
  quantity,
  rawExtension,
  requiredField,
  string,
  struct,
  time,
  type StructType,
} from "./schema.ts";
import { StatusError } from "./status.ts";

const port = struct("core.v1.Port", "", {
  port: requiredField(1, int32, ""),
  name: field(2, string, ""),
  target: field(3, intOrString, ""),
});
const container = struct("core.v1.Container", "", {
  name: requiredField(1, string, ""),
  ports: field(2, list(port), ""),
  limits: field(3, map(quantity), ""),
  tty: field(4, boolean, ""),
  readOnly: pointer(5, boolean, ""),
});
const nested: StructType = struct("core.v1.Nested", "", () => ({ not: pointer(1, nested, ""), value: field(2, string, "") }));
const spec = struct("core.v1.ThingSpec", "", {
  replicas: pointer(1, int32, ""),
  containers: requiredField(2, list(container), ""),
  labels: field(3, map(string), ""),
  data: field(4, map(bytes), ""),
  weight: field(5, double, ""),
  big: field(6, int64, ""),
  at: field(7, time, ""),
  exact: field(8, microTime, ""),
  timeout: pointer(9, duration, ""),
  extra: field(10, rawExtension, ""),
  owned: field(11, fieldsV1, ""),
  nested: pointer(12, nested, ""),
  port: field(13, port, "", { omitZero: true }),
});
const thing = struct("core.v1.Thing", "", {
  metadata: field(1, struct("meta.v1.ObjectMeta", "", { name: field(1, string, ""), labels: field(2, map(string), "") }), ""),
  spec: field(2, spec, ""),
  status: field(3, struct("core.v1.ThingStatus", "", { phase: field(1, string, "") }), ""),
});

const decode = (value: unknown) => decodeObject(thing, value, { unknownFields: "strict" });
const decodeSpec = (value: unknown) => decode({ spec: value }).object["spec"];
function refusal(value: unknown): string {
  try {
    decode(value);
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).status).toMatchObject({ reason: "BadRequest", code: 400 });
    return (error as StatusError).message;
  }
  return "accepted";
}
const why = (value: unknown): string => refusal({ spec: value }).replace('Thing in version "v1" cannot be handled as a Thing: ', "");

test("an empty object has its structs and required fields, and nothing else", () => {
  expect(decode({}).object).toEqual({ metadata: {}, spec: { containers: [] }, status: {} });
});

test("zero values stay where absence differs from zero, or where Go always writes", () => {
  expect(
    decodeSpec({
      replicas: 0,
      containers: [{ tty: false, readOnly: false, ports: [], limits: {} }],
      labels: {},
      weight: 0,
      big: null,
      at: null,
      port: null,
      nested: {},
    }),
  ).toEqual({ replicas: 0, containers: [{ name: "", readOnly: false }], nested: {} });
});

test("elements of lists and values of maps are kept, null becomes their zero value", () => {
  expect(decodeSpec({ labels: { a: "", b: null }, containers: [null, { name: "x", ports: [{ port: 0 }] }] })).toEqual({
    labels: { a: "", b: "" },
    containers: [{ name: "" }, { name: "x", ports: [{ port: 0 }] }],
  });
});

test("values with a syntax get their canonical form", () => {
  expect(
    decodeSpec({
      containers: [{ name: "a", limits: { cpu: 0.5, memory: "1024Mi" }, ports: [{ port: 1, target: "web" }] }],
      at: "2026-01-02T03:04:05.678+02:00",
      exact: "2026-01-02T03:04:05.678901-01:00",
      timeout: "90s",
      data: { a: "aGVs\nbG8=" },
      extra: { apiVersion: "v1", deep: [null, { a: null }] },
    }),
  ).toEqual({
    containers: [{ name: "a", limits: { cpu: "500m", memory: "1Gi" }, ports: [{ port: 1, target: "web" }] }],
    at: "2026-01-02T01:04:05Z",
    exact: "2026-01-02T04:04:05.678901Z",
    timeout: "1m30s",
    data: { a: "aGVsbG8=" },
    extra: { apiVersion: "v1", deep: [null, { a: null }] },
  });
});

test("the draft shares nothing with a frozen value and keeps kind and apiVersion first", () => {
  const value = deepFreeze({ spec: { extra: { a: [1] }, labels: { x: "1" } }, kind: "Thing", apiVersion: "v1" });
  const { object } = decode(value);
  expect(Object.keys(object).slice(0, 2)).toEqual(["kind", "apiVersion"]);
  object["spec"].extra.a.push(2);
  object["spec"].labels.y = "2";
  expect(value.spec.extra.a).toEqual([1]);
});

test("unknown fields are told with their path and dropped; case matters", () => {
  const value = { spec: { containers: [{ name: "a", Image: "x" }], nested: { not: { foo: 1 } } }, foo: 1, metadata: { Name: "x" } };
  const { object, unknown } = decode(value);
  expect(unknown).toEqual([
    'unknown field "metadata.Name"',
    'unknown field "spec.containers[0].Image"',
    'unknown field "spec.nested.not.foo"',
    'unknown field "foo"',
  ]);
  expect(object).toEqual({ metadata: {}, spec: { containers: [{ name: "a" }], nested: { not: {} } }, status: {} });
  expect(decodeObject(thing, value, { unknownFields: "ignore" }).unknown).toEqual([]);
});

test("at most a hundred unknown fields are told", () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x${i}`, 1]));
  expect(decode(many).unknown).toHaveLength(100);
});

test("what is always written is there although it is not required", () => {
  const role = struct("x.v1.Role", "", {
    rules: field(1, list(string), "", { always: true }),
    by: field(2, string, "", { always: true }),
    rest: field(3, list(string), ""),
  });
  expect(decodeObject(role, {}, { unknownFields: "strict" }).object).toEqual({ rules: [], by: "" });
});

test("a struct that preserves unknown fields keeps a copy of them", () => {
  const open = struct("x.v1.Open", "", { known: field(1, string, "") }, { preserveUnknownFields: true });
  const value = { known: "a", other: { b: [1] } };
  const { object, unknown } = decodeObject(open, value, { unknownFields: "strict" });
  expect(object).toEqual(value);
  expect(object["other"]).not.toBe(value.other);
  expect(unknown).toEqual([]);
});

test("__proto__ is never taken over, nor is what every object inherits", () => {
  const { object } = decode(
    JSON.parse('{"__proto__":{"a":1},"spec":{"labels":{"__proto__":"x","constructor":"y"},"extra":{"__proto__":{"z":1}}}}'),
  );
  expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  expect(object["spec"].labels).toEqual({ constructor: "y" });
  expect(object["spec"].extra).toEqual({});
  const awkward = struct("x.v1.Awkward", "", { constructor: field(1, string, ""), valueOf: field(2, string, "") });
  expect(decodeObject(awkward, { valueOf: "x" }, { unknownFields: "strict" })).toEqual({ object: { valueOf: "x" }, unknown: [] });
});

test.each([
  [{ labels: { a: 1 } }, "json: cannot unmarshal number into Go struct field ThingSpec.spec.labels of type string"],
  [{ labels: [] }, "json: cannot unmarshal array into Go struct field ThingSpec.spec.labels of type map[string]string"],
  [{ replicas: "3" }, "json: cannot unmarshal string into Go struct field ThingSpec.spec.replicas of type int32"],
  [{ replicas: 1.5 }, "json: cannot unmarshal number 1.5 into Go struct field ThingSpec.spec.replicas of type int32"],
  [{ replicas: 2147483648 }, "json: cannot unmarshal number 2147483648 into Go struct field ThingSpec.spec.replicas of type int32"],
  [{ big: 2 ** 63 }, "json: cannot unmarshal number 9223372036854776000 into Go struct field ThingSpec.spec.big of type int64"],
  [{ containers: { name: "a" } }, "json: cannot unmarshal object into Go struct field ThingSpec.spec.containers of type []v1.Container"],
  [{ containers: ["a"] }, "json: cannot unmarshal string into Go struct field ThingSpec.spec.containers of type v1.Container"],
  [
    { containers: [{ ports: [{ name: true }] }] },
    "json: cannot unmarshal bool into Go struct field Port.spec.containers.ports.name of type string",
  ],
  [
    { containers: [{ ports: [{ port: 1 }], tty: "yes" }] },
    "json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool",
  ],
  [{ nested: { not: { value: 1 } } }, "json: cannot unmarshal number into Go struct field Nested.spec.nested.not.value of type string"],
  [{ containers: [{ ports: [{ target: 1.5 }] }] }, "json: cannot unmarshal number 1.5 into Go value of type int32"],
  [
    { containers: [{ limits: { cpu: "1 core" } }] },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  [{ data: { a: "a" } }, "illegal base64 data at input byte 0"],
  [{ data: { a: "aGVsb*8=" } }, "illegal base64 data at input byte 5"],
  [{ data: { a: "aGVsbG8" } }, "illegal base64 data at input byte 4"],
  [{ data: { a: "aGVsbG8=x" } }, "illegal base64 data at input byte 8"],
  [{ data: { a: 1 } }, "json: cannot unmarshal number into Go struct field ThingSpec.spec.data of type []uint8"],
  [{ at: "yesterday" }, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'],
  [{ at: "2026-02-30T00:00:00Z" }, 'parsing time "2026-02-30T00:00:00Z": day out of range'],
  [{ at: 5 }, "json: cannot unmarshal number into Go value of type string"],
  [
    { exact: "2026-01-02T03:04:05Z" },
    'parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
  ],
  [{ timeout: "5 minutes" }, 'time: unknown unit " minutes" in duration "5 minutes"'],
])("%j is refused", (value, message) => {
  expect(why(value)).toBe(message);
});

test("a refusal names the kind", () => {
  expect(refusal({ spec: { replicas: "x" } })).toBe(
    'Thing in version "v1" cannot be handled as a Thing: json: cannot unmarshal string into Go struct field ThingSpec.spec.replicas of type int32',
  );
  expect(refusal([])).toBe(
    'Thing in version "v1" cannot be handled as a Thing: json: cannot unmarshal array into Go value of type v1.Thing',
  );
});
