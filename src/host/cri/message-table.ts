// A table of protobuf messages as data becomes a codec (by protobufjs reflection) and, by mapped types, TypeScript types.
// No generated code and no .proto file: the tables stand in cri-messages.ts and containerd-events.ts.

import protobuf from "protobufjs/light.js";

export type EnumTable = Readonly<Record<string, Readonly<Record<string, number>>>>;
export type MessageTable = Readonly<Record<string, Readonly<Record<string, readonly [number: number, type: string]>>>>;

type Whole = "int32" | "int64" | "uint32" | "uint64";
type EncodedValue<M extends MessageTable, E extends EnumTable, T> = T extends `${infer Item}[]`
  ? readonly EncodedValue<M, E, Item>[]
  : T extends "map"
    ? Readonly<Record<string, string>>
    : T extends "string"
      ? string
      : T extends "bool"
        ? boolean
        : T extends "bytes"
          ? Uint8Array
          : T extends Whole
            ? number
            : T extends keyof E
              ? keyof E[T]
              : T extends keyof M
                ? Encoded<M, E, T>
                : never;
type DecodedValue<M extends MessageTable, E extends EnumTable, T> = T extends `${infer Item}[]`
  ? readonly NonNullable<DecodedValue<M, E, Item>>[]
  : T extends keyof E
    ? keyof E[T]
    : T extends keyof M
      ? Decoded<M, E, T> | null
      : EncodedValue<M, E, T>;

/** A message to send: every field may be absent. */
export type Encoded<M extends MessageTable, E extends EnumTable, N extends keyof M> = {
  readonly [F in keyof M[N]]?: EncodedValue<M, E, M[N][F][1]>;
};
/** A received message: scalars, lists and maps have their zero values, absent messages are null, enum values are their names. */
export type Decoded<M extends MessageTable, E extends EnumTable, N extends keyof M> = {
  readonly [F in keyof M[N]]: DecodedValue<M, E, M[N][F][1]>;
};

export interface Codec<Sent, Received> {
  encode(value: Sent): Buffer;
  /** @throws Error when the bytes are no such message */
  decode(bytes: Uint8Array): Received;
}

/** Codecs of every message in a table, built when first asked for. */
export class MessageCodecs<const M extends MessageTable, const E extends EnumTable> {
  readonly #root: protobuf.Root;
  readonly #codecs = new Map<keyof M, unknown>();

  constructor(messages: M, enums: E) {
    const nested: Record<string, protobuf.AnyNestedObject> = {};
    for (const [name, values] of Object.entries(enums)) nested[name] = { values: { ...values } };
    for (const [name, fields] of Object.entries(messages)) {
      const described: Record<string, protobuf.IField | protobuf.IMapField> = {};
      for (const [field, [id, type]] of Object.entries(fields)) {
        if (type === "map") described[field] = { keyType: "string", type: "string", id };
        else if (type.endsWith("[]")) described[field] = { rule: "repeated", type: type.slice(0, -2), id };
        else described[field] = { type, id };
      }
      nested[name] = { fields: described };
    }
    this.#root = protobuf.Root.fromJSON({ nested });
  }

  of<N extends keyof M & string>(name: N): Codec<Encoded<M, E, N>, Decoded<M, E, N>> {
    let codec = this.#codecs.get(name) as Codec<Encoded<M, E, N>, Decoded<M, E, N>> | undefined;
    if (codec === undefined) {
      const type = this.#root.lookupType(name);
      codec = {
        encode: (value) => Buffer.from(type.encode(type.fromObject(value)).finish()),
        // 64-bit numbers become JavaScript numbers: nanosecond times lose less than a microsecond, sizes nothing.
        decode: (bytes) =>
          type.toObject(type.decode(bytes), { longs: Number, enums: String, defaults: true, arrays: true, objects: true }) as Decoded<
            M,
            E,
            N
          >,
      };
      this.#codecs.set(name, codec);
    }
    return codec;
  }
}
