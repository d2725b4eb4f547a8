import { describe, expect, it } from "vitest";
import { describeChange } from "./describe-change.ts";

describe("describeChange", () => {
  it("shows what was and what is", () => {
    const before = { name: "a", gone: 1, same: { deep: [1] }, list: [{ x: 1 }], words: ["a"] };
    const after = { name: "b", same: { deep: [1] }, list: [{ x: 2 }, { x: 3 }], words: ["a", "b"], added: true };
    expect(describeChange(before, after)).toBe(
      [
        '- name: "a"',
        '+ name: "b"',
        "- gone: 1",
        "- list[0].x: 1",
        "+ list[0].x: 2",
        '+ list[1]: {"x":3}',
        '- words: ["a"]',
        '+ words: ["a","b"]',
        "+ added: true",
        "",
      ].join("\n"),
    );
    expect(describeChange(before, before)).toBe("");
  });

  it("stops after forty lines", () => {
    const numbers = Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`n${number}`, number]));
    expect(describeChange({}, numbers).split("\n").slice(-3)).toEqual(["+ n39: 39", "  ... and 10 more", ""]);
  });
});
