// Sorting by a field (`--sort-by`), with the order of the values themselves: numbers, quantities, times, texts.

import { findJsonPath, parseJsonPath, relaxedJsonPath } from "../../../lang/jsonpath.ts";
import { compareQuantities } from "../../../lang/quantity.ts";
import { KubectlError } from "../errors.ts";

/** @throws KubectlError for a path that cannot be read or that no object has */
export function sortByPath<T>(things: readonly T[], path: string, objectOf: (thing: T) => unknown): T[] {
  let keys: Map<T, unknown>;
  try {
    const parsed = parseJsonPath(relaxedJsonPath(path));
    keys = new Map(things.map((thing) => [thing, findJsonPath(parsed, objectOf(thing), { allowMissingKeys: true })[0]]));
  } catch (error) {
    throw new KubectlError((error as Error).message);
  }
  if (things.length > 0 && [...keys.values()].every((key) => key === undefined)) {
    throw new KubectlError(`couldn't find any field with path ${JSON.stringify(relaxedJsonPath(path))} in the list of objects`);
  }
  return things.toSorted((a, b) => compareKeys(keys.get(a), keys.get(b)));
}

/** Objects without the field come first. */
function compareKeys(a: unknown, b: unknown): number {
  if (a === undefined || a === null || b === undefined || b === null)
    return Number(a !== undefined && a !== null) - Number(b !== undefined && b !== null);
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a as string), String(b as string)];
  if (isQuantity.test(left) && isQuantity.test(right)) return compareQuantities(left, right);
  return naturalOrder(left, right);
}

const isQuantity = /^[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i)?$/;

/** Runs of digits compare as numbers: web-9 before web-10. */
function naturalOrder(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [x, y] = [left[at]!, right[at]!];
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y) && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}
