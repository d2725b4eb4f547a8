// A subresource that shows another kind computed from the object, and writes it back: scale.

import { clone } from "../../object/copy.ts";
import { applyDefaults } from "../../object/defaults.ts";
import type { ApiObject, Subresource } from "../../object/kind.ts";
import { apiVersionOf } from "../../object/kind.ts";
import { BugError } from "../../base/assert.ts";
import { conflict, invalid, staleObject } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import type { Call } from "../route/call.ts";
import { readBody } from "../route/body.ts";
import type { ParsedBody } from "../route/body.ts";
import { respondValue } from "../route/respond.ts";
import type { Server } from "../server.ts";
import type { Expected, ObjectDraft } from "./decode-body.ts";
import { decodeServed } from "./decode-body.ts";
import { ownerOfUpdate } from "./field-ownership.ts";
import { patchValue, readPatch } from "./patch.ts";
import { readVersion } from "./read.ts";
import type { Target } from "./target.ts";
import { schemasOf } from "./target.ts";
import { alignName, updateObject } from "./update.ts";
import type { WriteOptions } from "./write-options.ts";
import { writeOptions } from "./write-options.ts";

export type Projection = Extract<Subresource, { type: "projection" }>;

export async function getProjection(server: Server, call: Call, target: Target, projection: Projection): Promise<Response> {
  const version = await readVersion(server, call, target);
  return respondValue(call, 200, projection.read(version.object), expectedOf(server, projection).schema);
}

export async function updateProjection(server: Server, call: Call, target: Target, projection: Projection): Promise<Response> {
  const options = writeOptions(call, "UpdateOptions");
  const body = await readBody(call, schemasOf(server));
  return write(server, call, target, projection, options, () => body);
}

export async function patchProjection(server: Server, call: Call, target: Target, projection: Projection): Promise<Response> {
  const patch = await readPatch(call);
  const options = writeOptions(call, "PatchOptions", patch.language === "apply");
  const expected = expectedOf(server, projection);
  // Applied to a projection a configuration is a merge: it has a handful of scalar fields and no lists.
  const language = patch.language === "apply" ? "merge" : patch.language;
  return write(server, call, target, projection, options, (present) => ({
    value: patchValue({ ...patch, language }, expected, present),
    duplicates: patch.body.duplicates,
  }));
}

async function write(
  server: Server,
  call: Call,
  target: Target,
  projection: Projection,
  options: WriteOptions,
  wanted: (present: ApiObject) => ParsedBody | undefined,
): Promise<Response> {
  const expected = expectedOf(server, projection);
  const result = await updateObject(server, call, target, options, {
    change: (old) => {
      const representation = decodeServed(call, expected, wanted(projection.read(old)), options.unknownFields);
      alignName(representation, target);
      applyDefaults(expected.schema, representation);
      checkRevision(representation, old, target);
      const errors = projection.validate?.(representation as ApiObject) ?? [];
      if (errors.length > 0) throw invalid(projection.represents, target.name, errors);
      const draft = clone(old) as ObjectDraft;
      projection.write(draft, representation as ApiObject);
      return draft;
    },
    own: (draft, old) => ownerOfUpdate(server, target.served, draft, old, options.fieldManager, target.subresource),
  });
  return respondValue(call, 200, projection.read(result.stored?.object ?? result.object), expected.schema);
}

function checkRevision(representation: ObjectDraft, old: ApiObject, target: Target): void {
  const revision = representation.metadata?.resourceVersion;
  if (revision && revision !== old.metadata?.resourceVersion) throw conflict(target.served.name, target.name, staleObject);
  const uid = representation.metadata?.uid;
  if (uid && uid !== old.metadata?.uid)
    throw conflict(
      target.served.name,
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata?.uid ?? ""}`,
    );
}

function expectedOf(server: Server, projection: Projection): Expected {
  const { group, version, kind } = projection.represents;
  const schema = server.resources.schemaOf(group, version, kind);
  if (!schema) throw new BugError(`nobody knows the schema of ${apiVersionOf(group, version)} ${kind}`);
  return { apiVersion: apiVersionOf(group, version), kind, schema };
}
