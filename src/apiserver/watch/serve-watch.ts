// Opening a watch and turning its events into frames: JSON lines, protobuf frames, or decoded objects in process. A frame is
// encoded once for all watchers of the same form, and what waits at one time leaves as one chunk.

import { onAbort } from "../../base/on-abort.ts";
import { uncounted } from "../../base/activity.ts";
import type { Timer } from "../../base/clock.ts";
import type { ApiObject } from "../../object/kind.ts";
import { encodeProtobuf, encodeWatchFrame } from "../../object/protobuf.ts";
import { statusStruct } from "../../object/meta.ts";
import { StatusError, badRequest, invalid } from "../../object/status.ts";
import type { Response, WatchEvent } from "../../wire/exchange.ts";
import { DecodedStream } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Served } from "../resources.ts";
import { servedObject } from "../resources.ts";
import type { Call } from "../route/call.ts";
import { mediaTypes } from "../route/negotiate.ts";
import { isTrue } from "../route/request-info.ts";
import { encodeStored, partialOf, tableOf } from "../route/respond.ts";
import { concat, utf8 } from "./bytes.ts";
import { expired, parseCount, parseRevision, reachOrRefuse } from "./list.ts";
import type { Selection } from "./selection.ts";
import type { CacheEvent } from "./watch-cache.ts";
import type { WatchItem } from "./watcher.ts";
import { Watcher } from "./watcher.ts";

const bookmarkEveryMs = 60_000;
/** Without timeoutSeconds a watch lives between this and twice this, so that not all clients come back at once. */
const defaultTimeoutSeconds = 1800;
/** Most bytes that leave as one chunk. */
const chunkBytes = 64 * 1024;
const initialEventsEnd = "k8s.io/initial-events-end";

export async function serveWatch(server: Server, call: Call, served: Served, selection: Selection): Promise<Response> {
  const { query } = call.info;
  // A stream of YAML documents is not among the formats of a watch.
  if (call.output.format === "yaml") call.output = { ...call.output, format: "json" };
  const bookmarks = isTrue(query.get("allowWatchBookmarks"));
  const asked = parseCount(query.get("timeoutSeconds"));
  const { watcher, subscription } = await openWatcher(server, call, served, selection, bookmarks);
  const timers = new Set<Timer>();
  const close = (): void => {
    subscription[Symbol.dispose]();
    for (const timer of timers) timer[Symbol.dispose]();
    timers.clear();
    if (call.signal.aborted) watcher.abandon();
    else watcher.end();
    for (const one of listening.splice(0)) one[Symbol.dispose]();
  };
  const listening: Disposable[] = [];
  for (const signal of [call.signal, server.stopping]) if (!watcher.ended) listening.push(onAbort(signal, close));

  const seconds = asked > 0 ? asked : defaultTimeoutSeconds * (1 + server.deps.random.next());
  if (!watcher.ended) {
    timers.add(server.deps.clock.after(seconds * 1000, close));
    if (bookmarks) scheduleBookmarks(server, watcher, timers);
  }

  if (call.request.decoded)
    return { status: 200, headers: {}, body: new DecodedStream(decodedEvents(server, call, served, watcher, close)) };
  const stream = call.output.format === "protobuf" ? ";stream=watch" : "";
  const headers = { "content-type": `${mediaTypes[call.output.format]}${stream}`, "cache-control": "no-cache, private" };
  return { status: 200, headers, body: frames(server, call, served, watcher, close) };
}

function scheduleBookmarks(server: Server, watcher: Watcher, timers: Set<Timer>): void {
  const timer = server.deps.clock.after(bookmarkEveryMs, () => {
    timers.delete(timer);
    if (watcher.ended) return;
    watcher.bookmark(server.feed.revision);
    scheduleBookmarks(server, watcher, timers);
  });
  timers.add(timer);
}

interface Opened {
  readonly watcher: Watcher;
  readonly subscription: Disposable;
}

async function openWatcher(server: Server, call: Call, served: Served, selection: Selection, bookmarks: boolean): Promise<Opened> {
  const { query } = call.info;
  const wanted = parseRevision(query.get("resourceVersion"));
  const sendInitial = query.has("sendInitialEvents") ? isTrue(query.get("sendInitialEvents")) : undefined;
  checkInitial(query, sendInitial);
  const cache = server.feed.cache(served.storagePrefix);
  const present = (): WatchItem[] =>
    (selection.exact ? [cache.get(selection.prefix)].filter((version) => version !== undefined) : cache.list(selection.prefix))
      .filter((version) => !expired(server, version) && selection.matches(version))
      .map((version) => ({ type: "ADDED", version }));
  // What is present and the subscription to what follows belong to one revision: no await may stand between them.
  const open = (items: WatchItem[], revision: number, missed: readonly CacheEvent[] = []): Opened => {
    // Only in process does a reader belong to what settles: somebody else's terminal may be as slow as it likes.
    const watcher = new Watcher(selection, items, revision, call.request.decoded ? server.deps.activity : uncounted);
    for (const event of missed) watcher.replay(event);
    return { watcher, subscription: cache.subscribe((event) => watcher.offer(event), selection.route) };
  };

  if (sendInitial === true) {
    if (wanted === undefined) await server.feed.fresh();
    else if (wanted > 0) await reachOrRefuse(server, wanted, call.signal);
    const items = present();
    if (bookmarks) items.push({ type: "BOOKMARK", revision: server.feed.revision, initialEnd: true });
    return open(items, server.feed.revision);
  }
  if (sendInitial === undefined && (wanted === undefined || wanted === 0)) {
    if (wanted === undefined) await server.feed.fresh();
    return open(present(), server.feed.revision);
  }
  if (wanted === undefined || wanted === 0) return open([], server.feed.revision);
  if (wanted < cache.oldestWatchable) {
    // Within an accepted watch this is told as an event, so that clients see it where they look for it.
    const status = new StatusError("Expired", `too old resource version: ${wanted} (${cache.oldestWatchable})`).status;
    const opened = open([{ type: "ERROR", status }], wanted);
    opened.watcher.end();
    return opened;
  }
  await reachOrRefuse(server, wanted, call.signal);
  return open([], wanted, cache.since(wanted));
}

function checkInitial(query: URLSearchParams, sendInitial: boolean | undefined): void {
  const match = query.get("resourceVersionMatch") ?? "";
  const forbid = (field: string, detail: string): never => {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [{ type: "FieldValueForbidden", field, detail }]);
  };
  if (sendInitial === undefined) {
    if (match !== "") forbid("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    return;
  }
  if (match !== "NotOlderThan") forbid("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if ((query.get("continue") ?? "") !== "") throw badRequest("continue is forbidden for watch");
}

async function* decodedEvents(server: Server, call: Call, served: Served, watcher: Watcher, close: () => void): AsyncGenerator<WatchEvent> {
  try {
    for (;;) {
      const items = await watcher.take();
      if (items.length === 0) return;
      for (const item of items) {
        if (call.signal.aborted) return;
        yield { type: item.type, object: await viewOf(server, call, served, item) };
      }
    }
  } finally {
    close();
    watcher.abandon();
  }
}

async function* frames(server: Server, call: Call, served: Served, watcher: Watcher, close: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const items = await watcher.take();
      if (items.length === 0) return;
      let chunk: Uint8Array[] = [];
      let size = 0;
      for (const item of items) {
        if (call.signal.aborted) return;
        const frame = await frameOf(server, call, served, item);
        chunk.push(frame);
        size += frame.length;
        if (size < chunkBytes) continue;
        yield concat(chunk);
        chunk = [];
        size = 0;
      }
      if (chunk.length > 0) yield concat(chunk);
    }
  } finally {
    close();
    watcher.abandon();
  }
}

/** The object of an event in the view that was asked for. */
async function viewOf(server: Server, call: Call, served: Served, item: WatchItem): Promise<object> {
  if (item.type === "ERROR") return item.status;
  const object = item.type === "BOOKMARK" ? bookmarkObject(served, item) : await servedObject(served, item.version);
  const { as } = call.output;
  if (as === "table") {
    if (item.type === "BOOKMARK") return tableOf(server, call, served, [], object.metadata ?? {});
    return tableOf(server, call, served, [object], { resourceVersion: object.metadata?.resourceVersion ?? "" });
  }
  return as === "partial" || as === "partialList" ? partialOf(object) : object;
}

function bookmarkObject(served: Served, item: WatchItem & { type: "BOOKMARK" }): ApiObject {
  return {
    kind: served.kind.kind,
    apiVersion: served.apiVersion,
    metadata: {
      resourceVersion: String(item.revision),
      ...(item.initialEnd && { annotations: { [initialEventsEnd]: "true" } }),
    },
  };
}

const jsonStart = {
  ADDED: utf8('{"type":"ADDED","object":'),
  MODIFIED: utf8('{"type":"MODIFIED","object":'),
  DELETED: utf8('{"type":"DELETED","object":'),
};
const jsonEnd = utf8("}\n");

async function frameOf(server: Server, call: Call, served: Served, item: WatchItem): Promise<Uint8Array> {
  const { format, as } = call.output;
  if (item.type === "ERROR" || item.type === "BOOKMARK" || as !== "object") {
    const object = await viewOf(server, call, served, item);
    if (format !== "protobuf" || (as !== "object" && item.type !== "ERROR"))
      return utf8(`${JSON.stringify({ type: item.type, object })}\n`);
    const schema = item.type === "ERROR" ? statusStruct : served.version.schema;
    const { apiVersion = "", kind = "" } = object as ApiObject;
    return encodeWatchFrame(item.type, encodeProtobuf(apiVersion, kind, schema, object));
  }
  // The promise is shared, not only its result: watchers that ask at the same time wait for one encoding.
  return item.version.form(`frame:${item.type}:${served.apiVersion}:${format}`, async () => {
    const bytes = await encodeStored(served, item.version, { ...call.output, pretty: false });
    return format === "protobuf" ? encodeWatchFrame(item.type, bytes) : concat([jsonStart[item.type], bytes, jsonEnd]);
  });
}
