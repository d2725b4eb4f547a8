// The laws of every kind once more, over TLS and LMDB.

import { afterAll, beforeAll } from "vitest";
import { kindLaws } from "../../src/apiserver/registry/kind.laws.ts";
import { builtinKinds } from "../../src/kinds/all.ts";
import { WireServer } from "./wire-server.ts";

let server: WireServer;
beforeAll(async () => {
  server = await WireServer.open();
});
afterAll(() => server[Symbol.asyncDispose]());

for (const kind of builtinKinds) {
  if (kind.operation !== undefined) continue;
  for (const version of kind.versions) if (version.served) kindLaws(kind, version.name, true, () => server);
}
