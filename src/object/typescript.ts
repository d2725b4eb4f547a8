// TypeScript interfaces from schemas, as text: nobody writes a field twice. `tools/generate-types.ts` writes the files and
// checks that the committed ones are current.

import type { Field, ScalarName, StructType, Type } from "./schema.ts";

/** Where the interface of a struct lives, from the root of the package: "core.v1.PodSpec" in src/kinds/core/types.gen.ts. */
function typesFileOf(schema: StructType): string {
  const { group, version } = partsOf(schema);
  if (group === "meta") return "src/object/meta.gen.ts";
  return `src/kinds/${group}/types${version === "v1" ? "" : `-${version}`}.gen.ts`;
}

/** Name of the interface: "PodSpec". */
const interfaceNameOf = (schema: StructType): string => partsOf(schema).name;

function partsOf(schema: StructType): { readonly group: string; readonly version: string; readonly name: string } {
  const [group, version, name, ...rest] = schema.name.split(".");
  if (group === undefined || version === undefined || name === undefined || rest.length > 0) {
    throw new RangeError(`struct ${schema.name} must be named group.version.Name`);
  }
  return { group, version, name };
}

/**
 * All files with their text, for these structs and every struct that they reach. `roots` are the schemas of kinds.
 * @throws RangeError when two different structs have one name.
 */
export function generateTypes(roots: readonly StructType[], others: readonly StructType[] = []): ReadonlyMap<string, string> {
  const structs = new Map<string, StructType>();
  for (const schema of [...roots, ...others]) collect(schema, structs);
  const kinds = new Set(roots.map((schema) => schema.name));
  const files = new Map<string, StructType[]>();
  for (const schema of structs.values()) {
    const file = typesFileOf(schema);
    files.set(file, [...(files.get(file) ?? []), schema]);
  }
  const texts = [...files].map(([file, members]): [string, string] => [file, fileText(file, members, kinds)]);
  return new Map(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function collect(type: Type, structs: Map<string, StructType>): void {
  if (type.kind === "scalar") return;
  if (type.kind !== "struct") {
    collect(type.of, structs);
    return;
  }
  const known = structs.get(type.name);
  if (known === type) return;
  if (known !== undefined) throw new RangeError(`two structs are named ${type.name}`);
  structs.set(type.name, type);
  for (const field of Object.values(type.fields)) collect(field.type, structs);
}

function fileText(file: string, structs: readonly StructType[], kinds: ReadonlySet<string>): string {
  const sorted = structs.toSorted((a, b) => (interfaceNameOf(a) < interfaceNameOf(b) ? -1 : 1));
  const imports = new Map<string, Set<string>>();
  const refer = (from: string, name: string): string => {
    if (from !== file) imports.set(from, (imports.get(from) ?? new Set()).add(name));
    return name;
  };
  const bodies = sorted.map((schema) => interfaceText(schema, kinds.has(schema.name), refer));
  const lines = [...imports]
    .map(([from, names]) => ({ path: relativePath(file, from), names: [...names].toSorted() }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, names }) => importLine(names, path));
  const head = "// Generated from the schemas by `npm run generate`. Do not edit.\n";
  return `${[head, ...(lines.length > 0 ? [`${lines.join("\n")}\n`] : []), ...bodies].join("\n")}`;
}

const lineWidth = 140;

function importLine(names: readonly string[], path: string): string {
  const line = `import type { ${names.join(", ")} } from "${path}";`;
  return line.length <= lineWidth ? line : `import type {\n${names.map((name) => `  ${name},\n`).join("")}} from "${path}";`;
}

function relativePath(from: string, to: string): string {
  const fromParts = from.split("/").slice(0, -1);
  const toParts = to.split("/");
  let shared = 0;
  while (shared < fromParts.length && fromParts[shared] === toParts[shared]) shared++;
  const up = fromParts.slice(shared).map(() => "..");
  return [...(up.length === 0 ? ["."] : up), ...toParts.slice(shared)].join("/");
}

/** Gives the name by which a file may speak of an interface in another one. */
type Refer = (file: string, name: string) => string;

function interfaceText(schema: StructType, isKind: boolean, refer: Refer): string {
  const parent = isKind ? ` extends ${refer("src/object/kind.ts", "ApiObject")}` : "";
  const lines = [...comment(schema.doc, ""), `export interface ${interfaceNameOf(schema)}${parent} {`];
  for (const [name, field] of Object.entries(schema.fields)) {
    lines.push(...comment(field.doc, "  "), ...memberLines(name, field, refer));
  }
  if (schema.preserveUnknownFields === true) lines.push("  readonly [field: string]: unknown;");
  return `${lines.join("\n")}\n}\n`;
}

function memberLines(name: string, field: Field, refer: Refer): string[] {
  const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
  const head = `  readonly ${key}${field.required === true ? "" : "?"}:`;
  const type = typeText(field.type, field.enum, refer);
  const line = `${head} ${type};`;
  if (line.length <= lineWidth || field.enum === undefined || field.type.kind !== "scalar") return [line];
  const values = field.enum.map((value) => `    | ${JSON.stringify(value)}`);
  return [head, ...values.slice(0, -1), `${values.at(-1)!};`];
}

function typeText(type: Type, values: readonly string[] | undefined, refer: Refer): string {
  switch (type.kind) {
    case "scalar":
      if (values !== undefined && values.length > 0 && type.scalar === "string")
        return values.map((value) => JSON.stringify(value)).join(" | ");
      return scalarTypes[type.scalar];
    case "list": {
      const of = typeText(type.of, values, refer);
      return `readonly ${of.includes(" ") ? `(${of})` : of}[]`;
    }
    case "map":
      return `Readonly<Record<string, ${typeText(type.of, values, refer)}>>`;
    case "struct":
      return refer(typesFileOf(type), interfaceNameOf(type));
  }
}

const scalarTypes: Readonly<Record<ScalarName, string>> = {
  string: "string",
  boolean: "boolean",
  int32: "number",
  int64: "number",
  double: "number",
  bytes: "string",
  time: "string",
  microTime: "string",
  duration: "string",
  quantity: "string",
  intOrString: "number | string",
  fieldsV1: "unknown",
  rawExtension: "unknown",
  json: "unknown",
};

function comment(doc: string, indent: string): string[] {
  const words = doc
    .replaceAll("*/", "*\\/")
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  const one = `${indent}/** ${words.join(" ")} */`;
  if (one.length <= 120) return [one];
  const lines: string[] = [];
  let line = `${indent} *`;
  for (const word of words) {
    if (line.length + word.length + 1 > 120 && line !== `${indent} *`) {
      lines.push(line);
      line = `${indent} *`;
    }
    line += ` ${word}`;
  }
  return [`${indent}/**`, ...lines, line, `${indent} */`];
}
