import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { sleep } from "../base/clock.ts";
import { VirtualClock } from "./virtual-clock.ts";

const open = () => {
  const activity = new CountingActivity();
  const clock = new VirtualClock({ startMs: 1000, activity, turn: () => new Promise((resolve) => setImmediate(resolve)) });
  return { activity, clock };
};

describe("the virtual clock", () => {
  it("moves only when told, and fires timers in order of time, then of setting", async () => {
    const { clock } = open();
    const seen: string[] = [];
    clock.after(20, () => seen.push(`b@${clock.monotonicMs()}`));
    clock.after(10, () => seen.push(`a@${clock.monotonicMs()}`));
    clock.after(20, () => seen.push(`c@${clock.monotonicMs()}`));
    await clock.settled();
    expect(seen).toEqual([]);
    await clock.advance(15);
    expect(seen).toEqual(["a@10"]);
    await clock.advance(5);
    expect(seen).toEqual(["a@10", "b@20", "c@20"]);
    expect(clock.now()).toBe(1020);
  });

  it("fires a timer that a timer set, when it falls within the advance", async () => {
    const { clock } = open();
    const seen: number[] = [];
    const tick = (): void => {
      seen.push(clock.monotonicMs());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(35);
    expect(seen).toEqual([10, 20, 30]);
    expect(clock.pendingTimers).toBe(1);
  });

  it("forgets a disposed timer", async () => {
    const { clock } = open();
    let fired = false;
    clock.after(5, () => (fired = true))[Symbol.dispose]();
    await clock.advance(10);
    expect(fired).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it("waits for counted work before it settles", async () => {
    const { activity, clock } = open();
    let done = false;
    const work = activity.begin("effect:signature");
    setTimeout(() => {
      done = true;
      work[Symbol.dispose]();
    }, 30);
    await clock.settled();
    expect(done).toBe(true);
  });

  it("says what is busy when only time can help, and lets advance help", async () => {
    const { activity, clock } = open();
    const work = activity.begin("pod worker");
    void sleep(clock, 100).then(() => work[Symbol.dispose]());
    await expect(clock.settled()).rejects.toThrow("advance the clock; busy: pod worker (1)");
    await clock.advance(100);
    await clock.settled();
  });

  it("moves until a condition holds, or says that it never did", async () => {
    const { clock } = open();
    let ready = false;
    clock.after(500, () => (ready = true));
    await clock.until(() => ready, 10_000);
    expect(clock.monotonicMs()).toBe(500);
    await expect(clock.until(() => false, 1000)).rejects.toThrow("within 1000 ms of virtual time");
  });
});
