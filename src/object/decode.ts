// From a plain JSON value to a typed, normalised draft: wrong types are refused with the words of a Go server, unknown fields
// are collected and dropped, and what Go would not write (zero values of optional fields, empty lists) is left out, so that
// two objects that mean the same look the same. Each schema is compiled once into closures.

import { clone } from "./copy.ts";
import { decodeScalar, goTypeOf, isZeroScalar, ScalarError, zeroScalars } from "./decode-scalar.ts";
import type { Draft } from "./kind.ts";
import type { Field, ListType, MapType, ScalarType, StructType, Type } from "./schema.ts";
import { badRequest, type StatusError } from "./status.ts";

export interface DecodeOptions {
  /**
   * What the caller does about unknown fields: refuse ("strict"), tell ("warn") or neither ("ignore": they are not even
   * collected). They are dropped in any case.
   */
  readonly unknownFields: "strict" | "warn" | "ignore";
  /** Names for the message, where the schema's own name is not the kind's: `Pod in version "v1" cannot be handled as a Pod`. */
  readonly kind?: string;
  readonly version?: string;
}

export interface DecodeResult<T> {
  readonly object: Draft<T>;
  /** At most 100 messages: `unknown field "spec.foo"`. Empty with "ignore". */
  readonly unknown: string[];
}

const maxUnknown = 100;

/**
 * Checks a plain JSON value against a schema and gives a fresh draft; the value itself is not changed and not shared.
 * `apiVersion` and `kind` are kept at the top although no schema names them.
 * @throws StatusError BadRequest when a value has a wrong type.
 */
export function decodeObject<T = Record<string, any>>(schema: StructType, value: unknown, options: DecodeOptions): DecodeResult<T> {
  const [, schemaVersion = "", schemaKind = schema.name] = schema.name.split(".");
  const state: State = { path: [], keyed: [], struct: schemaKind, unknown: options.unknownFields === "ignore" ? undefined : [] };
  try {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Mismatch(-1, jsonTypeOf(value), goTypeOf(schema));
    const object = decoderOfStruct(schema, true)(value, state, 0);
    return { object: object as Draft<T>, unknown: state.unknown ?? [] };
  } catch (error) {
    const reason = explain(error, state);
    if (reason === undefined) throw error;
    const kind = options.kind ?? schemaKind;
    throw badRequest(`${kind} in version ${JSON.stringify(options.version ?? schemaVersion)} cannot be handled as a ${kind}: ${reason}`);
  }
}

/** The refusal of a strict decoding: unknown fields and duplicate ones (`duplicate field "a"`), in the order given. */
export function strictDecodingError(kind: string, version: string, problems: readonly string[]): StatusError {
  const reason = `strict decoding error: ${problems.join(", ")}`;
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${reason}`);
}

/** Where the decoder is; entries of `path` beyond the present depth are leftovers. */
interface State {
  readonly path: (string | number)[];
  /** Whether an entry of `path` is a map's key: Go names fields only. */
  readonly keyed: boolean[];
  /** Name of the struct whose field is being read. */
  struct: string;
  readonly unknown: string[] | undefined;
}

/** A value of the wrong JSON type. `depth` is that of the innermost path entry; -1 at the root. */
class Mismatch extends Error {
  readonly depth: number;
  readonly given: string;
  readonly goType: string;
  constructor(depth: number, given: string, goType: string) {
    super();
    this.depth = depth;
    this.given = given;
    this.goType = goType;
  }
}

function explain(error: unknown, state: State): string | undefined {
  if (error instanceof ScalarError) return error.message;
  if (!(error instanceof Mismatch)) return undefined;
  if (error.depth < 0) return `json: cannot unmarshal ${error.given} into Go value of type ${error.goType}`;
  const names: (string | number)[] = [];
  for (let i = 0; i <= error.depth; i++) {
    const part = state.path[i]!;
    if (typeof part === "string" && state.keyed[i] !== true) names.push(part);
  }
  return `json: cannot unmarshal ${error.given} into Go struct field ${state.struct}.${names.join(".")} of type ${error.goType}`;
}

/** How Go names the type of a JSON value. */
function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (value === null || value === undefined) return "null";
  return typeof value;
}

/** Reads a value that is neither null nor absent; `depth` is where its own children go in the path. */
type Decoder = (value: unknown, state: State, depth: number) => unknown;

function decoderOf(type: Type): Decoder {
  switch (type.kind) {
    case "scalar":
      return decoderOfScalar(type);
    case "list":
      return decoderOfList(type);
    case "map":
      return decoderOfMap(type);
    case "struct":
      return decoderOfStruct(type, false);
  }
}

function decoderOfScalar(type: ScalarType): Decoder {
  const goType = goTypeOf(type);
  const scalar = type.scalar;
  const mismatch = (value: unknown, depth: number): never => {
    const given = typeof value === "number" && (scalar === "int32" || scalar === "int64") ? `number ${value}` : jsonTypeOf(value);
    throw new Mismatch(depth - 1, given, goType);
  };
  if (scalar === "string") return (value, _, depth) => (typeof value === "string" ? value : mismatch(value, depth));
  if (scalar === "boolean") return (value, _, depth) => (typeof value === "boolean" ? value : mismatch(value, depth));
  if (scalar === "double") return (value, _, depth) => (typeof value === "number" ? value : mismatch(value, depth));
  if (scalar === "int32") return (value, _, depth) => (((value as number) | 0) === value ? value : mismatch(value, depth));
  if (scalar === "int64") {
    const limit = 2 ** 63;
    return (value, _, depth) =>
      Number.isInteger(value) && (value as number) >= -limit && (value as number) < limit ? value : mismatch(value, depth);
  }
  return (value, _, depth) => {
    const decoded = decodeScalar(scalar, value);
    return decoded === undefined ? mismatch(value, depth) : decoded;
  };
}

/** What Go has for null inside a list or a map: the zero value of the element. */
function zeroOf(type: Type): (state: State, depth: number) => unknown {
  if (type.kind === "list") return () => [];
  if (type.kind === "map") return () => ({});
  if (type.kind === "struct") {
    const decode = decoderOfStruct(type, false);
    return (state, depth) => decode({}, state, depth);
  }
  const zero = zeroScalars[type.scalar] ?? null;
  return () => zero;
}

function decoderOfList(type: ListType): Decoder {
  const decode = decoderOf(type.of);
  const goType = goTypeOf(type);
  const zero = zeroOf(type.of);
  return (value, state, depth) => {
    if (!Array.isArray(value)) throw new Mismatch(depth - 1, jsonTypeOf(value), goType);
    const length = value.length;
    const list: unknown[] = [];
    const struct = state.struct;
    for (let i = 0; i < length; i++) {
      state.path[depth] = i;
      state.struct = struct;
      const member: unknown = value[i];
      list.push(member === null || member === undefined ? zero(state, depth + 1) : decode(member, state, depth + 1));
    }
    return list;
  };
}

function decoderOfMap(type: MapType): Decoder {
  const decode = decoderOf(type.of);
  const goType = goTypeOf(type);
  const zero = zeroOf(type.of);
  return (value, state, depth) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Mismatch(depth - 1, jsonTypeOf(value), goType);
    const map: Record<string, unknown> = {};
    const struct = state.struct;
    for (const name of Object.keys(value)) {
      if (name === "__proto__") continue;
      state.path[depth] = name;
      state.keyed[depth] = true;
      state.struct = struct;
      const member = (value as Record<string, unknown>)[name];
      map[name] = member === null || member === undefined ? zero(state, depth + 1) : decode(member, state, depth + 1);
    }
    state.keyed[depth] = false;
    return map;
  };
}

/** How one field of a struct is read. */
interface FieldPlan {
  readonly name: string;
  readonly decode: Decoder;
  /** The value of an absent field that is written nevertheless. */
  readonly absent: ((state: State, depth: number) => unknown) | undefined;
  /** Values that are left out. */
  readonly drop: ((value: unknown) => boolean) | undefined;
}

const isEmptyList = (value: unknown): boolean => (value as unknown[]).length === 0;
function isEmptyObject(value: unknown): boolean {
  for (const _ in value as object) return false;
  return true;
}

function planOf(name: string, field: Field): FieldPlan {
  const { type } = field;
  const decode = decoderOf(type);
  const keep = { name, decode, absent: undefined, drop: undefined };
  if (field.pointer === true) return keep;
  if (type.kind === "struct") {
    if (field.omitZero === true) return { ...keep, drop: isEmptyObject };
    return { ...keep, absent: (state, depth) => decode({}, state, depth) };
  }
  const written = field.required === true || field.always === true;
  if (type.kind === "scalar") {
    const zero = zeroScalars[type.scalar];
    if (written) return { ...keep, absent: zero === undefined ? undefined : () => zero };
    return { ...keep, drop: isZeroScalar(type.scalar) };
  }
  const list = type.kind === "list";
  if (written) return { ...keep, absent: list ? () => [] : () => ({}) };
  return { ...keep, drop: list ? isEmptyList : isEmptyObject };
}

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype));

const compiled = { root: new WeakMap<StructType, Decoder>(), embedded: new WeakMap<StructType, Decoder>() };

function decoderOfStruct(schema: StructType, root: boolean): Decoder {
  const cache = root ? compiled.root : compiled.embedded;
  let decoder = cache.get(schema);
  if (decoder === undefined) {
    // Compiled at first use, not now: a struct may contain itself.
    let compiledDecoder: Decoder | undefined;
    decoder = (value, state, depth) => (compiledDecoder ??= compileStruct(schema, root))(value, state, depth);
    cache.set(schema, decoder);
  }
  return decoder;
}

function compileStruct(schema: StructType, root: boolean): Decoder {
  const plans = Object.entries(schema.fields).map(([name, field]) => planOf(name, field));
  if (root) {
    const text: Field = { number: 0, type: { kind: "scalar", scalar: "string" }, doc: "" };
    const typeNames = ["kind", "apiVersion"].filter((name) => !Object.hasOwn(schema.fields, name));
    plans.unshift(...typeNames.map((name) => planOf(name, text)));
  }
  const known = new Set(plans.map((plan) => plan.name));
  // `value.constructor` is there without anybody having written it; such names are asked for with care.
  const awkward = plans.some((plan) => inherited.has(plan.name));
  const goType = goTypeOf(schema);
  const structName = schema.name.slice(schema.name.lastIndexOf(".") + 1);
  const preserve = schema.preserveUnknownFields === true;

  return (value, state, depth) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Mismatch(depth - 1, jsonTypeOf(value), goType);
    const source = value as Record<string, unknown>;
    const draft: Record<string, unknown> = {};
    let seen = 0;
    for (const plan of plans) {
      const { name } = plan;
      let member = source[name];
      if (member !== undefined && awkward && !Object.hasOwn(source, name)) member = undefined;
      if (member !== undefined) seen++;
      if (member === undefined || member === null) {
        if (plan.absent === undefined) continue;
        state.path[depth] = name;
        draft[name] = plan.absent(state, depth + 1);
        continue;
      }
      state.path[depth] = name;
      state.struct = structName;
      const decoded = plan.decode(member, state, depth + 1);
      if (plan.drop === undefined || !plan.drop(decoded)) draft[name] = decoded;
    }
    const names = Object.keys(source);
    if (names.length !== seen) {
      for (const name of names) {
        if (known.has(name) || name === "__proto__" || source[name] === undefined) continue;
        if (preserve) draft[name] = clone(source[name]);
        else if (state.unknown !== undefined && state.unknown.length < maxUnknown) {
          state.unknown.push(`unknown field ${JSON.stringify(pathText(state.path, depth, name))}`);
        }
      }
    }
    return draft;
  };
}

/** "spec.containers[0].foo" */
function pathText(path: readonly (string | number)[], depth: number, name: string): string {
  let text = "";
  for (let i = 0; i < depth; i++) {
    const part = path[i]!;
    text += typeof part === "number" ? `[${part}]` : text === "" ? part : `.${part}`;
  }
  return text === "" ? name : `${text}.${name}`;
}
