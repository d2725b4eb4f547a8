import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TooDeepError, YamlSyntaxError } from "./syntax-errors.ts";
import { formatYaml, formatYamlDocuments, parseYaml, parseYamlDocuments } from "./yaml.ts";

const read = (text: string): unknown => parseYaml(text).value;

describe("plain scalars follow Go's YAML 1.1", () => {
  test.each<[string, unknown]>([
    ["yes", true],
    ["On", true],
    ["n", false],
    ["off", false],
    ["yEs", "yEs"],
    ["~", null],
    ["", null],
    ["0777", 511],
    ["0o17", 15],
    ["0x1F", 31],
    ["-0b11", -3],
    ["1_000", 1000],
    ["+5", 5],
    ["-0", 0],
    ["08", 8],
    ["1e3", 1000],
    [".5", 0.5],
    ["1.", 1],
    ["1:30", "1:30"],
    ["2001-01-01", "2001-01-01"],
    ["2001-12-14T21:59:43.10-05:00", "2001-12-14T21:59:43.10-05:00"],
    ["1.2.3", "1.2.3"],
    ["100m", "100m"],
    ["'yes'", "yes"],
    ['"1"', "1"],
    ["!!str 123", "123"],
    ["!!float 3", 3],
    ["! 12", "12"],
    ["!custom x", "x"],
  ])("%s", (text, value) => {
    expect(read(`a: ${text}\n`)).toEqual({ a: value });
  });

  test("keys become strings", () => {
    expect(read("on: 1\n80: 2\n0x10: 3\nnull_: 4\n1.5: 5\nno: 6")).toEqual({ true: 1, "80": 2, "16": 3, null_: 4, "1.5": 5, false: 6 });
    expect(() => read("~: 1")).toThrow("unsupported map key");
    expect(() => read("[a]: 1")).toThrow(YamlSyntaxError);
  });

  test("what JSON cannot say is refused", () => {
    expect(() => read("a: .inf")).toThrow("unsupported value: +Inf");
    expect(() => read("a: !!int x")).toThrow("cannot decode !!str `x` as a !!int");
  });
});

describe("documents", () => {
  test("a stream has as many as there are, empty ones left out", () => {
    const documents = parseYamlDocuments("# only words\n---\na: 1\n---\n---\n- b\n...\n");
    expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, ["b"]]);
    expect(documents.map((document) => document.line)).toEqual([3, 6]);
    expect(parseYaml("# nothing").value).toBeNull();
    expect(() => parseYaml("a: 1\n---\nb: 2")).toThrow("line 3: expected a single document");
  });

  test("duplicate keys are told with their line, the last wins", () => {
    const parsed = parseYaml("spec:\n  a: 1\n  b:\n  - c: 1\n    c: 2\n  a: 2\n");
    expect(parsed.value).toEqual({ spec: { a: 2, b: [{ c: 2 }] } });
    expect(parsed.duplicates).toEqual(['line 5: key "c" already set in map', 'line 6: key "a" already set in map']);
  });

  test("syntax errors name the line", () => {
    expect(() => read("a: 1\nb:\n  c: 1\n d: 2\n")).toThrow(/^yaml: line 4: /);
  });

  test("JSON is YAML", () => {
    fc.assert(
      fc.property(
        fc.jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__")),
        (value) => {
          const text = JSON.stringify(value);
          expect(JSON.stringify(read(text))).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("aliases and limits", () => {
  test("aliases copy and merges fill what is not written", () => {
    const value = read("base: &b {x: 1, z: [1]}\none: {<<: *b, x: 2}\ntwo: *b\n") as Record<string, any>;
    expect(value).toEqual({ base: { x: 1, z: [1] }, one: { x: 2, z: [1] }, two: { x: 1, z: [1] } });
    expect(value["two"]).not.toBe(value["base"]);
  });

  test("a bomb does not go off", () => {
    let bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
    for (let i = 1; i < 12; i++)
      bomb += `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(",")}]\n`;
    expect(() => read(bomb)).toThrow("document contains excessive aliasing");
  });

  test("circles, missing anchors and depth are refused", () => {
    expect(() => read("a: &a [*a]")).toThrow("anchor 'a' value contains itself");
    expect(() => read("a: *b")).toThrow("unknown anchor 'b' referenced");
    expect(() => read("[".repeat(600) + "]".repeat(600))).toThrow(TooDeepError);
    const deep = `a: &a ${"[".repeat(500)}${"]".repeat(500)}\nb: ${"[".repeat(100)}*a${"]".repeat(100)}\n`;
    expect(() => read(deep)).toThrow(TooDeepError);
    expect(() => read("__proto__: {x: 1}")).toThrow(YamlSyntaxError);
  });
});

describe("formatYaml", () => {
  test("prints a pod as kubectl does", () => {
    const pod = {
      kind: "Pod",
      apiVersion: "v1",
      metadata: { name: "web", labels: { "app.kubernetes.io/name": "web" }, annotations: {} },
      spec: {
        containers: [
          { name: "c", image: "nginx:1.14.2", args: ["-c", "echo hi; sleep 1", "true", "8080", ""], ports: [{ containerPort: 80 }] },
          { name: "d", command: [["nested", 1]], env: [] },
        ],
        nodeName: null,
      },
    };
    expect(formatYaml(pod)).toBe(`apiVersion: v1
kind: Pod
metadata:
  annotations: {}
  labels:
    app.kubernetes.io/name: web
  name: web
spec:
  containers:
  - args:
    - -c
    - echo hi; sleep 1
    - "true"
    - "8080"
    - ""
    image: nginx:1.14.2
    name: c
    ports:
    - containerPort: 80
  - command:
    - - nested
      - 1
    env: []
    name: d
  nodeName: null
`);
  });

  test.each<[string, string]>([
    ["a: b", "'a: b'"],
    ["- x", "'- x'"],
    ["it's: x", "'it''s: x'"],
    ["2020-01-01T00:00:00Z", '"2020-01-01T00:00:00Z"'],
    ["1:30", '"1:30"'],
    ["0x1g", "0x1g"],
    ["tab\there", '"tab\\there"'],
    ["line\n", "|\n  line"],
    ["line", "line"],
    ["two\nlines", "|-\n  two\n  lines"],
    ["  indented\nx", "|2-\n    indented\n  x"],
    ["trailing \nx", '"trailing \\nx"'],
    ["\u{1f600}", '"\\U0001F600"'],
    ["h\u00e9", "h\u00e9"],
    [" lead", "' lead'"],
    ["#x", "'#x'"],
    ["a #b", "'a #b'"],
    ["a#b", "a#b"],
    ["*", "'*'"],
    ["---", "'---'"],
    ["~", '"~"'],
  ])("quotes %j only as needed", (value, text) => {
    expect(formatYaml({ k: value })).toBe(`k: ${text}\n`);
  });

  test("folds long lines at spaces once they pass 80 columns", () => {
    const message = Array(30).fill("word").join(" ");
    const text = formatYaml({ message });
    expect(text).toBe(`message: ${Array(15).fill("word").join(" ")}\n  ${Array(15).fill("word").join(" ")}\n`);
    expect(read(text)).toEqual({ message });
  });

  test("sorts keys as people read numbers", () => {
    expect(Object.keys(read(formatYaml({ a10: 1, a2: 1, B: 1, "a-b": 1, a: 1, _: 1 })) as object)).toEqual([
      "_",
      "B",
      "a",
      "a-b",
      "a2",
      "a10",
    ]);
  });

  test("numbers", () => {
    expect(formatYaml([1, 1.5, 1234567.5, 0.00001, 1e20])).toBe("- 1\n- 1.5\n- 1.2345675e+06\n- 1e-05\n- 100000000000000000000\n");
  });

  test("reads back what it wrote", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.string({ unit: fc.constantFrom(..."ab :-#'\"\\\n\t?[]{}&*!|>%@`,01.yn~=".split("")), maxLength: 120 }),
      fc.constantFrom("yes", "0x1", "1e3", "<<", "null", "a".repeat(140)),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(
          text.filter((key) => key !== "__proto__"),
          tie("tree"),
          { maxKeys: 4 },
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(read(formatYaml(value))).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  test("documents are parted by ---", () => {
    expect(formatYamlDocuments([{ a: 1 }, [2]])).toBe("a: 1\n---\n- 2\n");
  });
});
