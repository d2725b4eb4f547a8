// A process that writes until it is killed, for the test beside lmdb-store.ts: prints one line per acknowledged write.
// Arguments: directory, first number.

import { silentLog } from "../../base/log.ts";
import { realClock } from "../clock.ts";
import { LmdbStore } from "./lmdb-store.ts";

const [directory, first] = process.argv.slice(2) as [string, string];
const store = await LmdbStore.open({
  directory,
  clusterId: "crash-test",
  clock: realClock(),
  log: silentLog,
  reserveBytes: 4_096,
  fatal: (error) => {
    throw error;
  },
});
const value = new Uint8Array(500).fill(7);
let next = Number(first);

async function writer(): Promise<never> {
  for (;;) {
    const number = next++;
    const result = await store.transact(
      [],
      [
        { type: "put", key: `/n/${number}`, value },
        { type: "put", key: "/last", value: Buffer.from(String(number)) },
      ],
    );
    if (result.committed) process.stdout.write(`${number} ${result.revision}\n`);
  }
}

await Promise.all(Array.from({ length: 16 }, writer));
