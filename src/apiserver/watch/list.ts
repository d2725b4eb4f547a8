// Reading many objects: from the watch cache at the present revision, or from the store at the fixed revision of a paged list.
// The resourceVersion rules are those of the API concepts page ("Resource versions", "Semantics for get and list").

import { linkedAbort } from "../../base/on-abort.ts";
import { sleep } from "../../base/clock.ts";
import { notSupported } from "../../object/field-error.ts";
import { StatusError, badRequest, invalid } from "../../object/status.ts";
import { CompactedError, FutureRevisionError } from "../../store/store.ts";
import type { Server } from "../server.ts";
import type { Served } from "../resources.ts";
import { readContinueToken, writeContinueToken } from "./continue-token.ts";
import type { Selection } from "./selection.ts";
import { StoredVersion } from "./stored-version.ts";

export interface ListAnswer {
  readonly versions: readonly StoredVersion[];
  readonly revision: number;
  readonly continueToken?: string;
  readonly remaining?: number;
}

/** How long a read waits for a revision that has not been seen yet, as Kubernetes does. */
const futureWaitMs = 3000;
/** How many entries are read from the store at a time when a selector drops some. */
const scanPage = 500;

/** Reads a resourceVersion parameter; undefined when unset. @throws StatusError */
export function parseRevision(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`invalid resource version: ${JSON.stringify(text)}`);
  return Number(text);
}

export async function listVersions(
  server: Server,
  served: Served,
  selection: Selection,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<ListAnswer> {
  const limit = parseCount(query.get("limit"));
  if (query.has("sendInitialEvents"))
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
      { type: "FieldValueForbidden", field: "sendInitialEvents", detail: "sendInitialEvents is forbidden for list" },
    ]);
  const token = query.get("continue") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const wanted = parseRevision(query.get("resourceVersion"));
  checkMatch(match, wanted, token);
  if (token !== "") {
    if (wanted !== undefined && wanted !== 0) throw badRequest("specifying resource version is not allowed when using continue");
    return continued(server, served, selection, token, limit);
  }
  if (match === "Exact") return fromStore(server, served, selection, { revision: wanted!, limit, from: undefined });
  if (wanted === undefined) await server.feed.fresh();
  else if (wanted > 0) await reachOrRefuse(server, wanted, signal);
  return fromCache(server, served, selection, limit);
}

/** Waits until the caches show `revision`. @throws StatusError Timeout when it does not come soon. */
export async function reachOrRefuse(server: Server, revision: number, signal: AbortSignal): Promise<void> {
  if (server.feed.revision >= revision) return;
  using waiting = linkedAbort(signal);
  const timeout = sleep(server.deps.clock, futureWaitMs, waiting.signal).then(() => "late" as const);
  const reached = server.feed.reach(revision).then(() => "reached" as const);
  try {
    if ((await Promise.race([reached, timeout])) === "reached") return;
  } finally {
    timeout.catch(() => undefined); // the abort below is its only failure, once nobody waits
    waiting.abort(new Error("no longer waiting"));
  }
  throw new StatusError("Timeout", `Too large resource version: ${revision}, current: ${server.feed.revision}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

async function fromCache(server: Server, served: Served, selection: Selection, limit: number): Promise<ListAnswer> {
  const cache = server.feed.cache(served.storagePrefix);
  // No await between these two: they belong to one revision.
  const revision = server.feed.revision;
  const all = selection.exact ? [cache.get(selection.prefix)].filter((version) => version !== undefined) : cache.list(selection.prefix);
  const found: StoredVersion[] = [];
  for (let i = 0; i < all.length; i++) {
    const version = all[i]!;
    if (expired(server, version)) continue;
    if (selection.filtered && i % 1000 === 999) await server.deps.yieldNow();
    if (!selection.matches(version)) continue;
    if (limit > 0 && found.length === limit) {
      const token = writeContinueToken({ revision, from: version.key.slice(selection.prefix.length) });
      return { versions: found, revision, continueToken: token, ...(!selection.filtered && { remaining: all.length - i }) };
    }
    found.push(version);
  }
  return { versions: found, revision };
}

async function continued(server: Server, served: Served, selection: Selection, text: string, limit: number): Promise<ListAnswer> {
  const token = readContinueToken(text);
  const from = selection.prefix + token.from;
  try {
    const revision = token.revision < 0 ? undefined : token.revision;
    return await fromStore(server, served, selection, { revision, limit, from });
  } catch (error) {
    if (!(error instanceof StatusError) || error.reason !== "Expired") throw error;
    const fresh = writeContinueToken({ revision: -1, from: token.from });
    throw new ExpiredContinueError(fresh);
  }
}

/** 410 for a page whose revision is gone, with a token that continues at what is there now. */
class ExpiredContinueError extends StatusError {
  constructor(token: string) {
    super(
      "Expired",
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    );
    (this.status as { metadata: object }).metadata = { continue: token };
  }
}

async function fromStore(
  server: Server,
  served: Served,
  selection: Selection,
  page: { readonly revision: number | undefined; readonly limit: number; readonly from: string | undefined },
): Promise<ListAnswer> {
  const cache = server.feed.cache(served.storagePrefix);
  const found: StoredVersion[] = [];
  let from = page.from;
  let revision = page.revision;
  try {
    for (;;) {
      const size = page.limit > 0 ? (selection.filtered ? scanPage : page.limit) : scanPage;
      const read = await server.deps.store.range(selection.prefix, {
        limit: size,
        ...(revision !== undefined && { revision }),
        ...(from !== undefined && { from }),
      });
      revision ??= read.revision;
      for (const [position, entry] of read.entries.entries()) {
        if (selection.exact && entry.key !== selection.prefix) continue;
        const cached = cache.get(entry.key);
        const version = cached?.revision === entry.revision ? cached : new StoredVersion(entry.key, entry.value, entry.revision, entry);
        if (!selection.matches(version)) continue;
        found.push(version);
        const more = position + 1 < read.entries.length || read.more;
        if (page.limit > 0 && found.length === page.limit && more) {
          const token = writeContinueToken({ revision, from: `${entry.key.slice(selection.prefix.length)}\0` });
          return {
            versions: found,
            revision,
            continueToken: token,
            ...(!selection.filtered && { remaining: read.count - read.entries.length }),
          };
        }
      }
      if (!read.more || read.entries.length === 0) return { versions: found, revision };
      from = `${read.entries.at(-1)!.key}\0`;
      await server.deps.yieldNow();
    }
  } catch (error) {
    if (error instanceof CompactedError) throw new StatusError("Expired", `The resourceVersion for the provided list is too old.`);
    if (error instanceof FutureRevisionError)
      throw new StatusError("Timeout", `Too large resource version: ${page.revision}, current: ${server.feed.revision}`, {
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        retryAfterSeconds: 1,
      });
    throw error;
  }
}

/** An entry past its time is gone for readers even before the store removes it. */
export const expired = (server: Server, version: StoredVersion): boolean =>
  version.expiresAtMs !== undefined && version.expiresAtMs <= server.deps.clock.now();

/** A whole number in a query; 0 when it is absent or negative. @throws StatusError BadRequest */
export function parseCount(text: string | null): number {
  if (text === null || text === "") return 0;
  if (!/^-?\d{1,18}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Math.max(0, Number(text));
}

function checkMatch(match: string, revision: number | undefined, token: string): void {
  if (match === "") return;
  const forbid = (detail: string): never => {
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
      { type: "FieldValueForbidden", field: "resourceVersionMatch", detail },
    ]);
  };
  if (token !== "") forbid("resourceVersionMatch is forbidden when continue is provided");
  if (match !== "Exact" && match !== "NotOlderThan")
    throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [
      notSupported("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]),
    ]);
  if (revision === undefined) forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (match === "Exact" && revision === 0) forbid(`resourceVersionMatch "exact" is forbidden for resourceVersion "0"`);
}
