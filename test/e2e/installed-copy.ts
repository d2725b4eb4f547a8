// The program as npm installs it, for tests that run it where the sources are not: what runs, without compilers and linters.

import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launcher } from "./real-cluster.ts";

/** An archive of a system with nothing installed; prepare.ts makes it. */
export const freshSystemArchive = fileURLToPath(new URL("../../.cache/systems/fresh.tar", import.meta.url));

const development =
  /node_modules\/(typescript|@typescript|oxlint|@oxlint|oxfmt|@oxfmt|oxlint-tsgolint|@oxlint-tsgolint|esbuild|@esbuild|vite|vitest|@vitest|rollup|@rollup|@kubernetes|\.cache)(\/|$)/;

/** @returns the copy's launcher */
export async function installCopy(directory: string): Promise<string> {
  const root = join(dirname(launcher), "..");
  for (const part of ["bin/timonier", "dist", "package.json"]) await cp(join(root, part), join(directory, part), { recursive: true });
  const modules = join(directory, "node_modules");
  await cp(join(root, "node_modules"), modules, { recursive: true, dereference: true, filter: (path) => !development.test(path) });
  return join(directory, "bin/timonier");
}
