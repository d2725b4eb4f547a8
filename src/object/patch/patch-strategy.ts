// How strategic merge patch treats one member of an object, read from the schema.

import type { Type } from "../schema.ts";
import { elementType, fieldOf, memberType } from "./member-type.ts";

export const patchDirective = "$patch";
export const retainKeysDirective = "$retainKeys";
export const deletePrimitivesPrefix = "$deleteFromPrimitiveList/";
export const elementOrderPrefix = "$setElementOrder/";

export interface MemberStrategy {
  readonly type: Type;
  /** A list: elements are merged. */
  readonly mergesList: boolean;
  /** The key that identifies elements; undefined for lists of scalars. */
  readonly mergeKey: string | undefined;
  /** A map: the patch replaces it. */
  readonly replaces: boolean;
  /** Members that the patch does not name in `$retainKeys` go away. */
  readonly retainsKeys: boolean;
  readonly element: Type;
}

export function strategyOf(type: Type, name: string): MemberStrategy {
  const field = fieldOf(type, name);
  const own = memberType(type, name);
  const strategies = field?.patchStrategy?.split(",") ?? [];
  return {
    type: own,
    mergesList: strategies.includes("merge"),
    mergeKey: field?.patchMergeKey,
    replaces: strategies.includes("replace"),
    retainsKeys: strategies.includes("retainKeys"),
    element: elementType(own),
  };
}
