// Reading a request's body: bounded, in any of the accepted formats, as a plain value that no schema has checked yet.

import { decodeProtobuf } from "../../object/protobuf.ts";
import { StatusError, badRequest } from "../../object/status.ts";
import type { StructType } from "../../object/schema.ts";
import { Decoded } from "../../wire/exchange.ts";
import { TooLargeError } from "../../wire/syntax-errors.ts";
import { parseJson } from "../../wire/json.ts";
import { parseYaml } from "../../wire/yaml.ts";
import { concat } from "../watch/bytes.ts";
import type { Call } from "./call.ts";
import { bodyFormat } from "./negotiate.ts";

/** Most bytes of a body: what a Kubernetes API server takes. */
export const maxBodyBytes = 3 * 1024 * 1024;

export interface ParsedBody {
  readonly value: unknown;
  /** Complaints of the parser that strict field validation turns into errors: keys that stand twice. */
  readonly duplicates: readonly string[];
}

const tooLarge = (): StatusError => new StatusError("RequestEntityTooLarge", `Request entity too large: limit is ${maxBodyBytes}`);

/** The raw bytes. @throws StatusError RequestEntityTooLarge */
export async function readBytes(call: Call): Promise<Uint8Array> {
  const { body } = call.request;
  if (body === undefined) return new Uint8Array();
  if (body instanceof Decoded) throw badRequest("this request takes bytes, not a decoded object");
  if (body instanceof Uint8Array) {
    if (body.length > maxBodyBytes) throw tooLarge();
    return body;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > maxBodyBytes) throw tooLarge();
    parts.push(part);
  }
  return concat(parts.length === 0 ? [new Uint8Array()] : parts);
}

/** The body as a value; undefined when there is none. */
export async function readBody(
  call: Call,
  schemaOf: (apiVersion: string, kind: string) => StructType | undefined,
): Promise<ParsedBody | undefined> {
  const { body, headers } = call.request;
  if (body instanceof Decoded) return { value: body.value, duplicates: [] };
  const bytes = await readBytes(call);
  if (bytes.length === 0) return undefined;
  const format = bodyFormat(headers["content-type"]);
  return parseBytes(bytes, format, schemaOf);
}

/** @throws StatusError BadRequest with the parser's own words */
export function parseBytes(
  bytes: Uint8Array,
  format: "json" | "yaml" | "protobuf",
  schemaOf: (apiVersion: string, kind: string) => StructType | undefined,
): ParsedBody {
  try {
    if (format === "protobuf") return { value: decodeProtobuf(bytes, schemaOf), duplicates: [] };
    if (format === "json") return parseJson(bytes, { maxBytes: maxBodyBytes });
    // JSON is YAML, and what programs send as YAML mostly is JSON, which is read much faster.
    if (bytes[0] === 0x7b) return parseJson(bytes, { maxBytes: maxBodyBytes });
    const { value, duplicates } = parseYaml(bytes, { maxBytes: maxBodyBytes });
    return { value, duplicates };
  } catch (error) {
    if (error instanceof StatusError) throw error;
    if (error instanceof TooLargeError) throw tooLarge();
    const message = error instanceof Error ? error.message : String(error);
    // Kubernetes looks for the kind first, and stumbles there over what is no JSON at all.
    throw badRequest(
      format === "json" ? `couldn't get version/kind; json parse error: ${message}` : `couldn't read the object: ${message}`,
    );
  }
}
