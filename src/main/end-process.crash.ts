// A process that ends itself while its store commits, for end-process.test.ts.

import { silentLog } from "../base/log.ts";
import { realClock } from "../host/clock.ts";
import { LmdbStore } from "../host/store/lmdb-store.ts";
import { endProcess } from "./end-process.ts";

const store = await LmdbStore.open({
  directory: process.argv[2]!,
  clusterId: "test",
  clock: realClock(),
  log: silentLog,
  fatal: (error) => {
    throw error;
  },
});
for (let number = 0; number < 500; number++) {
  void store.transact([], [{ type: "put", key: `k${number}`, value: new Uint8Array(1000) }]);
}
setImmediate(() => setImmediate(() => endProcess()));
