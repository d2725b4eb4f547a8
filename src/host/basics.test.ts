import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sleep } from "../base/clock.ts";
import { realClock } from "./clock.ts";
import { processLog } from "./log.ts";
import { processMetrics } from "./metrics.ts";
import { secureRandom } from "./random.ts";

describe("realClock", () => {
  it("waits at least the delay, and not at all when disposed", async () => {
    const clock = realClock();
    let fired = false;
    const timer = clock.after(5, () => (fired = true));
    timer[Symbol.dispose]();
    const before = clock.monotonicMs();
    await sleep(clock, 20);
    expect(clock.monotonicMs() - before).toBeGreaterThanOrEqual(19.9);
    expect(fired).toBe(false);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  });
  it("takes waits that are longer than a timer can", async () => {
    const clock = realClock({ background: true });
    let fired = false;
    const timer = clock.after(400 * 24 * 3_600_000, () => (fired = true));
    await sleep(clock, 5);
    timer[Symbol.dispose]();
    expect(fired).toBe(false);
  });
});

describe("secureRandom", () => {
  it("never repeats and stays in range", () => {
    const random = secureRandom();
    const seen = new Set<string>();
    for (let i = 0; i < 2_000; i++) seen.add(Buffer.from(random.bytes(16)).toString("hex"));
    expect(seen.size).toBe(2_000);
    expect(random.bytes(5_000)).toHaveLength(5_000);
    const draws = Array.from({ length: 2_000 }, () => random.next());
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true);
    expect(draws.reduce((sum, x) => sum + x) / draws.length).toBeCloseTo(0.5, 1);
  });
});

describe("processLog", () => {
  it("writes one JSON line a message with level, fields and errors", () => {
    const directory = mkdtempSync(join(tmpdir(), "timonier-log-"));
    try {
      const file = join(directory, "deep", "log");
      const log = processLog({ file, level: "info", fields: { name: "x" } });
      log.debug("hidden");
      log.child({ component: "store" }).warn("careful", { error: new TypeError("no"), count: 2 });
      log[Symbol.dispose]();
      const lines = readFileSync(file, "utf8").trim().split("\n");
      expect(lines).toHaveLength(1);
      const line = JSON.parse(lines[0]!) as Record<string, unknown>;
      expect(line).toMatchObject({
        level: "warn",
        msg: "careful",
        name: "x",
        component: "store",
        count: 2,
        error: { type: "TypeError", message: "no" },
      });
      expect(Date.parse(line["time"] as string)).toBeGreaterThan(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("processMetrics", () => {
  it("exposes counters, gauges and histograms, one per name", async () => {
    const metrics = processMetrics();
    metrics.counter("requests_total", "Requests.")({ verb: "GET" });
    metrics.counter("requests_total", "Requests.")({ verb: "GET" }, 2);
    metrics.gauge("depth", "Depth.")(3);
    metrics.histogram("took_seconds", "Time.", [0.1, 1])(0.5);
    const text = await metrics.text();
    expect(text).toContain('requests_total{verb="GET"} 3');
    expect(text).toContain("depth 3");
    expect(text).toContain('took_seconds_bucket{le="0.1"} 0');
    expect(text).toContain('took_seconds_bucket{le="1"} 1');
  });
});
