// Builds `dist/`: one bundle per entry point with the shared parts split out, so that a process reads few files at start.
// npm packages stay outside (native parts, their own lazy loading); `--types` adds the declarations that the npm package ships.

import { spawnSync } from "node:child_process";
import { existsSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const outdir = join(root, "dist");
const entries = ["cli", "server", "agent", "cluster"];

rmSync(outdir, { recursive: true, force: true });
await build({
  entryPoints: entries.map((name) => join(root, `src/main/${name}.ts`)).filter((path) => existsSync(path)),
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  packages: "external",
  chunkNames: "chunks/[name]-[hash]",
  sourcemap: true,
  legalComments: "none",
});
if (process.argv.includes("--types")) {
  const run = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", "tsconfig.types.json"], { cwd: root, stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
// The launcher compares this file's time with the sources'.
const now = new Date();
utimesSync(join(outdir, "cli.js"), now, now);
