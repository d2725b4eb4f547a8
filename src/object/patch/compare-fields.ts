// Which fields a change touches: one walk over the old and the new object along their schema, building sets only where the two
// differ. Runs on every write.

import { deepEqual } from "../copy.ts";
import type { StructType, Type } from "../schema.ts";
import type { FieldSet, FieldSetDraft } from "./field-set.ts";
import { emptyFieldSet, fieldElement, self, unionOf } from "./field-set.ts";
import { isAtomic, listEntries, listSemantics } from "./list-elements.ts";
import type { JsonMap } from "./member-type.ts";
import { elementType, isMap, memberType } from "./member-type.ts";

export interface FieldChanges {
  /** Fields whose value is another. */
  readonly modified: FieldSet;
  /** Fields that are new. */
  readonly added: FieldSet;
  /** Fields that are gone. */
  readonly removed: FieldSet;
}

/** The three sets of one node, each undefined when it holds nothing here or below. */
interface Changes {
  modified?: FieldSetDraft;
  added?: FieldSetDraft;
  removed?: FieldSetDraft;
}

/** What changed from `old` to `fresh`. An absent `old` is the empty object of its kind, as a creation sees it. */
export function compareFields(schema: StructType, old: JsonMap | undefined, fresh: JsonMap): FieldChanges {
  const changes = compareMaps(schema, old ?? emptyObjectOf(schema), fresh);
  return {
    modified: changes?.modified ?? emptyFieldSet,
    added: changes?.added ?? emptyFieldSet,
    removed: changes?.removed ?? emptyFieldSet,
  };
}

export const touchedBy = (changes: FieldChanges): FieldSet => unionOf(changes.modified, changes.added);

const emptyObjects = new WeakMap<StructType, JsonMap>();

/**
 * The object that has nothing set: structs that are no pointers are there, and required lists and maps are null. Ownership of a
 * new object therefore does not name them.
 */
function emptyObjectOf(schema: StructType): JsonMap {
  let empty = emptyObjects.get(schema);
  if (empty === undefined) {
    empty = {};
    for (const [name, field] of Object.entries(schema.fields)) {
      if (field.pointer) continue;
      if (field.type.kind === "struct") {
        if (!field.omitZero) empty[name] = emptyObjectOf(field.type);
      } else if (field.required && field.type.kind !== "scalar") empty[name] = null;
    }
    emptyObjects.set(schema, empty);
  }
  return empty;
}

function compare(type: Type, old: unknown, fresh: unknown): Changes | undefined {
  if (old === fresh) return undefined;
  const map = isMap(fresh) ? isMap(old) || isNothing(old) : isMap(old) && isNothing(fresh);
  if (map && !isAtomic(type)) return compareMaps(type, old as JsonMap | undefined, fresh as JsonMap | undefined);
  const list = Array.isArray(fresh) ? Array.isArray(old) || isNothing(old) : Array.isArray(old) && isNothing(fresh);
  if (list && !isAtomic(type) && type.kind === "list") {
    return compareLists(type, old as unknown[] | undefined, fresh as unknown[] | undefined);
  }
  return compareLeaves(old, fresh);
}

const isNothing = (value: unknown): boolean => value === undefined || value === null;

function compareLeaves(old: unknown, fresh: unknown): Changes | undefined {
  if (old === undefined) return { added: {} };
  if (fresh === undefined) return { removed: {} };
  return deepEqual(old, fresh) ? undefined : { modified: {} };
}

function compareMaps(type: Type, old: JsonMap | null | undefined, fresh: JsonMap | null | undefined): Changes | undefined {
  let changes: Changes | undefined;
  let size = 0;
  if (fresh) {
    for (const name of Object.keys(fresh)) {
      const value = fresh[name];
      if (value === undefined) continue;
      size++;
      const before = old && Object.hasOwn(old, name) ? old[name] : undefined;
      if (before === value) continue;
      const inner = compare(memberType(type, name), before, value);
      if (inner) changes = attach(changes, fieldElement(name), inner);
    }
  }
  if (old) {
    for (const name of Object.keys(old)) {
      const value = old[name];
      if (value === undefined) continue;
      size++;
      if (fresh && Object.hasOwn(fresh, name) && fresh[name] !== undefined) continue;
      const inner = compare(memberType(type, name), value, undefined);
      if (inner) changes = attach(changes, fieldElement(name), inner);
    }
  }
  // Two empty ones are leaves: absent and empty may differ.
  return size === 0 ? compareLeaves(old, fresh) : withSelf(changes, old, fresh);
}

function compareLists(type: Type, old: unknown[] | null | undefined, fresh: unknown[] | null | undefined): Changes | undefined {
  if ((old?.length ?? 0) === 0 && (fresh?.length ?? 0) === 0) return compareLeaves(old, fresh);
  const of = elementType(type);
  const semantics = listSemantics(type);
  const before = listEntries(of, semantics, old ?? []);
  const after = listEntries(of, semantics, fresh ?? []);
  if (before === undefined || after === undefined) return compareLeaves(old, fresh);
  let changes: Changes | undefined;
  for (const [element, items] of after) {
    const was = before.get(element);
    const inner = compareEntries(of, was, items);
    if (inner) changes = attach(changes, element, inner);
  }
  for (const [element, items] of before) {
    if (after.has(element)) continue;
    const inner = compareEntries(of, items, undefined);
    if (inner) changes = attach(changes, element, inner);
  }
  return withSelf(changes, old, fresh);
}

function compareEntries(of: Type, old: unknown[] | undefined, fresh: unknown[] | undefined): Changes | undefined {
  if ((old?.length ?? 1) === 1 && (fresh?.length ?? 1) === 1) return compare(of, old?.[0], fresh?.[0]);
  return compareLeaves(old, fresh);
}

function attach(changes: Changes | undefined, element: string, inner: Changes): Changes {
  const result = changes ?? {};
  if (inner.modified) (result.modified ??= {})[element] = inner.modified;
  if (inner.added) (result.added ??= {})[element] = inner.added;
  if (inner.removed) (result.removed ??= {})[element] = inner.removed;
  return result;
}

/** A map or list that appears or disappears is itself a member of the set, beside what it holds. */
function withSelf(changes: Changes | undefined, old: unknown, fresh: unknown): Changes | undefined {
  if (old === undefined) {
    const added = changes?.added;
    return { ...changes, added: added ? { [self]: {}, ...added } : {} };
  }
  if (fresh === undefined) {
    const removed = changes?.removed;
    return { ...changes, removed: removed ? { [self]: {}, ...removed } : {} };
  }
  return changes;
}
