import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { isPortInUse } from "./port-in-use.ts";

it("finds a listener, and finds none once it is gone", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await isPortInUse(port, ["127.0.0.1"])).toBe(true);
  server.close();
  await once(server, "close");
  expect(await isPortInUse(port, ["127.0.0.1"])).toBe(false);
});
