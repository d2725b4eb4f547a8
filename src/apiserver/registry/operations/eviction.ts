// pods/eviction: a deletion that a disruption budget may refuse. Until that kind is served, it is a deletion.

import { conflict } from "../../../object/status.ts";
import { statusStruct } from "../../../object/meta.ts";
import { respondValue } from "../../route/respond.ts";
import { deleteObject } from "../delete.ts";
import { deleteOptions } from "../write-options.ts";
import type { Operation } from "./operation.ts";

export const evict: Operation = async ({ server, call, target, draft, options }) => {
  const body = draft as { readonly metadata?: { readonly name?: string }; readonly deleteOptions?: object };
  if (body.metadata?.name && body.metadata.name !== target.name)
    throw conflict({ group: "", resource: "pods" }, target.name, "name in URL does not match name in Eviction object");
  const given = deleteOptions(call, body.deleteOptions ?? {});
  await deleteObject(server, call, { ...target, subresource: "" }, { ...given, dryRun: given.dryRun || options.dryRun });
  return respondValue(call, 201, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, statusStruct);
};
