// A schema as a protobuf codec, compiled once: the bytes are those that a Go server writes (every field that is no pointer,
// in order of number, maps by key), and what is read is the plain JSON value, to be normalised by `decodeObject`.

import {
  expectWire,
  lengthOf,
  ProtobufError,
  type ReadContext,
  type Reader,
  readMessage,
  readString,
  scalarReaders,
  scalarWriters,
  wireBytes,
  wireFixed64,
  wireVarint,
  writeMessage,
  type Writer,
} from "./protobuf-scalars.ts";
import type { Field, ListType, MapType, ScalarName, StructType, Type } from "./schema.ts";

type Members = Record<string, unknown>;

/** How deep messages may nest, as JSON may. */
const maxDepth = 512;

/** Writes a value under a field number, tags included; a list writes one element each. */
type ValueWriter = (writer: Writer, number: number, value: unknown) => void;
/** Writes a field of the struct, if it is to be written. */
type FieldWriter = (writer: Writer, source: Members) => void;
/** Reads one occurrence of a field into the struct. */
type FieldReader = (reader: Reader, wireType: number, target: Members, context: ReadContext) => void;

export interface MessageCodec {
  write(writer: Writer, source: Members): void;
  /** Reads up to `end` into `target`, adding to what is there. */
  read(reader: Reader, end: number, target: Members, context: ReadContext): void;
}

const codecs = new WeakMap<StructType, MessageCodec>();

export function codecOf(schema: StructType): MessageCodec {
  let codec = codecs.get(schema);
  if (codec === undefined) {
    // Compiled at first use: a struct may contain itself.
    let compiled: MessageCodec | undefined;
    const get = (): MessageCodec => (compiled ??= compileMessage(Object.entries(schema.fields)));
    codec = {
      write: (writer, source) => get().write(writer, source),
      read: (reader, end, target, context) => {
        if (context.depth >= maxDepth) throw new ProtobufError("exceeded max depth");
        context.depth++;
        get().read(reader, end, target, context);
        context.depth--;
      },
    };
    codecs.set(schema, codec);
  }
  return codec;
}

function compileMessage(fields: readonly (readonly [string, Field])[]): MessageCodec {
  const members: { readonly number: number; readonly write: FieldWriter; readonly read: FieldReader }[] = [];
  const nested = new Map<number, [string, Field][]>();
  for (const [name, field] of fields) {
    if (field.number === 0) continue;
    if (field.within === undefined) members.push({ number: field.number, write: fieldWriter(name, field), read: fieldReader(name, field) });
    else nested.set(field.within, [...(nested.get(field.within) ?? []), [name, { ...field, within: undefined } as Field]]);
  }
  for (const [number, inner] of nested) members.push({ number, ...embeddedMember(number, compileMessage(inner)) });
  members.sort((a, b) => a.number - b.number);
  const writes = members.map((member) => member.write);
  const reads: (FieldReader | undefined)[] = [];
  for (const member of members) reads[member.number] = member.read;
  return {
    write(writer, source) {
      for (const write of writes) write(writer, source);
    },
    read(reader, end, target, context) {
      readMessage(
        reader,
        (number, wireType) => {
          const read = reads[number];
          if (read === undefined) return false;
          read(reader, wireType, target, context);
          return true;
        },
        end,
      );
    },
  };
}

/** An embedded message whose fields JSON writes beside its neighbours. It is no pointer: always written. */
function embeddedMember(number: number, codec: MessageCodec): { readonly write: FieldWriter; readonly read: FieldReader } {
  return {
    write: (writer, source) => writeMessage(writer, number, (inner) => codec.write(inner, source)),
    read: (reader, wireType, target, context) => {
      expectWire(wireType, wireBytes);
      codec.read(reader, lengthOf(reader), target, context);
    },
  };
}

function fieldWriter(name: string, field: Field): FieldWriter {
  const { number } = field;
  const write = valueWriter(field.type);
  const whenAbsent = field.pointer !== true && isWrittenWhenAbsent(field.type);
  return (writer, source) => {
    const value = source[name];
    if (value !== undefined && value !== null) write(writer, number, value);
    else if (whenAbsent) write(writer, number, undefined);
  };
}

function isWrittenWhenAbsent(type: Type): boolean {
  if (type.kind === "scalar") return type.scalar !== "bytes";
  return type.kind === "struct";
}

function valueWriter(type: Type): ValueWriter {
  switch (type.kind) {
    case "scalar":
      return scalarWriters[type.scalar];
    case "struct": {
      const codec = codecOf(type);
      return (writer, number, value) => {
        writer.uint32((number << 3) | wireBytes).fork();
        codec.write(writer, (value ?? {}) as Members);
        writer.ldelim();
      };
    }
    case "list":
      return listWriter(type);
    case "map":
      return mapWriter(type);
  }
}

function listWriter(type: ListType): ValueWriter {
  const write = valueWriter(type.of);
  const each: ValueWriter = (writer, number, value) => {
    for (const member of (value ?? []) as unknown[]) write(writer, number, member);
  };
  if (type.message === undefined) return each;
  return (writer, number, value) => writeMessage(writer, number, (inner) => each(inner, 1, value));
}

function mapWriter(type: MapType): ValueWriter {
  const write = valueWriter(type.of);
  return (writer, number, value) => {
    const map = value as Members;
    for (const key of Object.keys(map).sort(byCodePoints)) {
      writer.uint32((number << 3) | wireBytes).fork();
      writer.uint32(10).string(key);
      write(writer, 2, map[key]);
      writer.ldelim();
    }
  };
}

/** Go sorts keys by their UTF-8 bytes, JavaScript by UTF-16 units: they differ beyond the basic plane only. */
function byCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    const surrogates = Number(left >= 0xd800 && left < 0xe000) - Number(right >= 0xd800 && right < 0xe000);
    return surrogates === 0 ? left - right : surrogates;
  }
  return a.length - b.length;
}

/** Reads one value after its tag. */
type ValueReader = (reader: Reader, wireType: number, context: ReadContext) => unknown;

function valueReader(type: Type): ValueReader {
  switch (type.kind) {
    case "scalar":
      return scalarReaders[type.scalar];
    case "struct": {
      const codec = codecOf(type);
      return (reader, wireType, context) => {
        expectWire(wireType, wireBytes);
        const target: Members = {};
        codec.read(reader, lengthOf(reader), target, context);
        return target;
      };
    }
    case "list": {
      if (type.message === undefined) throw new RangeError("protobuf has no list of lists and no map of lists without a named message");
      const read = fieldReader("items", { number: 1, type: { kind: "list", of: type.of }, doc: "" });
      return (reader, wireType, context) => {
        expectWire(wireType, wireBytes);
        const target: Members = { items: [] };
        readMessage(reader, (number, innerType) => {
          if (number !== 1) return false;
          read(reader, innerType, target, context);
          return true;
        });
        return target["items"];
      };
    }
    case "map":
      throw new RangeError("protobuf has no map of maps");
  }
}

const packable: Readonly<Partial<Record<ScalarName, number>>> = {
  boolean: wireVarint,
  int32: wireVarint,
  int64: wireVarint,
  double: wireFixed64,
};

function fieldReader(name: string, field: Field): FieldReader {
  const { type } = field;
  if (type.kind === "list" && type.message === undefined) return listReader(name, type);
  if (type.kind === "map") return mapReader(name, type);
  if (type.kind === "struct") {
    const codec = codecOf(type);
    return (reader, wireType, target, context) => {
      expectWire(wireType, wireBytes);
      // A message that comes in several pieces is merged, as the format demands.
      const present = (target[name] ??= {}) as Members;
      codec.read(reader, lengthOf(reader), present, context);
    };
  }
  const read = valueReader(type);
  return (reader, wireType, target, context) => {
    const value = read(reader, wireType, context);
    if (value !== undefined) target[name] = value;
  };
}

function listReader(name: string, type: ListType): FieldReader {
  const read = valueReader(type.of);
  const packedAs = type.of.kind === "scalar" ? packable[type.of.scalar] : undefined;
  return (reader, wireType, target, context) => {
    const list = (target[name] ??= []) as unknown[];
    if (packedAs === undefined || wireType !== wireBytes) {
      list.push(read(reader, wireType, context) ?? null);
      return;
    }
    const end = lengthOf(reader);
    while (reader.pos < end) list.push(read(reader, packedAs, context));
    if (reader.pos !== end) throw new ProtobufError("unexpected EOF");
  };
}

function mapReader(name: string, type: MapType): FieldReader {
  const read = valueReader(type.of);
  const zero = zeroOfMapValue(type.of);
  return (reader, wireType, target, context) => {
    expectWire(wireType, wireBytes);
    const map = (target[name] ??= {}) as Members;
    let key = "";
    let value: unknown;
    readMessage(reader, (number, innerType) => {
      if (number > 2) return false;
      if (number === 1) {
        expectWire(innerType, wireBytes);
        key = readString(reader);
      } else value = read(reader, innerType, context);
      return true;
    });
    if (key !== "__proto__") map[key] = value ?? zero();
  };
}

function zeroOfMapValue(type: Type): () => unknown {
  if (type.kind === "struct" || type.kind === "map") return () => ({});
  if (type.kind === "list") return () => [];
  return () => null;
}
