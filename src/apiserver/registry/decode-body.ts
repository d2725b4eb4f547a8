// From a body's value to a draft in the storage version: the right kind, no unknown fields (or a warning for each), defaults of
// the served version, converted.

import { applyDefaults } from "../../object/defaults.ts";
import { decodeObject, strictDecodingError } from "../../object/decode.ts";
import { clone } from "../../object/copy.ts";
import type { ApiObject, Draft } from "../../object/kind.ts";
import type { StructType } from "../../object/schema.ts";
import { badRequest } from "../../object/status.ts";
import type { Served } from "../resources.ts";
import type { Call } from "../route/call.ts";
import type { ParsedBody } from "../route/body.ts";

export type ObjectDraft = Draft<ApiObject> & Record<string, unknown>;

/** The kind that is expected in a body, and its schema. */
export interface Expected {
  readonly apiVersion: string;
  readonly kind: string;
  readonly schema: StructType;
}

export const expectedOf = (served: Served): Expected => ({
  apiVersion: served.apiVersion,
  kind: served.kind.kind,
  schema: served.version.schema,
});

/** A draft in the served version. @throws StatusError BadRequest */
export function decodeServed(
  call: Call,
  expected: Expected,
  body: ParsedBody | undefined,
  unknownFields: "strict" | "warn" | "ignore",
): ObjectDraft {
  if (body === undefined) throw badRequest("the request has no body");
  const value = body.value;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badRequest(`couldn't read the object: expected an object of kind ${expected.kind}`);
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  const version = expected.apiVersion.slice(expected.apiVersion.indexOf("/") + 1);
  if (kind !== undefined && kind !== "" && kind !== expected.kind)
    throw badRequest(
      `${text(kind)} in version ${JSON.stringify(versionPart(apiVersion))} cannot be handled as a ${expected.kind}: the body's kind does not match the URL`,
    );
  if (apiVersion !== undefined && apiVersion !== "" && apiVersion !== expected.apiVersion)
    throw badRequest(`the API version in the data (${text(apiVersion)}) does not match the expected API version (${expected.apiVersion})`);
  const decoded = decodeObject<ObjectDraft>(expected.schema, value, { unknownFields, kind: expected.kind, version });
  const complaints = unknownFields === "ignore" ? [] : [...body.duplicates, ...decoded.unknown];
  if (complaints.length > 0) {
    if (unknownFields === "strict") throw strictDecodingError(expected.kind, version, complaints);
    call.warnings.push(...complaints);
  }
  const draft = decoded.object as unknown as ObjectDraft;
  draft.apiVersion = expected.apiVersion;
  draft.kind = expected.kind;
  draft.metadata ??= {};
  return draft;
}

/** Converts a draft of the served version to the storage version. */
export async function toStorage(served: Served, draft: ObjectDraft): Promise<ObjectDraft> {
  if (!served.version.toStorage) return draft;
  applyDefaults(served.version.schema, draft);
  const converted = await served.version.toStorage(draft as ApiObject);
  const owned = Object.isFrozen(converted) ? clone(converted) : converted;
  (owned as ObjectDraft).metadata ??= {};
  return owned as ObjectDraft;
}

/** A storage object in the served version, as a fresh draft. */
export async function toServed(served: Served, stored: ApiObject): Promise<ApiObject> {
  return served.version.fromStorage ? await served.version.fromStorage(stored) : stored;
}

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** "apps/v1" → "v1" */
const versionPart = (apiVersion: unknown): string => {
  const whole = typeof apiVersion === "string" ? apiVersion : "";
  return whole.slice(whole.indexOf("/") + 1);
};
