import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeObject } from "./decode.ts";
import { listSchemaOf } from "./list-schema.ts";
import { decodeProtobuf, encodeProtobuf, encodeProtobufList, encodeWatchFrame, WatchFrameReader } from "./protobuf.ts";
import {
  boolean,
  bytes,
  double,
  duration,
  embedded,
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

const inner: StructType = struct("x.v1.Inner", "", () => ({ name: requiredField(2, string, ""), again: pointer(1, inner, "") }));
const thing = struct("x.v1.Thing", "", {
  text: field(1, string, ""),
  maybe: pointer(2, string, ""),
  flag: field(3, boolean, ""),
  count: field(4, int32, ""),
  big: pointer(5, int64, ""),
  ratio: field(6, double, ""),
  blob: field(7, bytes, ""),
  at: pointer(8, time, ""),
  exact: pointer(9, microTime, ""),
  wait: pointer(10, duration, ""),
  amounts: field(11, map(quantity), ""),
  port: pointer(12, intOrString, ""),
  owned: pointer(13, fieldsV1, ""),
  raw: pointer(14, rawExtension, ""),
  inner: field(15, inner, ""),
  names: field(16, list(string), ""),
  numbers: field(17, list(int32), ""),
  inners: field(18, list(inner), ""),
  extra: field(19, map({ ...list(string), message: "ExtraValue" }), ""),
  byName: field(20, map(inner), ""),
  ...embedded(21, { local: field(1, string, ""), other: pointer(2, inner, "") }),
  kept: field(200, string, ""),
});
const resolve = (apiVersion: string, kind: string) => (apiVersion === "x/v1" && kind === "Thing" ? thing : undefined);
const normalise = (value: unknown) => decodeObject(thing, value, { unknownFields: "strict" }).object;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const innerValue = fc.letrec((tie) => ({
  inner: fc.record({ name: fc.string(), again: fc.option(tie("inner"), { nil: undefined, maxDepth: 3 }) }, { requiredKeys: ["name"] }),
})).inner;
const seconds = fc.integer({ min: -6e10, max: 2e11 }).map((value) => `${new Date(value * 1000).toISOString().slice(0, 19)}Z`);
const key = fc.string({ maxLength: 5 }).filter((name) => name !== "__proto__");
const things = fc.record(
  {
    text: fc.string({ unit: "grapheme" }),
    maybe: fc.string(),
    flag: fc.boolean(),
    count: fc.integer(),
    big: fc.maxSafeInteger(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    blob: fc.uint8Array().map((value) => Buffer.from(value).toString("base64")),
    at: seconds,
    exact: fc
      .tuple(seconds, fc.integer({ min: 0, max: 999_999 }))
      .map(([at, micro]) => `${at.slice(0, 19)}.${String(micro).padStart(6, "0")}Z`),
    wait: fc.integer({ min: -1e9, max: 1e9 }).map((ms) => `${ms}ms`),
    amounts: fc.dictionary(key, fc.constantFrom("1", "100m", "1Gi", "0")),
    port: fc.oneof(fc.integer(), fc.string()),
    owned: fc.constant({ "f:spec": { "f:a": {} } }),
    raw: fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
    inner: innerValue,
    names: fc.array(fc.string()),
    numbers: fc.array(fc.integer()),
    inners: fc.array(innerValue, { maxLength: 3 }),
    extra: fc.dictionary(key, fc.array(fc.string())),
    byName: fc.dictionary(key, innerValue, { maxKeys: 3 }),
    local: fc.string(),
    other: innerValue,
    kept: fc.string(),
  },
  { requiredKeys: [] },
);

test("what is written is read again", () => {
  fc.assert(
    fc.property(things, (value) => {
      const object = { apiVersion: "x/v1", kind: "Thing", ...normalise(value) };
      expect(normalise(decodeProtobuf(encodeProtobuf("x/v1", "Thing", thing, object), resolve))).toEqual(object);
    }),
    { numRuns: 200 },
  );
});

function onlyBadRequest(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(StatusError);
    expect((error as StatusError).reason).toBe("BadRequest");
  }
}

test("bytes from a stranger are read or refused, never worse", () => {
  const whole = encodeProtobuf(
    "x/v1",
    "Thing",
    thing,
    normalise({
      text: "a",
      inner: { name: "b", again: { name: "c" } },
      amounts: { cpu: "1" },
      at: "2026-01-01T00:00:00Z",
      raw: { a: 1 },
      port: "x",
      names: ["a"],
      numbers: [1],
    }),
  );
  const header = encodeProtobuf("x/v1", "Thing", thing, {});
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      onlyBadRequest(() => decodeProtobuf(tail, resolve));
      onlyBadRequest(() => decodeProtobuf(Uint8Array.from([...header.subarray(0, 19), 18, tail.length, ...tail]), resolve));
      onlyBadRequest(() => new WatchFrameReader(resolve).push(tail));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (position, byte) => {
      onlyBadRequest(() => decodeProtobuf(whole.with(position, byte), resolve));
      onlyBadRequest(() => decodeProtobuf(whole.subarray(0, position), resolve));
    }),
    { numRuns: 500 },
  );
});

test("the bytes are Go's: fields that are no pointers always, by number, maps by key", () => {
  const small = struct("x.v1.Small", "", {
    b: field(2, boolean, ""),
    a: field(1, string, ""),
    m: field(4, map(string), ""),
    p: pointer(3, int32, ""),
    t: field(5, time, ""),
    port: field(6, intOrString, ""),
    q: field(7, quantity, ""),
    data: field(8, bytes, ""),
    s: field(9, struct("x.v1.Empty", "", {}), ""),
    list: field(10, list(int32), ""),
    ...embedded(11, { name: field(1, string, "") }),
  });
  const bytesOf = (value: object): string =>
    hex(encodeProtobuf("v1", "S", small, value))
      .split("0a070a027631120153")[1]!
      .slice(4, -8);
  expect(bytesOf({})).toBe("0a00" + "1000" + "2a00" + "3206080010001a00" + "3a030a0130" + "4a00" + "5a020a00");
  expect(
    bytesOf({ b: true, p: 0, m: { b: "2", a: "1" }, t: "1970-01-01T00:00:01Z", port: "x", q: "1Gi", data: "", list: [1, -1], name: "n" }),
  ).toBe(
    "0a00" +
      "1001" +
      "1800" +
      "22060a0161120131" +
      "22060a0162120132" +
      "2a0408011000" +
      "3207080110001a0178" +
      "3a050a03314769" +
      "4200" +
      "4a00" +
      "5001" +
      "50ffffffffffffffffff01" +
      "5a030a016e",
  );
});

test("the envelope names what it holds", () => {
  const bytes = encodeProtobuf("apps/v1", "Thing", struct("x.v1.E", "", {}), {});
  expect(hex(bytes)).toBe("6b387300" + "0a10" + "0a07617070732f7631" + "12055468696e67" + "1200" + "1a00" + "2200");
  const refusal = (given: Uint8Array): string => {
    try {
      decodeProtobuf(given, resolve);
    } catch (error) {
      return (error as StatusError).message;
    }
    return "accepted";
  };
  expect(refusal(bytes)).toBe('no kind "Thing" is registered for version "apps/v1"');
  expect(refusal(bytes.subarray(1))).toContain("expected prefix [107 56 115 0]");
  expect(refusal(encodeProtobuf("v1", "", thing, {}))).toBe("Object 'Kind' is missing");
});

test("options and Status are known in every group", () => {
  const sent = encodeProtobuf("apps/v1", "DeleteOptions", struct("x.v1.D", "", { gracePeriodSeconds: pointer(1, int64, "") }), {
    gracePeriodSeconds: 0,
  });
  expect(decodeProtobuf(sent, () => undefined)).toEqual({ apiVersion: "apps/v1", kind: "DeleteOptions", gracePeriodSeconds: 0 });
});

test("fields that nobody knows are skipped, packed numbers are read", () => {
  const writer = struct("x.v1.W", "", { text: field(1, string, ""), more: field(99, inner, ""), packed: field(17, string, "") });
  const sent = encodeProtobuf("x/v1", "Thing", writer, { text: "a", more: { name: "b" }, packed: "\u0001\u0002" });
  expect(decodeProtobuf(sent, resolve)).toMatchObject({ text: "a", numbers: [1, 2] });
});

test("a list is made of objects that were encoded before", () => {
  const items = [{ text: "a" }, { text: "b", inner: { name: "x" } }].map((value) => normalise(value));
  const encoded = items.map((item) => encodeProtobuf("x/v1", "Thing", thing, item));
  const listed = encodeProtobufList("x/v1", "ThingList", { resourceVersion: "7" }, encoded);
  const schema = listSchemaOf(thing);
  expect(schema.name).toBe("x.v1.ThingList");
  expect(listed).toEqual(encodeProtobuf("x/v1", "ThingList", schema, { metadata: { resourceVersion: "7" }, items }));
  const read = decodeObject(
    schema,
    decodeProtobuf(listed, () => schema),
    { unknownFields: "strict" },
  ).object;
  expect(read).toEqual({ apiVersion: "x/v1", kind: "ThingList", metadata: { resourceVersion: "7" }, items });
});

test("watch frames may come in any pieces", () => {
  const frames = ["ADDED", "DELETED"].map((type, count) => encodeWatchFrame(type, encodeProtobuf("x/v1", "Thing", thing, { count })));
  const all = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  const reader = new WatchFrameReader(resolve);
  const events = [...all].flatMap((byte) => reader.push(Uint8Array.of(byte)));
  expect(events.map(({ type, object }) => [type, object["count"]])).toEqual([
    ["ADDED", 0],
    ["DELETED", 1],
  ]);
  expect(() => new WatchFrameReader(resolve, 100).push(Uint8Array.of(255, 255, 255, 255))).toThrow("larger than 100");
});

/** A message with one length-delimited field. */
function wrapped(number: number, content: Uint8Array): Uint8Array {
  const varint = (value: number): number[] => (value > 127 ? [(value & 127) | 128, ...varint(value >>> 7)] : [value]);
  return Uint8Array.from([...varint((number << 3) | 2), ...varint(content.length), ...content]);
}
const typeMeta = Buffer.from("0a0d0a04782f76311205" + Buffer.from("Thing").toString("hex"), "hex");
const enveloped = (raw: Uint8Array): Uint8Array => Uint8Array.from([0x6b, 0x38, 0x73, 0, ...typeMeta, ...wrapped(2, raw)]);

test("an embedded object may come in its own envelope, but not for ever", () => {
  let nested = enveloped(wrapped(1, Buffer.from("deep")));
  const hold = (content: Uint8Array): Uint8Array => enveloped(wrapped(14, wrapped(1, content)));
  expect(decodeProtobuf(hold(nested), resolve)).toMatchObject({ raw: { kind: "Thing", text: "deep" } });
  for (let i = 0; i < 30; i++) nested = hold(nested);
  expect(() => decodeProtobuf(nested, resolve)).toThrow("exceeded max depth");
});

test("messages nested without end are refused", () => {
  let nested: Uint8Array = new Uint8Array();
  for (let i = 0; i < 2000; i++) nested = wrapped(1, nested);
  expect(() => decodeProtobuf(enveloped(wrapped(15, nested)), resolve)).toThrow("exceeded max depth");
});
