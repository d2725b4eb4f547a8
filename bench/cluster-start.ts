// An embedded cluster from nothing to the first answered list, in a process that has made one before, and what a user's
// first Deployment takes to rest there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { podKind } from "../src/kinds/core/pod.ts";
import { Cluster } from "../src/main/cluster.ts";
import { atMost, type Figure, median, milliseconds } from "./figure.ts";

const nodes = 3;
const warmUp = 3;
const runs = 15;
const barMs = 400;
/** How long the event loop may be held at once. */
const heldBarMs = 50;
const deployment = readFileSync(join(import.meta.dirname, "../examples/deployment.yaml"), "utf8");

export async function clusterStart(): Promise<readonly Figure[]> {
  const starts: number[] = [];
  const applies: number[] = [];
  const holds: number[] = [];
  for (let run = -warmUp; run < runs; run++) {
    using delay = eventLoopDelay();
    const startedAt = performance.now();
    await using cluster = await Cluster.start({ nodes });
    await cluster.client.of(podKind, "default").list();
    const listedAt = performance.now();
    await cluster.settled();
    const restedAt = performance.now();
    await cluster.apply(deployment);
    await cluster.settled();
    if (run < 0) continue;
    starts.push(listedAt - startedAt);
    applies.push(performance.now() - restedAt);
    holds.push(delay.longestMs());
  }
  return [
    atMost(
      "Cluster.start() to the first list answered, modules warm",
      median(starts),
      barMs,
      `${nodes} nodes, median of ${runs}; a Deployment of 3 applied to settled: ${milliseconds(median(applies))}`,
    ),
    atMost("longest that such a cluster held the event loop", median(holds), heldBarMs, `worst of each run, median of ${runs}`),
  ];
}

function eventLoopDelay(): Disposable & { longestMs(): number } {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  return { longestMs: () => histogram.max / 1e6, [Symbol.dispose]: () => void histogram.disable() };
}
