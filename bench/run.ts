// `npm run bench`: the table of figures, measured now on this machine. `npm run bench -- start creates pod` measures only these.
// Figures of real containers need root; they are left out, and said to be, where we are not.

import { execFileSync } from "node:child_process";
import * as os from "node:os";
import { join } from "node:path";
import { clusterStart } from "./cluster-start.ts";
import { durableCreates } from "./durable-creates.ts";
import { atMost, type Figure } from "./figure.ts";
import { idle } from "./idle.ts";
import { podStart } from "./pod-start.ts";
import { startRealCluster } from "./real-cluster.ts";
import { serverStart } from "./server-start.ts";

const upBarMs = 4000;
const known = ["cluster", "start", "creates", "up", "pod", "idle"];
const wanted = new Set(process.argv.slice(2));
for (const name of wanted) {
  if (known.includes(name)) continue;
  console.error(`bench: unknown figure "${name}"; known are ${known.join(", ")}`);
  process.exit(2);
}
const isWanted = (name: string): boolean => wanted.size === 0 || wanted.has(name);
const figures: Figure[] = [];
const add = async (name: string, measure: () => Promise<Figure | readonly Figure[]>): Promise<void> => {
  if (!isWanted(name)) return;
  process.stderr.write(`measuring ${name}\n`);
  figures.push(...[await measure()].flat());
};

// What is measured is what the sources say now.
execFileSync(process.execPath, ["--import", "tsx", join(import.meta.dirname, "../tools/build.ts")], { stdio: "inherit" });
await add("cluster", clusterStart);
await add("start", serverStart);
await add("creates", durableCreates);
if (process.getuid?.() === 0 && ["up", "pod", "idle"].some(isWanted)) {
  await using cluster = await startRealCluster();
  await add("up", async () => atMost("up to node Ready, all installed and built", cluster.upMs, upBarMs));
  await add("pod", () => podStart(cluster));
  await add("idle", () => idle(cluster));
} else if (wanted.size === 0) process.stderr.write("not root: the figures of real containers are left out\n");

const cpu = os.cpus()[0]?.model.trim() ?? "unknown processor";
console.log(
  `\n${os.cpus().length} x ${cpu}, ${Math.round(os.totalmem() / 2 ** 30)} GB, ${os.type()} ${os.release()}, Node.js ${process.version}`,
);
console.log(`command: npm run bench${wanted.size > 0 ? ` -- ${[...wanted].join(" ")}` : ""}\n`);
console.log("| what | measured | bar | |");
console.log("|---|---|---|---|");
for (const { what, measured, bar, met, detail } of figures) {
  console.log(`| ${what}${detail === undefined ? "" : ` (${detail})`} | ${measured} | ${bar} | ${met ? "met" : "**missed**"} |`);
}
process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
