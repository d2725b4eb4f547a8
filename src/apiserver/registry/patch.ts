// PATCH in its four languages. A patch is applied to the newest version in the served version, decoded like any body, and goes
// the way of every update; when somebody was faster it is applied again.

import { clone } from "../../object/copy.ts";
import { decodeObject } from "../../object/decode.ts";
import type { ApiObject } from "../../object/kind.ts";
import { applyJsonPatch } from "../../object/patch/json-patch.ts";
import { applyMergePatch } from "../../object/patch/merge-patch.ts";
import { applyStrategicMerge } from "../../object/patch/strategic-merge.ts";
import { StatusError, badRequest } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import { authorizeCreate } from "../authz/authorize.ts";
import type { Server } from "../server.ts";
import type { Call } from "../route/call.ts";
import type { ParsedBody } from "../route/body.ts";
import { parseBytes, readBytes } from "../route/body.ts";
import { unsupportedMediaType } from "../route/negotiate.ts";
import { createObject } from "./create.ts";
import type { Expected, ObjectDraft } from "./decode-body.ts";
import { decodeServed, expectedOf, toServed, toStorage } from "./decode-body.ts";
import { applyOwned, ownerOfUpdate } from "./field-ownership.ts";
import type { Target } from "./target.ts";
import { present, respondWritten, updateObject } from "./update.ts";
import type { WriteOptions } from "./write-options.ts";
import { writeOptions } from "./write-options.ts";

export type PatchLanguage = "json" | "merge" | "strategic" | "apply";

const languages: Readonly<Record<string, PatchLanguage>> = {
  "application/json-patch+json": "json",
  "application/merge-patch+json": "merge",
  "application/strategic-merge-patch+json": "strategic",
  "application/apply-patch+yaml": "apply",
  "application/apply-patch+json": "apply",
};

export interface Patch {
  readonly language: PatchLanguage;
  readonly body: ParsedBody;
}

export async function readPatch(call: Call): Promise<Patch> {
  const type = (call.request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const language = Object.hasOwn(languages, type) ? languages[type] : undefined;
  if (!language) throw unsupportedMediaType(Object.keys(languages));
  if (call.request.body instanceof Decoded) return { language, body: { value: call.request.body.value, duplicates: [] } };
  const bytes = await readBytes(call);
  if (bytes.length === 0) throw badRequest("the patch is empty");
  return { language, body: parseBytes(bytes, language === "apply" ? "yaml" : "json", () => undefined) };
}

export async function handlePatch(server: Server, call: Call, target: Target): Promise<Response> {
  const patch = await readPatch(call);
  const options = writeOptions(call, "PatchOptions", patch.language === "apply");
  if (patch.language === "apply") return handleApply(server, call, target, patch, options);
  const { served } = target;
  const result = await updateObject(server, call, target, options, {
    change: async (old) => {
      const before = await toServed(served, old);
      const patched = patchValue(patch, expectedOf(served), before);
      const decoded = decodeServed(call, expectedOf(served), { value: patched, duplicates: patch.body.duplicates }, options.unknownFields);
      checkIdentity(decoded, before, target);
      return toStorage(served, decoded);
    },
    own: (draft, old) => ownerOfUpdate(server, served, draft, old, options.fieldManager, target.subresource),
  });
  return respondWritten(server, call, 200, target, result);
}

/** The patched value, not yet decoded. @throws StatusError BadRequest, Invalid */
export function patchValue(patch: Patch, expected: Expected, before: ApiObject): unknown {
  switch (patch.language) {
    case "json":
      return applyJsonPatch(before, patch.body.value);
    case "merge":
      if (typeof patch.body.value !== "object" || patch.body.value === null || Array.isArray(patch.body.value))
        throw badRequest("a merge patch is an object");
      return applyMergePatch(before, patch.body.value);
    case "strategic":
      if (typeof patch.body.value !== "object" || patch.body.value === null || Array.isArray(patch.body.value))
        throw badRequest("a strategic merge patch is an object");
      if (expected.schema.preserveUnknownFields)
        throw new StatusError("UnsupportedMediaType", "strategic merge patch format is not supported for a custom resource");
      return applyStrategicMerge(expected.schema, before, patch.body.value);
    case "apply":
      throw badRequest("this subresource takes no apply patch");
  }
}

/** A patch may not rename an object. */
function checkIdentity(decoded: ObjectDraft, before: ApiObject, target: Target): void {
  const metadata = (decoded.metadata ??= {});
  if ((metadata.name ?? "") !== (before.metadata?.name ?? ""))
    throw badRequest(`the name of the object (${metadata.name ?? ""}) does not match the name on the URL (${target.name})`);
  if ((metadata.namespace ?? "") !== (before.metadata?.namespace ?? ""))
    throw badRequest(
      `the namespace of the object (${metadata.namespace ?? ""}) does not match the namespace on the request (${target.namespace})`,
    );
}

async function handleApply(server: Server, call: Call, target: Target, patch: Patch, options: WriteOptions): Promise<Response> {
  const { served } = target;
  const applied = patch.body.value as ApiObject;
  if (typeof applied !== "object" || applied === null || Array.isArray(applied)) throw badRequest("an apply patch is an object");
  if (!applied.apiVersion || !applied.kind) throw badRequest("Object 'Kind' is missing: an apply patch names its apiVersion and kind");
  if (applied.metadata?.managedFields && applied.metadata.managedFields.length > 0) throw badRequest("metadata.managedFields must be nil");
  checkApplied(target, patch);
  const metadata = applied.metadata ?? {};
  if (metadata.name !== undefined && metadata.name !== "" && metadata.name !== target.name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${target.name})`);
  if (metadata.namespace !== undefined && metadata.namespace !== "" && metadata.namespace !== target.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  const sent = clone(applied) as ObjectDraft;
  sent.metadata = { ...sent.metadata, name: target.name, ...(served.kind.namespaced && { namespace: target.namespace }) };

  await server.feed.fresh();
  if (!present(server, target)) {
    if (target.subresource === "" && !applied.metadata?.resourceVersion && !applied.metadata?.uid) {
      authorizeCreate(server, call);
      const made = applyOwned(server, served, sent, undefined, options, target.subresource);
      const draft = await toStorage(served, decodeServed(call, expectedOf(served), { value: made, duplicates: [] }, "ignore"));
      try {
        const result = await createObject(server, call, target, draft, options, () => undefined);
        return await respondWritten(server, call, 201, target, result);
      } catch (error) {
        // Somebody created it between our look and our write: then it is an update.
        if (!(error instanceof StatusError) || error.reason !== "AlreadyExists") throw error;
      }
    }
  }
  const result = await updateObject(server, call, target, options, {
    change: async (old) => {
      const before = await toServed(served, old);
      const merged = applyOwned(server, served, sent, before, options, target.subresource);
      const redecoded = decodeServed(call, expectedOf(served), { value: merged, duplicates: [] }, "ignore");
      return toStorage(served, redecoded);
    },
    own: () => undefined,
  });
  return respondWritten(server, call, 200, target, result);
}

/**
 * What was sent decides about ownership, so it is merged as it is; decoding only checks it. A field that no schema names cannot
 * be owned, whatever fieldValidation says.
 */
function checkApplied({ served, namespace, name }: Target, patch: Patch): void {
  const expected = expectedOf(served);
  const { apiVersion, kind } = patch.body.value as ApiObject;
  if (kind !== expected.kind || apiVersion !== expected.apiVersion)
    throw badRequest(
      `the apply patch is a ${apiVersion}, Kind=${kind}, the request is for a ${expected.apiVersion}, Kind=${expected.kind}`,
    );
  const { unknown } = decodeObject(expected.schema, patch.body.value, {
    unknownFields: "warn",
    kind: expected.kind,
    version: served.version.name,
  });
  const problems = [
    ...patch.body.duplicates,
    ...unknown.map((text) => `.${text.replace(/^unknown field "(.*)"$/, "$1")}: field not declared in schema`),
  ];
  if (problems.length === 0) return;
  const title = namespace === "" ? `/${name}` : `${namespace}/${name}`;
  throw badRequest(
    `failed to create typed patch object (${title}; ${apiVersion}, Kind=${kind}): ${problems.length === 1 ? problems[0] : `errors:\n  ${problems.join("\n  ")}`}`,
  );
}
