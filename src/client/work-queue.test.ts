import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { sleep } from "../base/clock.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { WorkQueue } from "./work-queue.ts";

function world() {
  const activity = new CountingActivity();
  const clock = new VirtualClock({ startMs: 0, activity, turn: () => new Promise((resolve) => setImmediate(resolve)) });
  return { activity, clock };
}

describe("WorkQueue", () => {
  it("works on a key once for many adds, and again when it was added during the work", async () => {
    const w = world();
    const seen: string[] = [];
    await using queue = new WorkQueue(
      async (key) => {
        seen.push(key);
        if (seen.length === 1) {
          queue.add("a");
          queue.add("a");
          expect(seen).toEqual(["a"]);
        }
      },
      w,
      { name: "test" },
    );
    queue.add("a");
    queue.add("a");
    queue.add("b");
    queue.start();
    await w.clock.settled();
    expect(seen).toEqual(["a", "b", "a"]);
    expect(w.activity.count).toBe(0);
  });

  it("never works on one key twice at once, however many workers", async () => {
    const w = world();
    let most = 0;
    const running = new Map<string, number>();
    await using queue = new WorkQueue(
      async (key) => {
        running.set(key, (running.get(key) ?? 0) + 1);
        most = Math.max(most, running.get(key)!);
        await sleep(w.clock, 10);
        running.set(key, running.get(key)! - 1);
      },
      w,
      { name: "test", concurrency: 4 },
    );
    queue.start();
    for (let i = 0; i < 5; i++) {
      queue.add("a");
      queue.add("b");
      await w.clock.advance(3);
    }
    await w.clock.advance(100);
    expect(most).toBe(1);
  });

  it("delays retries 5 ms, doubling, until forgotten", async () => {
    const w = world();
    const at: number[] = [];
    await using queue = new WorkQueue(
      async (key) => {
        at.push(w.clock.monotonicMs());
        if (at.length < 5) queue.retry(key);
        else queue.forget(key);
      },
      w,
      { name: "test" },
    );
    queue.start();
    queue.add("a");
    await w.clock.advance(1000);
    expect(at).toEqual([0, 5, 15, 35, 75]);
    expect(queue.failures("a")).toBe(0);
  });

  it("keeps the earliest of several delays and stops without leaving timers", async () => {
    const w = world();
    const at: number[] = [];
    const queue = new WorkQueue(async () => void at.push(w.clock.monotonicMs()), w, { name: "test" });
    queue.start();
    queue.addAfter("a", 100);
    queue.addAfter("a", 50);
    queue.addAfter("a", 70);
    await w.clock.advance(60);
    expect(at).toEqual([50]);
    queue.addAfter("a", 500);
    await queue[Symbol.asyncDispose]();
    expect(w.clock.pendingTimers).toBe(0);
  });
});
