import { expect, test } from "vitest";
import { staleFiles } from "./generate-types.ts";

test("a file that differs or is missing is stale", () => {
  const current = new Map([
    ["a.ts", "1"],
    ["b.ts", "2"],
    ["c.ts", "3"],
  ]);
  const committed = new Map([
    ["a.ts", "1"],
    ["b.ts", "x"],
  ]);
  expect(staleFiles(current, (path) => committed.get(path))).toEqual(["b.ts", "c.ts"]);
});
