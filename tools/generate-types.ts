// Writes the TypeScript interfaces of every API struct, or, with --check [FOLDER], tells which committed file is stale there.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Kind } from "../src/object/kind.ts";
import type { StructType } from "../src/object/schema.ts";
import { generateTypes } from "../src/object/typescript.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything that a module exports and that is a struct, or a list of structs. */
function exportedStructs(module: object): StructType[] {
  const isStruct = (value: unknown): value is StructType =>
    typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "struct";
  return Object.values(module).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]).filter(isStruct));
}

/** The texts that the files should have, by path from the root of the package. */
export async function currentTypes(): Promise<ReadonlyMap<string, string>> {
  const all = (await import("../src/kinds/all.ts")) as { readonly builtinKinds: readonly Kind[] };
  const meta = (await import("../src/object/meta.ts")) as object;
  const roots = new Set(all.builtinKinds.flatMap((kind) => kind.versions.map((version) => version.schema)));
  return generateTypes([...roots], [...exportedStructs(meta), ...exportedStructs(all)]);
}

/** Paths of the files whose text is not the current one. */
export function staleFiles(current: ReadonlyMap<string, string>, read: (path: string) => string | undefined): string[] {
  return [...current].filter(([path, text]) => read(path) !== text).map(([path]) => path);
}

function readCommitted(folder: string, path: string): string | undefined {
  try {
    return readFileSync(join(folder, path), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function main(): Promise<void> {
  const current = await currentTypes();
  const [mode, folder = root] = process.argv.slice(2);
  const stale = staleFiles(current, (path) => readCommitted(folder, path));
  if (mode === "--check") {
    for (const path of stale) console.error(`${path} is not what the schemas say: run npm run generate and commit the result`);
    if (stale.length > 0) process.exitCode = 1;
    return;
  }
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), current.get(path)!);
    console.log(`wrote ${path}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
