// The store in memory: the whole truth of a cluster inside a test, a fork, and `--store memory`. Present versions stand in a
// sorted index; the changes since the last compaction stand in a log, from which old revisions and watches are served.

import type { Activity } from "../base/activity.ts";
import { uncounted } from "../base/activity.ts";
import { assert } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { ExpiryQueue } from "./expiry-queue.ts";
import { compareKeys } from "./key.ts";
import { SortedIndex } from "./sorted-index.ts";
import type { ChangeSet, Condition, Entry, RangeOptions, RangeResult, Store, TransactResult, Write } from "./store.ts";
import { CompactedError, FutureRevisionError } from "./store.ts";
import { changesOf, checkTransaction, refusal } from "./transaction.ts";
import { narrow, WatchHub } from "./watch-hub.ts";

export interface MemoryStoreDeps {
  readonly clock: Clock;
  /** Counts undelivered watch changes, so that a virtual cluster knows when it has settled. */
  readonly activity?: Activity;
}

/** What a new store starts with; by default it is empty, at revision 1. */
export interface MemoryStoreContent {
  readonly revision: number;
  readonly entries: Iterable<Entry>;
}

/** How many revisions a watcher replays before it hands on what it has. */
const replayBatch = 512;
/** How many expired keys one transaction deletes at most. */
const expiryBatch = 500;

/** Passes the same laws as the store on disk; what it holds ends with the process. */
export class MemoryStore implements Store {
  readonly #deps: MemoryStoreDeps;
  readonly #index: SortedIndex;
  readonly #hub: WatchHub;
  readonly #expiries = new ExpiryQueue();
  /** `#log[i]` has revision `#compacted + 1 + i`. */
  #log: ChangeSet[] = [];
  #compacted: number;
  #revision: number;
  #timer: Timer | undefined;
  #closed = false;

  constructor(
    deps: MemoryStoreDeps,
    content: MemoryStoreContent | { readonly revision: number; readonly index: SortedIndex } = { revision: 1, entries: [] },
  ) {
    this.#deps = deps;
    this.#revision = content.revision;
    this.#compacted = content.revision;
    if ("index" in content) this.#index = content.index;
    else {
      this.#index = new SortedIndex();
      for (const entry of content.entries) this.#index.set(entry);
    }
    this.#hub = new WatchHub(
      {
        compactedRevision: () => this.#compacted,
        revision: () => this.#revision,
        read: (prefix, after) => this.#history(prefix, after),
      },
      deps.activity ?? uncounted,
    );
    for (const entry of this.#index.scan("", "")) this.#expect(entry);
    this.#arm();
  }

  revision(): number {
    return this.#revision;
  }

  async get(key: string, options: { readonly revision?: number } = {}): Promise<Entry | undefined> {
    this.#checkOpen();
    const { revision } = options;
    if (revision === undefined) return this.#index.get(key);
    this.#checkRevision(revision);
    for (let i = revision - this.#compacted; i < this.#log.length; i++) {
      const change = this.#log[i]!.changes.find((one) => one.key === key);
      if (change) return change.previous;
    }
    return this.#index.get(key);
  }

  async range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    this.#checkOpen();
    const revision = options.revision ?? this.#revision;
    this.#checkRevision(revision);
    const from = options.from ?? prefix;
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    if (revision !== this.#revision) return this.#rangeAt(prefix, from, limit, revision);
    const entries: Entry[] = [];
    if (limit > 0) {
      for (const entry of this.#index.scan(prefix, from)) {
        entries.push(entry);
        if (entries.length >= limit) break;
      }
    }
    const count = entries.length < limit ? entries.length : this.#index.count(prefix, from);
    return { entries, revision, more: count > entries.length, count };
  }

  async transact(conditions: readonly Condition[], writes: readonly Write[]): Promise<TransactResult> {
    this.#checkOpen();
    checkTransaction(conditions, writes);
    return this.#commit(conditions, writes);
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<ChangeSet> {
    return this.#hub.watch(prefix, revision, signal);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    if (revision > this.#revision) throw new FutureRevisionError(`cannot compact at ${revision}: the store is at ${this.#revision}`);
    if (revision <= this.#compacted) return;
    this.#log = this.#log.slice(revision - this.#compacted);
    this.#compacted = revision;
  }

  async fork(): Promise<Store> {
    this.#checkOpen();
    return new MemoryStore(this.#deps, { revision: this.#revision, index: new SortedIndex(this.#index) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#hub.close(closedError());
  }

  #commit(conditions: readonly Condition[], writes: readonly Write[]): TransactResult {
    const present = (key: string): Entry | undefined => this.#index.get(key);
    const refused = refusal(conditions, present);
    if (refused) return refused;
    const revision = this.#revision + 1;
    const changes = changesOf(writes, revision, present);
    if (changes.length === 0) return { committed: true, revision: this.#revision };
    for (const change of changes) {
      if (change.type === "delete") this.#index.delete(change.key);
      else {
        this.#index.set(change.entry);
        this.#expect(change.entry);
      }
    }
    const set: ChangeSet = { revision, changes };
    this.#log.push(set);
    this.#revision = revision;
    this.#arm();
    this.#hub.publish(set);
    return { committed: true, revision };
  }

  /** The state at an old revision is the present one with the changes since then undone. */
  #rangeAt(prefix: string, from: string, limit: number, revision: number): RangeResult {
    const before = new Map<string, Entry | undefined>();
    for (let i = revision - this.#compacted; i < this.#log.length; i++) {
      for (const { key, previous } of this.#log[i]!.changes) {
        if (key.startsWith(prefix) && compareKeys(key, from) >= 0 && !before.has(key)) before.set(key, previous);
      }
    }
    const undone = [...before.values()].filter((entry) => entry !== undefined).sort((a, b) => compareKeys(a.key, b.key));
    const entries: Entry[] = [];
    let count = 0;
    const take = (entry: Entry): void => {
      count++;
      if (entries.length < limit) entries.push(entry);
    };
    let at = 0;
    for (const entry of this.#index.scan(prefix, from)) {
      if (before.has(entry.key)) continue;
      while (at < undone.length && compareKeys(undone[at]!.key, entry.key) < 0) take(undone[at++]!);
      take(entry);
    }
    while (at < undone.length) take(undone[at++]!);
    return { entries, revision, more: count > entries.length, count };
  }

  #history(prefix: string, after: number): { sets: ChangeSet[]; upTo: number } {
    const first = after - this.#compacted;
    const last = Math.min(this.#log.length, first + replayBatch);
    const sets: ChangeSet[] = [];
    for (let i = first; i < last; i++) {
      const part = narrow(this.#log[i]!, prefix);
      if (part) sets.push(part);
    }
    return { sets, upTo: this.#compacted + last };
  }

  #expect(entry: Entry): void {
    if (entry.expiresAtMs !== undefined) this.#expiries.push({ atMs: entry.expiresAtMs, key: entry.key, revision: entry.revision });
  }

  /** Keeps one timer, for the earliest expiry. */
  #arm(): void {
    const next = this.#expiries.nextMs;
    if (next === undefined || this.#closed) return;
    const delayMs = Math.max(0, next - this.#deps.clock.now());
    const dueAtMs = this.#deps.clock.monotonicMs() + delayMs;
    if (this.#timer && this.#timer.dueAtMs <= dueAtMs) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#expire();
    });
  }

  #expire(): void {
    const now = this.#deps.clock.now();
    const deletes: Write[] = [];
    while (deletes.length < expiryBatch) {
      const due = this.#expiries.popDue(now);
      if (!due) break;
      if (this.#index.get(due.key)?.revision === due.revision) deletes.push({ type: "delete", key: due.key });
    }
    if (deletes.length > 0) this.#commit([], deletes);
    this.#arm();
  }

  #checkOpen(): void {
    if (this.#closed) throw closedError();
  }

  #checkRevision(revision: number): void {
    assert(Number.isSafeInteger(revision), `not a revision: ${revision}`);
    if (revision > this.#revision)
      throw new FutureRevisionError(`revision ${revision} has not happened; the store is at ${this.#revision}`);
    if (revision < this.#compacted) throw new CompactedError(this.#compacted);
  }
}

const closedError = (): Error => new Error("the store is closed");
