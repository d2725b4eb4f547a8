// Builds `dist/`: one bundle per entry point with the shared parts split out, so that a process reads few files at start.
// npm packages stay outside (native parts, their own lazy loading). Files are replaced only once the whole build has succeeded, and
// chunks of earlier builds stay for a week: a running cluster may still load one. `--clean` starts from nothing; `--types` adds the
// declarations that the npm package ships; `--out DIRECTORY` builds elsewhere.

import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const { values: options } = parseArgs({
  options: { clean: { type: "boolean" }, types: { type: "boolean" }, out: { type: "string" } },
});
const root = join(import.meta.dirname, "..");
const outdir = resolve(options.out ?? join(root, "dist"));
const chunks = join(outdir, "chunks");
const keepChunksMs = 7 * 24 * 3600 * 1000;

const { outputFiles } = await build({
  entryPoints: ["cli", "server", "agent", "cluster", "kinds"].map((name) => join(root, `src/main/${name}.ts`)),
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
  write: false,
});
if (options.clean) rmSync(outdir, { recursive: true, force: true });
mkdirSync(chunks, { recursive: true });
// Chunks first: an entry never names one that is not there yet.
for (const file of outputFiles.toSorted((a, b) => Number(b.path.startsWith(chunks)) - Number(a.path.startsWith(chunks)))) {
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, file.contents);
}
for (const name of readdirSync(chunks)) {
  const path = join(chunks, name);
  if (Date.now() - statSync(path).mtimeMs > keepChunksMs) rmSync(path);
}
if (options.types) {
  const types = join(outdir, "types");
  rmSync(types, { recursive: true, force: true });
  const tsc = join(root, "node_modules/.bin/tsc");
  const run = spawnSync(tsc, ["-p", "tsconfig.types.json", "--outDir", types], { cwd: root, stdio: "inherit" });
  if (run.status !== 0) process.exit(run.status ?? 1);
  // Declarations keep the sources' ".ts", which a project that does not allow such imports cannot follow.
  for (const name of readdirSync(types, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".d.ts"))) {
    const path = join(types, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replaceAll(/((?:from|import) ?\(?")(\.[^"]*)\.ts"/g, '$1$2.js"'));
  }
}
// The launcher compares this file's time with the sources'.
const now = new Date();
utimesSync(join(outdir, "cli.js"), now, now);
