import { expect, test } from "vitest";
import { CountingActivity } from "../base/activity.ts";
import { silentLog } from "../base/log.ts";
import { SeededRandom } from "../base/random.ts";
import { ImageGarbage } from "../kubelet/images/image-garbage.ts";
import { SimulatedFiles } from "./simulated-files.ts";
import { SimulatedRuntime } from "./simulated-runtime.ts";
import { VirtualClock } from "./virtual-clock.ts";

test("unused images go, the longest unused first, only as many as needed and only when the disk is full", async () => {
  const clock = new VirtualClock({
    startMs: 0,
    activity: new CountingActivity(),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const files = new SimulatedFiles(clock);
  const runtime = new SimulatedRuntime(
    { clock, random: new SeededRandom(1), files },
    { podCidr: "10.0.0.0/24", images: ["a:1", "b:1", "c:1"] },
  );
  let availableBytes = 50;
  files.space = async () => ({ capacityBytes: 100, availableBytes, inodes: 1, inodesFree: 1 });
  const garbage = new ImageGarbage({ runtime, files, clock, log: silentLog, root: "/" });
  const idOf = async (name: string) => (await runtime.imageStatus(name))!.id;
  const [a, b] = [await idOf("a:1"), await idOf("b:1")];
  const usedBy = (name: string) => {
    runtime.listContainers = async () => [
      {
        id: "x",
        sandboxId: "s",
        metadata: { name: "x", attempt: 0 },
        image: name,
        imageRef: "",
        state: "running",
        createdAtMs: 0,
        labels: {},
        annotations: {},
      },
    ];
  };
  usedBy("a:1");
  expect(await garbage.collect()).toEqual([]);
  usedBy("c:1");
  availableBytes = 14;
  expect(await garbage.collect()).toEqual([]);
  await clock.advance(120_000);
  // b was never used, a a while ago, c is: one image is enough.
  expect(await garbage.collect()).toEqual([b]);
  expect(await garbage.collect()).toEqual([a]);
  expect(await garbage.collect()).toEqual([]);
  expect((await runtime.listImages()).map((image) => image.repoTags[0])).toEqual(["c:1"]);
});
