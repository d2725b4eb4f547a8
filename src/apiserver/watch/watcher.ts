// One open watch: what it has still to deliver, bounded. The cache pushes, the reader pulls; a reader that stays behind is
// ended and starts again from where it was, it never holds anything up.

import type { Activity } from "../../base/activity.ts";
import type { CacheEvent } from "./watch-cache.ts";
import type { Selection } from "./selection.ts";
import type { StoredVersion } from "./stored-version.ts";

export type WatchItem =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly version: StoredVersion }
  /** `initialEnd`: the bookmark that closes the initial events (KEP-3157). */
  | { readonly type: "BOOKMARK"; readonly revision: number; readonly initialEnd: boolean }
  | { readonly type: "ERROR"; readonly status: object };

/** Events that may wait for a reader beyond those it started with. */
const waitingLimit = 4096;

export class Watcher {
  readonly #selection: Selection;
  #items: WatchItem[];
  #limit: number;
  #wake: (() => void) | undefined;
  #ended = false;
  /** Revision of the last event that was looked at, selected or not. */
  #revision: number;

  /** Held from the first waiting item until the reader has come back and found nothing more. */
  #busy: Disposable | undefined;
  readonly #activity: Activity;

  constructor(selection: Selection, initial: WatchItem[], revision: number, activity: Activity) {
    this.#selection = selection;
    this.#activity = activity;
    this.#items = initial;
    if (initial.length > 0) this.#begin();
    this.#limit = initial.length + waitingLimit;
    this.#revision = revision;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes an event of the cache. */
  offer(event: CacheEvent): void {
    if (this.#ended || event.revision <= this.#revision) return;
    const item = transition(this.#selection, event);
    if (item) this.#push(item);
  }

  /** Takes an event that happened before the watch was opened: it waits however many there are. */
  replay(event: CacheEvent): void {
    const item = transition(this.#selection, event);
    if (item) {
      this.#limit++;
      this.#push(item);
    }
    this.#revision = event.revision;
  }

  bookmark(revision: number): void {
    if (!this.#ended) this.#push({ type: "BOOKMARK", revision, initialEnd: false });
  }

  /** Ends the watch after what waits already. */
  end(): void {
    this.#ended = true;
    this.#signal();
  }

  /** The reader is gone: nothing waits any more. */
  abandon(): void {
    this.#items = [];
    this.end();
    this.#rest();
  }

  #begin(): void {
    this.#busy ??= this.#activity.begin("watch delivery");
  }

  #rest(): void {
    this.#busy?.[Symbol.dispose]();
    this.#busy = undefined;
  }

  /** Everything that waits; waits for something when nothing does. Empty: the watch is over. */
  async take(): Promise<WatchItem[]> {
    while (this.#items.length === 0) {
      this.#rest();
      if (this.#ended) return [];
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const items = this.#items;
    this.#items = [];
    this.#limit = waitingLimit;
    return items;
  }

  #push(item: WatchItem): void {
    if (this.#items.length >= this.#limit) {
      // Too slow: what waits is dropped with the watch, the client resumes from its last resourceVersion.
      this.#items = [];
      this.end();
      return;
    }
    this.#items.push(item);
    this.#begin();
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** What an event means to a selection: an object may enter or leave it without being created or deleted. */
export function transition(selection: Selection, event: CacheEvent): WatchItem | undefined {
  const key = event.version.key;
  if (selection.exact ? key !== selection.prefix : !key.startsWith(selection.prefix)) return undefined;
  if (event.type === "delete") {
    return event.previous && selection.matches(event.previous) ? { type: "DELETED", version: event.version } : undefined;
  }
  const now = selection.matches(event.version);
  const before = event.previous !== undefined && (selection.filtered ? selection.matches(event.previous) : true);
  if (now) return { type: before ? "MODIFIED" : "ADDED", version: event.version };
  return before ? { type: "DELETED", version: event.previous!.at(event.revision) } : undefined;
}
