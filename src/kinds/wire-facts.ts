// What the wire format fixes about a struct, as one line: protobuf numbers, types, list keys, patch strategies. The committed
// lines in wire-facts.json were checked against Kubernetes 1.36; a test holds the declarations to them.

import type { Field, StructType, Type } from "../object/schema.ts";

/** These structs and all that they contain, by name. */
export function reachableStructs(roots: Iterable<StructType>): ReadonlyMap<string, StructType> {
  const found = new Map<string, StructType>();
  const visit = (type: Type): void => {
    if (type.kind === "scalar") return;
    if (type.kind !== "struct") return visit(type.of);
    if (found.has(type.name)) return;
    found.set(type.name, type);
    for (const { type: of } of Object.values(type.fields)) visit(of);
  };
  for (const root of roots) visit(root);
  return found;
}

/** One line for a struct: its fields by number, then by name. */
export function wireFactsOf(struct: StructType): string {
  const fields = Object.entries(struct.fields).map(([name, field]) => ({
    order: [field.within ?? field.number, field.number],
    name,
    field,
  }));
  fields.sort((a, b) => a.order[0]! - b.order[0]! || a.order[1]! - b.order[1]! || (a.name < b.name ? -1 : 1));
  const texts = fields.map(({ name, field }) => `${numberText(field)} ${name} ${typeFacts(field.type)}${flags(field)}`);
  return [...(struct.atomic === true ? ["atomic"] : []), ...texts].join("; ");
}

const numberText = (field: Field): string => (field.within === undefined ? String(field.number) : `${field.within}.${field.number}`);

function typeFacts(type: Type): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "struct":
      return type.name;
    case "map":
      return `{${typeFacts(type.of)}}${type.atomic === true ? " atomic" : ""}`;
    case "list": {
      const { semantics } = type;
      const merge = semantics === undefined ? "" : semantics.type === "map" ? ` map(${semantics.keys.join(",")})` : ` ${semantics.type}`;
      return `[${typeFacts(type.of)}]${type.message === undefined ? "" : `:${type.message}`}${merge}`;
    }
  }
}

function flags(field: Field): string {
  const patch =
    field.patchStrategy === undefined
      ? ""
      : ` patch:${field.patchStrategy}${field.patchMergeKey === undefined ? "" : `:${field.patchMergeKey}`}`;
  const marks = [
    field.required === true && "required",
    field.pointer === true && "pointer",
    field.always === true && "always",
    field.omitZero === true && "omitZero",
  ];
  return `${patch}${marks
    .filter((mark) => mark !== false)
    .map((mark) => ` ${mark}`)
    .join("")}`;
}
