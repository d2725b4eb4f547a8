import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { silentLog } from "../base/log.ts";
import { SeededRandom } from "../base/random.ts";
import { defineKind, type ApiObject } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { createClient, type Client } from "./client.ts";
import { FakeApiServer } from "./fake-api-server.ts";
import { createInformer } from "./informer.ts";
import { stepInformer } from "./informer-state.ts";

interface Box extends ApiObject {
  readonly spec?: { readonly size: number };
}
const boxKind = defineKind<Box>({
  group: "",
  kind: "Box",
  plural: "boxes",
  singular: "box",
  namespaced: true,
  versions: [],
  storageVersion: "v1",
});

function world(decoded: boolean) {
  const activity = new CountingActivity();
  const clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 1), activity, turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const random = new SeededRandom(7);
  const server = new FakeApiServer(clock, random);
  const client = createClient(server.exchange, { decoded, activity });
  return { activity, clock, random, server, client, log: silentLog };
}
const make = (client: Client, name: string, size = 1, labels: Record<string, string> = {}) =>
  client.of(boxKind, "default").create({ metadata: { name, labels }, spec: { size } });

describe.each([true, false])("an informer, decoded: %s", (decoded) => {
  it("copies what is there, then follows changes", async () => {
    const w = world(decoded);
    await make(w.client, "a");
    await using informer = createInformer(w.client.of(boxKind), w);
    const told: string[] = [];
    informer.handle({
      added: (box) => told.push(`+${box.metadata?.name}`),
      updated: (box, old) => told.push(`~${box.metadata?.name} ${old.spec?.size}>${box.spec?.size}`),
      deleted: (box) => told.push(`-${box.metadata?.name}`),
    });
    informer.start();
    await informer.synced;
    const b = await make(w.client, "b", 2);
    await w.client.of(boxKind, "default").update({ ...b, spec: { size: 3 } });
    await w.client.of(boxKind, "default").delete("a");
    await w.clock.settled();
    expect(told).toEqual(["+a", "+b", "~b 2>3", "-a"]);
    expect(informer.list().map((box) => box.metadata?.name)).toEqual(["b"]);
    expect(informer.get("default", "b")?.spec?.size).toBe(3);
  });

  it("reads long lists page by page", async () => {
    const w = world(decoded);
    for (let i = 0; i < 1100; i++) await make(w.client, `b${i}`);
    await using informer = createInformer(w.client.of(boxKind), w);
    informer.start();
    await informer.synced;
    expect(informer.list()).toHaveLength(1100);
    expect(w.server.requests.filter((request) => request.startsWith("GET") && !request.includes("watch"))).toHaveLength(3);
  });

  it("resumes a watch that ended, without listing again", async () => {
    const w = world(decoded);
    await using informer = createInformer(w.client.of(boxKind), w);
    informer.start();
    await informer.synced;
    await w.clock.advance(5_000);
    w.server.endWatches();
    await make(w.client, "late");
    await w.clock.advance(5_000);
    expect(informer.get("default", "late")).toBeDefined();
    expect(w.server.requests.filter((request) => request.startsWith("GET") && !request.includes("watch"))).toHaveLength(1);
  });

  it("lists again after 410 and tells what was missed, each once", async () => {
    const w = world(decoded);
    await make(w.client, "kept");
    const lost = await make(w.client, "lost");
    await make(w.client, "again");
    await using informer = createInformer(w.client.of(boxKind), w);
    const told: string[] = [];
    informer.start();
    await informer.synced;
    await w.clock.settled();
    informer.handle({
      added: (box) => told.push(`+${box.metadata?.name}`),
      updated: (box) => told.push(`~${box.metadata?.name}`),
      deleted: (box) => told.push(`-${box.metadata?.name}`),
    });
    told.length = 0;
    await w.clock.advance(5_000);
    w.server.endWatches();
    await w.client.of(boxKind, "default").delete(lost.metadata!.name!);
    await w.client.of(boxKind, "default").delete("again");
    await make(w.client, "again");
    await make(w.client, "fresh");
    w.server.compact();
    await w.clock.advance(60_000);
    expect(told.toSorted()).toEqual(["+again", "+fresh", "-again", "-lost"]);
  });

  it("backs off while the server refuses, then goes on", async () => {
    const w = world(decoded);
    w.server.before = () => {
      throw new StatusError("ServiceUnavailable", "not yet");
    };
    await using informer = createInformer(w.client.of(boxKind), w);
    informer.start();
    await w.clock.advance(60_000);
    const tries = w.server.requests.length;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(10);
    w.server.before = () => undefined;
    await w.clock.advance(61_000);
    expect(informer.hasSynced).toBe(true);
  });
});

describe("stepInformer", () => {
  const random = new SeededRandom(1);
  it("does not list in a hot loop when every watch is refused as too old", () => {
    let state = stepInformer({ phase: "listing", failures: 0 }, { type: "page", resourceVersion: "5" }, random);
    state = stepInformer(state, { type: "expired" }, random);
    expect(state.phase).toBe("listing");
    state = stepInformer(state, { type: "page", resourceVersion: "6" }, random);
    state = stepInformer(state, { type: "expired" }, random);
    expect(state.phase).toBe("waiting");
  });
});

describe("createClient", () => {
  it.each([true, false])("turns a refusal into a StatusError, decoded: %s", async (decoded) => {
    const w = world(decoded);
    await expect(w.client.of(boxKind, "default").get("none")).rejects.toMatchObject({ name: "StatusError", reason: "NotFound", code: 404 });
    await expect(make(w.client, "a").then(() => make(w.client, "a"))).rejects.toMatchObject({ reason: "AlreadyExists" });
  });

  it("makes a Status of an answer that is none", async () => {
    const client = createClient(async () => ({ status: 503, headers: {}, body: new TextEncoder().encode("no upstream\n") }));
    await expect(client.request("GET", "/readyz")).rejects.toMatchObject({ reason: "ServiceUnavailable", message: "no upstream" });
  });
});
