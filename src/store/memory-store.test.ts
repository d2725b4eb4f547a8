import { describe, expect, it } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { SeededRandom } from "../base/random.ts";
import { compareKeys } from "./key.ts";
import { ManualClock } from "../base/manual-clock.ts";
import { MemoryStore } from "./memory-store.ts";
import { SortedIndex } from "./sorted-index.ts";
import type { Entry } from "./store.ts";
import { storeLaws } from "./store.laws.ts";

storeLaws("memory", (deps) => new MemoryStore(deps));

const entryOf = (key: string): Entry => ({ key, value: new Uint8Array(0), revision: 1, createRevision: 1 });

describe("MemoryStore", () => {
  it("counts a watcher as busy until it has come back for more", async () => {
    const activity = new CountingActivity();
    await using store = new MemoryStore({ clock: new ManualClock(), activity });
    const reader = store.watch("/", 1, new AbortController().signal)[Symbol.asyncIterator]();
    const first = reader.next();
    expect(activity.count).toBe(0);
    await store.transact([], [{ type: "put", key: "/a", value: new Uint8Array(1) }]);
    expect(activity.count).toBe(1);
    await first;
    expect(activity.count).toBe(1);
    const second = reader.next();
    expect(activity.count).toBe(0);
    await reader.return!();
    await second;
    expect(activity.count).toBe(0);
  });

  it("starts from given content", async () => {
    await using store = new MemoryStore({ clock: new ManualClock() }, { revision: 9, entries: [entryOf("/b"), entryOf("/a")] });
    expect((await store.range("/")).entries.map((entry) => entry.key)).toEqual(["/a", "/b"]);
    expect(store.revision()).toBe(9);
    await expect(store.get("/a", { revision: 8 })).rejects.toThrow("compacted");
  });
});

describe("SortedIndex", () => {
  it("agrees with a sorted array over many inserts, deletes and copies", () => {
    const random = new SeededRandom(7);
    let index = new SortedIndex();
    const model = new Set<string>();
    const abandoned: { index: SortedIndex; keys: string[] }[] = [];
    for (let i = 0; i < 6_000; i++) {
      const key = `/k/${Math.floor(random.next() * 3_000).toString(36)}`;
      if (random.next() < 0.65) {
        index.set(entryOf(key));
        model.add(key);
      } else expect(index.delete(key)).toBe(model.delete(key));
      if (i % 1_000 === 999) {
        const copy = new SortedIndex(index);
        abandoned.push({ index, keys: [...model].sort(compareKeys) });
        index = copy;
      }
    }
    const keys = [...model].sort(compareKeys);
    expect([...index.scan("/k/", "")].map((entry) => entry.key)).toEqual(keys);
    expect(index.size).toBe(keys.length);
    for (const prefix of ["/k/", "/k/1", "/k/zz", "/x", "/a", ""]) {
      expect(index.count(prefix, "/k/a")).toBe(keys.filter((key) => key.startsWith(prefix) && key >= "/k/a").length);
    }
    for (const old of abandoned) expect([...old.index.scan("", "")].map((entry) => entry.key)).toEqual(old.keys);
  });
});
