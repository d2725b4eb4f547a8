// The time of an embedded cluster, virtual or real, behind the same few verbs.

import type { CountingActivity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { VirtualClock } from "../sim/virtual-clock.ts";

export interface ClusterTime {
  readonly clock: Clock & { advance(durationMs: number): Promise<void> };
  /** Resolves when nothing has anything left to do now. */
  settled(): Promise<void>;
  /** Lets time pass until the condition holds. @throws Error when it does not within so many milliseconds */
  until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void>;
}

/** How long real time is given to come to rest. */
const settleLimitMs = 30_000;
/** Turns of the event loop without any change after which a real cluster counts as at rest. */
const quietTurns = 3;
const pollMs = 5;

/** Time that moves only when asked to. */
export function virtualTime(clock: VirtualClock): ClusterTime {
  return { clock, settled: () => clock.settled(), until: (condition, withinMs) => clock.until(condition, withinMs) };
}

/** The host's time. */
export function realTime(clock: Clock, activity: CountingActivity, turn: () => Promise<void>): ClusterTime {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pollMs));
  const isQuiet = async (): Promise<boolean> => {
    const seen = activity.changes;
    for (let turns = 0; turns < quietTurns; turns++) {
      if (activity.count > 0) return false;
      await turn();
    }
    return activity.count === 0 && activity.changes === seen;
  };
  return {
    clock: {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, callback) => clock.after(delayMs, callback),
      advance: () =>
        Promise.reject(new Error(`this cluster runs on the real clock, which cannot be advanced: start it with clock: "virtual"`)),
    },
    async settled() {
      for (const deadline = clock.monotonicMs() + settleLimitMs; !(await isQuiet());) {
        if (clock.monotonicMs() > deadline)
          throw new Error(`the cluster does not settle within ${settleLimitMs} ms${describeBusy(activity)}`);
        await pause();
      }
    },
    async until(condition, withinMs) {
      for (const deadline = clock.monotonicMs() + withinMs; !(await condition());) {
        if (clock.monotonicMs() > deadline) throw new Error(`condition not met within ${withinMs} ms${describeBusy(activity)}`);
        await pause();
      }
    },
  };
}

function describeBusy(activity: CountingActivity): string {
  const busy = [...activity.busy()].map(([what, count]) => `${what} (${count})`);
  return busy.length === 0 ? "" : `; busy: ${busy.join(", ")}`;
}
