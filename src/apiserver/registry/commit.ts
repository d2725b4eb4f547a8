// The last step of every write: one transaction with the object and what it allocates, on the condition that nobody was faster.

import { deepFreeze } from "../../object/copy.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { Condition, Write } from "../../store/store.ts";
import type { Cause } from "../../wire/exchange.ts";
import type { Served } from "../resources.ts";
import type { Server } from "../server.ts";
import { storedBytes } from "../watch/bytes.ts";
import { StoredVersion } from "../watch/stored-version.ts";
import type { TransactionAllocator } from "./allocator.ts";

const maxCauseBytes = 1024;

const causeText = (cause: Cause | undefined): { cause?: string } => {
  if (!cause) return {};
  const text = JSON.stringify(cause);
  return {
    cause: text.length <= maxCauseBytes ? text : JSON.stringify({ actor: cause.actor.slice(0, 200), rule: cause.rule.slice(0, 200) }),
  };
};

/**
 * Writes the object when the key's revision is still `expected` (0: absent).
 * @returns undefined when somebody was faster: look again.
 */
export async function commitPut(
  server: Server,
  served: Served,
  key: string,
  object: ApiObject,
  expected: StoredVersion | undefined,
  allocator: TransactionAllocator,
  cause: Cause | undefined,
): Promise<StoredVersion | undefined> {
  const frozen = deepFreeze(withoutRevision(object));
  const bytes = storedBytes(frozen);
  server.feed.handOver(key, bytes, frozen);
  const ttl = served.kind.rules?.objectTtlMs;
  const expiry = ttl === undefined ? {} : { expiresAtMs: server.deps.clock.now() + ttl };
  const revision = await transact(
    server,
    [{ key, revision: expected?.revision ?? 0 }, ...allocator.conditions],
    [{ type: "put", key, value: bytes, ...causeText(cause), ...expiry }, ...allocator.writes],
  );
  if (revision === undefined) return undefined;
  // Mostly the feed has it already: then all readers and the answer share one version and what is derived from it.
  const fed = server.feed.cache(served.storagePrefix).get(key);
  if (fed?.revision === revision) return fed;
  return new StoredVersion(key, bytes, revision, { createRevision: expected?.createRevision ?? revision, object: frozen, ...expiry });
}

/** Removes the object when it is still the expected version. @returns the revision of the removal, undefined when it is not. */
export function commitDelete(
  server: Server,
  expected: StoredVersion,
  allocator: TransactionAllocator,
  cause: Cause | undefined,
): Promise<number | undefined> {
  return transact(
    server,
    [{ key: expected.key, revision: expected.revision }, ...allocator.conditions],
    [{ type: "delete", key: expected.key, ...causeText(cause) }, ...allocator.writes],
  );
}

async function transact(server: Server, conditions: readonly Condition[], writes: readonly Write[]): Promise<number | undefined> {
  const result = await server.deps.store.transact(conditions, writes);
  return result.committed ? result.revision : undefined;
}

/** The revision is known only at commit: it never stands in what is stored. */
function withoutRevision(object: ApiObject): ApiObject {
  const { resourceVersion: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}
