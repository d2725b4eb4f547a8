// The store on disk. All transactions that arrive while a commit runs share the next one and its fdatasync; an answer
// follows that sync. Watchers get what is durable, from memory; history is read back from disk when a watcher asks for it.

import { mkdir } from "node:fs/promises";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Activity } from "../../base/activity.ts";
import { uncounted } from "../../base/activity.ts";
import { BugError } from "../../base/assert.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import { encodeRecord } from "../../store/record.ts";
import type { Change, ChangeSet, Condition, Entry, RangeOptions, RangeResult, Store, TransactResult, Write } from "../../store/store.ts";
import { CompactedError, FutureRevisionError, StoreFullError } from "../../store/store.ts";
import { changesOf, checkTransaction, refusal } from "../../store/transaction.ts";
import { WatchHub } from "../../store/watch-hub.ts";
import { DiskReserve } from "./disk-reserve.ts";
import type { LoggedChange, Tables } from "./lmdb-layout.ts";
import { absent, decodeLogged, encodeLogged, expiryKey, integerBytes, integerOf, metaKey, openTables, undoKey } from "./lmdb-layout.ts";
import { countAt, entryAt, presentEntry, replay, slice, snapshotRevision } from "./lmdb-reader.ts";

export interface LmdbStoreOptions {
  /** Created, with its parents, when it is missing. */
  readonly directory: string;
  /** Whose data this is: an existing store of another cluster is refused. */
  readonly clusterId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly activity?: Activity;
  /** Called once when the disk failed other than by being full: what is on it is unknown, so the process must end and read it anew. */
  readonly fatal: (error: BugError) => void;
  /** Disk space kept back so that a full disk can still be cleaned up. Default 8 MiB. */
  readonly reserveBytes?: number;
}

/** How many transactions share one commit at most: bounds how long one commit holds the event loop. */
const maxBatch = 512;
/** How many entries one turn of the event loop reads. */
const sliceSize = 1_000;
/** How many revisions one compaction commit forgets. */
const compactBatch = 500;
const expiryBatch = 500;
/** How often a full disk is looked at again. */
const rearmMs = 1_000;

interface Pending {
  readonly conditions: readonly Condition[];
  readonly writes: readonly Write[];
  readonly resolve: (result: TransactResult) => void;
  readonly reject: (error: Error) => void;
}

type Outcome = { readonly result: TransactResult; readonly set?: ChangeSet } | { readonly failure: Error };

export class LmdbStore implements Store {
  readonly #tables: Tables;
  readonly #options: LmdbStoreOptions;
  readonly #hub: WatchHub;
  readonly #reserve: DiskReserve;
  #revision: number;
  #compacted: number;
  #queue: Pending[] = [];
  #committing: Promise<void> | undefined;
  #compacting: Promise<void> = Promise.resolve();
  #expiryTimer: Timer | undefined;
  #rearmTimer: Timer | undefined;
  #full = false;
  #broken: Error | undefined;
  #closed: Promise<void> | undefined;

  static async open(options: LmdbStoreOptions): Promise<LmdbStore> {
    await mkdir(dirname(options.directory), { recursive: true });
    const tables = await openTables(options.directory, options.clusterId);
    const reserve = new DiskReserve(join(options.directory, "reserve"), options.reserveBytes ?? 8 * 1024 * 1024);
    if (!(await reserve.fill())) options.log.warn("the disk is nearly full", { directory: options.directory });
    return new LmdbStore(tables, options, reserve);
  }

  private constructor(tables: Tables, options: LmdbStoreOptions, reserve: DiskReserve) {
    this.#tables = tables;
    this.#options = options;
    this.#reserve = reserve;
    this.#revision = snapshotRevision(tables);
    this.#compacted = integerOf(tables.meta.get(metaKey("compacted"))!);
    this.#hub = new WatchHub(
      {
        compactedRevision: () => this.#compacted,
        revision: () => this.#revision,
        read: (prefix, after) => replay(this.#tables, prefix, after, this.#revision),
      },
      options.activity ?? uncounted,
    );
    this.#armExpiry();
  }

  revision(): number {
    return this.#revision;
  }

  async get(key: string, options: { readonly revision?: number } = {}): Promise<Entry | undefined> {
    this.#checkOpen();
    const keyBytes = Buffer.from(key);
    if (options.revision === undefined) return presentEntry(this.#tables, key, keyBytes);
    this.#checkRevision(options.revision);
    return entryAt(this.#tables, key, keyBytes, options.revision);
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    this.#checkOpen();
    // What is durable may be one commit ahead of what has been published: the snapshot says which revision it shows.
    const revision = options.revision ?? snapshotRevision(this.#tables);
    if (options.revision !== undefined) this.#checkRevision(revision);
    const prefixBytes = Buffer.from(prefix);
    const fromBytes = Buffer.from(options.from ?? prefix);
    // No UTF-8 text has a byte 0xff: this comes after every key with the prefix.
    const end = Buffer.concat([prefixBytes, Buffer.from([0xff])]);
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    let start: Buffer | undefined = Buffer.compare(fromBytes, prefixBytes) > 0 ? fromBytes : prefixBytes;
    if (Buffer.compare(start, end) >= 0) return { entries: [], revision, more: false, count: 0 };
    const entries: Entry[] = [];
    let surplus = 0;
    while (start && entries.length < limit) {
      const part: { entries: Entry[]; next?: Buffer } = slice(
        this.#tables,
        start,
        end,
        revision,
        Math.min(sliceSize, limit - entries.length),
      );
      for (const entry of part.entries) {
        if (entries.length < limit) entries.push(entry);
        else surplus++;
      }
      start = part.next;
      if (!start || entries.length >= limit) break;
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#checkOpen();
      if (revision < this.#compacted) throw new CompactedError(this.#compacted);
    }
    const count = entries.length + surplus + (start ? countAt(this.#tables, start, end, revision) : 0);
    return { entries, revision, more: count > entries.length, count };
  }

  async transact(conditions: readonly Condition[], writes: readonly Write[]): Promise<TransactResult> {
    this.#checkOpen();
    checkTransaction(conditions, writes);
    if (this.#full && writes.some((write) => write.type === "put")) throw fullError();
    return await new Promise<TransactResult>((resolve, reject) => {
      this.#queue.push({ conditions, writes, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<ChangeSet> {
    return this.#hub.watch(prefix, revision, signal);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    if (revision > this.#revision) throw new FutureRevisionError(`cannot compact at ${revision}: the store is at ${this.#revision}`);
    this.#compacting = this.#compacting.then(() => this.#compact(revision));
    await this.#compacting;
  }

  async fork(): Promise<Store> {
    const { entries, revision } = await this.range("");
    const { clock, activity } = this.#options;
    return new MemoryStore({ clock, ...(activity && { activity }) }, { revision, entries });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#expiryTimer?.[Symbol.dispose]();
    this.#rearmTimer?.[Symbol.dispose]();
    this.#hub.close(closedError());
    await this.#committing;
    await this.#compacting;
    await this.#tables.root.close();
  }

  /** Runs commits until nothing waits. */
  async #commitAll(): Promise<void> {
    // One turn later, so that everything of this turn shares the first commit.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) await this.#commitBatch(this.#queue.splice(0, maxBatch));
    this.#committing = undefined;
  }

  async #commitBatch(batch: readonly Pending[]): Promise<void> {
    const { root, meta } = this.#tables;
    let outcomes: Outcome[] = [];
    let revision = this.#revision;
    try {
      if (this.#broken) throw this.#broken;
      await root.transaction(() => {
        outcomes = [];
        revision = this.#revision;
        if (snapshotRevision(this.#tables) !== revision) throw new BugError("another process writes to this store");
        for (const pending of batch) {
          const outcome = this.#apply(pending, revision + 1);
          outcomes.push(outcome);
          if ("set" in outcome) revision++;
        }
        if (revision !== this.#revision) meta.putSync(metaKey("revision"), integerBytes(revision));
      });
    } catch (error) {
      const reason = await reasonOf(error as Error);
      this.#commitFailed(batch, reason, await this.#isDiskFull(reason, batch));
      return;
    }
    root.resetReadTxn();
    outcomes.forEach((outcome, i) => {
      if ("failure" in outcome) {
        batch[i]!.reject(outcome.failure);
        return;
      }
      if (outcome.set) {
        this.#revision = outcome.set.revision;
        this.#hub.publish(outcome.set);
        for (const { entry, type } of outcome.set.changes)
          if (type === "put" && entry.expiresAtMs !== undefined) this.#armExpiry(entry.expiresAtMs);
      }
      // A refusal and a transaction without effect answer with the revision that they saw.
      batch[i]!.resolve(outcome.result);
    });
  }

  /** Inside the write transaction. Reads and checks everything before it writes anything. */
  #apply(pending: Pending, revision: number): Outcome {
    let changes: Change[];
    try {
      const present = (key: string): Entry | undefined => presentEntry(this.#tables, key, Buffer.from(key));
      const refused = refusal(pending.conditions, present);
      if (refused) return { result: refused };
      changes = changesOf(pending.writes, revision, present);
    } catch (error) {
      return { failure: error as Error }; // a damaged record: its transaction fails, the others go on
    }
    if (changes.length === 0) return { result: { committed: true, revision: revision - 1 } };
    const { current, undo, log, expiry } = this.#tables;
    const logged: LoggedChange[] = [];
    for (const { type, key, entry, previous } of changes) {
      const keyBytes = Buffer.from(key);
      undo.putSync(undoKey(keyBytes, revision), previous ? current.get(keyBytes)! : absent);
      if (previous?.expiresAtMs !== undefined) expiry.removeSync(expiryKey(previous.expiresAtMs, keyBytes));
      if (type === "put") {
        current.putSync(keyBytes, Buffer.from(encodeRecord(entry, keyBytes).buffer));
        if (entry.expiresAtMs !== undefined) expiry.putSync(expiryKey(entry.expiresAtMs, keyBytes), absent);
        logged.push(["p", key]);
      } else {
        current.removeSync(keyBytes);
        logged.push(entry.cause === undefined ? ["d", key] : ["d", key, entry.cause]);
      }
    }
    log.putSync(integerBytes(revision), encodeLogged(logged));
    return { result: { committed: true, revision }, set: { revision, changes } };
  }

  /** LMDB reports a write that was cut short for want of space as a plain input/output error: then the free space decides. */
  async #isDiskFull(reason: Error & { code?: number | string }, batch: readonly Pending[]): Promise<boolean> {
    if (reason.code === constants.errno.ENOSPC || reason.code === "ENOSPC") return true;
    if (reason.code !== constants.errno.EIO) return false;
    let wantedBytes = 1024 * 1024;
    for (const { writes } of batch) for (const write of writes) if (write.type === "put") wantedBytes += 4 * write.value.length;
    return (await this.#reserve.freeBytes()) < wantedBytes;
  }

  #commitFailed(batch: readonly Pending[], error: Error, full: boolean): void {
    this.#tables.root.resetReadTxn();
    if (!full) {
      const failure = this.#broken ?? new BugError(`the store could not be written: ${error.message}`, { cause: error });
      for (const pending of batch) pending.reject(failure);
      if (this.#broken) return;
      this.#broken = failure;
      this.#hub.close(failure);
      this.#options.fatal(failure as BugError);
      return;
    }
    const again: Pending[] = [];
    for (const pending of batch) {
      // Deletes get a second chance on the space that the reserve gives up.
      if (!this.#full && pending.writes.every((write) => write.type === "delete")) again.push(pending);
      else pending.reject(fullError());
    }
    this.#queue.unshift(...again);
    if (!this.#full) {
      this.#full = true;
      this.#reserve.release();
      this.#options.log.error("the disk is full: writes are refused until there is room", { directory: this.#options.directory });
    }
    this.#armRetry();
  }

  #armRetry(): void {
    if (this.#rearmTimer || this.#closed) return;
    this.#rearmTimer = this.#options.clock.after(rearmMs, () => {
      this.#rearmTimer = undefined;
      void this.#rearm();
    });
  }

  async #rearm(): Promise<void> {
    try {
      if (await this.#reserve.fill()) {
        this.#full = false;
        this.#options.log.info("there is room on the disk again: writes are accepted", { directory: this.#options.directory });
        return;
      }
    } catch (error) {
      this.#options.log.warn("cannot look at the disk", { error });
    }
    this.#armRetry();
  }

  async #compact(revision: number): Promise<void> {
    if (revision <= this.#compacted || this.#closed || this.#broken) return;
    const { root, meta, log, undo } = this.#tables;
    await root.transaction(() => meta.putSync(metaKey("compacted"), integerBytes(revision)));
    this.#compacted = revision;
    for (;;) {
      if (this.#closed) return; // what is left goes with the next compaction
      root.resetReadTxn();
      const forgotten = [...log.getRange({ start: integerBytes(0), end: integerBytes(revision + 1), limit: compactBatch })];
      if (forgotten.length === 0) return;
      await root.transaction(() => {
        for (const { key, value } of forgotten) {
          const at = integerOf(key);
          for (const [, changed] of decodeLogged(value, at)) undo.removeSync(undoKey(Buffer.from(changed), at));
          log.removeSync(key);
        }
      });
    }
  }

  /** Keeps one timer, for the earliest expiry; `atMs` is a new one. */
  #armExpiry(atMs?: number): void {
    if (this.#closed) return;
    const next = atMs ?? this.#firstExpiry();
    if (next === undefined) return;
    const { clock } = this.#options;
    const delayMs = Math.max(0, next - clock.now());
    if (this.#expiryTimer && this.#expiryTimer.dueAtMs <= clock.monotonicMs() + delayMs) return;
    this.#expiryTimer?.[Symbol.dispose]();
    this.#expiryTimer = clock.after(delayMs, () => {
      this.#expiryTimer = undefined;
      void this.#expire();
    });
  }

  #firstExpiry(): number | undefined {
    for (const key of this.#tables.expiry.getKeys({ limit: 1 })) return integerOf(key);
    return undefined;
  }

  async #expire(): Promise<void> {
    try {
      const due: string[] = [];
      const range = { start: integerBytes(0), end: integerBytes(this.#options.clock.now() + 1), limit: expiryBatch };
      for (const key of this.#tables.expiry.getKeys(range)) due.push(key.subarray(8).toString());
      const conditions = due.map((key) => ({ key, revision: presentEntry(this.#tables, key, Buffer.from(key))?.revision ?? 0 }));
      // Refused when one of them was rewritten meanwhile; the next look then finds the others again.
      if (due.length > 0)
        await this.transact(
          conditions,
          due.map((key) => ({ type: "delete", key })),
        );
      this.#armExpiry();
    } catch (error) {
      if (this.#closed || this.#broken) return;
      this.#options.log.warn("expired keys could not be deleted", { error });
      this.#armExpiry(this.#options.clock.now() + 60_000);
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
    if (this.#broken) throw this.#broken;
  }

  #checkRevision(revision: number): void {
    if (revision > Math.max(this.#revision, snapshotRevision(this.#tables))) {
      throw new FutureRevisionError(`revision ${revision} has not happened; the store is at ${this.#revision}`);
    }
    if (revision < this.#compacted) throw new CompactedError(this.#compacted);
  }
}

const closedError = (): Error => new Error("the store is closed");
const fullError = (): StoreFullError => new StoreFullError("the disk is full; free some space, writing resumes by itself");

/** The binding hides the system's error in a rejected promise beside its own. */
async function reasonOf(error: Error): Promise<Error> {
  const { commitError } = error as { commitError?: Promise<never> };
  if (!commitError) return error;
  try {
    return await commitError;
  } catch (reason) {
    return reason as Error;
  }
}
