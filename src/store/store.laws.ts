// What every store backend must do. One suite, run over each of them: `storeLaws("memory", (deps) => new MemoryStore(deps))`.

import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Clock } from "../base/clock.ts";
import { compareKeys } from "./key.ts";
import { ManualClock } from "../base/manual-clock.ts";
import type { ChangeSet, Entry, Store, Write } from "./store.ts";
import { CompactedError, FutureRevisionError } from "./store.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (text: string): Uint8Array => encoder.encode(text);
const text = (entry: Entry | undefined): string | undefined => entry && decoder.decode(entry.value);
const put = (key: string, value: string, more: { cause?: string; expiresAtMs?: number } = {}): Write => ({
  type: "put",
  key,
  value: bytes(value),
  ...more,
});
const remove = (key: string): Write => ({ type: "delete", key });

/** "put a=1" or "delete a=1" for each change. */
const shown = (set: ChangeSet): { revision: number; changes: string[] } => ({
  revision: set.revision,
  changes: set.changes.map((change) => `${change.type} ${change.key}=${text(change.entry)}`),
});

async function take(watch: AsyncIterable<ChangeSet>, count: number): Promise<ChangeSet[]> {
  const sets: ChangeSet[] = [];
  if (count === 0) return sets;
  for await (const set of watch) {
    sets.push(set);
    if (sets.length === count) break;
  }
  return sets;
}

/** `open` gives an empty store; the suite disposes it. */
export function storeLaws(name: string, open: (deps: { readonly clock: Clock }) => Promise<Store> | Store): void {
  describe(`store laws: ${name}`, () => {
    const opened: Store[] = [];
    let clock = new ManualClock();
    const fresh = async (): Promise<Store> => {
      clock = new ManualClock();
      const store = await open({ clock });
      opened.push(store);
      return store;
    };
    const write = async (store: Store, ...writes: Write[]): Promise<number> => {
      const result = await store.transact([], writes);
      if (!result.committed) throw new Error("refused");
      return result.revision;
    };
    const never = new AbortController().signal;

    afterEach(async () => {
      for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
      expect(clock.pending, "timers left").toBe(0);
    });

    it("starts empty at revision 1", async () => {
      const store = await fresh();
      expect(store.revision()).toBe(1);
      expect(await store.get("/a")).toBeUndefined();
      expect(await store.range("/")).toEqual({ entries: [], revision: 1, more: false, count: 0 });
    });

    it("keeps value, cause, revisions and expiry of what was put", async () => {
      const store = await fresh();
      expect(await store.transact([], [put("/a", "1", { cause: "because é" })])).toEqual({ committed: true, revision: 2 });
      expect(await store.get("/a")).toEqual({ key: "/a", value: bytes("1"), cause: "because é", revision: 2, createRevision: 2 });
      const expiresAtMs = clock.now() + 3_600_000;
      await write(store, put("/a", "2", { expiresAtMs }));
      expect(await store.get("/a")).toEqual({ key: "/a", value: bytes("2"), revision: 3, createRevision: 2, expiresAtMs });
      await write(store, remove("/a"));
      await write(store, put("/a", ""));
      expect(await store.get("/a")).toEqual({ key: "/a", value: bytes(""), revision: 5, createRevision: 5 });
    });

    it("commits all writes at one revision or none", async () => {
      const store = await fresh();
      const revision = await write(store, put("/a", "1"), put("/b", "1"));
      const refused = await store.transact(
        [
          { key: "/a", revision },
          { key: "/b", revision: 0 },
          { key: "/c", revision: 7 },
        ],
        [put("/a", "2"), put("/d", "2"), remove("/b")],
      );
      expect(refused).toEqual({
        committed: false,
        failed: [{ condition: { key: "/b", revision: 0 }, present: await store.get("/b") }, { condition: { key: "/c", revision: 7 } }],
      });
      expect(store.revision()).toBe(revision);
      expect((await store.range("/")).entries.map(text)).toEqual(["1", "1"]);
      const done = await store.transact(
        [
          { key: "/a", revision },
          { key: "/d", revision: 0 },
        ],
        [put("/a", "2"), put("/d", "2"), remove("/b")],
      );
      expect(done).toEqual({ committed: true, revision: revision + 1 });
      const { entries } = await store.range("/");
      expect(entries.map((entry) => [entry.key, text(entry), entry.revision])).toEqual([
        ["/a", "2", revision + 1],
        ["/d", "2", revision + 1],
      ]);
    });

    it("checks conditions without writes", async () => {
      const store = await fresh();
      const revision = await write(store, put("/a", "1"));
      expect(await store.transact([{ key: "/a", revision }], [])).toEqual({ committed: true, revision });
      expect((await store.transact([{ key: "/a", revision: 1 }], [])).committed).toBe(false);
    });

    it("lets exactly one of many racing creators win", async () => {
      const store = await fresh();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.transact([{ key: "/a", revision: 0 }], [put("/a", String(i))])),
      );
      const winners = results.flatMap((result, i) => (result.committed ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(text(await store.get("/a"))).toBe(String(winners[0]));
    });

    it("gives concurrent transactions distinct consecutive revisions in the order of their calls", async () => {
      const store = await fresh();
      const revisions = await Promise.all(Array.from({ length: 50 }, (_, i) => write(store, put(`/k${i}`, "v"))));
      expect(revisions).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
      expect(store.revision()).toBe(51);
    });

    it("writes nothing when it deletes an absent key", async () => {
      const store = await fresh();
      const revision = await write(store, put("/a", "1"));
      expect(await store.transact([], [remove("/b")])).toEqual({ committed: true, revision });
      expect(store.revision()).toBe(revision);
      expect(await write(store, remove("/b"), put("/c", "1"))).toBe(revision + 1);
      expect((await take(store.watch("/", revision, never), 1)).map(shown)).toEqual([{ revision: revision + 1, changes: ["put /c=1"] }]);
    });

    it("refuses malformed keys and a key named twice", async () => {
      const store = await fresh();
      for (const key of ["", "/a\0b", `/${"x".repeat(1_500)}`, "/\ud800"]) {
        await expect(store.transact([], [put(key, "1")]), JSON.stringify(key.slice(0, 9))).rejects.toThrow();
      }
      await expect(store.transact([], [put("/a", "1"), remove("/a")])).rejects.toThrow("twice");
      await expect(store.transact([], [put("/a", "1", { cause: "c".repeat(1_025) })])).rejects.toThrow("cause");
      expect(await write(store, put(`/${"x".repeat(1_499)}`, "1"))).toBe(2);
    });

    it("orders keys by their UTF-8 bytes", async () => {
      const store = await fresh();
      const keys = ["/a", "/a!", "/a/b", "/a0", "/aa", "/b", "/é", "/\uffee", "/\u{1f600}"];
      await write(store, ...keys.toReversed().map((key) => put(key, key)));
      expect((await store.range("/")).entries.map((entry) => entry.key)).toEqual(keys);
      expect((await store.range("/", { from: "/\uffee" })).entries.map((entry) => entry.key)).toEqual(keys.slice(-2));
    });

    it("ranges over a prefix only", async () => {
      const store = await fresh();
      await write(store, put("/pod", "0"), put("/pods/a", "1"), put("/pods/b", "2"), put("/pods0", "3"), put("/pods\u{1f600}", "4"));
      expect((await store.range("/pods/")).entries.map(text)).toEqual(["1", "2"]);
      expect((await store.range("/none/")).count).toBe(0);
    });

    it("pages with limit and from, counts the rest, and stays at one revision while others write", async () => {
      const store = await fresh();
      await write(store, ...Array.from({ length: 25 }, (_, i) => put(`/k/${String(i).padStart(2, "0")}`, "old")));
      const first = await store.range("/k/", { limit: 10 });
      expect([first.entries.length, first.more, first.count, first.revision]).toEqual([10, true, 25, 2]);
      await write(store, put("/k/05", "new"), put("/k/12", "new"), remove("/k/13"), put("/k/155", "new"));
      await write(store, put("/k/13", "again"), put("/k/99", "new"), put("/k/12", "newer"));
      const seen = first.entries.map((entry) => entry.key);
      let page = first;
      while (page.more) {
        page = await store.range("/k/", { limit: 10, from: `${page.entries.at(-1)!.key}\0`, revision: first.revision });
        expect(page.entries.every((entry) => text(entry) === "old")).toBe(true);
        expect(page.count).toBe(25 - seen.length);
        seen.push(...page.entries.map((entry) => entry.key));
      }
      expect(seen).toEqual(Array.from({ length: 25 }, (_, i) => `/k/${String(i).padStart(2, "0")}`));
      expect((await store.range("/k/")).count).toBe(27);
      expect(await store.range("/k/", { limit: 0 })).toEqual({ entries: [], revision: 4, more: true, count: 27 });
    });

    it("reads every old revision until compacted, and never a future one", async () => {
      const store = await fresh();
      for (const value of ["1", "2", "3"]) await write(store, put("/a", value));
      await write(store, remove("/a"));
      await write(store, put("/a", "5"));
      const at = async (revision: number): Promise<string | undefined> => text(await store.get("/a", { revision }));
      expect([await at(1), await at(2), await at(3), await at(4), await at(5), await at(6)]).toEqual([
        undefined,
        "1",
        "2",
        "3",
        undefined,
        "5",
      ]);
      expect((await store.range("/", { revision: 5 })).entries).toEqual([]);
      await expect(store.get("/a", { revision: 7 })).rejects.toBeInstanceOf(FutureRevisionError);
      await expect(store.range("/", { revision: 7 })).rejects.toBeInstanceOf(FutureRevisionError);
      await store.compact(4);
      await store.compact(3);
      await expect(store.get("/a", { revision: 3 })).rejects.toMatchObject({ name: "CompactedError", compactedRevision: 4 });
      await expect(store.range("/", { revision: 3 })).rejects.toBeInstanceOf(CompactedError);
      expect([await at(4), await at(5), await at(6)]).toEqual(["3", undefined, "5"]);
      await store.compact(6);
      expect(await at(6)).toBe("5");
      expect(text(await store.get("/a"))).toBe("5");
      await expect(store.compact(7)).rejects.toBeInstanceOf(FutureRevisionError);
    });

    it("watch is Ordered, Unique, Atomic and Reliable: history and live without a seam", async () => {
      const store = await fresh();
      for (let i = 0; i < 5; i++) await write(store, put(`/w/${i}`, "a"), put(`/w/x${i}`, "a"), put(`/other/${i}`, "a"));
      const watching = take(store.watch("/w/", 1, never), 60);
      const writing = (async () => {
        for (let i = 0; i < 55; i++) await write(store, put(`/w/${i}`, "b"), put("/other/1", "b"));
      })();
      const sets = await watching;
      await writing;
      expect(sets.map((set) => set.revision)).toEqual(Array.from({ length: 60 }, (_, i) => i + 2));
      expect(shown(sets[1]!).changes).toEqual(["put /w/1=a", "put /w/x1=a"]);
      expect(shown(sets[59]!).changes).toEqual(["put /w/54=b"]);
    });

    it("watch shows the version before, and a delete with the last value", async () => {
      const store = await fresh();
      await write(store, put("/a", "1", { cause: "first" }));
      await write(store, put("/a", "2"));
      await store.transact([], [{ type: "delete", key: "/a", cause: "gone" }]);
      for (const revision of [1, 2]) {
        const sets = await take(store.watch("/", revision, never), 4 - revision);
        const [update, deletion] = sets.slice(-2).map((set) => set.changes[0]!);
        expect(update).toEqual({
          type: "put",
          key: "/a",
          entry: { key: "/a", value: bytes("2"), revision: 3, createRevision: 2 },
          previous: { key: "/a", value: bytes("1"), cause: "first", revision: 2, createRevision: 2 },
        });
        expect(deletion).toEqual({
          type: "delete",
          key: "/a",
          entry: { key: "/a", value: bytes("2"), cause: "gone", revision: 4, createRevision: 2 },
          previous: { key: "/a", value: bytes("2"), revision: 3, createRevision: 2 },
        });
      }
    });

    it("watch is Resumable from any revision that is kept", async () => {
      const store = await fresh();
      for (let i = 0; i < 20; i++) await write(store, put(`/a${i % 3}`, String(i)), put(`/b${i}`, "x"));
      const all = await take(store.watch("/a", 1, never), 20);
      for (const resumeAt of [2, 7, 15, 20]) {
        expect(await take(store.watch("/a", resumeAt, never), 21 - resumeAt)).toEqual(all.slice(resumeAt - 1));
      }
    });

    it("watch from before a compaction throws CompactedError, also when the compaction comes later", async () => {
      const store = await fresh();
      for (let i = 0; i < 5; i++) await write(store, put("/a", String(i)));
      const late = store.watch("/", 2, never)[Symbol.asyncIterator]();
      await store.compact(4);
      await expect(late.next()).rejects.toBeInstanceOf(CompactedError);
      await expect(take(store.watch("/", 3, never), 1)).rejects.toBeInstanceOf(CompactedError);
      expect((await take(store.watch("/", 4, never), 2)).map((set) => set.revision)).toEqual([5, 6]);
    });

    it("a live watch survives a compaction", async () => {
      const store = await fresh();
      const reader = store.watch("/", 1, never)[Symbol.asyncIterator]();
      const first = reader.next();
      await write(store, put("/a", "1"));
      await first;
      const second = reader.next();
      await write(store, put("/a", "2"));
      await store.compact(3);
      await write(store, put("/a", "3"));
      expect(shown((await second).value!).changes).toEqual(["put /a=2"]);
      expect(shown((await reader.next()).value!).changes).toEqual(["put /a=3"]);
      await reader.return!();
    });

    it("watch ends when its signal aborts", async () => {
      const store = await fresh();
      const controller = new AbortController();
      const reader = store.watch("/", 1, controller.signal)[Symbol.asyncIterator]();
      const waiting = reader.next();
      controller.abort();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await reader.next()).toEqual({ done: true, value: undefined });
      expect(await take(store.watch("/", 1, controller.signal), 1)).toEqual([]);
    });

    it("ends a slow reader with CompactedError and blocks nobody", async () => {
      const store = await fresh();
      const slow = store.watch("/", 1, never)[Symbol.asyncIterator]();
      const elsewhere = store.watch("/none", 1, never)[Symbol.asyncIterator]();
      const first = slow.next();
      const quiet = elsewhere.next();
      await write(store, put("/a", "0"));
      await first;
      for (let i = 0; i < 101; i++) await Promise.all(Array.from({ length: 100 }, () => write(store, put("/a", "x"))));
      await expect(slow.next()).rejects.toBeInstanceOf(CompactedError);
      expect(await slow.next()).toEqual({ done: true, value: undefined });
      await write(store, put("/none", "1"));
      expect(shown((await quiet).value!).changes).toEqual(["put /none=1"]);
      await elsewhere.return!();
    });

    it("deletes an expired key by itself, as a change that watchers see", async () => {
      const store = await fresh();
      await write(store, put("/a", "1", { expiresAtMs: clock.now() + 1_000 }), put("/b", "1", { expiresAtMs: clock.now() + 5_000 }));
      await write(store, put("/c", "1", { expiresAtMs: clock.now() + 1_000 }));
      await write(store, put("/c", "2"));
      await write(store, put("/d", "1", { expiresAtMs: clock.now() + 1_000 }));
      await write(store, put("/d", "2", { expiresAtMs: clock.now() + 9_000 }));
      const before = store.revision();
      clock.advance(999);
      expect((await store.range("/")).count).toBe(4);
      clock.advance(1);
      const [gone] = await take(store.watch("/", before, never), 1);
      expect(gone!.changes.map((change) => [change.type, change.key])).toEqual([["delete", "/a"]]);
      expect((await store.range("/")).entries.map((entry) => entry.key)).toEqual(["/b", "/c", "/d"]);
      clock.advance(100_000);
      await expect
        .poll(async () => {
          clock.advance(1); // a backend may take several timers to get there
          return (await store.range("/")).entries.map((entry) => entry.key);
        })
        .toEqual(["/c"]);
      const expired: string[] = [];
      for await (const set of store.watch("/", before, never)) {
        expired.push(...set.changes.map((change) => `${change.type} ${change.key}`));
        if (expired.length >= 3) break;
      }
      expect(expired).toEqual(["delete /a", "delete /b", "delete /d"]);
    });

    it("a fork starts from the present and neither sees the other's writes", async () => {
      const store = await fresh();
      await write(store, ...Array.from({ length: 600 }, (_, i) => put(`/k${i}`, "base")));
      await write(store, put("/e", "1", { expiresAtMs: clock.now() + 1_000 }));
      const fork = await store.fork();
      opened.push(fork);
      expect(fork.revision()).toBe(store.revision());
      await write(store, put("/k1", "original"), remove("/k2"));
      expect(await write(fork, put("/k1", "fork"), put("/new", "fork"))).toBe(4);
      expect([text(await store.get("/k1")), text(await fork.get("/k1"))]).toEqual(["original", "fork"]);
      expect([text(await store.get("/new")), text(await fork.get("/k2"))]).toEqual([undefined, "base"]);
      expect([(await store.range("/")).count, (await fork.range("/")).count]).toEqual([600, 602]);
      expect((await take(fork.watch("/", 3, never), 1)).map((set) => shown(set).changes)).toEqual([["put /k1=fork", "put /new=fork"]]);
      expect(text(await fork.get("/k1", { revision: 3 }))).toBe("base");
      clock.advance(1_000);
      await take(store.watch("/", 4, never), 1);
      expect([await store.get("/e"), await fork.get("/e")]).toEqual([undefined, undefined]);
    });

    it("when closed, watches throw and calls reject", async () => {
      const store = await fresh();
      const waiting = store.watch("/", 1, never)[Symbol.asyncIterator]().next();
      const failure = expect(waiting).rejects.toThrow("closed");
      await write(store, put("/a", "1", { expiresAtMs: clock.now() + 1_000 })).catch(() => undefined);
      await waiting.catch(() => undefined);
      const idle = store.watch("/none", 1, never)[Symbol.asyncIterator]().next();
      const idleFailure = expect(idle).rejects.toThrow("closed");
      await store[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await idleFailure;
      await failure.catch(() => undefined);
      await expect(store.get("/a")).rejects.toThrow("closed");
      await expect(store.range("/")).rejects.toThrow("closed");
      await expect(store.transact([], [put("/a", "2")])).rejects.toThrow("closed");
      await expect(take(store.watch("/", 1, never), 1)).rejects.toThrow("closed");
    });

    it("agrees with a naive model under random transactions, old reads and compactions", async () => {
      const key = fc.constantFrom("/a/1", "/a/2", "/a/3", "/b/1", "/b/2", "/b", "/é", "/\u{1f600}");
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            writes: fc.uniqueArray(fc.tuple(key, fc.option(fc.string({ maxLength: 4 }))), { selector: ([k]) => k, maxLength: 3 }),
            conditions: fc.uniqueArray(fc.tuple(key, fc.integer({ min: -1, max: 2 })), { selector: ([k]) => k, maxLength: 2 }),
          }),
        },
        {
          weight: 4,
          arbitrary: fc.record({ prefix: fc.constantFrom("/", "/a/", "/b"), from: fc.option(key), back: fc.nat(9), limit: fc.nat(4) }),
        },
        { weight: 1, arbitrary: fc.record({ compactBack: fc.nat(6) }) },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          const store = await open({ clock });
          try {
            await runAgainstModel(store, steps);
          } finally {
            await store[Symbol.asyncDispose]();
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

type ModelStep =
  | { readonly writes: readonly (readonly [string, string | null])[]; readonly conditions: readonly (readonly [string, number])[] }
  | { readonly prefix: string; readonly from: string | null; readonly back: number; readonly limit: number }
  | { readonly compactBack: number };

/** The model keeps a whole copy of the state for every revision. */
async function runAgainstModel(store: Store, steps: readonly ModelStep[]): Promise<void> {
  const states = new Map<number, ReadonlyMap<string, Entry>>([[1, new Map()]]);
  let compacted = 1;
  let revision = 1;
  for (const step of steps) {
    const now = states.get(revision)!;
    if ("writes" in step) {
      const conditions = step.conditions.map(([key, off]) => ({
        key,
        // -1 asks for absence, 0 for the present version, more for a wrong one
        revision: off < 0 ? 0 : (now.get(key)?.revision ?? 0) + off,
      }));
      const holds = conditions.every((condition) => (now.get(condition.key)?.revision ?? 0) === condition.revision);
      const writes: Write[] = step.writes.map(([key, value]) => (value === null ? remove(key) : put(key, value)));
      const result = await store.transact(conditions, writes);
      expect(result.committed).toBe(holds);
      if (!holds) continue;
      const effective = writes.filter((write) => write.type === "put" || now.has(write.key));
      if (effective.length > 0) {
        const next = new Map(now);
        revision++;
        for (const write of effective) {
          if (write.type === "delete") next.delete(write.key);
          else {
            const createRevision = now.get(write.key)?.createRevision ?? revision;
            next.set(write.key, { key: write.key, value: write.value, revision, createRevision });
          }
        }
        states.set(revision, next);
      }
      expect(result).toEqual({ committed: true, revision });
      continue;
    }
    if ("compactBack" in step) {
      const at = Math.max(compacted, revision - step.compactBack);
      await store.compact(at);
      compacted = at;
      continue;
    }
    const at = Math.max(1, revision - step.back);
    const options = { revision: at, ...(step.from !== null && { from: step.from }), ...(step.limit > 0 && { limit: step.limit }) };
    if (at < compacted) {
      await expect(store.range(step.prefix, options)).rejects.toBeInstanceOf(CompactedError);
      continue;
    }
    const matching = [...states.get(at)!.values()]
      .filter((entry) => entry.key.startsWith(step.prefix) && (step.from === null || compareKeys(entry.key, step.from) >= 0))
      .sort((a, b) => compareKeys(a.key, b.key));
    const entries = step.limit > 0 ? matching.slice(0, step.limit) : matching;
    expect(await store.range(step.prefix, options)).toEqual({
      entries,
      revision: at,
      more: matching.length > entries.length,
      count: matching.length,
    });
  }
  // A watch from the oldest kept revision rebuilds the present state.
  const rebuilt = new Map(states.get(compacted)!);
  for (const set of await take(store.watch("/", compacted, new AbortController().signal), revision - compacted)) {
    for (const change of set.changes) {
      expect(change.previous).toEqual(rebuilt.get(change.key));
      if (change.type === "put") rebuilt.set(change.key, change.entry);
      else rebuilt.delete(change.key);
    }
  }
  expect(rebuilt).toEqual(states.get(revision));
}
