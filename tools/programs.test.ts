// Shows that each check which is a program can fail: the same words run over a small fixture that they must refuse.

import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { rooms } from "./floors.ts";
import { programs, root, runProgram } from "./programs.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A project that has this one's settings and only these files. */
function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "checks-"));
  folders.push(folder);
  for (const name of [".oxfmtrc.json", ".oxlintrc.json", "package.json", "tsconfig.json", "tsconfig.pure.json", "src/globals.d.ts"]) {
    cpSync(join(root, name), join(folder, name));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const rightFile = "export const answer = (question: string): number => question.length;\n";

test("format refuses a file that the formatter would change", () => {
  expect(runProgram(programs.format, project({ "src/base/a.ts": "export const answer = 'x'" }))).toContain("src/base/a.ts");
});

test("lint refuses a floating promise, an empty catch and a switch that forgets a case", () => {
  expect(runProgram(programs.lint, project({ "src/base/a.ts": rightFile }))).toBeUndefined();
  const found = runProgram(
    programs.lint,
    project({
      "src/base/promise.ts": "export function start(work: () => Promise<void>): void {\n  work();\n}\n",
      "src/base/catch.ts": "export function attempt(work: () => void): void {\n  try {\n    work();\n  } catch {}\n}\n",
      "src/base/switch.ts":
        'export function size(name: "a" | "b"): number {\n  switch (name) {\n    case "a":\n      return 1;\n  }\n  return 0;\n}\n',
    }),
  );
  expect(found).toContain("no-floating-promises");
  expect(found).toContain("no-empty");
  expect(found).toContain("switch-exhaustiveness-check");
});

test("the type check refuses an index that may miss, and a test is checked too", () => {
  const found = runProgram(
    programs.types,
    project({ "src/base/a.test.ts": "export const first = (list: string[]): string => list[0];\n" }),
  );
  expect(found).toContain("src/base/a.test.ts(1,");
});

test("a pure room that names Node.js or a timer fails the pure compile, the host does not", () => {
  const host = { "src/host/a.ts": "export const user = process.env['USER'];\n" };
  const names = ["process", "setTimeout", "queueMicrotask", "structuredClone", "Buffer", "fetch", "performance"];
  const text = names.map((name) => `export const my${name} = ${name};\n`).join("");
  const found = runProgram(programs.pureTypes, project({ "src/base/a.ts": text, ...host }));
  for (const name of names) expect(found).toContain(`Cannot find name '${name}'`);
  expect(found).not.toContain("src/host");
});

test("every pure room of the plan is in the pure compile", () => {
  const { include } = JSON.parse(readFileSync(join(root, "tsconfig.pure.json"), "utf8")) as { include: string[] };
  const pureRooms = Object.keys(rooms).filter((name) => rooms[name]!.pure);
  expect(include.toSorted()).toEqual(["src/globals.d.ts", ...pureRooms.map((name) => `src/${name}/**/*.ts`)].toSorted());
});

test("generated types are refused where a committed file is not what the schemas say", () => {
  const found = runProgram([...programs.generatedTypes, project({ "src/object/meta.gen.ts": "export {};\n" })]);
  expect(found).toContain("src/object/meta.gen.ts is not what the schemas say: run npm run generate");
});
