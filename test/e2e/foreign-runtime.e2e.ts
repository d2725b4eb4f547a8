// A cluster on a container runtime that is somebody else's: it runs our pods, and its own pods never notice us.

import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removePod, runPod } from "./pods-by-hand.ts";
import { isReady, outputOf, podOf, RealCluster } from "./real-cluster.ts";
import { RealNode } from "./real-node.ts";

let node: RealNode;
beforeAll(async () => {
  node = await RealNode.start(["busybox"]);
  await node.runtime.pullImage("busybox:1.28", undefined, undefined);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await node?.removeFiles();
});

test("only our pods are ours, from up to delete", async () => {
  const theirs = await runPod(node, { name: "theirs", image: "busybox:1.28", command: ["sleep", "600"] });
  const cluster = await RealCluster.start("e2e-foreign", {
    recipes: ["busybox"],
    arguments: ["--runtime-endpoint", node.names.containerdSocket],
  });
  try {
    await cluster.create(podOf("ours", {}));
    await cluster.untilPod("ours", isReady);
    expect(await cluster.sh("ours", "echo spoken")).toBe("spoken\n");
    expect((await node.runtime.listSandboxes()).map(({ metadata }) => metadata.name).toSorted()).toEqual(["ours", "theirs"]);
    const again = outputOf(await cluster.up());
    expect(again).toContain("runs already");
  } finally {
    await cluster[Symbol.asyncDispose]();
  }
  expect((await node.runtime.listSandboxes()).map(({ metadata }) => metadata.name)).toEqual(["theirs"]);
  expect((await node.runtime.containerStatus(theirs.container)).state).toBe("running");
  await removePod(node, theirs);
  await rm(cluster.directory, { recursive: true, force: true });
});
