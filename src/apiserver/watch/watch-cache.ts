// What is stored under one prefix, now and lately: present versions in key order and a ring of recent events.
// Lists and watches of every kind with this prefix are served from here; the feed writes it, nobody else.

import type { StoredVersion } from "./stored-version.ts";

export interface CacheEvent {
  readonly type: "put" | "delete";
  readonly revision: number;
  /** The new version; of a delete the last one, at the delete's revision. */
  readonly version: StoredVersion;
  readonly previous?: StoredVersion;
}

type Listener = (event: CacheEvent) => void;

/** One value of one field that a listener wants events about: thousands of kubelets each watch the pods of one node. */
export interface Route {
  readonly field: string;
  readonly value: string;
  readonly read: (version: StoredVersion) => string;
}

/** How many events a prefix remembers for watches that start in the past. */
const ringLimit = 8192;

export class WatchCache {
  readonly prefix: string;
  readonly #versions = new Map<string, StoredVersion>();
  /** All keys in order. Insertion is a memmove, far cheaper than a tree at the sizes we hold (100,000 keys: some 20 µs). */
  readonly #keys: string[] = [];
  #events: CacheEvent[] = [];
  /** Events after this revision are all in the ring. */
  #ringStart: number;
  readonly #subscribers = new Set<Listener>();
  /** By field, then by value. */
  readonly #routes = new Map<string, { readonly read: Route["read"]; readonly listeners: Map<string, Set<Listener>> }>();

  constructor(prefix: string, revision: number) {
    this.prefix = prefix;
    this.#ringStart = revision;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The oldest revision from which a watch may start. */
  get oldestWatchable(): number {
    return this.#ringStart;
  }

  get(key: string): StoredVersion | undefined {
    return this.#versions.get(key);
  }

  /** All present versions whose key has the prefix, in key order. */
  list(prefix: string = this.prefix): StoredVersion[] {
    const from = this.#position(prefix);
    const found: StoredVersion[] = [];
    for (let i = from; i < this.#keys.length; i++) {
      const key = this.#keys[i]!;
      if (!key.startsWith(prefix)) break;
      found.push(this.#versions.get(key)!);
    }
    return found;
  }

  /** Recent events after the revision; the caller has checked `oldestWatchable`. */
  since(revision: number): CacheEvent[] {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  /** Calls back on every event in order until disposed; with a route only when the value is that of the new or old version. */
  subscribe(listener: Listener, route?: Route): Disposable {
    if (!route) {
      this.#subscribers.add(listener);
      return { [Symbol.dispose]: () => void this.#subscribers.delete(listener) };
    }
    const routed = this.#routes.get(route.field) ?? { read: route.read, listeners: new Map<string, Set<Listener>>() };
    this.#routes.set(route.field, routed);
    const listeners = routed.listeners.get(route.value) ?? new Set<Listener>();
    routed.listeners.set(route.value, listeners);
    listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0 && routed.listeners.get(route.value) === listeners) routed.listeners.delete(route.value);
        if (routed.listeners.size === 0 && this.#routes.get(route.field) === routed) this.#routes.delete(route.field);
      },
    };
  }

  /** Takes a version without an event: the first load. */
  load(version: StoredVersion): void {
    this.#put(version);
  }

  /** Takes one event and hands it on. */
  apply(event: CacheEvent): void {
    if (event.type === "put") this.#put(event.version);
    else this.#remove(event.version.key);
    this.#events.push(event);
    if (this.#events.length > ringLimit) {
      const dropped = this.#events.length >> 2;
      this.#ringStart = this.#events[dropped - 1]!.revision;
      // A revision is remembered whole or not at all.
      this.#events = this.since(this.#ringStart);
    }
    for (const listener of this.#subscribers) listener(event);
    for (const { read, listeners } of this.#routes.values()) {
      const now = read(event.version);
      const before = event.previous && read(event.previous);
      for (const listener of listeners.get(now) ?? []) listener(event);
      if (before !== undefined && before !== now) for (const listener of listeners.get(before) ?? []) listener(event);
    }
  }

  /** Forgets history up to the revision: what the store compacted. */
  forget(revision: number): void {
    if (revision <= this.#ringStart) return;
    this.#events = this.since(revision);
    this.#ringStart = revision;
  }

  #put(version: StoredVersion): void {
    if (!this.#versions.has(version.key)) {
      const last = this.#keys.at(-1);
      if (last === undefined || last < version.key) this.#keys.push(version.key);
      else this.#keys.splice(this.#position(version.key), 0, version.key);
    }
    this.#versions.set(version.key, version);
  }

  #remove(key: string): void {
    if (!this.#versions.delete(key)) return;
    this.#keys.splice(this.#position(key), 1);
  }

  /** Index of the first key that is not before `key`. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
