// Time that moves only when a test says so. Between two instants everything that can run runs to rest, so a day passes as
// fast as its work, and the same seed gives the same run.

import { type CountingActivity } from "../base/activity.ts";
import { BugError } from "../base/assert.ts";
import type { Clock, Timer } from "../base/clock.ts";

/** Activities whose name starts with this wait for the real world (a signature, a socket), so they are waited for, not timed out. */
const realEffect = "effect:";

/** Turns of the event loop without any change after which what is still busy can only be waiting for time. */
const quietTurns = 64;

class VirtualTimer implements Timer {
  readonly dueAtMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
  constructor(dueAtMs: number, order: number, callback: () => void) {
    this.dueAtMs = dueAtMs;
    this.order = order;
    this.callback = callback;
  }
  [Symbol.dispose](): void {
    this.callback = undefined;
  }
}

export interface VirtualClockOptions {
  /** Milliseconds since the epoch at which it starts. */
  readonly startMs: number;
  readonly activity: CountingActivity;
  /** One turn of the event loop: resolves after all promises that are ready have run. */
  readonly turn: () => Promise<void>;
}

/** Only one caller may move it at a time. */
export class VirtualClock implements Clock {
  readonly #startMs: number;
  readonly #activity: CountingActivity;
  readonly #turn: () => Promise<void>;
  readonly #heap: VirtualTimer[] = [];
  #elapsedMs = 0;
  #order = 0;
  #moving = false;

  constructor(options: VirtualClockOptions) {
    this.#startMs = options.startMs;
    this.#activity = options.activity;
    this.#turn = options.turn;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = new VirtualTimer(this.#elapsedMs + Math.max(0, delayMs), this.#order++, callback);
    push(this.#heap, timer);
    return timer;
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#heap.reduce((count, timer) => count + (timer.callback ? 1 : 0), 0);
  }

  /** Moves time forward, stopping at every timer on the way and letting its consequences run to rest. */
  async advance(durationMs: number): Promise<void> {
    if (!(durationMs >= 0)) throw new RangeError(`time only moves forward: ${durationMs} ms is no duration`);
    await this.#move(this.#elapsedMs + durationMs, () => false);
  }

  /**
   * Moves time forward until the condition holds.
   * @throws Error when it does not hold within `withinMs` of virtual time; the message names what is busy.
   */
  async until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
    if (await this.#move(this.#elapsedMs + withinMs, condition)) return;
    throw new Error(`condition not met within ${withinMs} ms of virtual time${this.#describeBusy()}`);
  }

  /**
   * Resolves when, at the present virtual time, nothing is busy and no timer is due.
   * @throws Error when something is busy that only time can end.
   */
  async settled(): Promise<void> {
    for (;;) {
      const rested = await this.#rest();
      const due = this.#next();
      if (due !== undefined && due.dueAtMs <= this.#elapsedMs) {
        this.#fireDue();
        continue;
      }
      if (rested) return;
      throw new Error(`the cluster waits for time to pass: advance the clock${this.#describeBusy()}`);
    }
  }

  async #move(targetMs: number, condition: () => boolean | Promise<boolean>): Promise<boolean> {
    if (this.#moving) throw new BugError("two callers move the virtual clock at once");
    this.#moving = true;
    try {
      for (;;) {
        await this.#rest();
        if (await condition()) return true;
        const next = this.#next();
        if (next === undefined || next.dueAtMs > targetMs) break;
        this.#elapsedMs = Math.max(this.#elapsedMs, next.dueAtMs);
        this.#fireDue();
      }
      this.#elapsedMs = targetMs;
      await this.#rest();
      return await condition();
    } finally {
      this.#moving = false;
    }
  }

  /** True when nothing is busy; false when what is busy can only be waiting for time. */
  async #rest(): Promise<boolean> {
    let quiet = 0;
    let seen = this.#activity.changes;
    for (;;) {
      await this.#turn();
      const changes = this.#activity.changes;
      quiet = changes === seen ? quiet + 1 : 0;
      seen = changes;
      if (this.#activity.count === 0 ? quiet >= 2 : quiet >= quietTurns && !this.#waitsForTheWorld()) return this.#activity.count === 0;
    }
  }

  #waitsForTheWorld(): boolean {
    for (const what of this.#activity.busy().keys()) if (what.startsWith(realEffect)) return true;
    return false;
  }

  #describeBusy(): string {
    const busy = [...this.#activity.busy()].map(([what, count]) => `${what} (${count})`);
    if (busy.length === 0) return "";
    const unread = busy.some((what) => what.startsWith("watch delivery"))
      ? "; a watch that somebody holds has events that nobody reads"
      : "";
    return `; busy: ${busy.join(", ")}${unread}`;
  }

  /** The earliest timer that still wants to fire. */
  #next(): VirtualTimer | undefined {
    while (this.#heap.length > 0 && !this.#heap[0]!.callback) pop(this.#heap);
    return this.#heap[0];
  }

  /** Fires every timer of this instant, in the order in which they were set. */
  #fireDue(): void {
    for (let next = this.#next(); next !== undefined && next.dueAtMs <= this.#elapsedMs; next = this.#next()) {
      pop(this.#heap);
      const callback = next.callback!;
      next.callback = undefined;
      callback();
    }
  }
}

const before = (a: VirtualTimer, b: VirtualTimer): boolean => a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.order < b.order);

function push(heap: VirtualTimer[], timer: VirtualTimer): void {
  let at = heap.length;
  heap.push(timer);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(heap[at]!, heap[parent]!)) break;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

function pop(heap: VirtualTimer[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ;) {
    const left = at * 2 + 1;
    let least = at;
    if (left < heap.length && before(heap[left]!, heap[least]!)) least = left;
    if (left + 1 < heap.length && before(heap[left + 1]!, heap[least]!)) least = left + 1;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least]!, heap[at]!];
    at = least;
  }
}
