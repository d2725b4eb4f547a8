// The real clock: time from the operating system, waiting by its timers.

import { performance } from "node:perf_hooks";
import type { Clock, Timer } from "../base/clock.ts";

/** setTimeout takes at most 31 bits; longer waits are made of several. */
const longestTimeoutMs = 0x7fff_ffff;

export interface RealClockOptions {
  /** Timers of this clock do not keep the process alive. */
  readonly background?: boolean;
}

export function realClock(options: RealClockOptions = {}): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after: (delayMs, callback) => new RealTimer(delayMs, callback, options.background === true),
  };
}

class RealTimer implements Timer {
  readonly dueAtMs: number;
  readonly #callback: () => void;
  readonly #background: boolean;
  #timeout: NodeJS.Timeout | undefined;

  constructor(delayMs: number, callback: () => void, background: boolean) {
    this.dueAtMs = performance.now() + Math.max(0, delayMs);
    this.#callback = callback;
    this.#background = background;
    this.#wait();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
  }

  #wait(): void {
    const leftMs = Math.max(0, Math.ceil(this.dueAtMs - performance.now()));
    if (leftMs > longestTimeoutMs) this.#timeout = setTimeout(() => this.#wait(), longestTimeoutMs);
    else this.#timeout = setTimeout(() => this.#callback(), leftMs);
    if (this.#background) this.#timeout.unref();
  }
}
