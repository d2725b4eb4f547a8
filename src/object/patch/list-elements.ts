// How the elements of a list are told apart for field ownership: by keys, by value, or not at all.

import type { ListSemantics, Type } from "../schema.ts";
import { keyElement, valueElement } from "./field-set.ts";
import type { JsonMap } from "./member-type.ts";
import { fieldOf, isMap, own } from "./member-type.ts";

const atomic: ListSemantics = { type: "atomic" };

/** Lists without declared semantics, and lists that no schema describes, are one value. */
export const listSemantics = (type: Type): ListSemantics => (type.kind === "list" ? (type.semantics ?? atomic) : atomic);

/** A value that is owned as a whole. */
export function isAtomic(type: Type): boolean {
  if (type.kind === "list") return listSemantics(type).type === "atomic";
  return (type.kind === "map" || type.kind === "struct") && type.atomic === true;
}

/**
 * The path element of a list's element: its keys (an absent key has its default) or its value. Undefined when it has none of
 * its keys.
 */
export function elementOf(element: Type, semantics: ListSemantics, item: unknown): string | undefined {
  if (semantics.type !== "map") return valueElement(item);
  if (!isMap(item)) return undefined;
  const { keys } = semantics;
  if (keys.length === 1) {
    const value = keyValue(element, item, keys[0]!);
    return value === undefined ? undefined : `k:{${JSON.stringify(keys[0])}:${JSON.stringify(value)}}`;
  }
  const values: JsonMap = {};
  let found = false;
  for (const name of keys) {
    const value = keyValue(element, item, name);
    if (value === undefined) continue;
    values[name] = value;
    found = true;
  }
  return found ? keyElement(values) : undefined;
}

function keyValue(element: Type, item: JsonMap, name: string): unknown {
  const value = own(item, name);
  return value === undefined || value === null ? fieldOf(element, name)?.default : value;
}

/**
 * A list's elements in order. An element has several items where the list wrongly repeats it; they are then one value together.
 * Undefined when an item cannot be told apart.
 */
export function listEntries(element: Type, semantics: ListSemantics, list: readonly unknown[]): Map<string, unknown[]> | undefined {
  const entries = new Map<string, unknown[]>();
  for (const item of list) {
    const name = elementOf(element, semantics, item);
    if (name === undefined) return undefined;
    const entry = entries.get(name);
    if (entry) entry.push(item);
    else entries.set(name, [item]);
  }
  return entries;
}
