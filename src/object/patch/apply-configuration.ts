// The three walks of server-side apply over a configuration: which fields it names, the live object with it merged in, and the
// object without the fields that nobody wants any more.

import { clone } from "../copy.ts";
import type { StructType, Type } from "../schema.ts";
import { badRequest } from "../status.ts";
import type { FieldSet, FieldSetDraft } from "./field-set.ts";
import { fieldElement, formatPath, isEmptyFieldSet, self } from "./field-set.ts";
import { elementOf, isAtomic, listSemantics } from "./list-elements.ts";
import type { JsonMap } from "./member-type.ts";
import { elementType, fieldOf, isMap, memberType, own } from "./member-type.ts";

const isNothing = (value: unknown): boolean => value === undefined || value === null;

/**
 * The fields that an applied configuration names: its leaves, its list elements, and maps that it names though they are empty.
 * @throws StatusError BadRequest when a list repeats an element or one has no key.
 */
export function fieldsOf(schema: StructType, configuration: JsonMap): FieldSet {
  return fieldsOfMap(schema, configuration, []);
}

/** The node of a value: undefined when it names no field. */
function fieldsOfValue(type: Type, value: unknown, path: readonly string[]): FieldSetDraft | undefined {
  if (isAtomic(type) || isNothing(value)) return {};
  if (isMap(value)) {
    const children = fieldsOfMap(type, value, path);
    return isEmptyFieldSet(children) && Object.keys(value).length > 0 ? undefined : children;
  }
  if (!Array.isArray(value) || type.kind !== "list") return {};
  const children: FieldSetDraft = {};
  const of = elementType(type);
  for (const item of value) {
    const element = strictElement(type, item, path);
    if (Object.hasOwn(children, element)) throw badRequest(`${formatPath(path)}: duplicate entries for key ${formatPath([element])}`);
    const inner = fieldsOfValue(of, item, [...path, element]) ?? {};
    // A list element is a member itself.
    children[element] = isEmptyFieldSet(inner) || self in inner ? inner : { [self]: {}, ...inner };
  }
  return value.length === 0 ? undefined : children;
}

function fieldsOfMap(type: Type, map: JsonMap, path: readonly string[]): FieldSetDraft {
  const children: FieldSetDraft = {};
  for (const name of Object.keys(map)) {
    const value = map[name];
    if (value === undefined) continue;
    const element = fieldElement(name);
    const inner = fieldsOfValue(memberType(type, name), value, [...path, element]);
    // What no schema names is a member itself even where it has members.
    const declared = fieldOf(type, name) !== undefined;
    if (inner === undefined) {
      if (!declared) children[element] = {};
    } else children[element] = declared || isEmptyFieldSet(inner) ? inner : { [self]: {}, ...inner };
  }
  return children;
}

function strictElement(type: Type, item: unknown, path: readonly string[]): string {
  const semantics = listSemantics(type);
  const element = elementOf(elementType(type), semantics, item);
  if (element !== undefined) return element;
  const keys = semantics.type === "map" ? semantics.keys : [];
  throw badRequest(
    `${formatPath(path)}: element 0: associative list with keys has an element that omits all key fields [${keys.map((key) => JSON.stringify(key)).join(" ")}] (and doesn't have default values for any key fields)`,
  );
}

/** The live object with the configuration merged in: what it names wins, list elements come in its order. Changes neither. */
export const mergeConfiguration = (schema: StructType, live: JsonMap, configuration: JsonMap): JsonMap =>
  mergeMaps(schema, live, configuration);

function mergeMaps(type: Type, live: JsonMap, applied: JsonMap): JsonMap {
  const result: JsonMap = {};
  for (const name of Object.keys(live)) {
    if (name !== "__proto__" && !Object.hasOwn(applied, name)) result[name] = clone(live[name]);
  }
  for (const name of Object.keys(applied)) {
    if (name !== "__proto__" && applied[name] !== undefined)
      result[name] = mergeValue(memberType(type, name), own(live, name), applied[name]);
  }
  return result;
}

function mergeValue(type: Type, live: unknown, applied: unknown): unknown {
  if (isAtomic(type)) return clone(applied);
  if (isMap(applied) && isMap(live)) return mergeMaps(type, live, applied);
  if (Array.isArray(applied) && Array.isArray(live) && type.kind === "list") return mergeLists(type, live, applied);
  return clone(applied);
}

/**
 * Applied elements come in the order of the configuration; elements that only the live list has keep their place between them:
 * each stays behind the applied element that it followed.
 */
function mergeLists(type: Type, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const of = elementType(type);
  const semantics = listSemantics(type);
  const name = (item: unknown): string => elementOf(of, semantics, item) ?? `i:${JSON.stringify(item)}`;
  const liveNames = live.map(name);
  const appliedNames = applied.map(name);
  const wanted = new Set(appliedNames);
  const liveItems = new Map(liveNames.map((element, position) => [element, live[position]]));
  const shared = appliedNames.filter((element) => liveItems.has(element));
  const result: unknown[] = [];
  let nextShared = 0;
  let l = 0;
  let a = 0;
  while (l < live.length || a < applied.length) {
    const liveName = liveNames[l];
    if (liveName !== undefined && !wanted.has(liveName)) {
      result.push(clone(live[l++]));
      continue;
    }
    // An element of both lists is written when the configuration comes to it; the live list is read on to there.
    if (liveName !== undefined && (a >= applied.length || (liveName !== appliedNames[a] && liveName !== shared[nextShared]))) {
      l++;
      continue;
    }
    const element = appliedNames[a]!;
    if (element === liveName) l++;
    if (element === shared[nextShared]) nextShared++;
    result.push(liveItems.has(element) ? mergeValue(of, liveItems.get(element), applied[a]) : clone(applied[a]));
    a++;
  }
  return result;
}

/**
 * Takes away, in place, what `last` names (directly or by naming something below it) and nobody in `owned` owns any more, with
 * everything in it.
 */
export function pruneFields(schema: StructType, draft: JsonMap, last: FieldSet, owned: FieldSet): void {
  pruneMap(schema, draft, last, owned);
}

function pruneMap(type: Type, map: JsonMap, last: FieldSet, owned: FieldSet): void {
  for (const element in last) {
    if (!element.startsWith("f:")) continue;
    const name = element.slice(2);
    if (!Object.hasOwn(map, name)) continue;
    const stillOwned = owned[element];
    if (stillOwned === undefined) delete map[name];
    else pruneValue(memberType(type, name), map[name], last[element]!, stillOwned);
  }
}

function pruneValue(type: Type, value: unknown, last: FieldSet, owned: FieldSet): void {
  if (isAtomic(type)) return;
  if (isMap(value)) pruneMap(type, value, last, owned);
  else if (Array.isArray(value) && type.kind === "list") {
    const of = elementType(type);
    const semantics = listSemantics(type);
    let kept = 0;
    for (const item of value as unknown[]) {
      const element = elementOf(of, semantics, item);
      const wasApplied = element === undefined ? undefined : last[element];
      const stillOwned = element === undefined ? undefined : owned[element];
      if (wasApplied !== undefined && stillOwned === undefined) continue;
      if (wasApplied !== undefined && stillOwned !== undefined) pruneValue(of, item, wasApplied, stillOwned);
      (value as unknown[])[kept++] = item;
    }
    value.length = kept;
  }
}
