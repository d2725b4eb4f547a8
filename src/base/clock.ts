// Time as an injected effect: wall time to stamp, monotonic time to measure, timers to wait.
// A virtual clock implements the same interface, so a day passes in a test as fast as its work.

import { onAbort } from "./on-abort.ts";

/** A pending timer. Disposing it twice, or after it fired, does nothing. */
export interface Timer extends Disposable {
  readonly dueAtMs: number;
}

/** Both clocks of a process, and its timers. */
export interface Clock {
  /** Wall time in milliseconds since the Unix epoch: for timestamps only. */
  now(): number;
  /** Milliseconds of a clock that never goes back: for durations and deadlines. */
  monotonicMs(): number;
  /** Calls `callback` once, after at least `delayMs`. A background timer does not keep a process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

/** Resolves after `delayMs`; rejects with the signal's reason when aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const timer = clock.after(delayMs, () => {
      listening?.[Symbol.dispose]();
      resolve();
    });
    const listening =
      signal &&
      onAbort(signal, () => {
        timer[Symbol.dispose]();
        reject(signal.reason as Error);
      });
  });
}

/** Like `sleep`, but an abort only ends it early: for loops that look at their signal themselves. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return sleep(clock, delayMs, signal).catch(() => undefined); // the signal is all that it rejects with
}

/** RFC 3339 with seconds, as `metav1.Time` is written: `2026-01-02T03:04:05Z`. */
export function formatTime(epochMs: number): string {
  // Every write stamps several fields with the same second.
  const second = Math.floor(epochMs / 1000);
  if (second !== lastSecond.value) {
    lastSecond.text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond.value = second;
  }
  return lastSecond.text;
}
const lastSecond = { value: Number.NaN, text: "" };

/** RFC 3339 with microseconds, as `metav1.MicroTime` is written. */
export function formatMicroTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 23)}000Z`;
}

/** Milliseconds since the epoch of an RFC 3339 text; NaN when it is none. */
export function parseTime(text: string): number {
  return Date.parse(text);
}
