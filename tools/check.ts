// Every check that is no test, one after the other: `npm run check`, and the first part of `bin/test`.
// Each check is a function or a program that has a test showing that it can fail (tools/*.test.ts).

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { checkEffects } from "./check-effects.ts";
import { checkFloors } from "./check-floors.ts";
import { type Finding, readSources } from "./source.ts";

const root = join(import.meta.dirname, "..");

function program(name: string, ...args: string[]): () => string | undefined {
  return () => {
    const run = spawnSync(join(root, "node_modules/.bin", name), args, { cwd: root, encoding: "utf8" });
    return run.status === 0 ? undefined : `${run.stdout}${run.stderr}`.trim() || String(run.error);
  };
}
function findings(check: () => Finding[]): () => string | undefined {
  return () => {
    const found = check();
    return found.length === 0 ? undefined : found.map(({ path, line, message }) => `${path}:${line}: ${message}`).join("\n");
  };
}

const sources = readSources(root, "src");
const others = ["tools", "test", "bench"].flatMap((folder) => readSources(root, folder));

const checks: readonly (readonly [string, () => string | undefined])[] = [
  ["format (oxfmt)", program("oxfmt", "--check")],
  ["lint (oxlint, type-aware)", program("oxlint", "--type-aware", "--deny-warnings")],
  ["types", program("tsc", "-p", "tsconfig.json")],
  ["types of pure rooms, without Node.js", program("tsc", "-p", "tsconfig.pure.json")],
  ["floors", findings(() => checkFloors(sources))],
  ["effects", findings(() => checkEffects([...sources, ...others]))],
  ["generated types current", program("tsx", "tools/generate-types.ts", "--check")],
];

let failed = 0;
for (const [name, check] of checks) {
  const startedAt = performance.now();
  const problem = check();
  const took = `${Math.round(performance.now() - startedAt)} ms`;
  if (problem === undefined) console.log(`ok      ${name} (${took})`);
  else {
    failed++;
    console.log(`FAILED  ${name} (${took})\n${problem}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
