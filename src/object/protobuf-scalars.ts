// How each scalar of the schema language goes over the wire in protobuf: plain values, and the small messages that stand for
// times, quantities, durations and embedded JSON.

import protobuf from "protobufjs/minimal.js";
import { decodeCheckedBase64, encodeBase64 } from "../base/base64.ts";
import { formatDurationNanos, parseDurationNanos } from "../lang/duration.ts";
import { parseJson } from "../wire/json.ts";
import type { ScalarName } from "./schema.ts";

export type Writer = protobuf.Writer;
export type Reader = protobuf.Reader;

/** The bytes are not what they should be; the boundary makes a BadRequest of it. */
export class ProtobufError extends Error {}

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;

/** Writes one value, tag included. Absent values are written as the zero that Go writes. */
export type ScalarWriter = (writer: Writer, number: number, value: unknown) => void;
/** Reads one value after its tag. Undefined: it stands for nothing. */
export type ScalarReader = (reader: Reader, wireType: number, context: ReadContext) => unknown;

export interface ReadContext {
  /** How many messages deep the reader is. */
  depth: number;
  /** Reads an embedded object in its envelope. */
  readonly embedded: (bytes: Uint8Array, depth: number) => unknown;
}

export function expectWire(actual: number, wanted: number): void {
  if (actual !== wanted) throw new ProtobufError(`proto: wrong wireType = ${actual}`);
}

/** A message written by `body` under a tag. */
export function writeMessage(writer: Writer, number: number, body: (writer: Writer) => void): void {
  writer.uint32((number << 3) | wireBytes).fork();
  body(writer);
  writer.ldelim();
}

/** Calls `onField` for each field of the message that comes next; what it does not read it must skip. */
export function readMessage(reader: Reader, onField: (number: number, wireType: number, end: number) => boolean, end?: number): void {
  const stop = end ?? lengthOf(reader);
  while (reader.pos < stop) {
    const tag = reader.uint32();
    const number = tag >>> 3;
    if (number === 0) throw new ProtobufError("proto: illegal tag 0");
    if (!onField(number, tag & 7, stop)) reader.skipType(tag & 7);
  }
  if (reader.pos !== stop) throw new ProtobufError("unexpected EOF");
}

/** Reads a length and gives the position where that much ends. Never beyond the bytes that are there. */
export function lengthOf(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new ProtobufError("unexpected EOF");
  return end;
}

const integer = (value: unknown): number => (typeof value === "number" ? Math.trunc(value) : 0);

function toNumber(long: unknown): number {
  return typeof long === "number" ? long : (long as { toNumber(): number }).toNumber();
}
const toBigInt = (long: unknown): bigint => BigInt(String(long));

function writeTimestamp(writer: Writer, seconds: number, nanos: number): void {
  writer.uint32(8).int64(seconds);
  writer.uint32(16).int32(nanos);
}

function writeTime(value: unknown, micro: boolean): (writer: Writer) => void {
  return (writer) => {
    if (typeof value !== "string" || value === "") return;
    const ms = Date.parse(value.slice(0, 19) + (micro ? "Z" : value.slice(19)));
    if (Number.isNaN(ms)) return;
    const fraction = micro ? (/\.(\d+)/.exec(value)?.[1] ?? "") : "";
    writeTimestamp(writer, Math.floor(ms / 1000), Number(fraction.padEnd(9, "0").slice(0, 9)));
  };
}

function readTime(reader: Reader, micro: boolean): string | undefined {
  let seconds = 0;
  let nanos = 0;
  let empty = true;
  readMessage(reader, (number, wireType) => {
    if (number > 2) return false;
    expectWire(wireType, wireVarint);
    empty = false;
    if (number === 1) seconds = toNumber(reader.int64());
    else nanos = reader.int32();
    return true;
  });
  if (empty) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 || date.getUTCFullYear() < 0) {
    throw new ProtobufError("timestamp out of range");
  }
  const text = date.toISOString().slice(0, 19);
  if (!micro) return `${text}Z`;
  if (nanos < 0 || nanos > 999_999_999) throw new ProtobufError("timestamp out of range");
  return `${text}.${String(Math.floor(nanos / 1000)).padStart(6, "0")}Z`;
}

/** Reads a message of one text (1): a quantity. */
function readText(reader: Reader): string {
  let text = "";
  readMessage(reader, (number, wireType) => {
    if (number !== 1) return false;
    expectWire(wireType, wireBytes);
    text = readString(reader);
    return true;
  });
  return text;
}

export function readString(reader: Reader): string {
  return decoder.decode(reader.bytes());
}
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

function readRaw(reader: Reader, context: ReadContext): unknown {
  let raw: Uint8Array = new Uint8Array();
  readMessage(reader, (number, wireType) => {
    if (number !== 1) return false;
    expectWire(wireType, wireBytes);
    raw = reader.bytes();
    return true;
  });
  if (raw.length === 0) return undefined;
  if (raw.length >= 4 && raw[0] === 0x6b && raw[1] === 0x38 && raw[2] === 0x73 && raw[3] === 0) {
    return context.embedded(raw, context.depth + 1);
  }
  return parseJson(raw, { maxBytes: raw.length }).value;
}

function writeRaw(writer: Writer, number: number, value: unknown): void {
  writeMessage(writer, number, (inner) => {
    if (value !== undefined && value !== null) inner.uint32(10).bytes(encoder.encode(JSON.stringify(value)));
  });
}

function durationNanos(value: unknown): bigint {
  return typeof value === "string" && value !== "" ? parseDurationNanos(value) : 0n;
}

const maxInt32 = 2 ** 31;

export const scalarWriters: Readonly<Record<ScalarName, ScalarWriter>> = {
  string: (writer, number, value) => writer.uint32((number << 3) | wireBytes).string(typeof value === "string" ? value : ""),
  boolean: (writer, number, value) => writer.uint32(number << 3).bool(value === true),
  int32: (writer, number, value) => writer.uint32(number << 3).int32(integer(value)),
  int64: (writer, number, value) => writer.uint32(number << 3).int64(integer(value)),
  double: (writer, number, value) => writer.uint32((number << 3) | wireFixed64).double(typeof value === "number" ? value : 0),
  bytes: (writer, number, value) => {
    writer.uint32((number << 3) | wireBytes).bytes(typeof value === "string" ? decodeCheckedBase64(value) : new Uint8Array());
  },
  time: (writer, number, value) => writeMessage(writer, number, writeTime(value, false)),
  microTime: (writer, number, value) => writeMessage(writer, number, writeTime(value, true)),
  duration: (writer, number, value) => writeMessage(writer, number, (inner) => inner.uint32(8).int64(String(durationNanos(value)))),
  quantity: (writer, number, value) =>
    writeMessage(writer, number, (inner) => inner.uint32(10).string(value === undefined || value === null ? "0" : String(value as string))),
  intOrString: (writer, number, value) =>
    writeMessage(writer, number, (inner) => {
      const text = typeof value === "string";
      inner.uint32(8).int64(text ? 1 : 0);
      inner.uint32(16).int32(text ? 0 : integer(value));
      inner.uint32(26).string(text ? value : "");
    }),
  fieldsV1: writeRaw,
  rawExtension: writeRaw,
  json: writeRaw,
};

export const scalarReaders: Readonly<Record<ScalarName, ScalarReader>> = {
  string: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    return readString(reader);
  },
  boolean: (reader, wireType) => {
    expectWire(wireType, wireVarint);
    return reader.bool();
  },
  int32: (reader, wireType) => {
    expectWire(wireType, wireVarint);
    return reader.int32();
  },
  int64: (reader, wireType) => {
    expectWire(wireType, wireVarint);
    return toNumber(reader.int64());
  },
  double: (reader, wireType) => {
    expectWire(wireType, wireFixed64);
    const value = reader.double();
    if (!Number.isFinite(value)) throw new ProtobufError("number out of range");
    return value;
  },
  bytes: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    return encodeBase64(reader.bytes());
  },
  time: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    return readTime(reader, false);
  },
  microTime: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    return readTime(reader, true);
  },
  duration: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    let nanos = 0n;
    readMessage(reader, (number, innerType) => {
      if (number !== 1) return false;
      expectWire(innerType, wireVarint);
      nanos = toBigInt(reader.int64());
      return true;
    });
    return formatDurationNanos(nanos);
  },
  quantity: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    return readText(reader);
  },
  intOrString: (reader, wireType) => {
    expectWire(wireType, wireBytes);
    let type = 0;
    let number = 0;
    let text = "";
    readMessage(reader, (field, innerType) => {
      if (field > 3) return false;
      expectWire(innerType, field === 3 ? wireBytes : wireVarint);
      if (field === 1) type = toNumber(reader.int64());
      else if (field === 2) number = reader.int32();
      else text = readString(reader);
      return true;
    });
    if (type !== 0 && type !== 1) throw new ProtobufError("impossible IntOrString.Type");
    return type === 1 ? text : number >= maxInt32 ? 0 : number;
  },
  fieldsV1: (reader, wireType, context) => {
    expectWire(wireType, wireBytes);
    return readRaw(reader, context);
  },
  rawExtension: (reader, wireType, context) => {
    expectWire(wireType, wireBytes);
    return readRaw(reader, context);
  },
  json: (reader, wireType, context) => {
    expectWire(wireType, wireBytes);
    return readRaw(reader, context);
  },
};
