// Credentials on their way to a registry: from registries.yaml, and from a pod's pull secret.

import { once } from "node:events";
import { createServer, request } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RealNode } from "./real-node.ts";

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
let node: RealNode;
let guard: Server;
let upstream = "";

/** The tests' registry behind a door that wants the right name and password. */
beforeAll(async () => {
  guard = createServer((asked, answer) => {
    if (asked.headers.authorization !== basic("me", "se:cret")) {
      answer.writeHead(401, { "www-authenticate": 'Basic realm="tests"' }).end();
      return;
    }
    const passed = request(`http://${upstream}${asked.url}`, { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode!, got.headers);
      got.pipe(answer);
    });
    asked.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(guard, "listening");
  const door = `127.0.0.1:${(guard.address() as AddressInfo).port}`;
  node = await RealNode.start(["busybox", "whoami"], (registry) => {
    upstream = registry.address;
    return [
      "mirrors:",
      `  docker.io: { endpoint: ["http://${door}/v2/docker.io"] }`,
      // The same door by another name, for which no credentials stand in the file.
      `  test.example: { endpoint: ["http://localhost:${door.split(":")[1]}/v2/test.example"] }`,
      "configs:",
      `  "${door}": { auth: { username: me, password: "se:cret" } }`,
    ].join("\n");
  });
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await node?.removeFiles();
  guard.close();
});

test("registries.yaml's credentials are sent to the mirror that they are for", async () => {
  expect(await node.runtime.pullImage("busybox:1.28", undefined, undefined)).toContain("sha256:");
});

test("a pull secret's credentials are sent; without or with wrong ones the pull is refused", async () => {
  await expect(node.runtime.pullImage("test.example/whoami:1", undefined, undefined)).rejects.toThrow(
    /401 Unauthorized|authorization failed/,
  );
  const wrong = { username: "me", password: "no" };
  await expect(node.runtime.pullImage("test.example/whoami:1", wrong, undefined)).rejects.toThrow(/401 Unauthorized|authorization failed/);
  const right = { username: "me", password: "se:cret" };
  expect(await node.runtime.pullImage("test.example/whoami:1", right, undefined)).toContain("sha256:");
  const encoded = { auth: Buffer.from("me:se:cret").toString("base64") };
  await node.runtime.removeImage("test.example/whoami:1");
  await node.runtime.removeImage("test.example/whoami:1");
  expect(await node.runtime.imageStatus("test.example/whoami:1")).toBeUndefined();
  expect(await node.runtime.pullImage("test.example/whoami:1", encoded, undefined)).toContain("sha256:");
});
