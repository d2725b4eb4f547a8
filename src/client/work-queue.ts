// Keys to work on: each waits at most once, is worked on by one worker at a time, and comes back if it was added meanwhile.
// Failures come back after a growing delay, as in Kubernetes' default controller rate limiter: 5 ms, doubling, to 1,000 s.

import type { Activity } from "../base/activity.ts";
import type { Clock, Timer } from "../base/clock.ts";

export interface WorkQueueDeps {
  readonly clock: Clock;
  readonly activity: Activity;
}
export interface WorkQueueOptions {
  /** Names the queue in a stuck test. */
  readonly name: string;
  /** Workers that run at once. Default 1. */
  readonly concurrency?: number;
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** A key is worked on by one worker at a time; added meanwhile, it is handed out once more. */
export class WorkQueue implements AsyncDisposable {
  readonly #deps: WorkQueueDeps;
  readonly #name: string;
  readonly #concurrency: number;
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #process: (key: string) => Promise<void>;
  /** Waiting keys in order, each with the count it holds; none before the start, when only others can end the wait. */
  readonly #waiting = new Map<string, Disposable | undefined>();
  readonly #running = new Set<string>();
  /** Added while running: they wait again when the run ends. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { readonly timer: Timer; readonly dueAtMs: number }>();
  readonly #failures = new Map<string, number>();
  readonly #runs = new Set<Promise<void>>();
  #stopped = false;
  #paused: boolean;

  /** `process` handles its own errors: a rejection is a bug and ends the queue's promise at disposal. A queue starts paused. */
  constructor(process: (key: string) => Promise<void>, deps: WorkQueueDeps, options: WorkQueueOptions) {
    this.#process = process;
    this.#deps = deps;
    this.#name = options.name;
    this.#concurrency = options.concurrency ?? 1;
    this.#baseDelayMs = options.baseDelayMs ?? 5;
    this.#maxDelayMs = options.maxDelayMs ?? 1_000_000;
    this.#paused = true;
  }

  /** Lets the workers run. */
  start(): void {
    this.#paused = false;
    for (const [key, held] of this.#waiting) if (held === undefined) this.#waiting.set(key, this.#hold(key));
    this.#pump();
  }

  /** How many keys wait, timers not counted. */
  get size(): number {
    return this.#waiting.size;
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#cancelDelay(key);
    if (this.#running.has(key)) this.#again.add(key);
    else if (!this.#waiting.has(key)) {
      this.#waiting.set(key, this.#paused ? undefined : this.#hold(key));
      this.#pump();
    }
  }

  /** Adds the key after `delayMs`; of several delays for one key, the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const dueAtMs = this.#deps.clock.monotonicMs() + delayMs;
    const pending = this.#delayed.get(key);
    if (pending !== undefined && pending.dueAtMs <= dueAtMs) return;
    pending?.timer[Symbol.dispose]();
    const timer = this.#deps.clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { timer, dueAtMs });
  }

  /** Adds the key after its next back-off delay, which is returned. */
  retry(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(this.#baseDelayMs * 2 ** Math.min(failures, 40), this.#maxDelayMs);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** How often the key was retried since it was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key is well again: its next retry starts from the base delay. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** Drops what waits and returns when what runs has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]();
    this.#delayed.clear();
    for (const held of this.#waiting.values()) held?.[Symbol.dispose]();
    this.#waiting.clear();
    await Promise.all(this.#runs);
  }

  #hold(key: string): Disposable {
    return this.#deps.activity.begin(`${this.#name} ${key}`);
  }

  #cancelDelay(key: string): void {
    this.#delayed.get(key)?.timer[Symbol.dispose]();
    this.#delayed.delete(key);
  }

  #pump(): void {
    while (!this.#paused && !this.#stopped && this.#running.size < this.#concurrency) {
      const next = this.#waiting.entries().next();
      if (next.done === true) return;
      const [key, held] = next.value;
      this.#waiting.delete(key);
      this.#running.add(key);
      const run = this.#work(key, held).finally(() => this.#runs.delete(run));
      this.#runs.add(run);
    }
  }

  async #work(key: string, held: Disposable | undefined): Promise<void> {
    try {
      // Not within the caller's turn: what else changes in this turn is seen by the same run.
      await Promise.resolve();
      if (!this.#stopped) await this.#process(key);
    } finally {
      this.#running.delete(key);
      if (this.#again.delete(key)) this.add(key);
      held?.[Symbol.dispose]();
      this.#pump();
    }
  }
}
