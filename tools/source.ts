// Reading source as text for the checks: imports, and code without comments and strings.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** Path from the project's root: "src/base/clock.ts". */
  readonly path: string;
  readonly text: string;
}

/** All TypeScript files under a folder, in order. */
export function readSources(root: string, folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .toSorted()
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), "utf8") }));
}

export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** Every module that the file names: static, type-only, re-exported and dynamic imports. */
export function importsOf(file: SourceFile): Import[] {
  const pattern =
    /(?:^|[;\n])\s*(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']|(?:^|[;\n])\s*import\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']/g;
  const found: Import[] = [];
  for (const match of file.text.matchAll(pattern)) {
    const specifier = match[1] ?? match[2] ?? match[3]!;
    const offset = match.index + match[0].lastIndexOf(specifier);
    found.push({ specifier, line: file.text.slice(0, offset).split("\n").length });
  }
  return found;
}

/** The npm package of a specifier, "node:" for Node's own modules; undefined for a file. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".")) return undefined;
  if (specifier.startsWith("node:")) return "node:";
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** The same text with the insides of comments and string literals blanked, so that line numbers stay. */
export function codeOnly(text: string): string {
  const blank = (part: string): string => part.replaceAll(/[^\n]/g, " ");
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, blank);
}

/** One thing that a check found. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export const isTest = (path: string): boolean => /\.(test|laws)\.ts$/.test(path);
