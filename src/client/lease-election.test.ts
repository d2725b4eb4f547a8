import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { silentLog } from "../base/log.ts";
import { SeededRandom } from "../base/random.ts";
import { StatusError } from "../object/status.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { createClient } from "./client.ts";
import { FakeApiServer } from "./fake-api-server.ts";
import { electLeader } from "./lease-election.ts";

function world() {
  const activity = new CountingActivity();
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 1), activity, turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(3);
  const server = new FakeApiServer(clock, random);
  const leading = new Set<string>();
  let most = 0;
  const stand = (identity: string) => {
    const stop = new AbortController();
    const cut = { off: false };
    const client = createClient(
      (request, signal) => {
        if (cut.off) throw new StatusError("ServiceUnavailable", "cut off");
        return server.exchange(request, signal);
      },
      { activity },
    );
    const done = electLeader(
      { client, clock, random, log: silentLog },
      { namespace: "kube-system", name: "test", identity },
      (signal) => {
        leading.add(identity);
        most = Math.max(most, leading.size);
        return new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            leading.delete(identity);
            resolve();
          }),
        );
      },
      stop.signal,
    );
    return { cut, stop: () => (stop.abort(new Error("stop")), done) };
  };
  return { clock, server, leading, stand, most: () => most };
}

describe("lease election", () => {
  it("has one leader, and the next one at once when it stops cleanly", async () => {
    const w = world();
    const a = w.stand("a");
    await w.clock.advance(1_000);
    const b = w.stand("b");
    await w.clock.advance(60_000);
    expect([...w.leading]).toEqual(["a"]);
    await a.stop();
    await w.clock.advance(5_000);
    expect([...w.leading]).toEqual(["b"]);
    expect(w.server.all("leases")[0].spec.leaseTransitions).toBeGreaterThanOrEqual(1);
    await b.stop();
    expect(w.clock.pendingTimers).toBe(0);
  });

  it("never has two: a leader that is cut off stops before another begins", async () => {
    const w = world();
    const a = w.stand("a");
    await w.clock.advance(1_000);
    const b = w.stand("b");
    await w.clock.advance(5_000);
    a.cut.off = true;
    await w.clock.advance(11_000);
    expect([...w.leading]).toEqual([]);
    await w.clock.advance(20_000);
    expect([...w.leading]).toEqual(["b"]);
    a.cut.off = false;
    await w.clock.advance(30_000);
    expect([...w.leading]).toEqual(["b"]);
    expect(w.most()).toBe(1);
    await Promise.all([a.stop(), b.stop()]);
  });
});
