// The list of a kind: `kind: PodList`, metadata and items. Derived, so that nobody declares it.

import { listMeta } from "./meta.ts";
import type { Kind } from "./kind.ts";
import { field, list, requiredField, struct, type StructType } from "./schema.ts";

const lists = new WeakMap<StructType, StructType>();

/** Schema of the list of a kind's objects: ListMeta is field 1 and the items are field 2 in protobuf, for every kind alike. */
export function listSchemaOf(schema: StructType, listKind = `${schema.name}List`): StructType {
  const known = lists.get(schema);
  if (known !== undefined) return known;
  const last = schema.name.slice(schema.name.lastIndexOf(".") + 1);
  const name = schema.name.slice(0, schema.name.length - last.length) + listKind.slice(listKind.lastIndexOf(".") + 1);
  const made = struct(name, `A list of ${last} objects.`, {
    metadata: field(1, listMeta, "Version that the list shows, and how to go on."),
    items: requiredField(2, list(schema), "The objects."),
  });
  lists.set(schema, made);
  return made;
}

/** "PodList" */
export const listKindOf = (kind: Pick<Kind, "kind" | "listKind">): string => kind.listKind ?? `${kind.kind}List`;
