// Credentials on their way to a registry: from registries.yaml, and from a pod's pull secret.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Door, openDoor } from "../registry/door.ts";
import { RealNode } from "./real-node.ts";

let node: RealNode;
let door: Door;

beforeAll(async () => {
  door = await openDoor();
  const [, port] = door.address.split(":");
  node = await RealNode.start(["busybox", "whoami"], (registry) => {
    door.leadTo(registry.address);
    return [
      "mirrors:",
      `  docker.io: { endpoint: ["http://${door.address}/v2/docker.io"] }`,
      // The same door by another name, for which no credentials stand in the file.
      `  test.example: { endpoint: ["http://localhost:${port}/v2/test.example"] }`,
      "configs:",
      `  "${door.address}": { auth: { username: me, password: "se:cret" } }`,
    ].join("\n");
  });
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await node?.removeFiles();
  await door[Symbol.asyncDispose]();
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
