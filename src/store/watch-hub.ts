// Hands committed change sets to watchers. A watcher first replays history from the revision that it names, then lives on
// what is published; a slow one is ended, it never holds up a commit. Every backend uses this one hub.

import type { Activity } from "../base/activity.ts";
import { onAbort } from "../base/on-abort.ts";
import type { Change, ChangeSet } from "./store.ts";
import { CompactedError } from "./store.ts";

/** How many unread change sets a watcher may have. */
const maxUnread = 10_000;

/** Kept changes, read synchronously so that nothing can be published between the last replayed one and going live. */
export interface History {
  /** Everything up to here has been forgotten. */
  compactedRevision(): number;
  /** The newest published revision. */
  revision(): number;
  /**
   * Some of the changes after `after` under the prefix, in order, and the revision up to which nothing is missing
   * (greater than `after` unless `after` is the newest).
   */
  read(prefix: string, after: number): { readonly sets: readonly ChangeSet[]; readonly upTo: number };
}

/** The part of a change set under the prefix; undefined when there is none. */
export function narrow(set: ChangeSet, prefix: string): ChangeSet | undefined {
  const matches = (change: Change): boolean => change.key.startsWith(prefix);
  if (set.changes.every(matches)) return set;
  const changes = set.changes.filter(matches);
  return changes.length === 0 ? undefined : { revision: set.revision, changes };
}

export class WatchHub {
  readonly #history: History;
  readonly #activity: Activity;
  readonly #watchers = new Set<Watcher>();
  #closed: Error | undefined;

  constructor(history: History, activity: Activity) {
    this.#history = history;
    this.#activity = activity;
  }

  /** Change sets must come in revision order, each durable and readable. */
  publish(set: ChangeSet): void {
    for (const watcher of this.#watchers) watcher.offer(set);
  }

  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<ChangeSet> {
    return {
      [Symbol.asyncIterator]: () => {
        const watcher = new Watcher(prefix, revision, signal, this.#history, this.#activity, (ended) => this.#watchers.delete(ended));
        if (this.#closed) watcher.fail(this.#closed);
        else if (!signal.aborted) this.#watchers.add(watcher);
        return watcher;
      },
    };
  }

  /** Ends every watcher with this failure, and those that come later. */
  close(failure: Error): void {
    this.#closed = failure;
    for (const watcher of this.#watchers) watcher.fail(failure);
  }
}

/** States: replaying (reads history) → live (takes what is published) → over (aborted, failed or left). */
class Watcher implements AsyncIterator<ChangeSet, undefined> {
  readonly #prefix: string;
  readonly #history: History;
  readonly #activity: Activity;
  readonly #onOver: (watcher: Watcher) => void;
  #position: number;
  #listening: Disposable | undefined;
  #live = false;
  #over = false;
  #failure: Error | undefined;
  #queue: ChangeSet[] = [];
  #head = 0;
  #wake: (() => void) | undefined;
  /** Held from the first undelivered change until the reader comes back for more and there is none. */
  #busy: Disposable | undefined;

  constructor(
    prefix: string,
    revision: number,
    signal: AbortSignal,
    history: History,
    activity: Activity,
    onOver: (watcher: Watcher) => void,
  ) {
    this.#prefix = prefix;
    this.#position = revision;
    this.#history = history;
    this.#activity = activity;
    this.#onOver = onOver;
    if (signal.aborted) this.#over = true;
    else this.#listening = onAbort(signal, () => this.#finish());
  }

  offer(set: ChangeSet): void {
    if (!this.#live || set.revision <= this.#position) return;
    this.#position = set.revision;
    const part = narrow(set, this.#prefix);
    if (!part) return;
    if (this.#queue.length - this.#head >= maxUnread) {
      this.fail(new CompactedError(this.#history.compactedRevision()));
      return;
    }
    this.#queue.push(part);
    this.#busy ??= this.#activity.begin("store watch");
    this.#signalReader();
  }

  fail(failure: Error): void {
    if (this.#over) return;
    this.#failure = failure;
    this.#finish();
  }

  async next(): Promise<IteratorResult<ChangeSet, undefined>> {
    for (;;) {
      if (this.#failure) {
        const failure = this.#failure;
        this.#failure = undefined;
        throw failure;
      }
      if (this.#over) return { done: true, value: undefined };
      if (this.#head < this.#queue.length) return { done: false, value: this.#take() };
      if (!this.#live) {
        this.#replay();
        continue;
      }
      this.#idle();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async return(): Promise<IteratorResult<ChangeSet, undefined>> {
    this.#finish();
    this.#failure = undefined;
    return { done: true, value: undefined };
  }

  #replay(): void {
    this.#busy ??= this.#activity.begin("store watch");
    try {
      if (this.#position < this.#history.compactedRevision()) throw new CompactedError(this.#history.compactedRevision());
      if (this.#position >= this.#history.revision()) {
        this.#live = true;
        return;
      }
      const { sets, upTo } = this.#history.read(this.#prefix, this.#position);
      this.#queue = [...sets];
      this.#head = 0;
      this.#position = upTo;
    } catch (error) {
      this.fail(error as Error);
    }
  }

  #take(): ChangeSet {
    const set = this.#queue[this.#head]!;
    this.#head++;
    if (this.#head === this.#queue.length || this.#head >= 1_024) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return set;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#queue = [];
    this.#head = 0;
    this.#listening?.[Symbol.dispose]();
    this.#onOver(this);
    this.#idle();
    this.#signalReader();
  }

  #idle(): void {
    this.#busy?.[Symbol.dispose]();
    this.#busy = undefined;
  }

  #signalReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
