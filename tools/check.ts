// Every check that is no test, one after the other: `npm run check`, and the first part of `bin/test`.
// Each check is a function or a program that has a test showing that it can fail (tools/*.test.ts).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkEffects } from "./check-effects.ts";
import { checkFloors } from "./check-floors.ts";
import { checkPackages, type PackageJson } from "./check-packages.ts";
import { programs, root, runProgram } from "./programs.ts";
import { type Finding, readSources } from "./source.ts";

const program = (words: readonly [string, ...string[]]) => (): string | undefined => runProgram(words);
function findings(check: () => Finding[]): () => string | undefined {
  return () => {
    const found = check();
    return found.length === 0 ? undefined : found.map(({ path, line, message }) => `${path}:${line}: ${message}`).join("\n");
  };
}

const sources = readSources(root, "src");
const others = ["tools", "test", "bench"].flatMap((folder) => readSources(root, folder));

const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as PackageJson;

const checks: readonly (readonly [string, () => string | undefined])[] = [
  ["format (oxfmt)", program(programs.format)],
  ["lint (oxlint, type-aware)", program(programs.lint)],
  ["types", program(programs.types)],
  ["types of pure rooms, without Node.js", program(programs.pureTypes)],
  ["floors", findings(() => checkFloors(sources))],
  ["packages", findings(() => checkPackages([...sources, ...others], packageJson))],
  ["effects", findings(() => checkEffects([...sources, ...others]))],
  ["generated types current", program(programs.generatedTypes)],
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
