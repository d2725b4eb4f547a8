import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJsonPath, parseJsonPath, printJsonPath, relaxedJsonPath } from "./jsonpath.ts";

const data = {
  kind: "List",
  items: [
    { metadata: { name: "a", labels: { "app.io/x": "1", n: "one" } }, status: { ready: true, count: 2 }, ports: [{ p: 80 }, { p: 81 }] },
    { metadata: { name: "b" }, status: { ready: false, count: 10 }, ports: [] },
  ],
};
const print = (template: string, allowMissingKeys = false): string => printJsonPath(parseJsonPath(template), data, { allowMissingKeys });

describe("kubectl's JSONPath", () => {
  test.each<[string, string]>([
    ["{.kind}", "List"],
    ["{$.kind}", "List"],
    ["{@.kind}", "List"],
    ["kind: {.kind}!", "kind: List!"],
    ["{.items[*].metadata.name}", "a b"],
    ["{.items[0].metadata.name}", "a"],
    ["{.items[-1].metadata.name}", "b"],
    ["{.items[0:1].metadata.name}", "a"],
    ["{.items[:].metadata.name}", "a b"],
    ["{.items[::2].metadata.name}", "a"],
    ["{.items[0,1].metadata.name}", "a b"],
    ["{.items[*]['metadata.name', 'kind']}", ""],
    ["{.items[0]['metadata']['name']}", "a"],
    ["{.items[0].metadata.labels.app\\.io/x}", "1"],
    ["{.items[0].metadata.labels['app.io/x']}", "1"],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.status.count}{"\\n"}{end}', "a\t2\nb\t10\n"],
    ['{range .items[*]}{range .ports[*]}{.p},{end}{"|"}{end}', "80,81,||"],
    ["{range .items[*]}{$.kind}{end}", "ListList"],
    ['{.items[?(@.metadata.name=="b")].status.count}', "10"],
    ["{.items[?(@.status.count > 5)].metadata.name}", "b"],
    ["{.items[?(@.status.count<=2)].metadata.name}", "a"],
    ["{.items[?(@.status.ready==true)].metadata.name}", "a"],
    ["{.items[?(@.metadata.name!='b')].metadata.name}", "a"],
    ["{.items[?(@.metadata.labels)].metadata.name}", "a"],
    ["{.items[?(@.metadata.labels.n == 'one')].metadata.name}", "a"],
    ["{..name}", "a b"],
    ["{..p}", "80 81"],
    ["{.items[0].status.*}", "true 2"],
    ["{.items[0].status}", '{"ready":true,"count":2}'],
    ["{.items[1].ports}", "[]"],
    ["{'a}b'}{1}{true}", "a}b1true"],
    ["{.items[0].metadata.name}{.missing}", "a"],
    ["{ .kind }", "List"],
    ["{}", ""],
    ["no action", "no action"],
  ])("%s", (template, text) => {
    expect(print(template, true)).toBe(text);
  });

  test("says what is missing, unless told not to", () => {
    expect(() => print("{.missing}")).toThrow("missing is not found");
    expect(() => print("{.constructor}")).toThrow("constructor is not found");
    expect(() => print("{.items[9]}", true)).toThrow("array index out of bounds: index 9, length 2");
    expect(() => print("{.kind[0]}")).toThrow("List is not array or slice");
    expect(findJsonPath(parseJsonPath("{.items[*].status.count}"), data)).toEqual([2, 10]);
  });

  test.each<[string, string]>([
    ["{.a", "unclosed action"],
    ["{range .a}", "unclosed range, missing {end}"],
    ["{end}", "not in range, nothing to end"],
    ["{hello}", "unrecognized identifier hello"],
    ["{*}", "unrecognized character in action: U+002A '*'"],
    ["{.a[x]}", "invalid array index x]}"],
    ["{.a[0}", "invalid array index }"],
    ["{.a[?(@.b==1]}", "unterminated filter"],
    ["{'a}", "unterminated quoted string"],
    ["{.a[0:1:0]}", "step must be > 0"],
  ])("%s is refused: %s", (template, message) => {
    expect(() => parseJsonPath(template)).toThrow(message);
  });

  test("any text is read or refused, never worse", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom("{", "}", "[", "]", ".", "..", "a", "items", "*", "?(", ")", "@", "==", "'", "0", ":", ",", " ", "range ", "end"),
        ),
        (parts) => {
          try {
            print(parts.join(""), true);
          } catch (error) {
            expect((error as Error).name).toBe("JsonPathError");
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("cannot be made to work for ever", () => {
    expect(() => parseJsonPath(`{.a${"[?(@".repeat(10_000)}`)).toThrow("nested too deep");
    let wide: unknown = 1;
    for (let i = 0; i < 200; i++) wide = { a: wide };
    expect(() => printJsonPath(parseJsonPath(`{${"..*".repeat(6)}}`), wide)).toThrow("more than 1000000 results");
  });
});

test.each(["x.y", ".x.y", "{x.y}", "{.x.y}"])("%s is relaxed", (text) => {
  expect(relaxedJsonPath(text)).toBe("{.x.y}");
});
test("what is no field is not", () => {
  expect(() => relaxedJsonPath("{.x}{.y}")).toThrow("unexpected path string");
});
