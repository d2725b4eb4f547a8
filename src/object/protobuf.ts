// API objects as `application/vnd.kubernetes.protobuf`: four magic bytes, then an envelope that says what the object is, then
// the object. Lists, Status and the frames of a watch are built here too.

import protobuf from "protobufjs/minimal.js";
import { JsonSyntaxError, TooDeepError, TooLargeError } from "../wire/syntax-errors.ts";
import {
  createOptions,
  deleteOptions,
  getOptions,
  listMeta,
  listOptions,
  partialObjectMetadata,
  patchOptions,
  statusStruct,
  updateOptions,
} from "./meta.ts";
import { codecOf } from "./protobuf-codec.ts";
import {
  expectWire,
  lengthOf,
  ProtobufError,
  readMessage,
  readString,
  type ReadContext,
  wireBytes,
  writeMessage,
} from "./protobuf-scalars.ts";
import type { StructType } from "./schema.ts";
import { badRequest, StatusError } from "./status.ts";

const { Reader, Writer } = protobuf;

/** "k8s" and a zero byte. */
const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** Schema of an apiVersion and kind; undefined when nobody knows it. */
export type SchemaResolver = (apiVersion: string, kind: string) => StructType | undefined;

/** Kinds that every group version has. */
const everywhere: Readonly<Record<string, StructType>> = {
  Status: statusStruct,
  DeleteOptions: deleteOptions,
  CreateOptions: createOptions,
  UpdateOptions: updateOptions,
  PatchOptions: patchOptions,
  GetOptions: getOptions,
  ListOptions: listOptions,
  PartialObjectMetadata: partialObjectMetadata,
};

/** One object in its envelope. */
export function encodeProtobuf(apiVersion: string, kind: string, schema: StructType, object: object): Uint8Array {
  const writer = Writer.create();
  codecOf(schema).write(writer, object as Record<string, unknown>);
  return envelope(apiVersion, kind, writer.finish());
}

/**
 * A list in its envelope, from items that `encodeProtobuf` has encoded before: nothing is encoded twice.
 * `metadata` is a ListMeta.
 */
export function encodeProtobufList(apiVersion: string, listKind: string, metadata: object, items: readonly Uint8Array[]): Uint8Array {
  const writer = Writer.create();
  writeMessage(writer, 1, (inner) => codecOf(listMeta).write(inner, metadata as Record<string, unknown>));
  for (const item of items) writer.uint32(18).bytes(rawOf(item));
  return envelope(apiVersion, listKind, writer.finish());
}

function envelope(apiVersion: string, kind: string, raw: Uint8Array): Uint8Array {
  const writer = Writer.create();
  writeMessage(writer, 1, (inner) => {
    inner.uint32(10).string(apiVersion);
    inner.uint32(18).string(kind);
  });
  writer.uint32(18).bytes(raw);
  writer.uint32(26).string("");
  writer.uint32(34).string("");
  const body = writer.finish();
  const bytes = new Uint8Array(magic.length + body.length);
  bytes.set(magic);
  bytes.set(body, magic.length);
  return bytes;
}

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

function openEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < 4 || magic.some((byte, position) => bytes[position] !== byte)) {
    throw new ProtobufError("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  }
  const reader = Reader.create(bytes.subarray(4));
  let apiVersion = "";
  let kind = "";
  let raw: Uint8Array = new Uint8Array();
  let encoding = "";
  readMessage(
    reader,
    (number, wireType) => {
      if (number > 4) return false;
      expectWire(wireType, wireBytes);
      if (number === 2) raw = reader.bytes();
      else if (number === 3) encoding = readString(reader);
      else if (number === 4) readString(reader);
      else {
        readMessage(reader, (inner, innerType) => {
          if (inner > 2) return false;
          expectWire(innerType, wireBytes);
          if (inner === 1) apiVersion = readString(reader);
          else kind = readString(reader);
          return true;
        });
      }
      return true;
    },
    reader.len,
  );
  if (encoding !== "") throw new ProtobufError(`unsupported content encoding ${JSON.stringify(encoding)}`);
  return { apiVersion, kind, raw };
}

/** The object's own bytes inside an envelope, not copied. */
const rawOf = (bytes: Uint8Array): Uint8Array => openEnvelope(bytes).raw;

/** How deep objects in envelopes may contain others. */
const maxEmbedded = 16;

/**
 * Reads an object in its envelope as a plain value with apiVersion and kind; `decodeObject` then checks and normalises it.
 * Unknown fields are skipped.
 * @throws StatusError BadRequest for anything that is wrong with the bytes
 */
export function decodeProtobuf(bytes: Uint8Array, resolve: SchemaResolver): Record<string, unknown> {
  return reading(() => decodeEnvelope(bytes, resolve, 0));
}

function decodeEnvelope(bytes: Uint8Array, resolve: SchemaResolver, depth: number): Record<string, unknown> {
  if (depth > maxEmbedded) throw new ProtobufError("exceeded max depth");
  const { apiVersion, kind, raw } = openEnvelope(bytes);
  if (kind === "") throw new ProtobufError("Object 'Kind' is missing");
  if (apiVersion === "") throw new ProtobufError("Object 'apiVersion' is missing");
  const schema = resolve(apiVersion, kind) ?? (Object.hasOwn(everywhere, kind) ? everywhere[kind] : undefined);
  if (schema === undefined) {
    throw new ProtobufError(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  const object: Record<string, unknown> = { apiVersion, kind };
  const reader = Reader.create(raw);
  const context: ReadContext = { depth: 0, embedded: (inner) => decodeEnvelope(inner, resolve, depth + 1) };
  codecOf(schema).read(reader, reader.len, object, context);
  return object;
}

/** Whatever the reading stumbles over is the sender's fault. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof StatusError) throw error;
    const known =
      error instanceof ProtobufError ||
      error instanceof RangeError ||
      error instanceof JsonSyntaxError ||
      error instanceof TooDeepError ||
      error instanceof TooLargeError;
    // The reader of the library throws plain errors, the text decoder TypeErrors.
    if (known || error instanceof TypeError || (error instanceof Error && error.constructor === Error)) {
      throw badRequest((error as Error).message);
    }
    throw error;
  }
}

/** One event of a watch as a frame: four bytes of length, big endian, then the event with the object's envelope inside. */
export function encodeWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const writer = Writer.create();
  writer.uint32(10).string(type);
  writeMessage(writer, 2, (inner) => inner.uint32(10).bytes(object));
  const body = writer.finish();
  const frame = new Uint8Array(4 + body.length);
  const { length } = body;
  frame.set([length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]);
  frame.set(body, 4);
  return frame;
}

export interface DecodedWatchFrame {
  readonly type: string;
  readonly object: Record<string, unknown>;
}

/** Cuts a stream of bytes into frames and reads their events. Bytes may come in any pieces. */
export class WatchFrameReader {
  readonly #resolve: SchemaResolver;
  readonly #maxFrameBytes: number;
  #pending: Uint8Array = new Uint8Array();

  constructor(resolve: SchemaResolver, maxFrameBytes = 16 * 1024 * 1024) {
    this.#resolve = resolve;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** The events that are complete with these bytes. @throws StatusError BadRequest */
  push(bytes: Uint8Array): DecodedWatchFrame[] {
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    const events: DecodedWatchFrame[] = [];
    let start = 0;
    while (joined.length - start >= 4) {
      const length = joined[start]! * 2 ** 24 + (joined[start + 1]! << 16) + (joined[start + 2]! << 8) + joined[start + 3]!;
      if (length > this.#maxFrameBytes) throw badRequest(`watch frame of ${length} bytes is larger than ${this.#maxFrameBytes}`);
      if (joined.length - start - 4 < length) break;
      const frame = joined.subarray(start + 4, start + 4 + length);
      events.push(reading(() => this.#readEvent(frame)));
      start += 4 + length;
    }
    this.#pending = joined.slice(start);
    return events;
  }

  #readEvent(frame: Uint8Array): DecodedWatchFrame {
    const reader = Reader.create(frame);
    let type = "";
    let object: Uint8Array = new Uint8Array();
    readMessage(
      reader,
      (number, wireType) => {
        if (number > 2) return false;
        expectWire(wireType, wireBytes);
        if (number === 1) type = readString(reader);
        else {
          const end = lengthOf(reader);
          readMessage(
            reader,
            (inner, innerType) => {
              if (inner !== 1) return false;
              expectWire(innerType, wireBytes);
              object = reader.bytes();
              return true;
            },
            end,
          );
        }
        return true;
      },
      reader.len,
    );
    return { type, object: decodeEnvelope(object, this.#resolve, 0) };
  }
}
