// /openapi/v2 and /openapi/v3, rendered from the kind records when first asked for. The v3 index names each document with its
// hash, so that clients keep what has not changed.

import { subresourceStructs } from "../../kinds/all.ts";
import type { OpenApiDocument } from "../../object/openapi-v3.ts";
import { openApiV2Protobuf, prefersProtobuf } from "../../object/openapi-v2-protobuf.ts";
import { OpenApiV2 } from "../../object/openapi-v2.ts";
import { OpenApiV3 } from "../../object/openapi-v3.ts";
import { parseJson } from "../../wire/json.ts";
import type { Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import type { Call } from "../route/call.ts";
import type { Server } from "../server.ts";

interface Documents {
  readonly v2: OpenApiV2;
  readonly v3: OpenApiV3;
}
const rendered = new WeakMap<Server, Documents>();

function documentsOf(server: Server): Documents {
  let documents = rendered.get(server);
  if (!documents) {
    const version = server.deps.version ?? "v1.36.0";
    const { kinds } = server.deps;
    documents = { v2: new OpenApiV2(kinds, version, subresourceStructs), v3: new OpenApiV3(kinds, version, subresourceStructs) };
    rendered.set(server, documents);
  }
  return documents;
}

/** Undefined: no such document. */
export function handleOpenApi(server: Server, call: Call, path: string): Response | undefined {
  const { v2, v3 } = documentsOf(server);
  if (path === "/openapi/v2") {
    const protobuf = !call.request.decoded && prefersProtobuf(call.request.headers["accept"]);
    return protobuf ? answer(call, v2.protobuf(), openApiV2Protobuf) : answer(call, v2.document());
  }
  if (path === "/openapi/v3") return answer(call, { bytes: v3.index(), hash: "" });
  const document = path.startsWith("/openapi/v3/") ? v3.document(path.slice("/openapi/v3/".length)) : undefined;
  return document && answer(call, document);
}

/** A document whose hash the client named may be kept for a year: another content has another hash. */
function answer(call: Call, document: OpenApiDocument, type = "application/json"): Response {
  if (call.request.decoded)
    return { status: 200, headers: {}, body: new Decoded(parseJson(document.bytes, { maxBytes: document.bytes.length }).value) };
  const etag: Record<string, string> = document.hash === "" ? {} : { etag: `"${document.hash}"` };
  if (document.hash !== "" && call.request.headers["if-none-match"] === etag["etag"]) return { status: 304, headers: etag };
  const named = document.hash !== "" && call.info.query.get("hash") === document.hash;
  return {
    status: 200,
    headers: {
      "content-type": type,
      "cache-control": named ? "public, immutable, max-age=31536000" : "no-cache, private",
      ...etag,
    },
    body: document.bytes,
  };
}
