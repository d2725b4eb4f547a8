// The machinery of this room against every kind there is, with objects made up from their schemas.

import { expect, test } from "vitest";
import { type Random, randomInt, SeededRandom } from "../base/random.ts";
import { builtinKinds, subresourceStructs } from "../kinds/all.ts";
import { clone, deepEqual, deepFreeze } from "./copy.ts";
import { decodeObject } from "./decode.ts";
import { applyDefaults } from "./defaults.ts";
import type { ApiObject } from "./kind.ts";
import { KindRegistry } from "./kind-registry.ts";
import { OpenApiV2 } from "./openapi-v2.ts";
import { OpenApiV3 } from "./openapi-v3.ts";
import { decodeProtobuf, encodeProtobuf } from "./protobuf.ts";
import type { StructType, Type } from "./schema.ts";
import { renderTable } from "./table.ts";

const scalars: Readonly<Record<string, readonly unknown[]>> = {
  string: ["", "a", "über", "x".repeat(200)],
  boolean: [true, false],
  int32: [0, 1, -1, 2147483647],
  int64: [0, 30, -(2 ** 40)],
  double: [0, 0.5],
  bytes: ["", "AAEC", "aGk="],
  time: ["2026-01-02T03:04:05Z"],
  microTime: ["2026-01-02T03:04:05.000678Z"],
  duration: ["1h0m0s", "1.5s"],
  quantity: ["0", "100m", "1Gi"],
  intOrString: [0, 8080, "http", "25%"],
  fieldsV1: [{ "f:metadata": { "f:labels": { ".": {} } } }],
  rawExtension: [{ apiVersion: "v1", kind: "X", a: [1, null] }],
  json: [{ a: 1 }, "text", 5, true],
};

function madeUp(type: Type, random: Random, depth = 0): unknown {
  switch (type.kind) {
    case "scalar": {
      const choices = scalars[type.scalar]!;
      return choices[randomInt(random, choices.length)];
    }
    case "list":
      return Array.from({ length: randomInt(random, 3) }, () => madeUp(type.of, random, depth + 1));
    case "map":
      return Object.fromEntries(["a", "b.c/d", "é"].slice(0, randomInt(random, 4)).map((key) => [key, madeUp(type.of, random, depth + 1)]));
    case "struct": {
      const chance = depth < 4 ? 0.6 : 0.15;
      const entries = Object.entries(type.fields).filter(([, field]) => field.number > 0 && random.next() < chance);
      return Object.fromEntries(entries.map(([name, field]) => [name, madeUp(field.type, random, depth + 1)]));
    }
  }
}

const normalise = (schema: StructType, value: unknown) => decodeObject(schema, value, { unknownFields: "strict" });
const versions = builtinKinds.flatMap((kind) =>
  kind.versions.map((version) => ({ name: `${kind.kind}.${version.name}.${kind.group}`, kind, version })),
);

test.each(versions)("$name survives decoding, protobuf, defaults and its columns", ({ kind, version }) => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 15; round++) {
    const value = deepFreeze(madeUp(version.schema, random));
    const { object, unknown } = normalise(version.schema, value);
    expect(unknown).toEqual([]);
    // Normalising twice changes nothing.
    expect(normalise(version.schema, object).object).toEqual(object);

    const bytes = encodeProtobuf("x/v1", kind.kind, version.schema, object);
    const back = normalise(
      version.schema,
      decodeProtobuf(bytes, () => version.schema),
    ).object;
    delete back["apiVersion"];
    delete back["kind"];
    expect(back).toEqual(object);

    const filled = clone(object);
    applyDefaults(version.schema, filled);
    const again = clone(filled);
    applyDefaults(version.schema, again);
    expect(deepEqual(again, filled)).toBe(true);
    const table = renderTable(kind, [deepFreeze(filled) as ApiObject], { now: Date.parse("2026-02-01T00:00:00Z") });
    expect(table.rows[0]!.cells).toHaveLength(table.columnDefinitions.length);
    for (const cell of table.rows[0]!.cells) expect(["string", "number", "boolean"]).toContain(cell === null ? "string" : typeof cell);
  }
});

test("the documents of all kinds are sound", () => {
  const kinds = new KindRegistry(builtinKinds);
  const document = JSON.parse(new TextDecoder().decode(new OpenApiV2(kinds, "v1.36.0", subresourceStructs).document().bytes)) as {
    readonly paths: Record<string, Record<string, { readonly operationId?: string }>>;
    readonly definitions: Record<string, object>;
  };
  const ids = Object.values(document.paths)
    .flatMap((path) => Object.values(path).map((operation) => operation.operationId))
    .filter((id) => id !== undefined);
  expect(new Set(ids).size).toBe(ids.length);
  const references = new Set([...JSON.stringify(document).matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map((match) => match[1]!));
  expect([...references].filter((name) => document.definitions[name] === undefined)).toEqual([]);
  expect(references.has("io.k8s.api.autoscaling.v1.Scale")).toBe(true);
  const v3 = new OpenApiV3(kinds, "v1.36.0", subresourceStructs);
  const { paths } = JSON.parse(new TextDecoder().decode(v3.index())) as { readonly paths: Record<string, unknown> };
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(["api/v1", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1"]));
});
