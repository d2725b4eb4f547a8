// The store misbehaves: its watch ends, it is full, it fails. Readers and watchers must not notice more than they have to.

import { afterEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../base/manual-clock.ts";
import { builtinKinds } from "../../kinds/all.ts";
import { MemoryStore } from "../../store/memory-store.ts";
import type { ChangeSet, Store } from "../../store/store.ts";
import { CompactedError, StoreFullError } from "../../store/store.ts";
import type { WatchEvent } from "../../wire/exchange.ts";
import { DecodedStream } from "../../wire/exchange.ts";
import { TestServer } from "../testing.laws.ts";

const maps = "/api/v1/namespaces/default/configmaps";

/** A store whose watch can be broken off and whose writes can fail. */
function faulty(clock: ManualClock): { store: Store; breakWatch(): void; failure: Error | undefined; dropNext: boolean } {
  const inner = new MemoryStore({ clock });
  const faults = { store: inner as Store, breakWatch: (): void => undefined, failure: undefined as Error | undefined, dropNext: false };
  faults.store = new Proxy(inner, {
    get(target, name) {
      if (name === "watch")
        return async function* (prefix: string, revision: number, signal: AbortSignal): AsyncGenerator<ChangeSet> {
          const stop = new AbortController();
          let broken = false;
          faults.breakWatch = () => {
            broken = true;
            stop.abort(new Error("broken"));
          };
          for await (const set of target.watch(prefix, revision, AbortSignal.any([signal, stop.signal]))) {
            const dropped = faults.dropNext;
            faults.dropNext = false;
            yield dropped ? { ...set, changes: [] } : set;
          }
          if (broken) throw new CompactedError(revision);
        };
      if (name === "transact")
        return (...args: Parameters<Store["transact"]>) => (faults.failure ? Promise.reject(faults.failure) : target.transact(...args));
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  return faults;
}

describe("a store with faults", () => {
  let server: TestServer;
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    expect(server.clock.pending).toBe(0);
  });
  const start = async (): Promise<ReturnType<typeof faulty>> => {
    const faults = faulty(new ManualClock());
    server = new TestServer(builtinKinds, { store: faults.store });
    await server.api.start();
    return faults;
  };

  it("goes on after its watch broke, without losing, repeating or reordering anything", async () => {
    const faults = await start();
    for (const name of ["a", "b"]) await server.ask("POST", maps, { metadata: { name } });
    const stop = new AbortController();
    const response = await server.send("GET", `${maps}?watch=1`, undefined, {}, stop.signal);
    const events: WatchEvent[] = [];
    const reading = (async () => {
      for await (const event of (response.body as DecodedStream).events) events.push(event);
    })();
    faults.breakWatch();
    await server.ask("POST", maps, { metadata: { name: "c" } });
    await server.ask("DELETE", `${maps}/a`);
    expect((await server.ask("GET", maps)).body.items.map((item: any) => item.metadata.name)).toEqual(["b", "c"]);
    await server.ask("POST", maps, { metadata: { name: "d" } });
    await server.ask("GET", maps);
    await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort(new Error("seen enough"));
    await reading;
    expect(events.map((event) => `${event.type} ${(event.object as any).metadata.name}`)).toEqual([
      "ADDED a",
      "ADDED b",
      "ADDED c",
      "DELETED a",
      "ADDED d",
    ]);
    const revisions = events.slice(2).map((event) => Number((event.object as any).metadata.resourceVersion));
    expect(revisions).toEqual(revisions.toSorted((x, y) => x - y));
    expect(server.errors).toEqual([]);
  });

  it("notices by itself that a change was lost, and mends it", async () => {
    const faults = await start();
    await server.ask("POST", maps, { metadata: { name: "a" } });
    await server.ask("GET", maps);
    faults.dropNext = true;
    await server.ask("POST", maps, { metadata: { name: "lost" } });
    await server.ask("POST", maps, { metadata: { name: "b" } });
    const names = async (): Promise<string[]> => (await server.ask("GET", maps)).body.items.map((item: any) => item.metadata.name);
    expect(await names()).toEqual(["a", "b"]);
    server.clock.advance(5 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await names()).toEqual(["a", "b", "lost"]);
    expect(server.errors.join()).toContain("the watch cache differs from the store");
  });

  it("tells a full store as such, and reads on", async () => {
    const faults = await start();
    await server.ask("POST", maps, { metadata: { name: "a" } });
    faults.failure = new StoreFullError("no space left");
    expect((await server.ask("POST", maps, { metadata: { name: "b" } })).body).toMatchObject({ code: 507, reason: "InsufficientStorage" });
    expect((await server.ask("GET", `${maps}/a`)).status).toBe(200);
    faults.failure = undefined;
    expect((await server.ask("POST", maps, { metadata: { name: "b" } })).status).toBe(201);
    expect(server.errors).toEqual([]);
  });

  it("turns anything else into an InternalError, and logs it", async () => {
    const faults = await start();
    faults.failure = new Error("the disk made a noise");
    expect((await server.ask("POST", maps, { metadata: { name: "b" } })).body).toMatchObject({
      code: 500,
      reason: "InternalError",
      message: "Internal error occurred: the disk made a noise",
    });
    expect(server.errors).toHaveLength(1);
    faults.failure = undefined;
  });

  it("says that it is starting until it has loaded", async () => {
    server = new TestServer(builtinKinds, {});
    expect((await server.ask("GET", maps)).body).toMatchObject({ code: 503, message: "the server is starting" });
    expect((await server.ask("GET", "/readyz", undefined, { bytes: true })).status).toBe(500);
    await server.api.start();
    expect((await server.ask("GET", "/readyz", undefined, { bytes: true })).status).toBe(200);
  });
});
