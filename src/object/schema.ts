// The language in which every API field is written down, once. Strict decoding, pruning, defaults, patches, field
// ownership, the protobuf codec, OpenAPI and `explain` all read these values; TypeScript types are generated from them.

/** How a list merges and who owns its elements (server-side apply). Undeclared lists behave as atomic ones. */
export type ListSemantics =
  | { readonly type: "atomic" }
  | { readonly type: "set" }
  | { readonly type: "map"; readonly keys: readonly string[] };

export type ScalarName =
  | "string"
  | "boolean"
  | "int32"
  | "int64"
  | "double"
  | "bytes" // base64 text in JSON
  | "time" // RFC 3339, seconds
  | "microTime" // RFC 3339, microseconds
  | "duration" // Go's text in JSON ("1h5m"), nanoseconds in protobuf
  | "quantity" // resource.Quantity: text in JSON
  | "intOrString"
  | "fieldsV1" // the set of owned fields in a managedFields entry
  | "rawExtension" // any embedded object
  | "json"; // any JSON value

export interface ScalarType {
  readonly kind: "scalar";
  readonly scalar: ScalarName;
}
export interface ListType {
  readonly kind: "list";
  readonly of: Type;
  readonly semantics?: ListSemantics;
  /** Protobuf message that wraps the list where Go declares a named slice type (authorization's ExtraValue: items = 1). */
  readonly message?: string;
}
export interface MapType {
  readonly kind: "map";
  readonly of: Type;
  /** The whole map is one value to field ownership (`x-kubernetes-map-type: atomic`). */
  readonly atomic?: boolean;
}
export interface StructType {
  readonly kind: "struct";
  /** Last part of the OpenAPI definition's name with its package: "core.v1.PodSpec", "meta.v1.ObjectMeta". */
  readonly name: string;
  readonly doc: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** `x-kubernetes-map-type: atomic`: one owner for the whole struct. */
  readonly atomic?: boolean;
  /** Fields that no schema names are kept (custom resources, embedded objects). */
  readonly preserveUnknownFields?: boolean;
  /**
   * Defaults that depend on other fields, run after those of the fields, innermost struct first, wherever this struct is
   * embedded. Changes the draft in place.
   */
  readonly defaults?: (draft: Record<string, any>) => void;
}
export type Type = ScalarType | ListType | MapType | StructType;

export interface Field {
  /** Protobuf field number; 0 for a field that only JSON has (apiVersion and kind, which protobuf's envelope carries). */
  readonly number: number;
  /**
   * JSON writes this field beside its neighbours, protobuf nests it: the number of the embedded message that `number` counts
   * in (a volume's source, a probe's handler, the name in a key selector). Use `embedded`.
   */
  readonly within?: number;
  readonly type: Type;
  readonly doc: string;
  /** OpenAPI's `required`: always written, even when zero; missing is not an error of decoding. */
  readonly required?: boolean;
  /**
   * Absent and zero differ (a pointer in Go): `replicas: 0` is kept, while the zero value of any other optional scalar is
   * dropped on decoding, and a struct that is no pointer is always present, as `{}`.
   */
  readonly pointer?: boolean;
  /** A struct that is no pointer and yet left out when empty (Go's `omitzero`, or inlined by protobuf only). */
  readonly omitZero?: boolean;
  /** Not required and yet always written: "" for text, null for a list (a role's `rules`, an event's `reportingComponent`). */
  readonly always?: boolean;
  /** Strategic merge patch: strategies joined by commas ("merge", "replace", "retainKeys", "merge,retainKeys"). */
  readonly patchStrategy?: string;
  /** Strategic merge patch: the key of a merged list. */
  readonly patchMergeKey?: string;
  /** Value given when absent. A struct's own `defaults` runs later. */
  readonly default?: unknown;
  /** Closed list of values, for documentation and generated types; refusing others is validation's work. */
  readonly enum?: readonly string[];
  /** OpenAPI `format` where it is not the type's own. */
  readonly format?: string;
}

const scalar = (name: ScalarName): ScalarType => ({ kind: "scalar", scalar: name });
export const string = scalar("string");
export const boolean = scalar("boolean");
export const int32 = scalar("int32");
export const int64 = scalar("int64");
export const double = scalar("double");
export const bytes = scalar("bytes");
export const time = scalar("time");
export const microTime = scalar("microTime");
export const duration = scalar("duration");
export const quantity = scalar("quantity");
export const intOrString = scalar("intOrString");
export const fieldsV1 = scalar("fieldsV1");
export const rawExtension = scalar("rawExtension");
export const json = scalar("json");

/** A list without declared semantics. */
export const list = (of: Type): ListType => ({ kind: "list", of });
export const atomicList = (of: Type): ListType => ({ kind: "list", of, semantics: { type: "atomic" } });
export const setList = (of: Type): ListType => ({ kind: "list", of, semantics: { type: "set" } });
export const mapList = (of: Type, ...keys: readonly string[]): ListType => ({ kind: "list", of, semantics: { type: "map", keys } });
export const map = (of: Type): MapType => ({ kind: "map", of });
export const atomicMap = (of: Type): MapType => ({ kind: "map", of, atomic: true });

/** Options of a struct beside its fields. */
export type StructOptions = Pick<StructType, "atomic" | "preserveUnknownFields" | "defaults">;
/** Declares a struct. Fields may be a function, evaluated at first use, where a type contains itself. */
export function struct(
  name: string,
  doc: string,
  fields: Readonly<Record<string, Field>> | (() => Readonly<Record<string, Field>>),
  options: StructOptions = {},
): StructType {
  if (typeof fields !== "function") return { kind: "struct", name, doc, fields, ...options };
  let evaluated: Readonly<Record<string, Field>> | undefined;
  return {
    kind: "struct",
    name,
    doc,
    get fields() {
      return (evaluated ??= fields());
    },
    ...options,
  };
}

/** Options of a field beside number, type and documentation. */
export type FieldOptions = Omit<Field, "number" | "type" | "doc">;
export const field = (number: number, type: Type, doc: string, options: FieldOptions = {}): Field => ({ number, type, doc, ...options });
/** A required field. */
export const requiredField = (number: number, type: Type, doc: string, options: FieldOptions = {}): Field =>
  field(number, type, doc, { ...options, required: true });
/** An optional field whose absence differs from zero. */
export const pointer = (number: number, type: Type, doc: string, options: FieldOptions = {}): Field =>
  field(number, type, doc, { ...options, pointer: true });
/** Fields that JSON writes flat and protobuf nests in an embedded message with this number. */
export const embedded = (number: number, fields: Readonly<Record<string, Field>>): Readonly<Record<string, Field>> =>
  Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, { ...of, within: number }]));
