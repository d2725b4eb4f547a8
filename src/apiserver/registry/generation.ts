// metadata.generation counts changes of what is wanted: everything outside metadata and status.

import { deepEqual } from "../../object/copy.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { Served } from "../resources.ts";

export function hasGeneration(served: Served): boolean {
  const declared = served.kind.rules?.generation;
  if (declared !== undefined) return declared;
  const { fields } = served.storage.schema;
  return Object.hasOwn(fields, "spec") && Object.hasOwn(fields, "status");
}

export function wantedChanged(draft: ApiObject, old: ApiObject): boolean {
  const { metadata: _a, status: _b, ...wanted } = draft as ApiObject & { status?: unknown };
  const { metadata: _c, status: _d, ...before } = old as ApiObject & { status?: unknown };
  return !deepEqual(wanted, before);
}
