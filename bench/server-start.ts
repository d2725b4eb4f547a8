// From spawning the control plane's process to /readyz, over an empty LMDB.

import { atMost, type Figure, median } from "./figure.ts";
import { startServerProcess } from "./server-process.ts";

const runs = 7;
const barMs = 600;

export async function serverStart(): Promise<Figure> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    await using server = await startServerProcess();
    times.push(server.readyMs);
  }
  return atMost("process start to /readyz, empty LMDB", median(times), barMs, `median of ${runs}`);
}
