// What is known here about a kind's fields: how its lists merge. Kinds that are not built in have no such knowledge.

import { builtinKinds } from "../../kinds/all.ts";
import { createThreeWayMergePatch } from "../../object/patch/merge-patch.ts";
import { applyMergePatch, createMergePatch } from "../../object/patch/merge-patch.ts";
import { applyStrategicMerge, createThreeWayPatch, createTwoWayPatch } from "../../object/patch/strategic-merge.ts";
import type { StructType } from "../../object/schema.ts";
import type { Item } from "./items.ts";
import type { Resource } from "./resource-mapping.ts";

export interface Patch {
  readonly body: Readonly<Record<string, unknown>>;
  readonly contentType: string;
}

export const patchTypes: Readonly<Record<string, string>> = {
  strategic: "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
};

/** The schema of a built-in kind at this version. */
export function schemaOf({ group, version, kind }: Pick<Resource, "group" | "version" | "kind">): StructType | undefined {
  return builtinKinds.find((known) => known.group === group && known.kind === kind)?.versions.find(({ name }) => name === version)?.schema;
}

/** What `kubectl apply` sends: from the last applied and the wanted state against the live one. */
export function threeWayPatch(resource: Resource, original: unknown, modified: Item, current: Item): Patch {
  const schema = schemaOf(resource);
  return schema === undefined
    ? { body: createThreeWayMergePatch(original, modified, current), contentType: patchTypes["merge"]! }
    : { body: createThreeWayPatch(schema, original, modified, current), contentType: patchTypes["strategic"]! };
}

/** What turns one state into another. */
export function twoWayPatch(resource: Resource, original: Item, modified: Item): Patch {
  const schema = schemaOf(resource);
  return schema === undefined
    ? { body: createMergePatch(original, modified), contentType: patchTypes["merge"]! }
    : { body: createTwoWayPatch(schema, original, modified), contentType: patchTypes["strategic"]! };
}

/** The object as the server would have it after a patch, for a dry run on our side. */
export function patched(resource: Resource, object: Item, patch: Patch): Item {
  const schema = schemaOf(resource);
  return (schema !== undefined && patch.contentType === patchTypes["strategic"]
    ? applyStrategicMerge(schema, object, patch.body)
    : applyMergePatch(object, patch.body)) as unknown as Item;
}
