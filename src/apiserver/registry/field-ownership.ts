// metadata.managedFields on every write: who set which field, so that server-side apply knows whose is whose.

import { formatTime } from "../../base/clock.ts";
import type { ApiObject } from "../../object/kind.ts";
import { storageVersionOf } from "../../object/kind.ts";
import type { FieldSet } from "../../object/patch/field-set.ts";
import { fieldSetOf } from "../../object/patch/field-set.ts";
import type { WriteIdentity } from "../../object/patch/managed-fields.ts";
import { applyServerSide, trackUpdate } from "../../object/patch/managed-fields.ts";
import type { Served } from "../resources.ts";
import type { Server } from "../server.ts";
import type { ObjectDraft } from "./decode-body.ts";
import type { WriteOptions } from "./write-options.ts";

type Json = Record<string, unknown>;

const statusOnly = fieldSetOf([["f:status"]]);
const specOnly = fieldSetOf([["f:spec"]]);

/** Fields that this endpoint does not write: they are nobody's through it. */
function ignoredBy(served: Served, subresource: string): { ignored?: FieldSet } {
  if (subresource === "status") return { ignored: specOnly };
  const hasStatus = served.kind.subresources?.some((one) => one.type === "view" && one.name === "status") ?? false;
  return subresource === "" && hasStatus ? { ignored: statusOnly } : {};
}

function identity(server: Server, apiVersion: string, manager: string, subresource: string): WriteIdentity {
  return { manager, apiVersion, subresource, now: formatTime(server.deps.clock.now()) };
}

export function ownerOfCreate(server: Server, served: Served, draft: ObjectDraft, manager: string): void {
  track(server, served, draft, undefined, manager, "");
}

export function ownerOfUpdate(
  server: Server,
  served: Served,
  draft: ObjectDraft,
  old: ApiObject,
  manager: string,
  subresource: string,
): void {
  track(server, served, draft, old, manager, subresource);
}

/** Objects are tracked as they are stored, in the storage version. */
function track(server: Server, served: Served, draft: ObjectDraft, old: ApiObject | undefined, manager: string, subresource: string): void {
  trackUpdate({
    ...identity(server, draft.apiVersion ?? served.apiVersion, manager, subresource),
    schema: storageVersionOf(served.kind).schema,
    live: old as Json | undefined,
    draft: draft as Json,
    ...ignoredBy(served, subresource),
  });
}

/** The live object (in the served version) with an applied configuration merged in. @throws StatusError Conflict, BadRequest */
export function applyOwned(
  server: Server,
  served: Served,
  applied: ObjectDraft,
  live: ApiObject | undefined,
  options: WriteOptions,
  subresource: string,
): ObjectDraft {
  return applyServerSide({
    ...identity(server, served.apiVersion, options.fieldManager, subresource),
    schema: served.version.schema,
    live: live as Json | undefined,
    applied: applied as Json,
    force: options.force,
    ...ignoredBy(served, subresource),
  }) as unknown as ObjectDraft;
}
