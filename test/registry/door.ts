// A door in front of the tests' registry that wants a name and a password: user "me", password "se:cret".

import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface Door extends AsyncDisposable {
  /** "127.0.0.1:41234" */
  readonly address: string;
  /** Who passes comes to the registry at this address. */
  leadTo(registry: string): void;
}

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

export async function openDoor(): Promise<Door> {
  let upstream = "";
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== basic("me", "se:cret")) {
      answer.writeHead(401, { "www-authenticate": 'Basic realm="tests"' }).end();
      return;
    }
    const passed = request(`http://${upstream}${asked.url}`, { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      got.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo: (registry) => void (upstream = registry),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
