import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeFieldValue, matchesFields, parseFieldSelector, requiredFieldValue } from "./field-selector.ts";
import {
  formatLabelSelector,
  matchesLabels,
  parseLabelSelector,
  selectorFromLabels,
  selectorFromObject,
  validateLabelSelector,
} from "./label-selector.ts";

describe("label selectors as text", () => {
  test.each<[string, Record<string, string>, boolean]>([
    ["", {}, true],
    ["a", { a: "" }, true],
    ["a", {}, false],
    ["!a", {}, true],
    ["!a", { a: "1" }, false],
    ["a=b", { a: "b" }, true],
    ["a = b", { a: "b" }, true],
    ["a==b", { a: "c" }, false],
    ["a!=b", {}, true],
    ["a!=b", { a: "b" }, false],
    ["a=", { a: "" }, true],
    ["a in (x,y)", { a: "y" }, true],
    ["a in (x,y)", {}, false],
    ["a in (,)", { a: "" }, true],
    ["a notin (x)", {}, true],
    ["a notin (x), b", { a: "z", b: "" }, true],
    ["in in (in,notin)", { in: "notin" }, true],
    ["a>1", { a: "2" }, true],
    ["a<1", { a: "x" }, false],
    ["example.com/a=b,!c", { "example.com/a": "b" }, true],
    ["toString", {}, false],
  ])("%s on %j: %s", (text, labels, matches) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
  });

  test.each<[string, string]>([
    ["b=2,a=1", "a=1,b=2"],
    ["a in (y, x)", "a in (x,y)"],
    ["!z , a", "a,!z"],
    ["a notin ()", "a notin ()"],
    ["n>5", "n>5"],
  ])("%s is printed as %s", (text, printed) => {
    expect(formatLabelSelector(parseLabelSelector(text))).toBe(printed);
    expect(formatLabelSelector(parseLabelSelector(printed))).toBe(printed);
  });

  test.each<[string, string]>([
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    [",a", "found ',', expected: !, identifier, or 'end of string'"],
    ["a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["a in (x", "unable to parse requirement: found '', expected: ',' or ')'"],
    ["a>b", "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer"],
    ["a=b=c", "found '=', expected: ',' or 'end of string'"],
  ])("%s is refused: %s", (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });

  test("keys and values are checked", () => {
    expect(() => parseLabelSelector("a/b/c=d")).toThrow('unable to parse requirement: <nil>: Invalid value: "a/b/c": a qualified name');
    expect(() => parseLabelSelector("a=$")).toThrow('unable to parse requirement: values[0][a]: Invalid value: "$": a valid label');
  });

  test("any text is read or refused, never worse", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab=!(),>< in".split("")) }), (text) => {
        try {
          const selector = parseLabelSelector(text);
          expect(parseLabelSelector(formatLabelSelector(selector))).toEqual(selector);
        } catch (error) {
          expect((error as Error).name).toBe("SelectorError");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("label selectors as objects", () => {
  test("absent matches nothing, empty everything", () => {
    expect(matchesLabels(selectorFromObject(undefined), {})).toBe(false);
    expect(matchesLabels(selectorFromObject({}), {})).toBe(true);
  });

  test("compile to the same form as text", () => {
    const selector = selectorFromObject({
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["b", "a"] },
        { key: "x", operator: "DoesNotExist" },
      ],
    })!;
    expect(formatLabelSelector(selector)).toBe("app=web,tier in (a,b),!x");
    expect(formatLabelSelector(selectorFromLabels({ b: "2", a: "1" }))).toBe("a=1,b=2");
    expect(() => selectorFromObject({ matchExpressions: [{ key: "a", operator: "Near" }] })).toThrow(
      '"Near" is not a valid label selector operator',
    );
  });

  test("validation names every fault", () => {
    const issues = validateLabelSelector(
      {
        matchLabels: { "-": "ok" },
        matchExpressions: [
          { key: "a", operator: "In" },
          { key: "a", operator: "Exists", values: ["x"] },
          { key: "a", operator: "Near" },
        ],
      },
      "spec.selector",
    );
    expect(issues.map(({ type, field }) => `${type} ${field}`)).toEqual([
      "FieldValueInvalid spec.selector.matchLabels",
      "FieldValueRequired spec.selector.matchExpressions[0].values",
      "FieldValueForbidden spec.selector.matchExpressions[1].values",
      "FieldValueInvalid spec.selector.matchExpressions[2].operator",
    ]);
  });
});

describe("field selectors", () => {
  test("match on the text of fields", () => {
    const selector = parseFieldSelector("metadata.name=a,status.phase!=Running,,spec.x==");
    const fields: Record<string, string> = { "metadata.name": "a", "status.phase": "Pending" };
    expect(matchesFields(selector, (field) => fields[field] ?? "")).toBe(true);
    expect(matchesFields(selector, () => "a")).toBe(false);
    expect(requiredFieldValue(selector, "metadata.name")).toBe("a");
    expect(requiredFieldValue(selector, "status.phase")).toBeUndefined();
  });

  test("values are escaped and read back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."a\\,=! ".split("")) }), (value) => {
        expect(parseFieldSelector(`f!=${escapeFieldValue(value)}`)).toEqual([{ field: "f", operator: "!=", value }]);
      }),
    );
  });

  test("what cannot be read is refused", () => {
    expect(() => parseFieldSelector("a=b,c")).toThrow("invalid selector: 'a=b,c'; can't understand 'c'");
    expect(() => parseFieldSelector("a=b=c")).toThrow("invalid field selector: unescaped character in field selector value: =");
    expect(() => parseFieldSelector("a=b\\c")).toThrow("invalid field selector: invalid escape sequence: \\c");
  });
});
