// Which type a member of a value has, for everything that walks an object along its schema. What no schema describes is walked
// by its shape: maps member by member, lists as one value.

import type { Field, Type } from "../schema.ts";
import { json } from "../schema.ts";

export type JsonMap = Record<string, unknown>;

export const isMap = (value: unknown): value is JsonMap => typeof value === "object" && value !== null && !Array.isArray(value);

/** The field's declaration, where `type` is a struct that has it. */
export const fieldOf = (type: Type, name: string): Field | undefined =>
  type.kind === "struct" && Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;

/** The type of the member `name` of a value of `type`. */
export function memberType(type: Type, name: string): Type {
  if (type.kind === "map") return type.of;
  return fieldOf(type, name)?.type ?? json;
}

/** The type of a list's elements. */
export const elementType = (type: Type): Type => (type.kind === "list" ? type.of : json);

/** A member of a plain object; nothing that the prototype has. */
export const own = (map: JsonMap, name: string): unknown => (Object.hasOwn(map, name) ? map[name] : undefined);

/** A value as Go prints it with %v, which some messages of Kubernetes do. */
export function showGo(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(showGo).join(" ")}]`;
  if (isMap(value)) {
    const members = Object.keys(value).sort();
    return `map[${members.map((name) => `${name}:${showGo(value[name])}`).join(" ")}]`;
  }
  return String(value as string | number | boolean);
}
