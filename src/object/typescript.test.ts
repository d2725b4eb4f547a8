import { expect, test } from "vitest";
import { field, int32, intOrString, list, map, pointer, requiredField, string, struct, type StructType } from "./schema.ts";
import { generateTypes } from "./typescript.ts";

const meta = struct("meta.v1.ObjectMeta", "Metadata.", { name: field(1, string, "Its name.") });
const spec: StructType = struct("core.v1.ThingSpec", "What is wanted.", () => ({
  mode: requiredField(1, string, "How.", { enum: ["Fast", "Slow"] }),
  modes: field(2, list(string), "Every way.", { enum: ["Fast", "Slow"] }),
  "odd-name": field(3, map(list(intOrString)), "Ends a comment */ early."),
  inner: pointer(4, spec, "Again."),
}));
const thing = struct("core.v1.Thing", "A thing.", { metadata: field(1, meta, ""), spec: field(2, spec, "") });
const other = struct("autoscaling.v2.Other", "", { spec: field(1, spec, ""), count: field(2, int32, "") }, { preserveUnknownFields: true });

test("every struct that is reached becomes an interface in the file of its group and version", () => {
  const files = generateTypes([thing], [other]);
  expect([...files.keys()]).toEqual(["src/kinds/autoscaling/types-v2.gen.ts", "src/kinds/core/types.gen.ts", "src/object/meta.gen.ts"]);
  expect(files.get("src/kinds/core/types.gen.ts")).toBe(`// Generated from the schemas by \`npm run generate\`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { ObjectMeta } from "../../object/meta.gen.ts";

/** A thing. */
export interface Thing extends ApiObject {
  readonly metadata?: ObjectMeta;
  readonly spec?: ThingSpec;
}

/** What is wanted. */
export interface ThingSpec {
  /** How. */
  readonly mode: "Fast" | "Slow";
  /** Every way. */
  readonly modes?: readonly ("Fast" | "Slow")[];
  /** Ends a comment *\\/ early. */
  readonly "odd-name"?: Readonly<Record<string, readonly (number | string)[]>>;
  /** Again. */
  readonly inner?: ThingSpec;
}
`);
  expect(files.get("src/kinds/autoscaling/types-v2.gen.ts")).toContain('import type { ThingSpec } from "../core/types.gen.ts";');
  expect(files.get("src/kinds/autoscaling/types-v2.gen.ts")).toContain("readonly [field: string]: unknown;");
});

test("long comments are wrapped, long unions too", () => {
  const long = struct("core.v1.Long", "word ".repeat(60), {
    a: field(1, string, "", { enum: Array.from({ length: 12 }, (_, i) => `SomeLongValueNumber${i}`) }),
  });
  const text = generateTypes([], [long]).get("src/kinds/core/types.gen.ts")!;
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(140);
});

test("two structs of one name are refused", () => {
  expect(() => generateTypes([], [thing, struct("core.v1.Thing", "", {})])).toThrow("two structs are named core.v1.Thing");
  expect(() => generateTypes([], [struct("Thing", "", {})])).toThrow("must be named");
});
