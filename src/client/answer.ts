// What came back: the body of an answer as a value, and a refusal as the StatusError that it is.

import type { Status } from "../object/status.ts";
import { reasonOfCode, StatusError } from "../object/status.ts";
import type { Body } from "../wire/exchange.ts";
import { Decoded } from "../wire/exchange.ts";

/** The whole body as a value: the decoded object, parsed JSON, or text that is no JSON. Undefined when there is none. */
export async function readValue(body: Body): Promise<unknown> {
  if (body === undefined) return undefined;
  if (body instanceof Decoded) return body.value;
  const text = await readText(body as Uint8Array | AsyncIterable<Uint8Array>);
  if (text === "") return undefined;
  if (!/^\s*[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    // Something between us and the server spoke; what it said is shown as it is.
    return text;
  }
}

/** UTF-8 text. */
export async function readText(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  if (body instanceof Uint8Array) return decoder.decode(body);
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The StatusError of a failed answer. A server that answers no Status gets one that says what it said. */
export function failureOf(code: number, value: unknown): StatusError {
  if (typeof value === "object" && value !== null && (value as Partial<Status>).kind === "Status") return StatusError.from(value as Status);
  if (code === 404) return new StatusError("NotFound", "the server could not find the requested resource");
  const said = typeof value === "string" ? value.trim() : value === undefined ? "" : JSON.stringify(value);
  return new StatusError(reasonOfCode(code), said === "" ? `the server answered with status ${code}` : said, undefined, code);
}
