// Values with a syntax of their own: quantities, times, durations, base64, integer-or-string. Each is read the way a Go
// server reads it and written back in its one canonical form.

import { DurationError, formatDurationNanos, parseDurationNanos } from "../lang/duration.ts";
import { canonicalQuantity, QuantityError } from "../lang/quantity.ts";
import { clone } from "./copy.ts";
import type { ScalarName, Type } from "./schema.ts";

/** The value has the right JSON type and a wrong text. The message stands alone, without the field, as Go's does. */
export class ScalarError extends Error {}

/** What Go writes for a required field that nobody set. Others have no zero value that the API shows. */
export const zeroScalars: Readonly<Partial<Record<ScalarName, unknown>>> = {
  string: "",
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  bytes: "",
  duration: "0s",
  quantity: "0",
  intOrString: 0,
};

const isFalsy = (value: unknown): boolean => !value;

/** Tells which values of an optional field are left out; undefined where each is kept. */
export function isZeroScalar(scalar: ScalarName): ((value: unknown) => boolean) | undefined {
  switch (scalar) {
    case "string":
    case "boolean":
    case "int32":
    case "int64":
    case "double":
    case "bytes":
    case "intOrString":
    case "time":
    case "microTime":
      return isFalsy;
    case "duration":
    case "quantity":
    case "fieldsV1":
    case "rawExtension":
    case "json":
      return undefined;
  }
}

/**
 * Reads a scalar other than string, boolean and plain numbers.
 * @returns undefined when its JSON type is wrong and the field should be named.
 * @throws ScalarError
 */
export function decodeScalar(scalar: ScalarName, value: unknown): unknown {
  switch (scalar) {
    case "quantity":
      return decodeQuantity(value);
    case "time":
      return decodeTime(value);
    case "microTime":
      return decodeMicroTime(value);
    case "duration":
      return decodeDuration(value);
    case "bytes":
      return typeof value === "string" ? checkBase64(value) : undefined;
    case "intOrString":
      if (typeof value === "string") return value;
      if (((value as number) | 0) === value) return value;
      throw new ScalarError(
        `json: cannot unmarshal ${typeof value === "number" ? `number ${value}` : nameOf(value)} into Go value of type int32`,
      );
    case "fieldsV1":
    case "rawExtension":
    case "json":
      return clone(value);
    case "string":
    case "boolean":
    case "int32":
    case "int64":
    case "double":
      return value;
  }
}

const nameOf = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value);

function requireText(value: unknown): string {
  if (typeof value !== "string") throw new ScalarError(`json: cannot unmarshal ${nameOf(value)} into Go value of type string`);
  return value;
}

function decodeQuantity(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number") {
    throw new ScalarError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  try {
    // Go reads an empty text as nothing at all.
    return value === "" ? "0" : canonicalQuantity(value);
  } catch (error) {
    if (error instanceof QuantityError) throw new ScalarError(error.message);
    throw error;
  }
}

function decodeDuration(value: unknown): string {
  const text = requireText(value);
  try {
    return formatDurationNanos(parseDurationNanos(text));
  } catch (error) {
    if (error instanceof DurationError) throw new ScalarError(error.message);
    throw error;
  }
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|[+-](\d\d):(\d\d))$/;

const timeLayout = "2006-01-02T15:04:05Z07:00";
const microTimeLayout = "2006-01-02T15:04:05.000000Z07:00";

/** Milliseconds since the epoch, whole seconds only, and the digits of the fraction. @throws ScalarError */
function readTime(text: string, layout: string): { readonly ms: number; readonly fraction: string } {
  const match = rfc3339.exec(text);
  if (match === null) throw new ScalarError(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: ${whyNoTime(text)}`);
  const [, year, month, day, hour, minute, second, fraction = "", offsetHour = "00", offsetMinute = "00"] = match;
  const outOfRange = (what: string): ScalarError => new ScalarError(`parsing time ${JSON.stringify(text)}: ${what} out of range`);
  if (Number(month) < 1 || Number(month) > 12) throw outOfRange("month");
  if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) throw outOfRange("day");
  if (Number(hour) > 23) throw outOfRange("hour");
  if (Number(minute) > 59) throw outOfRange("minute");
  if (Number(second) > 59) throw outOfRange("second");
  if (Number(offsetHour) > 24) throw outOfRange("time zone offset hour");
  if (Number(offsetMinute) > 60) throw outOfRange("time zone offset minute");
  const offsetMs = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const ahead = text[text.length - 6] === "+";
  const ms = Date.parse(`${text.slice(0, 19)}Z`) + (ahead ? -offsetMs : offsetMs);
  return { ms, fraction };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Go reads from left to right and names the first part of the layout that does not fit. */
function whyNoTime(text: string): string {
  const parts: readonly (readonly [string, RegExp])[] = [
    ["2006", /^\d{4}/],
    ["-", /^-/],
    ["01", /^\d\d/],
    ["-", /^-/],
    ["02", /^\d\d/],
    ["T", /^T/],
    ["15", /^\d\d/],
    [":", /^:/],
    ["04", /^\d\d/],
    [":", /^:/],
    ["05", /^\d\d([.,]\d+)?/],
    ["Z07:00", /^(Z|[+-]\d\d:\d\d)/],
  ];
  let rest = text;
  for (const [part, pattern] of parts) {
    const match = pattern.exec(rest);
    if (match === null) return `cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`;
    rest = rest.slice(match[0].length);
  }
  return `extra text: ${JSON.stringify(rest)}`;
}

const isoSeconds = (ms: number): string => new Date(ms).toISOString().slice(0, 19);
/** Go's zero time, which the API shows as null. */
const zeroTime = Date.parse("0001-01-01T00:00:00Z");

function decodeTime(value: unknown): string {
  const text = requireText(value);
  const { ms } = readTime(text, timeLayout);
  if (ms === zeroTime) return "";
  return text.length === 20 && text.endsWith("Z") ? text : `${isoSeconds(ms)}Z`;
}

function decodeMicroTime(value: unknown): string {
  const text = requireText(value);
  const { ms, fraction } = readTime(text, microTimeLayout);
  if (fraction.length !== 6) {
    const rest = text.slice(19);
    const why = fraction.length > 6 ? rest.slice(7) : rest;
    const part = fraction.length > 6 ? "Z07:00" : ".000000";
    throw new ScalarError(
      `parsing time ${JSON.stringify(text)} as ${JSON.stringify(microTimeLayout)}: cannot parse ${JSON.stringify(why)} as ${JSON.stringify(part)}`,
    );
  }
  if (ms === zeroTime && fraction === "000000") return "";
  return `${isoSeconds(ms)}.${fraction}Z`;
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Base64 with padding, line breaks ignored; given back without them. @throws ScalarError */
function checkBase64(text: string): string {
  if ((text.length & 3) === 0 && base64.test(text)) return text;
  const joined = text.replace(/[\r\n]/g, "");
  if ((joined.length & 3) === 0 && base64.test(joined)) return joined;
  throw new ScalarError(`illegal base64 data at input byte ${firstCorruptByte(text)}`);
}

/** Where Go's decoder stops: the first foreign character, the padding that is misplaced, or the start of an unfinished group. */
function firstCorruptByte(text: string): number {
  let inGroup = 0;
  let groupStart = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\r" || char === "\n") continue;
    if (inGroup === 0) groupStart = i;
    if (char === "=") {
      if (inGroup < 2) return i;
      let next = i + 1;
      while (text[next] === "\r" || text[next] === "\n") next++;
      if (inGroup === 3) return next < text.length ? next : i;
      if (next >= text.length) return text.length;
      if (text[next] !== "=") return next - 1;
      do next++;
      while (text[next] === "\r" || text[next] === "\n");
      return next;
    }
    if (!/[A-Za-z0-9+/]/.test(char)) return i;
    inGroup = (inGroup + 1) & 3;
  }
  return inGroup === 0 ? text.length : groupStart;
}

/** How Go's messages name a type: "string", "[]v1.Container", "map[string]string", "int32". */
export function goTypeOf(type: Type): string {
  switch (type.kind) {
    case "list":
      return `[]${goTypeOf(type.of)}`;
    case "map":
      return `map[string]${goTypeOf(type.of)}`;
    case "struct":
      return type.name.split(".").slice(-2).join(".");
    case "scalar":
      return goScalars[type.scalar];
  }
}

const goScalars: Readonly<Record<ScalarName, string>> = {
  string: "string",
  boolean: "bool",
  int32: "int32",
  int64: "int64",
  double: "float64",
  bytes: "[]uint8",
  time: "v1.Time",
  microTime: "v1.MicroTime",
  duration: "v1.Duration",
  quantity: "resource.Quantity",
  intOrString: "intstr.IntOrString",
  fieldsV1: "v1.FieldsV1",
  rawExtension: "runtime.RawExtension",
  json: "interface {}",
};
