// Strategic merge patch: a merge patch that knows from the schema which lists merge by which key, with directives to delete,
// replace and order. The rules are those of the Kubernetes API documentation and its community design notes.

import { clone } from "../copy.ts";
import type { StructType, Type } from "../schema.ts";
import type { JsonMap } from "./member-type.ts";
import { isMap, own, showGo } from "./member-type.ts";
import { malformedPatch, unfittingPatch } from "./patch-error.ts";
import type { MemberStrategy } from "./patch-strategy.ts";
import { deletePrimitivesPrefix, elementOrderPrefix, patchDirective, retainKeysDirective, strategyOf } from "./patch-strategy.ts";

export { createThreeWayPatch, createTwoWayPatch } from "./strategic-diff.ts";

/**
 * The object after the patch. `original` may be frozen and is not changed.
 * @throws StatusError BadRequest for a malformed patch, Invalid for one that does not fit the object.
 */
export function applyStrategicMerge(schema: StructType, original: unknown, patch: unknown): JsonMap {
  if (!isMap(patch)) throw malformedPatch("invalid JSON document");
  return mergeMap(schema, isMap(original) ? original : {}, patch);
}

function mergeMap(type: Type, original: JsonMap, patch: JsonMap): JsonMap {
  if (Object.hasOwn(patch, patchDirective)) {
    const directive = patch[patchDirective];
    if (directive === "delete") return {};
    if (directive !== "replace") throw unfittingPatch(`unknown patch type: ${showGo(directive)} in map: ${showGo(patch)}`);
    const { [patchDirective]: _, ...rest } = patch;
    return mergeMap(type, {}, rest);
  }
  const result = retained(original, patch);
  const lists = new Map<string, ListPatch>();
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (name === "__proto__" || name === retainKeysDirective || value === undefined) continue;
    if (name.startsWith(deletePrimitivesPrefix))
      listPatch(lists, name, deletePrimitivesPrefix).deletions = asList(value, "invalid patch format of primitive list");
    else if (name.startsWith(elementOrderPrefix))
      listPatch(lists, name, elementOrderPrefix).order = asList(value, "invalid patch format of setElementOrder list");
    else if (value === null) delete result[name];
    else {
      const strategy = strategyOf(type, name);
      if (Array.isArray(value) && strategy.mergesList) listPatch(lists, name, "").items = value;
      else if (isMap(value)) {
        const present = own(result, name);
        result[name] = mergeMap(strategy.type, isMap(present) && !strategy.replaces ? present : {}, value);
      } else result[name] = clone(value);
    }
  }
  for (const [name, list] of lists) {
    const merged = mergeList(strategyOf(type, name), own(result, name), list);
    if (merged !== undefined) result[name] = merged;
  }
  return result;
}

/** A shallow copy of the original, without what `$retainKeys` does not name. */
function retained(original: JsonMap, patch: JsonMap): JsonMap {
  const result: JsonMap = {};
  const names = patch[retainKeysDirective];
  if (names === undefined) {
    for (const name of Object.keys(original)) if (name !== "__proto__") result[name] = original[name];
    return cloneMembers(result, patch);
  }
  if (!Array.isArray(names)) throw malformedPatch("invalid patch format of retainKeys");
  const kept = new Set<unknown>(names);
  for (const name of Object.keys(patch)) {
    const isDirective = name === retainKeysDirective || name.startsWith(deletePrimitivesPrefix) || name.startsWith(elementOrderPrefix);
    if (!isDirective && patch[name] !== null && !kept.has(name)) throw malformedPatch("invalid patch format of retainKeys");
  }
  for (const name of Object.keys(original)) if (kept.has(name) && name !== "__proto__") result[name] = original[name];
  return cloneMembers(result, patch);
}

/** Copies deeply what the patch leaves alone; the rest is rebuilt by the merge. */
function cloneMembers(map: JsonMap, patch: JsonMap): JsonMap {
  for (const name of Object.keys(map)) if (!isMap(map[name]) || !isMap(patch[name])) map[name] = clone(map[name]);
  return map;
}

interface ListPatch {
  items?: unknown[];
  deletions?: unknown[];
  order?: unknown[];
}

function listPatch(lists: Map<string, ListPatch>, name: string, prefix: string): ListPatch {
  const key = name.slice(prefix.length);
  let list = lists.get(key);
  if (list === undefined) lists.set(key, (list = {}));
  return list;
}

function asList(value: unknown, message: string): unknown[] {
  if (!Array.isArray(value)) throw malformedPatch(message);
  return value;
}

/** The list after its patch; undefined when there is none and none is made. */
function mergeList(strategy: MemberStrategy, original: unknown, patch: ListPatch): unknown[] | undefined {
  const live = Array.isArray(original) ? (original as unknown[]) : [];
  const { items = [], deletions = [], order } = patch;
  if (!Array.isArray(original) && patch.items === undefined) return undefined;
  const all = [...live, ...items];
  if (all.some(Array.isArray)) throw unfittingPatch("lists of lists are not supported");
  const maps = all.filter(isMap).length;
  if (maps > 0 && maps < all.length) throw unfittingPatch("list element types are not identical");
  if (maps === 0) {
    const gone = new Set(deletions);
    const merged = [...new Set([...live.filter((value) => !gone.has(value)), ...items])];
    return inOrder(merged, order ?? items, live, (value) => value);
  }
  const { mergeKey } = strategy;
  if (mergeKey === undefined) throw unfittingPatch("cannot merge lists without merge key for type list");
  const identify = (item: unknown): unknown => {
    const value = isMap(item) ? own(item, mergeKey) : undefined;
    if (value === undefined) throw unfittingPatch(`map: ${showGo(item)} does not contain declared merge key: ${mergeKey}`);
    return value;
  };
  const { merged, wanted } = mergeItems(strategy.element, live, items as JsonMap[], identify);
  if (order) checkOrder(wanted, order, identify);
  return inOrder(merged, order ?? wanted, live, identify);
}

function mergeItems(
  element: Type,
  live: readonly unknown[],
  items: readonly JsonMap[],
  identify: (item: unknown) => unknown,
): { merged: unknown[]; wanted: JsonMap[] } {
  let merged = [...live];
  let replaces = false;
  const wanted: JsonMap[] = [];
  for (const item of items) {
    const directive = own(item, patchDirective);
    if (directive === undefined) wanted.push(item);
    else if (directive === "replace") {
      replaces = true;
      // `$patch: replace` stands alone, or inside the element that stays.
      if (Object.keys(item).length > 1) {
        const { [patchDirective]: _, ...rest } = item;
        wanted.push(rest);
      }
    } else if (directive === "delete") {
      const key = identify(item);
      merged = merged.filter((other) => identify(other) !== key);
    } else if (directive === "merge") throw unfittingPatch("merging lists cannot yet be specified in the patch");
    else throw unfittingPatch(`unknown patch type: ${showGo(directive)} in map: ${showGo(item)}`);
  }
  if (replaces) return { merged: wanted.map((item) => mergeMap(element, {}, item)), wanted };
  for (const item of wanted) {
    const key = identify(item);
    const position = merged.findIndex((other) => identify(other) === key);
    if (position === -1) merged.push(mergeMap(element, {}, item));
    else merged[position] = mergeMap(element, merged[position] as JsonMap, item);
  }
  return { merged, wanted };
}

/** The patch's elements must stand in the order that `$setElementOrder` gives them, and be named there. */
function checkOrder(items: readonly JsonMap[], order: readonly unknown[], identify: (item: unknown) => unknown): void {
  const keys = order.map(identify);
  let at = 0;
  for (const item of items) {
    const key = identify(item);
    while (at < keys.length && keys[at] !== key) at++;
    if (at === keys.length) {
      throw unfittingPatch(`The order in patch list:\n${showGo(items)}\n doesn't match $setElementOrder list:\n${showGo(order)}\n`);
    }
    at++;
  }
}

/**
 * Elements that `order` names, in its order, woven with the others, which keep the order of `live`: each of these goes before
 * the first named element that follows it in `live`.
 */
function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  identify: (item: unknown) => unknown,
): unknown[] {
  const rank = new Map(order.map((item, position) => [identify(item), position]));
  const liveRank = new Map(live.map((item, position) => [identify(item), position]));
  const named = merged.filter((item) => rank.has(identify(item))).sort((a, b) => rank.get(identify(a))! - rank.get(identify(b))!);
  const others = merged.filter((item) => !rank.has(identify(item)));
  const result: unknown[] = [];
  let next = 0;
  for (const item of named) {
    const place = liveRank.get(identify(item));
    while (place !== undefined && next < others.length && (liveRank.get(identify(others[next])) ?? Infinity) < place)
      result.push(others[next++]);
    result.push(item);
  }
  return [...result, ...others.slice(next)].map((item) => clone(item));
}
