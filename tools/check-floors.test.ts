import { describe, expect, it } from "vitest";
import { checkEffects } from "./check-effects.ts";
import { checkFloors } from "./check-floors.ts";
import { codeOnly, importsOf } from "./source.ts";

const file = (path: string, text: string) => ({ path, text });

describe("the floors check", () => {
  it("accepts an import of a lower room, and of the own room", () => {
    const files = [
      file("src/store/a.ts", 'import type { Clock } from "../base/clock.ts";\nimport { b } from "./b.ts";\n'),
      file("src/store/b.ts", ""),
    ];
    expect(checkFloors(files)).toEqual([]);
  });

  it("refuses an upward import, even of a type", () => {
    const found = checkFloors([file("src/base/a.ts", 'import type { Kind } from "../object/kind.ts";\n')]);
    expect(found).toEqual([{ path: "src/base/a.ts", line: 1, message: 'room "base" may not import room "object" (../object/kind.ts)' }]);
  });

  it("refuses a sibling, a dynamic import, a re-export and an unlisted package", () => {
    const text = [
      'import { x } from "../kubelet/x.ts";',
      'const y = await import("../proxy/y.ts");',
      'export { z } from "../apiserver/z.ts";',
      'import ws from "ws";',
      'import { readFileSync } from "node:fs";',
    ].join("\n");
    expect(checkFloors([file("src/dns/a.ts", text)]).map((finding) => finding.line)).toEqual([1, 2, 3, 4, 5]);
  });

  it("refuses a room that the plan does not know", () => {
    expect(checkFloors([file("src/utils/a.ts", "")])[0]?.message).toContain("not in tools/floors.ts");
  });

  it("finds a circle of files inside a room", () => {
    const files = [file("src/base/a.ts", 'import "./b.ts";'), file("src/base/b.ts", 'import "./a.ts";')];
    expect(checkFloors(files)[0]?.message).toBe("import cycle: src/base/a.ts -> src/base/b.ts -> src/base/a.ts");
  });

  it("lets tests import what they like", () => {
    expect(checkFloors([file("src/base/a.test.ts", 'import { x } from "../main/x.ts";')])).toEqual([]);
  });
});

describe("the effects check", () => {
  it("refuses the wall clock and randomness in a pure room", () => {
    const found = checkEffects([file("src/kubelet/a.ts", "const a = Date.now();\nconst b = new Date();\nconst c = Math.random();\n")]);
    expect(found.map((finding) => finding.line)).toEqual([1, 2, 3]);
    expect(found[0]?.message).toContain("take a Clock");
  });

  it("refuses a pattern that is put together while running, not one that the module is born with", () => {
    const found = checkEffects([
      file("src/kubelet/a.ts", "const a = new RegExp(`^${b}$`);\nfunction f(c) {\n  return new RegExp(c);\n}\n"),
    ]);
    expect(found.map((finding) => finding.line)).toEqual([3]);
  });

  it("does not mind comments, strings, dates with an argument, or the host", () => {
    expect(checkEffects([file("src/kubelet/a.ts", '// Date.now\nconst a = "Math.random"; new Date(5);\n')])).toEqual([]);
    expect(checkEffects([file("src/host/a.ts", "const a = Date.now();\n")])).toEqual([]);
  });

  it("refuses silenced checks and focused tests anywhere", () => {
    const silenced = `// @ts-${"ignore"}\n`;
    const focused = `it.${"only"}("x", () => {});\n`;
    expect(checkEffects([file("test/a.ts", silenced + focused)]).map((finding) => finding.line)).toEqual([1, 2]);
  });
});

describe("reading source", () => {
  it("finds multi-line imports with their line", () => {
    expect(importsOf(file("a.ts", '\nimport {\n  a,\n  b,\n} from "./x.ts";\n'))).toEqual([{ specifier: "./x.ts", line: 5 }]);
  });

  it("keeps line numbers when it blanks comments", () => {
    expect(codeOnly("/* a\nb */ c").split("\n")).toEqual(["    ", "     c"]);
  });
});
