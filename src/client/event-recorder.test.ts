import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { silentLog } from "../base/log.ts";
import { SeededRandom } from "../base/random.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { createClient } from "./client.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { FakeApiServer } from "./fake-api-server.ts";

function world() {
  const activity = new CountingActivity();
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 1), activity, turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(3);
  const server = new FakeApiServer(clock, random);
  const client = createClient(server.exchange, { activity });
  return { activity, clock, random, server, client, log: silentLog, component: "tester" };
}
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default", uid: "u1" } };

describe("an event recorder", () => {
  it("writes an event and counts its repetitions on the same object", async () => {
    const w = world();
    await using recorder = createEventRecorder(w);
    for (let i = 0; i < 3; i++) {
      recorder.record(pod, "Warning", "BackOff", "again");
      await w.clock.advance(1000);
    }
    expect(w.server.all("events")).toHaveLength(1);
    expect(w.server.all("events")[0]).toMatchObject({
      count: 3,
      reason: "BackOff",
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:02Z",
      involvedObject: { kind: "Pod", name: "web", uid: "u1" },
      source: { component: "tester" },
    });
    expect(w.server.all("events")[0].metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
  });

  it("combines many similar events and throttles a noisy object", async () => {
    const w = world();
    await using recorder = createEventRecorder(w);
    for (let i = 0; i < 40; i++) recorder.record(pod, "Normal", "Pulled", `image ${i}`);
    await w.clock.settled();
    const events = w.server.all("events");
    expect(events).toHaveLength(11);
    expect(events[10]).toMatchObject({ count: 15, message: "(combined from similar events): image 24" });
  });

  it("starts a new object when the counted one has expired", async () => {
    const w = world();
    await using recorder = createEventRecorder(w);
    recorder.record(pod, "Normal", "Started", "x");
    await w.clock.settled();
    await w.client.request("DELETE", `/api/v1/namespaces/default/events/${w.server.all("events")[0].metadata.name}`);
    recorder.record(pod, "Normal", "Started", "x");
    await w.clock.settled();
    expect(w.server.all("events")[0]).toMatchObject({ count: 2 });
  });
});
