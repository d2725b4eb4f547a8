// GET of one object or of many, and watches: everything that changes nothing.

import type { ApiObject } from "../../object/kind.ts";
import { listKindOf } from "../../object/list-schema.ts";
import { encodeProtobufList } from "../../object/protobuf.ts";
import { notFound, badRequest } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Served } from "../resources.ts";
import { servedObject } from "../resources.ts";
import type { Call } from "../route/call.ts";
import { mediaTypes } from "../route/negotiate.ts";
import { encodeStored, partialOf, respondStored, respondValue, tableOf } from "../route/respond.ts";
import { concat, utf8 } from "../watch/bytes.ts";
import type { ListAnswer } from "../watch/list.ts";
import { listVersions, parseRevision, reachOrRefuse } from "../watch/list.ts";
import { selectionOf } from "../watch/selection.ts";
import type { StoredVersion } from "../watch/stored-version.ts";
import type { Target } from "./target.ts";
import { present } from "./update.ts";

/** How many objects are encoded between two turns of the event loop. */
const sliceSize = 500;

/** The present version, as fresh as the request wants it. @throws StatusError NotFound */
export async function readVersion(server: Server, call: Call, target: Target): Promise<StoredVersion> {
  const wanted = parseRevision(call.info.query.get("resourceVersion"));
  if (wanted === undefined) await server.feed.fresh();
  else if (wanted > 0) await reachOrRefuse(server, wanted, call.signal);
  const version = present(server, target);
  if (!version) throw notFound(target.served.name, target.name);
  return version;
}

export async function handleGet(server: Server, call: Call, target: Target): Promise<Response> {
  return respondStored(server, call, 200, target.served, await readVersion(server, call, target));
}

export async function handleList(server: Server, call: Call, served: Served, namespace: string): Promise<Response> {
  const selection = selectionOf(served, namespace, call.info.query);
  const answer = await listVersions(server, served, selection, call.info.query, call.signal);
  const metadata = listMetadata(answer);
  const { as, format, pretty } = call.output;
  if (as === "object" && !call.request.decoded && !pretty && format !== "yaml") {
    const body =
      format === "json"
        ? await listBytes(server, call, served, answer, metadata)
        : await protobufList(server, call, served, answer, metadata);
    return { status: 200, headers: { "content-type": mediaTypes[format], "cache-control": "no-cache, private" }, body };
  }
  const items = await objectsOf(server, served, answer.versions);
  if (as === "table") return respondValue(call, 200, tableOf(server, call, served, items, metadata));
  if (as !== "object")
    return respondValue(call, 200, {
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      metadata,
      items: items.map(partialOf),
    });
  const list = { kind: listKindOf(served.kind), apiVersion: served.apiVersion, metadata, items };
  if (call.request.decoded) return { status: 200, headers: {}, body: new Decoded(list) };
  return respondValue(call, 200, list);
}

async function protobufList(server: Server, call: Call, served: Served, answer: ListAnswer, metadata: object): Promise<Uint8Array> {
  const items: Uint8Array[] = [];
  for (const version of answer.versions) {
    items.push(await encodeStored(served, version, call.output));
    if (items.length % sliceSize === 0) await server.deps.yieldNow();
  }
  return encodeProtobufList(served.apiVersion, listKindOf(served.kind), metadata, items);
}

function listMetadata(answer: ListAnswer): object {
  return {
    resourceVersion: String(answer.revision),
    ...(answer.continueToken !== undefined && { continue: answer.continueToken }),
    ...(answer.remaining !== undefined && { remainingItemCount: answer.remaining }),
  };
}

async function objectsOf(server: Server, served: Served, versions: readonly StoredVersion[]): Promise<ApiObject[]> {
  const objects: ApiObject[] = [];
  for (const version of versions) {
    const object = servedObject(served, version);
    objects.push(object instanceof Promise ? await object : object);
    if (objects.length % sliceSize === 0) await server.deps.yieldNow();
  }
  return objects;
}

/** The list out of the bytes that its objects have already. */
async function listBytes(server: Server, call: Call, served: Served, answer: ListAnswer, metadata: object): Promise<Uint8Array> {
  const parts: Uint8Array[] = [
    utf8(
      `{"kind":${JSON.stringify(listKindOf(served.kind))},"apiVersion":${JSON.stringify(served.apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`,
    ),
  ];
  const comma = utf8(",");
  for (const [position, version] of answer.versions.entries()) {
    if (position > 0) parts.push(comma);
    parts.push(await encodeStored(served, version, call.output));
    if (position % sliceSize === sliceSize - 1) await server.deps.yieldNow();
  }
  parts.push(utf8("]}\n"));
  return concat(parts);
}

/** The deprecated /watch/ paths and ?watch=1 of a single name come here too. */
export function watchSelection(call: Call, target: Target): ReturnType<typeof selectionOf> {
  if (call.request.method !== "GET") throw badRequest("a watch is a GET");
  return selectionOf(target.served, target.namespace, call.info.query, call.info.watchPrefix ? call.info.name : "");
}
