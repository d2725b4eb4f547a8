// JSON merge patch (RFC 7396): apply one, and create one between two or three states of an object.

import { clone, deepEqual } from "../copy.ts";
import type { JsonMap } from "./member-type.ts";
import { isMap, own } from "./member-type.ts";
import { malformedPatch } from "./patch-error.ts";

/**
 * The object after the patch. `original` may be frozen and is not changed.
 * @throws StatusError BadRequest when the patch is no object.
 */
export function applyMergePatch(original: unknown, patch: unknown): JsonMap {
  if (!isMap(patch)) throw malformedPatch("invalid JSON document");
  return merge(original, patch);
}

function merge(original: unknown, patch: JsonMap): JsonMap {
  const result: JsonMap = {};
  if (isMap(original)) {
    for (const name of Object.keys(original)) if (!Object.hasOwn(patch, name)) assign(result, name, clone(original[name]));
  }
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (value === null || value === undefined) continue;
    assign(result, name, isMap(value) ? merge(isMap(original) ? own(original, name) : undefined, value) : clone(value));
  }
  return result;
}

function assign(map: JsonMap, name: string, value: unknown): void {
  if (name !== "__proto__") map[name] = value;
}

/** The merge patch that turns `original` into `modified`. */
export const createMergePatch = (original: unknown, modified: unknown): JsonMap => createThreeWayMergePatch(original, modified, original);

/**
 * The merge patch that `kubectl apply` sends for kinds without patch metadata (custom resources): what `modified` wants and
 * `current` lacks, and null for what `original` (the last applied) had and `modified` has no more.
 */
export function createThreeWayMergePatch(original: unknown, modified: unknown, current: unknown): JsonMap {
  const patch: JsonMap = {};
  const before = isMap(original) ? original : {};
  const wanted = isMap(modified) ? modified : {};
  const live = isMap(current) ? current : {};
  for (const name of Object.keys(wanted)) {
    const value = wanted[name];
    const present = own(live, name);
    if (value === null || value === undefined) {
      if (present !== undefined && present !== null) patch[name] = null;
    } else if (isMap(value) && isMap(present)) {
      const inner = createThreeWayMergePatch(own(before, name), value, present);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (!deepEqual(value, present)) patch[name] = clone(value);
  }
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(wanted, name) && own(live, name) !== undefined) patch[name] = null;
  }
  return patch;
}
