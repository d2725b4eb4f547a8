// Filling in what the API documents as default: each field's own first, then what depends on other fields, innermost struct
// first. Compiled once a schema; parts of an object that have no defaults are never visited.

import { clone } from "./copy.ts";
import type { StructType, Type } from "./schema.ts";

type Members = Record<string, unknown>;
type Step = (value: unknown) => void;

/** Applies the schema's defaults to a draft, in place. Rules of the whole object (`Rules.default`) come after. */
export function applyDefaults(schema: StructType, draft: object): void {
  stepOf(schema)?.(draft);
}

const compiled = new WeakMap<StructType, { step: Step | undefined }>();
const reaching = new WeakMap<StructType, boolean>();

/** What fills in a value of this type; undefined when there is nothing to fill in. */
function stepOf(type: Type): Step | undefined {
  switch (type.kind) {
    case "scalar":
      return undefined;
    case "list": {
      const step = stepOf(type.of);
      return step && ((value) => (value as unknown[]).forEach(step));
    }
    case "map": {
      const step = stepOf(type.of);
      return step && ((value) => Object.values(value as Members).forEach(step));
    }
    case "struct": {
      if (!hasDefaults(type)) return undefined;
      // Compiled at first use: a struct may contain itself.
      return (draft) => compile(type)(draft);
    }
  }
}

function hasDefaults(schema: StructType): boolean {
  const known = reaching.get(schema);
  if (known !== undefined) return known;
  const found = search(schema, new Set());
  reaching.set(schema, found);
  return found;
}

function search(type: Type, visited: Set<Type>): boolean {
  if (type.kind === "scalar") return false;
  if (type.kind !== "struct") return search(type.of, visited);
  if (visited.has(type)) return false;
  visited.add(type);
  if (type.defaults !== undefined) return true;
  return Object.values(type.fields).some((field) => field.default !== undefined || search(field.type, visited));
}

function compile(schema: StructType): Step {
  const cached = compiled.get(schema);
  if (cached?.step !== undefined) return cached.step;
  const values: [string, unknown][] = [];
  const children: [string, Step][] = [];
  for (const [name, field] of Object.entries(schema.fields)) {
    if (field.default !== undefined) values.push([name, field.default]);
    const step = stepOf(field.type);
    if (step !== undefined) children.push([name, step]);
  }
  const hook = schema.defaults;
  const step: Step = (value) => {
    if (typeof value !== "object" || value === null) return;
    const draft = value as Members;
    for (const [name, preset] of values) {
      const present = draft[name];
      if (present === undefined || present === null) draft[name] = typeof preset === "object" ? clone(preset) : preset;
    }
    for (const [name, fill] of children) {
      const present = draft[name];
      if (present !== undefined && present !== null) fill(present);
    }
    hook?.(draft);
  };
  compiled.set(schema, { step });
  return step;
}
