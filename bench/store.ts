// Durable writes of the LMDB store: how many 1 KB transactions a second at 64 in flight, against one at a time and against
// the memory store in the same run. `npx tsx bench/store.ts`

import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../src/base/log.ts";
import { realClock } from "../src/host/clock.ts";
import { LmdbStore } from "../src/host/store/lmdb-store.ts";
import { MemoryStore } from "../src/store/memory-store.ts";
import type { Store } from "../src/store/store.ts";

const value = new Uint8Array(1_024).fill(120);

async function writesPerSecond(store: Store, inFlight: number, forMs: number): Promise<number> {
  let next = 0;
  const start = performance.now();
  const end = start + forMs;
  const prefix = `/bench/${inFlight}/`;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < end) {
        const key = prefix + String(next++);
        await store.transact([{ key, revision: 0 }], [{ type: "put", key, value }]);
      }
    }),
  );
  return next / ((performance.now() - start) / 1_000);
}

const directory = await mkdtemp(join(process.env["BENCH_DIRECTORY"] ?? tmpdir(), "timonier-bench-"));
const clock = realClock();
try {
  await using lmdb = await LmdbStore.open({
    directory: join(directory, "store"),
    clusterId: "bench",
    clock,
    log: silentLog,
    fatal: (error) => {
      throw error;
    },
  });
  await using memory = new MemoryStore({ clock });
  await writesPerSecond(lmdb, 64, 500);
  const many = await writesPerSecond(lmdb, 64, 3_000);
  const one = await writesPerSecond(lmdb, 1, 1_000);
  const inMemory = await writesPerSecond(memory, 64, 500);
  const started = performance.now();
  const { entries } = await lmdb.range("/");
  const rangeMs = performance.now() - started;
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.version}, ${directory}`);
  console.log(`durable 1 KB writes, 64 in flight  ${Math.round(many)}/s`);
  console.log(`durable 1 KB writes, 1 in flight   ${Math.round(one)}/s  (64 in flight: × ${(many / one).toFixed(1)})`);
  console.log(`memory store, 64 in flight         ${Math.round(inMemory)}/s  (× ${(inMemory / many).toFixed(1)})`);
  console.log(
    `range over ${entries.length} entries        ${Math.round(rangeMs)} ms  (${((rangeMs * 1_000) / entries.length).toFixed(1)} µs each)`,
  );
} finally {
  await rm(directory, { recursive: true });
}
