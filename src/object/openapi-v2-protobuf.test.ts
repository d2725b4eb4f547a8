import protobuf from "protobufjs/minimal.js";
import { expect, test } from "vitest";
import { encodeOpenApiV2, openApiV2Protobuf, prefersProtobuf } from "./openapi-v2-protobuf.ts";

/** Fields of a message that holds only texts, flags and messages, by number. */
function fieldsOf(bytes: Uint8Array): [number, Uint8Array | number][] {
  const reader = protobuf.Reader.create(bytes);
  const fields: [number, Uint8Array | number][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    fields.push([tag >>> 3, (tag & 7) === 2 ? reader.bytes() : reader.uint32()]);
  }
  return fields;
}
const inside = (bytes: Uint8Array, ...path: readonly number[]): Uint8Array =>
  path.reduce((at, number) => fieldsOf(at).find(([found]) => found === number)![1] as Uint8Array, bytes);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("writes the document with the numbers of the public messages", () => {
  const bytes = encodeOpenApiV2({
    swagger: "2.0",
    info: { title: "Kubernetes", version: "v1" },
    paths: { "/a": { get: { operationId: "readA", parameters: [{ name: "n", in: "query", type: "string", uniqueItems: true }] } } },
    definitions: {
      A: {
        type: "object",
        required: ["b"],
        properties: { b: { type: "array", items: { $ref: "#/definitions/B" } } },
        "x-kubernetes-group-version-kind": [{ group: "", kind: "A", version: "v1" }],
      },
    },
  });
  expect(fieldsOf(bytes).map(([number]) => number)).toEqual([1, 2, 8, 9]);
  expect(text(inside(bytes, 2, 1))).toBe("Kubernetes");
  expect(text(inside(bytes, 8, 2, 2, 2, 5))).toBe("readA");
  expect(text(inside(bytes, 8, 2, 2, 2, 8, 1, 2, 3, 4))).toBe("n");
  expect(text(inside(bytes, 9, 1, 1))).toBe("A");
  const schema = inside(bytes, 9, 1, 2);
  expect(text(inside(schema, 19))).toBe("b");
  expect(text(inside(schema, 25, 1, 2, 23, 1, 1))).toBe("#/definitions/B");
  expect(text(inside(schema, 31, 2, 2))).toBe('[{"group":"","kind":"A","version":"v1"}]');
});

test("is given to those who ask for it first", () => {
  expect(prefersProtobuf(openApiV2Protobuf)).toBe(true);
  expect(prefersProtobuf("application/com.github.proto-openapi.spec.v2@v1.0+protobuf, application/json")).toBe(true);
  expect(prefersProtobuf(`application/json, ${openApiV2Protobuf}`)).toBe(false);
  expect(prefersProtobuf(undefined)).toBe(false);
});
