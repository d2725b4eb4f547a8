// A clock for the tests of one part: time stands still until the test moves it. (A whole cluster has the virtual clock of sim/, which
// also lets everything run to rest.)

import type { Clock, Timer } from "./clock.ts";

/** Wall time and monotonic time are the same here; both begin at `startMs`. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<{ readonly dueAtMs: number; readonly callback: () => void }>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueAtMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return { dueAtMs: timer.dueAtMs, [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Moves time and runs what became due, earliest first. */
  advance(byMs: number): void {
    const end = this.#nowMs + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.dueAtMs <= end).sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.dueAtMs);
      due.callback();
    }
    this.#nowMs = end;
  }
}
