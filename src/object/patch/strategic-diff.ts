// The strategic merge patch between states of an object: what `kubectl edit` (two states) and `kubectl apply` (three) send.

import { clone, deepEqual } from "../copy.ts";
import type { StructType, Type } from "../schema.ts";
import type { JsonMap } from "./member-type.ts";
import { isMap, own } from "./member-type.ts";
import { unfittingPatch } from "./patch-error.ts";
import type { MemberStrategy } from "./patch-strategy.ts";
import { deletePrimitivesPrefix, elementOrderPrefix, patchDirective, retainKeysDirective, strategyOf } from "./patch-strategy.ts";

/** The patch that turns `original` into `modified`; `{}` when they are the same. */
export const createTwoWayPatch = (schema: StructType, original: unknown, modified: unknown): JsonMap =>
  createThreeWayPatch(schema, original, modified, original);

/**
 * The patch of `kubectl apply`: what `modified` wants and `current` has not, and deletions of what `original` (last applied) had
 * and `modified` has no more. What only `current` has (defaults, other writers' work) stays. `{}` when nothing is to do.
 */
export function createThreeWayPatch(schema: StructType, original: unknown, modified: unknown, current: unknown): JsonMap {
  return diffMaps(schema, asMap(original), asMap(modified), asMap(current), false);
}

const asMap = (value: unknown): JsonMap => (isMap(value) ? value : {});
const isAbsent = (value: unknown): boolean => value === undefined || value === null;

function diffMaps(type: Type, original: JsonMap, modified: JsonMap, current: JsonMap, retainsKeys: boolean): JsonMap {
  const patch: JsonMap = {};
  for (const name of Object.keys(modified)) {
    const wanted = modified[name];
    const present = own(current, name);
    if (name === "__proto__") continue;
    if (isAbsent(wanted)) {
      if (!isAbsent(present)) patch[name] = null;
      continue;
    }
    const strategy = strategyOf(type, name);
    if (isMap(wanted) && isMap(present)) {
      if (strategy.replaces) {
        if (!deepEqual(wanted, present)) patch[name] = { ...clone(wanted), [patchDirective]: "replace" };
        continue;
      }
      const inner = diffMaps(strategy.type, asMap(own(original, name)), wanted, present, strategy.retainsKeys);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (Array.isArray(wanted) && Array.isArray(present) && strategy.mergesList) {
      const before = own(original, name);
      Object.assign(patch, diffLists(strategy, name, Array.isArray(before) ? before : [], wanted, present));
    } else if (!deepEqual(wanted, present)) patch[name] = clone(wanted);
  }
  for (const name of Object.keys(original)) {
    if (!isAbsent(original[name]) && !Object.hasOwn(modified, name) && !isAbsent(own(current, name))) patch[name] = null;
  }
  if (retainsKeys && Object.keys(patch).length > 0) {
    patch[retainKeysDirective] = Object.keys(modified)
      .filter((name) => !isAbsent(modified[name]))
      .sort();
  }
  return patch;
}

/** The members that a list's patch consists of: its elements, deletions and order. */
function diffLists(
  strategy: MemberStrategy,
  name: string,
  original: readonly unknown[],
  modified: readonly unknown[],
  current: readonly unknown[],
): JsonMap {
  const { mergeKey } = strategy;
  const areMaps = [...modified, ...current].some(isMap);
  if (!areMaps) return diffPrimitives(name, original, modified, current);
  if (mergeKey === undefined) return deepEqual(modified, current) ? {} : { [name]: clone(modified) };
  const identify = (item: unknown): unknown => {
    const value = isMap(item) ? own(item, mergeKey) : undefined;
    if (value === undefined) throw unfittingPatch(`map does not contain declared merge key: ${mergeKey}`);
    return value;
  };
  const before = new Map(original.filter(isMap).map((item) => [own(item, mergeKey), item]));
  const live = new Map(current.map((item) => [identify(item), item as JsonMap]));
  const wantedKeys = new Set(modified.map(identify));
  const items: JsonMap[] = [];
  for (const item of modified as JsonMap[]) {
    const key = identify(item);
    const present = live.get(key);
    if (present === undefined) items.push(clone(item) as JsonMap);
    else {
      const inner = diffMaps(strategy.element, before.get(key) ?? {}, item, present, strategy.retainsKeys);
      if (Object.keys(inner).length > 0) items.push({ ...inner, [mergeKey]: key });
    }
  }
  for (const key of before.keys()) {
    if (key !== undefined && !wantedKeys.has(key) && live.has(key)) items.push({ [patchDirective]: "delete", [mergeKey]: key });
  }
  const patch: JsonMap = {};
  if (items.length > 0) patch[name] = items;
  if (items.length > 0 || !sameOrder([...wantedKeys], [...live.keys()])) {
    patch[elementOrderPrefix + name] = [...wantedKeys].map((key) => ({ [mergeKey]: key }));
  }
  return patch;
}

function diffPrimitives(name: string, original: readonly unknown[], modified: readonly unknown[], current: readonly unknown[]): JsonMap {
  const patch: JsonMap = {};
  const added = modified.filter((value) => !current.includes(value));
  const removed = original.filter((value) => !modified.includes(value) && current.includes(value));
  if (added.length > 0) patch[name] = added;
  if (removed.length > 0) patch[deletePrimitivesPrefix + name] = removed;
  if (added.length > 0 || removed.length > 0 || !sameOrder(modified, current)) patch[elementOrderPrefix + name] = [...modified];
  return patch;
}

/** Whether `wanted`'s elements follow each other in `live` as they do in `wanted`. */
function sameOrder(wanted: readonly unknown[], live: readonly unknown[]): boolean {
  const set = new Set(wanted);
  return deepEqual(
    live.filter((value) => set.has(value)),
    wanted,
  );
}
