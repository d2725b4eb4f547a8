import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { open } from "lmdb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../base/clock.ts";
import { silentLog } from "../../base/log.ts";
import { ManualClock } from "../../base/manual-clock.ts";
import { storeLaws } from "../../store/store.laws.ts";
import type { Write } from "../../store/store.ts";
import { LmdbStore } from "./lmdb-store.ts";

let base: string;
let count = 0;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "timonier-lmdb-"));
});
afterAll(async () => {
  await rm(base, { recursive: true });
});

const never = new AbortController().signal;
const put = (key: string, value: string, more: { expiresAtMs?: number; cause?: string } = {}): Write => ({
  type: "put",
  key,
  value: new TextEncoder().encode(value),
  ...more,
});

function openAt(directory: string, clock: Clock = new ManualClock(), clusterId = "test"): Promise<LmdbStore> {
  return LmdbStore.open({
    directory,
    clusterId,
    clock,
    log: silentLog,
    reserveBytes: 4_096,
    fatal: (error) => {
      throw error;
    },
  });
}

storeLaws("lmdb", ({ clock }) => openAt(join(base, `law-${count++}`), clock));

describe("LmdbStore", () => {
  it("shows after a restart what it showed before: values, history, watches, compaction, expiry", async () => {
    const directory = join(base, "restart", "deep");
    const clock = new ManualClock();
    let before: unknown;
    let watched: unknown[];
    const look = async (store: LmdbStore): Promise<unknown> => [
      store.revision(),
      await store.range("/"),
      await store.range("/", { revision: 4 }),
      await store.get("/a", { revision: 3 }),
      await store.get("/a", { revision: 2 }).catch((error: Error) => error.message),
    ];
    const history = async (store: LmdbStore): Promise<unknown[]> => {
      const sets: unknown[] = [];
      for await (const set of store.watch("/", 3, never)) if (sets.push(set) === 4) break;
      return sets;
    };
    {
      await using store = await openAt(directory, clock);
      await store.transact([], [put("/a", "1"), put("/b", "1", { expiresAtMs: clock.now() + 5_000 })]);
      await store.transact([], [put("/a", "2", { cause: "x" })]);
      await store.transact([], [put("/a", "3")]);
      await store.transact([], [{ type: "delete", key: "/a", cause: "y" }]);
      await store.transact([], [put("/c", "1")]);
      await store.transact([], [put("/a", "again")]);
      await store.compact(3);
      before = await look(store);
      watched = await history(store);
    }
    await using store = await openAt(directory, clock);
    expect(await look(store)).toEqual(before);
    expect(await history(store)).toEqual(watched);
    clock.advance(5_000);
    for await (const set of store.watch("/b", store.revision(), never)) {
      expect(set.changes[0]).toMatchObject({ type: "delete", key: "/b" });
      break;
    }
  });

  it("refuses another cluster's store and leaves nothing half made", async () => {
    const directory = join(base, "owned");
    await (await openAt(directory))[Symbol.asyncDispose]();
    await expect(openAt(directory, new ManualClock(), "other")).rejects.toThrow("belongs to the cluster test, not to other");
    expect((await readdir(base)).filter((name) => name.startsWith("owned"))).toEqual(["owned"]);
  });

  it("never serves a damaged record, and goes on with the others", async () => {
    const directory = join(base, "damaged");
    {
      await using store = await openAt(directory);
      await store.transact([], [put("/good", "1"), put("/bad", "value")]);
    }
    const root = open<Buffer, Buffer>({ path: join(directory, "data.mdb"), encoding: "binary", keyEncoding: "binary", maxDbs: 8 } as never);
    const current = root.openDB<Buffer, Buffer>({ name: "current", encoding: "binary", keyEncoding: "binary" } as never);
    const record = Buffer.from(current.get(Buffer.from("/bad"))!);
    record[record.length - 1]! ^= 1;
    await current.put(Buffer.from("/bad"), record);
    await root.close();
    await using store = await openAt(directory);
    await expect(store.get("/bad")).rejects.toThrow("/bad is damaged");
    await expect(store.range("/")).rejects.toMatchObject({ name: "CorruptRecordError" });
    await expect(store.transact([], [put("/bad", "2")])).rejects.toMatchObject({ name: "CorruptRecordError" });
    expect((await store.transact([], [put("/good", "2")])).committed).toBe(true);
  });

  it("forgets history on disk when it is compacted", async () => {
    const directory = join(base, "compacted");
    {
      await using store = await openAt(directory);
      for (let i = 0; i < 600; i++) void store.transact([], [put("/a", String(i)), put(`/k${i % 7}`, "x")]);
      await store.transact([], [put("/end", "1")]);
      await store.compact(store.revision());
    }
    const root = open<Buffer, Buffer>({ path: join(directory, "data.mdb"), encoding: "binary", keyEncoding: "binary", maxDbs: 8 } as never);
    for (const name of ["undo", "log"])
      expect(root.openDB({ name, encoding: "binary", keyEncoding: "binary" } as never).getKeysCount({})).toBe(0);
    expect(root.openDB({ name: "current", encoding: "binary", keyEncoding: "binary" } as never).getKeysCount({})).toBe(9);
    await root.close();
  });

  it("reads a large range in slices that all show one revision while others write", async () => {
    await using store = await openAt(join(base, "slices"));
    for (let i = 0; i < 4_500; i += 500)
      await store.transact(
        [],
        Array.from({ length: 500 }, (_, k) => put(`/k${String(i + k).padStart(5, "0")}`, "old")),
      );
    const reading = store.range("/");
    await store.transact([], [put("/k04000", "new"), { type: "delete", key: "/k04001" }, put("/k04000x", "new")]);
    const { entries, revision, count } = await reading;
    expect([entries.length, count, revision]).toEqual([4_500, 4_500, 10]);
    expect(entries.every((entry) => entry.revision <= 10)).toBe(true);
    expect((await store.range("/")).count).toBe(4_500);
  });

  // Needs a small disk of its own, which only root can have.
  it.skipIf(process.getuid?.() !== 0)("on a full disk refuses puts, still reads and deletes, and resumes by itself", async () => {
    const disk = join(base, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk]);
    try {
      await writeFile(join(disk, "filler"), new Uint8Array(3_000_000));
      const clock = new ManualClock();
      const fatal: Error[] = [];
      await using store = await LmdbStore.open({
        directory: join(disk, "store"),
        clusterId: "test",
        clock,
        log: silentLog,
        reserveBytes: 500_000,
        fatal: (error) => void fatal.push(error),
      });
      const value = new Uint8Array(20_000);
      let written = 0;
      const fill = async (): Promise<never> => {
        for (;;) {
          await store.transact([], [{ type: "put", key: `/k${written}`, value }]);
          written++;
        }
      };
      await expect(fill()).rejects.toMatchObject({ name: "StoreFullError" });
      expect(written).toBeGreaterThan(20);
      await expect(store.transact([], [put("/x", "small")])).rejects.toMatchObject({ name: "StoreFullError" });
      expect([(await store.range("/")).count, store.revision()]).toEqual([written, written + 1]);
      for (let i = 0; i < written; i += 2) expect((await store.transact([], [{ type: "delete", key: `/k${i}` }])).committed).toBe(true);
      clock.advance(1_000);
      await rm(join(disk, "filler"));
      await expect
        .poll(async () => {
          clock.advance(1_000);
          return await store.transact([], [put("/x", "small")]).then(
            (result) => result.committed,
            () => false,
          );
        })
        .toBe(true);
      expect(fatal).toEqual([]);
    } finally {
      execFileSync("umount", [disk]);
    }
  });

  it("keeps every acknowledged write when its process is killed", async () => {
    const directory = join(base, "crash");
    const script = fileURLToPath(new URL("lmdb-store.crash.ts", import.meta.url));
    const acknowledged = new Map<number, number>();
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ["--import", "tsx", script, directory, String(round * 1_000_000)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 50 + round * 90));
      child.kill("SIGKILL");
      await once(child, "close");
      const lines = output.slice(0, output.lastIndexOf("\n")).split("\n");
      expect(lines.length).toBeGreaterThan(10);
      for (const line of lines) {
        const [number, revision] = line.split(" ").map(Number) as [number, number];
        acknowledged.set(number, revision);
      }
      await using store = await openAt(directory, new ManualClock(), "crash-test");
      const { entries } = await store.range("/n/");
      const found = new Map(entries.map((entry) => [Number(entry.key.slice(3)), entry.revision]));
      for (const [number, revision] of acknowledged) expect(found.get(number)).toBe(revision);
      // Both writes of a transaction are there, or none.
      const last = (await store.get("/last"))!;
      expect(found.get(Number(new TextDecoder().decode(last.value)))).toBe(last.revision);
      expect(store.revision()).toBe(Math.max(...found.values()));
    }
  }, 20_000);
});
