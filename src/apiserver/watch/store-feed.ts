// The one reader of the store's changes. It loads everything once, follows the store from there and spreads each change to the
// watch cache of its prefix, so that all caches stand at the same revision, and "is the cache fresh?" is one comparison.

import { CancelledError } from "../../base/assert.ts";
import type { Log } from "../../base/log.ts";
import type { Clock } from "../../base/clock.ts";
import { pause } from "../../base/clock.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { Change, Entry, Store } from "../../store/store.ts";
import { CompactedError } from "../../store/store.ts";
import { StoredVersion } from "./stored-version.ts";
import { WatchCache } from "./watch-cache.ts";

/** Objects live under this, one segment for the kind's storage prefix: `/registry/pods/default/web-0`. */
export const registryRoot = "/registry/";
/** Taken addresses and ports: `/allocations/service-ip/IPv4/10.96.0.1`. */
export const allocationsRoot = "/allocations/";

const pageSize = 2000;
const retryDelayMs = 1000;
/** Writes whose decoded object waits to be met again in the feed. */
const handOverLimit = 4096;

export interface StoreFeedDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly yieldNow: () => Promise<void>;
}

export class StoreFeed {
  readonly #deps: StoreFeedDeps;
  readonly #caches = new Map<string, WatchCache>();
  readonly #waiters: { revision: number; wake: () => void; fail: (error: Error) => void }[] = [];
  #ended = false;
  /** Ends the present watch of the store. */
  #reading: AbortController | undefined;
  readonly #decoded = new Map<string, { readonly bytes: Uint8Array; readonly object: ApiObject }>();
  readonly #revisionListeners = new Set<(revision: number) => void>();
  #revision = 0;
  #historyStart = 0;
  #loaded = false;

  constructor(deps: StoreFeedDeps) {
    this.#deps = deps;
  }

  /** Everything up to this revision is in the caches. */
  get revision(): number {
    return this.#revision;
  }

  get loaded(): boolean {
    return this.#loaded;
  }

  /** The cache of one storage prefix ("pods"). */
  cache(prefix: string): WatchCache {
    return this.#cacheOf(`${registryRoot}${prefix}/`);
  }

  /** Taken addresses and ports. */
  allocations(): WatchCache {
    return this.#cacheOf(allocationsRoot);
  }

  /** Resolves when the caches have seen the revision. @throws CancelledError when the feed ends before */
  async reach(revision: number): Promise<void> {
    if (this.#revision >= revision) return;
    if (this.#ended) throw stopped();
    await new Promise<void>((wake, fail) => this.#waiters.push({ revision, wake, fail }));
  }

  /** Resolves when the caches show every write that was durable when it was called. */
  fresh(): Promise<void> {
    return this.reach(this.#deps.store.revision());
  }

  /** Called after each revision has been spread. */
  onRevision(listener: (revision: number) => void): Disposable {
    this.#revisionListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#revisionListeners.delete(listener) };
  }

  /** The writer already holds the decoded object of these bytes: the feed need not decode them again. */
  handOver(key: string, bytes: Uint8Array, object: ApiObject): void {
    if (this.#decoded.size >= handOverLimit) this.#decoded.clear();
    this.#decoded.set(key, { bytes, object });
  }

  /** Forgets events that the store has compacted. */
  forget(revision: number): void {
    this.#historyStart = Math.max(this.#historyStart, revision);
    for (const cache of this.#caches.values()) cache.forget(revision);
  }

  /** Loads everything; the caller then runs `follow`. */
  async load(): Promise<void> {
    for await (const entry of this.#everything()) {
      const cache = this.#cacheFor(entry.key);
      if (cache) cache.load(versionOf(entry));
    }
    this.#loaded = true;
    this.forget(this.#revision);
    this.#advance(this.#revision);
  }

  /** Follows the store until the signal aborts; reloads when it fell behind. */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      await this.#follow(signal);
    } finally {
      this.#ended = true;
      for (const waiter of this.#waiters.splice(0)) waiter.fail(stopped());
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const reading = (this.#reading = new AbortController());
      const stop = (): void => reading.abort(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const set of this.#deps.store.watch("/", this.#revision, reading.signal)) {
          for (const change of set.changes) this.#spread(change, set.revision);
          this.#advance(set.revision);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#deps.log.warn("the store's watch ended, reading everything again", { error: String(error) });
        if (!(error instanceof CompactedError)) await pause(this.#deps.clock, retryDelayMs, signal);
      } finally {
        signal.removeEventListener("abort", stop);
      }
      if (!signal.aborted)
        await this.#reload().catch((failure: unknown) => this.#deps.log.error("cannot read the store", { error: String(failure) }));
    }
  }

  /**
   * Counts what the store and the caches hold at one revision. When they differ, a change was lost on the way: that is told, and
   * everything is read again. Nothing is said while writes come faster than one can look.
   */
  async verify(): Promise<void> {
    const { count, revision } = await this.#deps.store.range("/", { limit: 1 });
    await this.reach(revision);
    if (this.#revision !== revision) return;
    let held = 0;
    for (const cache of this.#caches.values()) held += cache.size;
    if (held === count) return;
    this.#deps.log.error("the watch cache differs from the store, reading everything again", { revision, held, stored: count });
    this.#reading?.abort(new CancelledError("reading everything again"));
  }

  /** Compares what the store holds with the caches and spreads the difference as events at the revision that was read. */
  async #reload(): Promise<void> {
    const before = this.#revision;
    const seen = new Set<string>();
    const changed: Entry[] = [];
    let revision = before;
    for await (const entry of this.#everything((at) => (revision = at))) {
      seen.add(entry.key);
      if (this.#cacheFor(entry.key)?.get(entry.key)?.revision !== entry.revision) changed.push(entry);
    }
    changed.sort((a, b) => a.revision - b.revision);
    for (const entry of changed) {
      const cache = this.#cacheFor(entry.key);
      const previous = cache?.get(entry.key);
      cache?.apply({ type: "put", revision: entry.revision, version: versionOf(entry), ...(previous && { previous }) });
    }
    for (const cache of this.#caches.values())
      for (const old of cache.list())
        if (!seen.has(old.key)) cache.apply({ type: "delete", revision, version: old.at(revision), previous: old });
    // What happened in between is known only by its result, so nobody may resume inside it.
    this.forget(revision);
    this.#advance(revision);
  }

  async *#everything(onRevision?: (revision: number) => void): AsyncGenerator<Entry> {
    let from: string | undefined;
    let revision: number | undefined;
    for (;;) {
      const page = await this.#deps.store.range("/", {
        limit: pageSize,
        ...(from !== undefined && { from }),
        ...(revision !== undefined && { revision }),
      });
      revision ??= page.revision;
      if (onRevision) onRevision(revision);
      else this.#revision = revision;
      yield* page.entries;
      if (!page.more) return;
      from = `${page.entries.at(-1)!.key}\0`;
      await this.#deps.yieldNow();
    }
  }

  #spread(change: Change, revision: number): void {
    const cache = this.#cacheFor(change.key);
    if (!cache) return;
    const previous = cache.get(change.key);
    if (change.type === "put") {
      const version = this.#committed(change.entry);
      cache.apply({ type: "put", revision, version, ...(previous && { previous }) });
    } else if (previous) {
      cache.apply({ type: "delete", revision, version: previous.at(revision), previous });
    }
  }

  #committed(entry: Entry): StoredVersion {
    const known = this.#decoded.get(entry.key);
    if (!known) return versionOf(entry);
    if (!sameBytes(known.bytes, entry.value)) return versionOf(entry);
    this.#decoded.delete(entry.key);
    return versionOf(entry, known.object);
  }

  #advance(revision: number): void {
    if (revision > this.#revision) this.#revision = revision;
    for (let i = this.#waiters.length - 1; i >= 0; i--) {
      if (this.#waiters[i]!.revision > this.#revision) continue;
      const [waiter] = this.#waiters.splice(i, 1);
      waiter!.wake();
    }
    for (const listener of this.#revisionListeners) listener(this.#revision);
  }

  #cacheFor(key: string): WatchCache | undefined {
    if (key.startsWith(allocationsRoot)) return this.allocations();
    if (!key.startsWith(registryRoot)) return undefined;
    const end = key.indexOf("/", registryRoot.length);
    return end < 0 ? undefined : this.#cacheOf(key.slice(0, end + 1));
  }

  #cacheOf(prefix: string): WatchCache {
    let cache = this.#caches.get(prefix);
    // A prefix met for the first time after the load had nothing before: its history is known from the load on.
    if (!cache) this.#caches.set(prefix, (cache = new WatchCache(prefix, this.#historyStart)));
    return cache;
  }
}

const stopped = (): Error => new CancelledError("the server is stopping");

function versionOf(entry: Entry, object?: ApiObject): StoredVersion {
  return new StoredVersion(entry.key, entry.value, entry.revision, {
    createRevision: entry.createRevision,
    ...(entry.expiresAtMs !== undefined && { expiresAtMs: entry.expiresAtMs }),
    ...(object && { object }),
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
