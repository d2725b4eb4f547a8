// Writing answers: an object, a list or a Status in the form that the caller asked for. A stored object's bytes are taken as
// they are; only another version, another format or a dry run's result is encoded here.

import type { ApiObject } from "../../object/kind.ts";
import type { StructType } from "../../object/schema.ts";
import { statusStruct } from "../../object/meta.ts";
import { encodeProtobuf } from "../../object/protobuf.ts";
import { renderTable } from "../../object/table.ts";
import type { Status } from "../../object/status.ts";
import type { Headers, Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import { formatYaml } from "../../wire/yaml.ts";
import type { Server } from "../server.ts";
import type { Served } from "../resources.ts";
import { isStorageForm, servedObject } from "../resources.ts";
import { utf8 } from "../watch/bytes.ts";
import type { StoredVersion } from "../watch/stored-version.ts";
import type { Call } from "./call.ts";
import type { Output } from "./negotiate.ts";
import { mediaTypes } from "./negotiate.ts";

/** The bytes of any value in a format. Protobuf needs the schema. */
function encodeValue(value: object, output: Output, schema?: StructType): Uint8Array {
  if (output.format === "yaml") return utf8(formatYaml(value));
  if (output.format === "protobuf" && schema) {
    const { apiVersion = "", kind = "" } = value as ApiObject;
    return encodeProtobuf(apiVersion, kind, schema, value);
  }
  return utf8(output.pretty ? `${JSON.stringify(value, undefined, 2)}\n` : JSON.stringify(value));
}

/** The bytes of a stored object, encoded at most once for each version and format. */
export async function encodeStored(served: Served, stored: StoredVersion, output: Output): Promise<Uint8Array> {
  if (output.format === "json" && !output.pretty && isStorageForm(served)) return stored.json;
  const object = await servedObject(served, stored);
  if (output.pretty) return encodeValue(object, output, served.version.schema);
  return stored.form(`bytes:${served.apiVersion}:${output.format}`, () => encodeValue(object, output, served.version.schema));
}

const contentType = (output: Output, schema: boolean): Headers => ({
  "content-type": mediaTypes[output.format === "protobuf" && !schema ? "json" : output.format],
  "cache-control": "no-cache, private",
});

/** Any value that is not stored: reviews, lists, documents. */
export function respondValue(call: Call, status: number, value: object, schema?: StructType): Response {
  if (call.request.decoded) return { status, headers: {}, body: new Decoded(value) };
  return { status, headers: contentType(call.output, schema !== undefined), body: encodeValue(value, call.output, schema) };
}

/** One stored object in the view that was asked for. */
export async function respondStored(server: Server, call: Call, status: number, served: Served, stored: StoredVersion): Promise<Response> {
  if (call.output.as !== "object") return respondObject(server, call, status, served, await servedObject(served, stored));
  if (call.request.decoded) return { status, headers: {}, body: new Decoded(await servedObject(served, stored)) };
  return { status, headers: contentType(call.output, true), body: await encodeStored(served, stored, call.output) };
}

/** One object, already in the served version, that may never have been stored (a dry run's result). */
export function respondObject(server: Server, call: Call, status: number, served: Served, object: ApiObject): Response {
  const { as } = call.output;
  if (as === "table")
    return respondValue(call, status, tableOf(server, call, served, [object], { resourceVersion: object.metadata?.resourceVersion ?? "" }));
  if (as === "partial" || as === "partialList") return respondValue(call, status, partialOf(object));
  return respondValue(call, status, object, served.version.schema);
}

/** The printed table of some objects. */
export function tableOf(server: Server, call: Call, served: Served, objects: readonly ApiObject[], metadata: object): object {
  const asked = call.info.query.get("includeObject");
  const includeObject = asked === "None" || asked === "Object" ? asked : "Metadata";
  return { ...renderTable(served.kind, objects, { now: server.deps.clock.now(), includeObject }), metadata };
}

export const partialOf = (object: ApiObject): object => ({
  kind: "PartialObjectMetadata",
  apiVersion: "meta.k8s.io/v1",
  metadata: object.metadata ?? {},
});

/** A Status as an answer, in a format that the caller surely reads. */
export function statusResponse(call: Call, status: Status): Response {
  const retry: Headers = status.details?.retryAfterSeconds ? { "retry-after": String(status.details.retryAfterSeconds) } : {};
  if (call.request.decoded) return { status: status.code, headers: retry, body: new Decoded(status) };
  const output: Output = { ...call.output, as: "object" };
  return {
    status: status.code,
    headers: { ...contentType(output, true), ...retry },
    body: encodeValue(status, output, statusStruct),
  };
}

export function respondText(status: number, text: string, type = "text/plain; charset=utf-8"): Response {
  return {
    status,
    headers: { "content-type": type, "x-content-type-options": "nosniff", "cache-control": "no-cache, private" },
    body: utf8(text),
  };
}

/** Headers that every answer has. */
export function withCommonHeaders(call: Call, response: Response): Response {
  const warnings: Headers = call.warnings.length === 0 ? {} : { warning: warningHeader(call.warnings) };
  return { ...response, headers: { "audit-id": call.auditId, ...warnings, ...response.headers } };
}

/** Several warnings share one header line; together they stay under 4 KiB, as Kubernetes keeps them. */
function warningHeader(warnings: readonly string[]): string {
  const seen = new Set<string>();
  let size = 0;
  for (const warning of warnings) {
    // Control characters would break the header.
    const text = `299 - "${warning
      .replaceAll(/\p{Cc}/gu, " ")
      .replaceAll("\\", "\\\\")
      .replaceAll('"', '\\"')}"`;
    if (seen.has(text)) continue;
    size += text.length;
    if (size > 4096) break;
    seen.add(text);
  }
  return [...seen].join(", ");
}
