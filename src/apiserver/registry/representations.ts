// Schemas of kinds that are nowhere served as resources of their own, only as bodies of subresources.

import { subresourceStructs } from "../../kinds/all.ts";
import type { GroupVersionKind } from "../../object/kind.ts";
import type { StructType } from "../../object/schema.ts";

/** By the struct's name: "autoscaling.v1.Scale". */
const schemas = new Map(subresourceStructs.map((schema) => [schema.name, schema]));

/** Undefined: served as a resource, or unknown. */
export function representationSchema(of: GroupVersionKind): StructType | undefined {
  const group = of.group === "" ? "core" : of.group.split(".")[0]!;
  return schemas.get(`${group}.${of.version}.${of.kind}`);
}
