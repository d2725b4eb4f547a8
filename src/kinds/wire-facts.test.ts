// The declarations agree with the wire format: field by field with the models of Kubernetes' own JavaScript client (names and
// types), and with the committed facts (numbers, list keys, patch strategies) that those models do not have.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as shared from "../object/meta.ts";
import type { Field, ScalarName, StructType, Type } from "../object/schema.ts";
import { builtinKinds, subresourceStructs } from "./all.ts";
import { reachableStructs, wireFactsOf } from "./wire-facts.ts";

const isStruct = (value: unknown): value is StructType =>
  typeof value === "object" && (value as { kind?: unknown } | null)?.kind === "struct";
const roots = [
  ...builtinKinds.flatMap((kind) => kind.versions.map((version) => version.schema)),
  ...subresourceStructs,
  ...Object.values(shared).filter(isStruct),
];
const structs = reachableStructs(roots);

interface Attribute {
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}
const modelFolder = fileURLToPath(new URL("../../node_modules/@kubernetes/client-node/dist/gen/models/", import.meta.url));

/** Query parameters and metadata alone: the client has no models of these. */
const withoutModel = new Set(
  ["CreateOptions", "UpdateOptions", "PatchOptions", "GetOptions", "ListOptions", "PartialObjectMetadata"]
    .map((name) => `meta.v1.${name}`)
    .concat(
      ["PodLogOptions", "PodExecOptions", "PodAttachOptions", "PodPortForwardOptions", "PodProxyOptions"].map((name) => `core.v1.${name}`),
    )
    .concat(["core.v1.NodeProxyOptions", "core.v1.ServiceProxyOptions"]),
);

const upperFirst = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** "V1Pod"; with the group in front where two groups have a struct of that name. */
function modelNameOf(structName: string): string | undefined {
  const [group = "", version = "", name = ""] = structName.split(".");
  const candidates = [`${upperFirst(group)}${upperFirst(version)}${name}`, `${upperFirst(version)}${name}`];
  return candidates.find((candidate) => existsSync(`${modelFolder}${candidate}.js`));
}

async function attributesOf(modelName: string): Promise<readonly Attribute[]> {
  const module = (await import(`${modelFolder}${modelName}.js`)) as Record<string, { readonly attributeTypeMap: readonly Attribute[] }>;
  return module[modelName]!.attributeTypeMap;
}

/** How the client's generator writes each scalar. */
const scalarTexts: Readonly<Record<ScalarName, string>> = {
  string: "string ",
  boolean: "boolean ",
  int32: "number int32",
  int64: "number int64",
  double: "number double",
  bytes: "string byte",
  time: "Date date-time",
  microTime: "V1MicroTime date-time-micro",
  duration: "string ",
  quantity: "string ",
  intOrString: "IntOrString int-or-string",
  fieldsV1: "any ",
  rawExtension: "any ",
  json: "any ",
};

function modelTypeOf(type: Type): { readonly type: string; readonly format: string } {
  switch (type.kind) {
    case "scalar": {
      const [text = "", format = ""] = scalarTexts[type.scalar].split(" ");
      return { type: text, format };
    }
    case "struct":
      return { type: modelNameOf(type.name) ?? `no model of ${type.name}`, format: "" };
    case "list": {
      const of = modelTypeOf(type.of);
      return { type: `Array<${of.type}>`, format: of.format };
    }
    case "map": {
      const of = modelTypeOf(type.of);
      return { type: `{ [key: string]: ${of.type}; }`, format: of.format };
    }
  }
}

/** What differs between a struct and the client's model of it. */
function differences(fields: Readonly<Record<string, Field>>, attributes: readonly Attribute[]): string[] {
  const found: string[] = [];
  const expected = new Map(attributes.map((attribute) => [attribute.baseName, attribute]));
  for (const [name, field] of Object.entries(fields)) {
    const attribute = expected.get(name);
    expected.delete(name);
    if (attribute === undefined) {
      found.push(`extra ${name}`);
      continue;
    }
    const ours = modelTypeOf(field.type);
    if (ours.type !== attribute.type || ours.format !== attribute.format)
      found.push(`${name}: ${ours.type} (${ours.format}) instead of ${attribute.type} (${attribute.format})`);
  }
  return [...found, ...[...expected.keys()].map((name) => `missing ${name}`)];
}

test("every struct has the fields of the client's model, with their types", async () => {
  const problems: string[] = [];
  for (const [name, struct] of structs) {
    const modelName = modelNameOf(name);
    if (modelName === undefined) {
      if (!withoutModel.has(name)) problems.push(`${name}: the client has no such model`);
      continue;
    }
    problems.push(...differences(struct.fields, await attributesOf(modelName)).map((difference) => `${name}: ${difference}`));
  }
  expect(problems).toEqual([]);
  expect(structs.size).toBeGreaterThan(240);
});

test("a missing, an extra and a differently typed field are told", async () => {
  const attributes = await attributesOf("V1Taint");
  const { value, ...rest } = structs.get("core.v1.Taint")!.fields;
  expect(value).toBeDefined();
  expect(differences(rest, attributes)).toEqual(["missing value"]);
  expect(differences({ ...rest, value: value!, colour: value! }, attributes)).toEqual(["extra colour"]);
  const numeric: Field = { ...value!, type: { kind: "scalar", scalar: "int32" } };
  expect(differences({ ...rest, value: numeric }, attributes)).toEqual(["value: number (int32) instead of string ()"]);
});

const factsFile = fileURLToPath(new URL("wire-facts.json", import.meta.url));

test("numbers, list keys and patch strategies are the committed ones", () => {
  const facts = Object.fromEntries(
    [...structs].map(([name, struct]): [string, string] => [name, wireFactsOf(struct)]).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  // A new kind adds its lines with UPDATE_GOLDEN=1; a changed line means that the wire format was got wrong, before or now.
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(factsFile, `${JSON.stringify(facts, undefined, 2)}\n`);
  expect(facts).toEqual(JSON.parse(readFileSync(factsFile, "utf8")));
});

test("the facts change with a number, a list key, a patch strategy, an owner and a pointer", () => {
  const taints = structs.get("core.v1.PodSpec")!;
  const containers = taints.fields["containers"]!;
  const before = wireFactsOf(taints);
  const withContainers = (changed: Field): string => wireFactsOf({ ...taints, fields: { ...taints.fields, containers: changed } });
  expect(withContainers(containers)).toBe(before);
  expect(withContainers({ ...containers, number: 99 })).not.toBe(before);
  expect(withContainers({ ...containers, within: 1 })).not.toBe(before);
  expect(withContainers({ ...containers, patchMergeKey: "image" })).not.toBe(before);
  expect(withContainers({ ...containers, pointer: true })).not.toBe(before);
  expect(withContainers({ ...containers, type: { ...containers.type, semantics: { type: "atomic" } } as Type })).not.toBe(before);
  expect(wireFactsOf({ ...taints, atomic: true })).not.toBe(before);
});

test("every struct and every field has a line of documentation", () => {
  const silent = [...structs].flatMap(([name, struct]) => [
    ...(struct.doc.length > 3 ? [] : [name]),
    ...Object.entries(struct.fields).flatMap(([field, { doc }]) => (doc.length > 3 ? [] : [`${name}.${field}`])),
  ]);
  expect(silent).toEqual([]);
});

test("no number is given twice in a message", () => {
  for (const [name, struct] of structs) {
    const numbers = Object.values(struct.fields)
      .filter((field) => field.number !== 0)
      .map((field) => `${field.within ?? ""}.${field.number}`);
    expect(new Set(numbers).size, name).toBe(numbers.length);
  }
});
