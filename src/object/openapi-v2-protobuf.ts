// The /openapi/v2 document as protobuf messages, which client-go asks for: the same tree as the JSON, written with the field
// numbers of the public openapi_v2 message definitions. Extensions and defaults travel in them as YAML texts; JSON is YAML.

import protobuf from "protobufjs/minimal.js";
import type { JsonObject } from "./openapi-schema.ts";
import type { Writer } from "./protobuf-scalars.ts";

export const openApiV2Protobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
/** As it was spelled before it became a valid media type. */
const formerSpelling = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/** Whether the first form that this client names is protobuf. */
export function prefersProtobuf(accept: string | undefined): boolean {
  const [first = ""] = (accept ?? "").split(",");
  const type = first.split(";")[0]!.trim().toLowerCase();
  return type === openApiV2Protobuf || type === formerSpelling;
}

/** Writes one value as a field. */
type Write = (writer: Writer, number: number, value: unknown) => void;
/** How the members of a JSON object are written: field number and form by name. */
type Fields = Readonly<Record<string, readonly [number: number, write: Write]>>;

const text: Write = (writer, number, value) => void writer.uint32((number << 3) | 2).string(String(value));
const flag: Write = (writer, number, value) => {
  if (value === true) writer.uint32(number << 3).bool(true);
};
const texts: Write = (writer, number, value) => {
  for (const item of value as unknown[]) text(writer, number, item);
};
const within = (writer: Writer, number: number, write: (inner: Writer) => void): void => {
  writer.uint32((number << 3) | 2).fork();
  write(writer);
  writer.ldelim();
};
/** openapi_v2.Any with only its text. */
const any: Write = (writer, number, value) => within(writer, number, (inner) => text(inner, 2, JSON.stringify(value)));

/** A message; members that start with "x-" are its vendor extensions. */
function message(fields: () => Fields, extensions: number): Write {
  return (writer, number, value) => within(writer, number, (inner) => writeFields(inner, fields(), extensions, value as JsonObject));
}

function writeFields(writer: Writer, fields: Fields, extensions: number, value: JsonObject): void {
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (name.startsWith("x-")) named(any)(writer, extensions, { [name]: member });
    else if (Object.hasOwn(fields, name)) fields[name]![1](writer, fields[name]![0], member);
  }
}

/** A map as repeated {name = 1, value = 2}. */
const named =
  (write: Write): Write =>
  (writer, number, value) => {
    for (const [name, member] of Object.entries(value as JsonObject))
      within(writer, number, (inner) => {
        text(inner, 1, name);
        write(inner, 2, member);
      });
  };
/** A message that has nothing but this one field. */
const wrapped =
  (inside: number, write: Write): Write =>
  (writer, number, value) =>
    within(writer, number, (inner) => write(inner, inside, value));
const each =
  (write: Write): Write =>
  (writer, number, value) => {
    for (const item of value as unknown[]) write(writer, number, item);
  };

const schemaFields: Fields = {
  $ref: [1, text],
  format: [2, text],
  description: [4, text],
  default: [5, any],
  required: [19, texts],
  additionalProperties: [21, (writer, number, value) => wrapped(1, schema)(writer, number, value)],
  type: [22, (writer, number, value) => within(writer, number, (inner) => text(inner, 1, value))],
  items: [23, (writer, number, value) => wrapped(1, schema)(writer, number, value)],
  properties: [25, (writer, number, value) => wrapped(1, named(schema))(writer, number, value)],
};
const schema = message(() => schemaFields, 31);

const bodyParameter = message(
  () => ({ description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] }),
  6,
);
const queryParameter = message(
  () => ({ required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [6, text], uniqueItems: [20, flag] }),
  23,
);
const pathParameter = message(
  () => ({ required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [5, text], uniqueItems: [19, flag] }),
  22,
);
const parameter: Write = (writer, number, value) => {
  const place = (value as { readonly in: string }).in;
  const write =
    place === "body" ? wrapped(1, bodyParameter) : wrapped(2, place === "path" ? wrapped(4, pathParameter) : wrapped(3, queryParameter));
  wrapped(1, write)(writer, number, value);
};

const response = message(() => ({ description: [1, text], schema: [2, wrapped(1, schema)] }), 5);
const operation = message(
  () => ({
    tags: [1, texts],
    description: [3, text],
    operationId: [5, text],
    produces: [6, texts],
    consumes: [7, texts],
    parameters: [8, each(parameter)],
    responses: [9, wrapped(1, named(wrapped(1, response)))],
    schemes: [10, texts],
  }),
  13,
);
const pathItem = message(
  () => ({
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
    parameters: [9, each(parameter)],
  }),
  10,
);
const documentFields: Fields = {
  swagger: [1, text],
  info: [2, message(() => ({ title: [1, text], version: [2, text] }), 7)],
  paths: [8, wrapped(2, named(pathItem))],
  definitions: [9, wrapped(1, named(schema))],
};

/** `document` is what the JSON form holds. */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const writer = protobuf.Writer.create();
  writeFields(writer, documentFields, 16, document);
  return writer.finish();
}
