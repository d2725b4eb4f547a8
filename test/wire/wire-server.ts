// The API server of the law suites, asked as a stranger asks it: over TLS, in bytes, with LMDB behind it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "../../src/base/manual-clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { TestServer } from "../../src/apiserver/testing.laws.ts";
import { LmdbStore } from "../../src/host/store/lmdb-store.ts";
import { builtinKinds } from "../../src/kinds/all.ts";
import type { Exchange } from "../../src/wire/exchange.ts";
import { openTlsDoor, type TlsDoor } from "./tls-door.ts";

export class WireServer extends TestServer {
  #door: TlsDoor | undefined;
  #far: Exchange | undefined;
  #directory = "";

  static async open(): Promise<WireServer> {
    const directory = await mkdtemp(join(tmpdir(), "timonier-wire-"));
    const fatal = (error: Error): never => {
      throw error;
    };
    // The store's own time stands still: what expires is the memory store's laws' business.
    const store = await LmdbStore.open({
      directory: join(directory, "store"),
      clusterId: "wire",
      clock: new ManualClock(),
      log: silentLog,
      fatal,
    });
    const server = new WireServer(builtinKinds, { store });
    server.#directory = directory;
    await server.api.start();
    server.#door = await openTlsDoor(server.api.exchange);
    server.#far = server.#door.dial();
    return server;
  }

  get door(): TlsDoor {
    return this.#door!;
  }

  override get exchange(): Exchange {
    return this.#far!;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#door?.[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
