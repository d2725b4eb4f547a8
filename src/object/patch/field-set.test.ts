import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  differenceOf,
  equalFieldSets,
  fieldSetOf,
  formatPath,
  intersectionOf,
  keyElement,
  parseFieldSet,
  pathsOf,
  recursiveDifferenceOf,
  sortFieldSet,
  unionOf,
} from "./field-set.ts";

const element = fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', 'v:"1"', "i:0");
const path = fc.array(element, { minLength: 1, maxLength: 3 });
const paths = fc.array(path, { maxLength: 8 });
const asText = (set: Iterable<readonly string[]>): string[] => [...set].map((members) => members.join("/")).sort();
const unique = (texts: string[]): string[] => [...new Set(texts)].sort();

describe("a field set is a set of paths", () => {
  test("operations agree with those of plain sets", () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const a = fieldSetOf(left);
        const b = fieldSetOf(right);
        const inA = unique(asText(left));
        const inB = unique(asText(right));
        expect(asText(pathsOf(a))).toEqual(inA);
        expect(asText(pathsOf(unionOf(a, b)))).toEqual(unique([...inA, ...inB]));
        expect(asText(pathsOf(differenceOf(a, b)))).toEqual(inA.filter((text) => !inB.includes(text)));
        expect(asText(pathsOf(intersectionOf(a, b)))).toEqual(inA.filter((text) => inB.includes(text)));
        const below = (text: string): boolean => inB.some((other) => text === other || text.startsWith(`${other}/`));
        expect(asText(pathsOf(recursiveDifferenceOf(a, b)))).toEqual(inA.filter((text) => !below(text)));
        expect(equalFieldSets(a, b)).toBe(JSON.stringify(inA) === JSON.stringify(inB));
      }),
      { numRuns: 500 },
    );
  });

  test("survives being written and read", () => {
    fc.assert(
      fc.property(paths, (members) => {
        const set = fieldSetOf(members);
        expect(equalFieldSets(parseFieldSet(JSON.parse(JSON.stringify(sortFieldSet(set))))!, set)).toBe(true);
      }),
    );
  });
});

test("elements are written in Kubernetes' order", () => {
  const set = fieldSetOf([
    ["f:b"],
    ["f:a", "i:10"],
    ["f:a", "i:9"],
    ["f:a"],
    ["v:true"],
    ['v:"x"'],
    ["v:10"],
    ["v:9"],
    ['k:{"port":9}'],
    ['k:{"port":10}'],
    ['k:{"name":"z"}'],
  ]);
  expect(JSON.stringify(sortFieldSet(set))).toBe(
    '{"f:a":{".":{},"i:9":{},"i:10":{}},"f:b":{},"k:{\\"name\\":\\"z\\"}":{},"k:{\\"port\\":9}":{},"k:{\\"port\\":10}":{},"v:9":{},"v:10":{},"v:\\"x\\"":{},"v:true":{}}',
  );
});

test("paths are shown as in conflicts", () => {
  expect(formatPath(["f:spec", "f:ports", keyElement({ protocol: "TCP", port: 80 }), "f:x", 'v:"a"', "i:3"])).toBe(
    '.spec.ports[port=80,protocol="TCP"].x[="a"][3]',
  );
});

test.each([[1], [[]], [{ "x:a": {} }], [{ "f:a": 1 }], [{ "k:[": {} }], [{ "i:x": {} }], [{ "k:1": {} }]])("%j is no set", (value) => {
  expect(parseFieldSet(value)).toBeUndefined();
});
