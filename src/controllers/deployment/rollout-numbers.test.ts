import { describe, expect, it } from "vitest";
import fc from "fast-check";
import type { Deployment, ReplicaSet } from "../../kinds/apps/types.gen.ts";
import { maxSurge, maxUnavailable, newSetSize, proportionalSizes, shrinkOldSets } from "./rollout-numbers.ts";

const deployment = (replicas: number, surge: number | string = "25%", unavailable: number | string = "25%"): Deployment =>
  ({
    spec: { replicas, strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } } },
  }) as unknown as Deployment;
const set = (uid: string, replicas: number, available = replicas): ReplicaSet =>
  ({
    metadata: { uid, name: uid, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { replicas },
    status: { replicas, availableReplicas: available },
  }) as unknown as ReplicaSet;

describe("limits of a rolling update", () => {
  it.each([
    [10, "25%", "25%", 3, 2],
    [1, "25%", "25%", 1, 0],
    [1, 0, 0, 0, 1],
    [4, "0%", "10%", 0, 1],
    [3, 1, 5, 1, 3],
    [0, "25%", "25%", 0, 0],
  ])("%i replicas, surge %s, unavailable %s: %i more, %i fewer", (replicas, surge, unavailable, more, fewer) => {
    expect([maxSurge(deployment(replicas, surge, unavailable)), maxUnavailable(deployment(replicas, surge, unavailable))]).toEqual([
      more,
      fewer,
    ]);
  });
});

describe("a rollout", () => {
  it("shrinks first what is broken, then what the minimum allows", () => {
    const sizes = new Map<string, number>();
    shrinkOldSets(deployment(10), set("new", 3, 0), [set("old", 10, 8)], sizes);
    expect(sizes.get("old")).toBe(8);
    const later = new Map<string, number>();
    shrinkOldSets(deployment(10), set("new", 5, 5), [set("old", 8)], later);
    expect(later.get("old")).toBe(3);
  });

  it("never has more than the surge above nor fewer available than the minimum, whatever becomes ready when, and ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.infiniteStream(fc.boolean()),
        (replicas, surge, unavailable, luck) => {
          const wanted = deployment(replicas, surge, unavailable);
          let old = { size: replicas, available: replicas };
          let fresh = { size: 0, available: 0 };
          for (let step = 0; step < 500; step++) {
            const sets = () => [set("old", old.size, old.available), set("new", fresh.size, fresh.available)] as const;
            fresh.size = newSetSize(wanted, sets(), fresh.size);
            expect(old.size + fresh.size).toBeLessThanOrEqual(replicas + maxSurge(wanted));
            const sizes = new Map<string, number>();
            shrinkOldSets(wanted, sets()[1], [sets()[0]], sizes);
            const size = sizes.get("old") ?? old.size;
            old = { size, available: Math.min(old.available, size) };
            expect(old.available + fresh.available).toBeGreaterThanOrEqual(replicas - maxUnavailable(wanted));
            if (fresh.available < fresh.size && (step > 400 || luck.next().value === true))
              fresh = { ...fresh, available: fresh.available + 1 };
          }
          expect([old.size, fresh.size, fresh.available]).toEqual([0, replicas, replicas]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("shares a scaling out in proportion and loses no pod to rounding", () => {
    const sizes = proportionalSizes(deployment(30, 3, 2), [set("a", 10), set("b", 3)], () => 13);
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(33);
    expect(sizes.get("a")).toBe(25);
    expect(sizes.get("b")).toBe(8);
    const down = proportionalSizes(deployment(5, 0, 1), [set("a", 7), set("b", 3)], () => 10);
    expect([down.get("a"), down.get("b")]).toEqual([3, 2]);
    const none = proportionalSizes(deployment(0, 3, 1), [set("a", 7), set("b", 3)], () => 10);
    expect([none.get("a"), none.get("b")]).toEqual([0, 0]);
  });
});
