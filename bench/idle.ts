// What an idle cluster costs: memory (proportional set size) 60 s after Ready, and processor time over the next 120 s, of every
// process of ours but containerd.

import { readFile } from "node:fs/promises";
import type { Figure } from "./figure.ts";
import type { RealCluster } from "./real-cluster.ts";

const restMs = 60_000;
const watchMs = 120_000;
const memoryBarMb = 220;
const processorBarPercent = 1;
/** The unit of /proc/PID/stat on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

export async function idle(cluster: RealCluster): Promise<readonly Figure[]> {
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await sleep(restMs);
  const pids = await cluster.pids();
  const memoryMb = (await sum(pids, pssKb)) / 1024;
  const before = await sum(pids, processorTicks);
  await sleep(watchMs);
  const seconds = ((await sum(pids, processorTicks)) - before) / ticksPerSecond;
  const percent = (seconds * 100_000) / watchMs;
  return [
    {
      what: "idle, 60 s after Ready: PSS of all our processes but containerd",
      measured: `${Math.round(memoryMb)} MB`,
      bar: `${memoryBarMb} MB`,
      met: memoryMb <= memoryBarMb,
      detail: `${pids.length} processes`,
    },
    {
      what: "idle: processor time over 120 s",
      measured: `${percent.toFixed(2)}% of a core`,
      bar: `${processorBarPercent}% of a core`,
      met: percent <= processorBarPercent,
    },
  ];
}

async function sum(pids: readonly number[], of: (pid: number) => Promise<number>): Promise<number> {
  return (await Promise.all(pids.map(of))).reduce((total, value) => total + value, 0);
}

async function pssKb(pid: number): Promise<number> {
  return Number(/^Pss:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, "utf8"))![1]);
}

/** User and system time, with that of children that have ended. */
async function processorTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
}
