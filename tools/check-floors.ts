// Imports go downward only, a room takes only the rooms and packages on its line, and no files import each other in a circle.

import { dirname, join, normalize } from "node:path";
import { type Room, rooms } from "./floors.ts";
import { type Finding, importsOf, isTest, packageOf, type SourceFile } from "./source.ts";

const roomOf = (path: string): string | undefined => /^src\/([^/]+)\//.exec(path)?.[1];

export function checkFloors(files: readonly SourceFile[], plan: Readonly<Record<string, Room>> = rooms): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (isTest(file.path)) continue;
    const name = roomOf(file.path);
    if (name === undefined) continue;
    const room = plan[name];
    if (!room) {
      findings.push({ path: file.path, line: 1, message: `room "${name}" is not in tools/floors.ts` });
      continue;
    }
    for (const { specifier, line } of importsOf(file)) {
      const problem = specifier.startsWith(".")
        ? localProblem(file.path, name, room, specifier, plan)
        : packageProblem(name, room, specifier);
      if (problem !== undefined) findings.push({ path: file.path, line, message: problem });
    }
  }
  return [...findings, ...findCycles(files)];
}

function localProblem(path: string, name: string, room: Room, specifier: string, plan: Readonly<Record<string, Room>>): string | undefined {
  const target = normalize(join(dirname(path), specifier));
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return target === "package.json" ? undefined : `imports ${target}, which is outside src/`;
  if (isTest(target)) return `imports the test file ${target}`;
  if (targetRoom === name) return undefined;
  const allowed =
    room.imports === "*" ? (plan[targetRoom]?.floor ?? 99) < room.floor || name === "main" : room.imports.includes(targetRoom);
  return allowed ? undefined : `room "${name}" may not import room "${targetRoom}" (${specifier})`;
}

function packageProblem(name: string, room: Room, specifier: string): string | undefined {
  return room.packages.includes(packageOf(specifier)!) ? undefined : `room "${name}" may not import package "${specifier}"`;
}

/** One finding per circle of files, named by its first file. */
function findCycles(files: readonly SourceFile[]): Finding[] {
  const graph = new Map<string, string[]>();
  for (const file of files) {
    if (isTest(file.path)) continue;
    graph.set(
      file.path,
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => normalize(join(dirname(file.path), specifier))),
    );
  }
  const findings: Finding[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    if (done.has(path) || !graph.has(path)) return;
    const at = trail.indexOf(path);
    if (at >= 0) {
      findings.push({ path, line: 1, message: `import cycle: ${[...trail.slice(at), path].join(" -> ")}` });
      return;
    }
    for (const next of graph.get(path)!) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return findings;
}
