// Reading the LMDB store at any kept revision. Every function reads in one turn of the event loop, hence from one snapshot.

import { decodeRecord } from "../../store/record.ts";
import type { Change, ChangeSet, Entry } from "../../store/store.ts";
import { narrow } from "../../store/watch-hub.ts";
import type { Tables } from "./lmdb-layout.ts";
import { absent, decodeLogged, integerBytes, integerOf, metaKey, undoKey, undoParts } from "./lmdb-layout.ts";

/** How many revisions one turn replays at most. */
const replayBatch = 256;

/** The revision of the snapshot that is read from at this moment. */
export function snapshotRevision(tables: Tables): number {
  return integerOf(tables.meta.get(metaKey("revision"))!);
}

export function presentEntry(tables: Tables, key: string, keyBytes: Buffer): Entry | undefined {
  const record = tables.current.get(keyBytes);
  return record && decodeRecord(record, key, keyBytes);
}

/** The version that the key had at `revision`. */
export function entryAt(tables: Tables, key: string, keyBytes: Buffer, revision: number): Entry | undefined {
  const options = { start: undoKey(keyBytes, revision + 1), end: undoKey(keyBytes, Number.MAX_SAFE_INTEGER), limit: 1 };
  for (const { value } of tables.undo.getRange(options)) return undone(value, key, keyBytes);
  return presentEntry(tables, key, keyBytes);
}

function undone(record: Buffer, key: string, keyBytes: Buffer): Entry | undefined {
  return record.length === absent.length && record[0] === 0 ? undefined : decodeRecord(record, key, keyBytes);
}

export interface Slice {
  readonly entries: Entry[];
  /** Where the next slice starts; absent when this was the last. */
  readonly next?: Buffer;
}

/** Some of the entries between `start` and `end` (exclusive) at `revision`, in order. About `size` of them. */
export function slice(tables: Tables, start: Buffer, end: Buffer, revision: number, size: number): Slice {
  const entries: { keyBytes: Buffer; entry: Entry }[] = [];
  let next: Buffer | undefined;
  for (const { key, value } of tables.current.getRange({ start, end, limit: size + 1 })) {
    if (entries.length === size) {
      next = key;
      break;
    }
    entries.push({ keyBytes: key, entry: decodeRecord(value, key.toString(), key) });
  }
  if (snapshotRevision(tables) === revision) return { entries: entries.map((one) => one.entry), ...(next && { next }) };
  const before = changedSince(tables, start, next ?? end, revision);
  const kept = entries.filter((one) => !before.has(one.entry.key));
  for (const [key, { keyBytes, record }] of before) {
    const entry = undone(record, key, keyBytes);
    if (entry) kept.push({ keyBytes, entry });
  }
  kept.sort((a, b) => Buffer.compare(a.keyBytes, b.keyBytes));
  return { entries: kept.map((one) => one.entry), ...(next && { next }) };
}

/** How many keys there were between `start` and `end` at `revision`. */
export function countAt(tables: Tables, start: Buffer, end: Buffer, revision: number): number {
  let count = tables.current.getKeysCount({ start, end });
  if (snapshotRevision(tables) === revision) return count;
  for (const { keyBytes, record } of changedSince(tables, start, end, revision).values()) {
    count += (record.length > absent.length ? 1 : 0) - (tables.current.doesExist(keyBytes) ? 1 : 0);
  }
  return count;
}

/** For every key that changed after `revision`: what it was then. */
function changedSince(tables: Tables, start: Buffer, end: Buffer, revision: number): Map<string, { keyBytes: Buffer; record: Buffer }> {
  const before = new Map<string, { keyBytes: Buffer; record: Buffer }>();
  for (const { key: bytes, value } of tables.undo.getRange({ start, end })) {
    const { keyBytes, revision: changedAt } = undoParts(bytes);
    if (changedAt <= revision || Buffer.compare(keyBytes, start) < 0) continue;
    const key = keyBytes.toString();
    if (!before.has(key)) before.set(key, { keyBytes, record: value });
  }
  return before;
}

/** History for a watcher: the changes after `after`, up to the published revision. */
export function replay(tables: Tables, prefix: string, after: number, published: number): { sets: ChangeSet[]; upTo: number } {
  const upTo = Math.min(published, after + replayBatch);
  const sets: ChangeSet[] = [];
  for (const { key, value } of tables.log.getRange({ start: integerBytes(after + 1), end: integerBytes(upTo + 1) })) {
    const revision = integerOf(key);
    const logged = decodeLogged(value, revision).filter((change) => change[1].startsWith(prefix));
    if (logged.length === 0) continue;
    const set = narrow({ revision, changes: logged.map((change) => rebuilt(tables, change, revision)) }, prefix);
    if (set) sets.push(set);
  }
  return { sets, upTo };
}

function rebuilt(tables: Tables, [type, key, cause]: readonly [string, string, string?], revision: number): Change {
  const keyBytes = Buffer.from(key);
  const previous = entryAt(tables, key, keyBytes, revision - 1);
  if (type === "p") return { type: "put", key, entry: entryAt(tables, key, keyBytes, revision)!, ...(previous && { previous }) };
  const { cause: _, ...last } = previous!;
  return { type: "delete", key, entry: { ...last, ...(cause !== undefined && { cause }), revision }, previous: previous! };
}
