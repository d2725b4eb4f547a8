// The checks that are programs of their own, with their arguments. They stand apart from the list in `check.ts` so that the tests run
// the very same words over fixtures that must fail.

import { spawnSync } from "node:child_process";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..");

export const programs = {
  format: ["oxfmt", "--check"],
  lint: ["oxlint", "--type-aware", "--deny-warnings"],
  types: ["tsc", "-p", "tsconfig.json"],
  pureTypes: ["tsc", "-p", "tsconfig.pure.json"],
  generatedTypes: ["tsx", "tools/generate-types.ts", "--check"],
} as const;

/** Runs a program of node_modules in a folder: what it printed when it found something, nothing when all is well. */
export function runProgram([name, ...args]: readonly [string, ...string[]], cwd: string = root): string | undefined {
  const run = spawnSync(join(root, "node_modules/.bin", name), args, { cwd, encoding: "utf8" });
  return run.status === 0 ? undefined : `${run.stdout}${run.stderr}`.trim() || String(run.error);
}
