// The opaque token between two pages of a list: the revision of the first page and the key after which the next one starts.

import { decodeBase64Url, encodeBase64Url } from "../../base/base64.ts";
import { badRequest } from "../../object/status.ts";
import { textOf, utf8 } from "./bytes.ts";

export interface ContinueToken {
  /** -1: at whatever is there now (an inconsistent continuation after the revision was compacted). */
  readonly revision: number;
  /** First key of the next page, without the list's own prefix. */
  readonly from: string;
}

export function writeContinueToken(token: ContinueToken): string {
  return encodeBase64Url(utf8(JSON.stringify({ v: "meta.k8s.io/v1", rv: token.revision, start: token.from })));
}

/** @throws StatusError BadRequest */
export function readContinueToken(text: string): ContinueToken {
  const bytes = decodeBase64Url(text);
  if (!bytes) throw badRequest("invalid continue token: continue key is not valid: illegal base64 data");
  let value: { v?: unknown; rv?: unknown; start?: unknown };
  try {
    value = JSON.parse(textOf(bytes)) as typeof value;
  } catch {
    throw badRequest("invalid continue token: continue key is not valid: it is no JSON");
  }
  if (typeof value !== "object" || value === null || value.v !== "meta.k8s.io/v1")
    throw badRequest("invalid continue token: continue key is not valid: server does not recognize this encoded version");
  if (typeof value.rv !== "number" || !Number.isSafeInteger(value.rv) || value.rv === 0)
    throw badRequest("invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof value.start !== "string" || value.start === "" || value.start.includes("../"))
    throw badRequest("invalid continue token: continue key is not valid: encoded start key empty or malformed");
  return { revision: value.rv, from: value.start };
}
