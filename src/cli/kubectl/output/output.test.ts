import { describe, expect, it } from "vitest";
import { sortByPath } from "./sort.ts";
import { formatJson } from "./structured.ts";
import { alignTabs } from "./tab-text.ts";
import { TextTable } from "./text-table.ts";

describe("tables of text", () => {
  it("pads with three blanks, to six at least, and not after the last column", () => {
    expect(
      new TextTable().format([
        ["A", "NAME", "X"],
        ["1", "web-0", ""],
      ]),
    ).toBe("A     NAME    X\n1     web-0   \n");
  });

  it("keeps widths for rows that come later", () => {
    const table = new TextTable();
    table.format([["a-long-name", "1"]]);
    expect(table.format([["b", "2"]])).toBe("b             2\n");
  });
});

describe("elastic tabstops", () => {
  it("aligns lines that follow each other, each block by itself", () => {
    expect(alignTabs("Name:\tx\nNamespace:\tdefault\nData\na:\t1\n")).toBe("Name:       x\nNamespace:  default\nData\na:  1\n");
  });

  it("aligns later columns only among lines that have them", () => {
    expect(alignTabs("a\tbb\tc\naa\tb\n a\tb\tc\n")).toBe("a   bb  c\naa  b\n a  b  c\n");
  });
});

describe("data", () => {
  it("sorts keys and escapes as Go's encoder does", () => {
    expect(formatJson({ b: "<&>", a: [] })).toBe(`{\n    "a": [],\n    "b": "\\u003c\\u0026\\u003e"\n}`);
  });

  it("sorts by numbers, quantities and names with numbers", () => {
    const sort = (values: readonly unknown[]): unknown[] => sortByPath(values, "{.x}", (x) => ({ x }));
    expect(sort([10, 9])).toEqual([9, 10]);
    expect(sort(["1Gi", "500Mi"])).toEqual(["500Mi", "1Gi"]);
    expect(sort(["web-10", "web-9"])).toEqual(["web-9", "web-10"]);
    expect(() => sortByPath([{}], "{.y}", (item) => item)).toThrow("couldn't find any field");
  });
});
