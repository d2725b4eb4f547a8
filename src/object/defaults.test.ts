import { expect, test } from "vitest";
import { applyDefaults } from "./defaults.ts";
import { field, int32, list, map, pointer, string, struct, type StructType } from "./schema.ts";

test("fields are filled in first, then hooks run, innermost first", () => {
  const order: string[] = [];
  const inner = struct(
    "x.v1.Inner",
    "",
    { protocol: field(1, string, "", { default: "TCP" }), port: field(2, int32, ""), target: field(3, int32, "") },
    {
      defaults: (draft) => {
        order.push(`inner ${String(draft["protocol"])}`);
        draft["target"] ??= draft["port"];
      },
    },
  );
  const outer = struct(
    "x.v1.Outer",
    "",
    {
      items: field(1, list(inner), ""),
      byName: field(2, map(inner), ""),
      mode: field(3, struct("x.v1.Mode", "", { type: field(1, string, "") }), "", { default: { type: "Rolling" } }),
      plain: field(4, struct("x.v1.Plain", "", { a: field(1, string, "") }), ""),
    },
    { defaults: () => order.push("outer") },
  );
  const draft = { items: [{ port: 80 }, { port: 53, protocol: "UDP", target: 1 }], byName: { a: { port: 1 } } };
  applyDefaults(outer, draft);
  expect(draft).toEqual({
    items: [
      { port: 80, protocol: "TCP", target: 80 },
      { port: 53, protocol: "UDP", target: 1 },
    ],
    byName: { a: { port: 1, protocol: "TCP", target: 1 } },
    mode: { type: "Rolling" },
  });
  expect(order).toEqual(["inner TCP", "inner UDP", "inner TCP", "outer"]);
});

test("two drafts never share a default", () => {
  const schema = struct("x.v1.S", "", { modes: field(1, list(string), "", { default: ["a"] }) });
  const [one, two] = [{}, {}] as { modes?: string[] }[];
  applyDefaults(schema, one!);
  applyDefaults(schema, two!);
  one!.modes!.push("b");
  expect(two).toEqual({ modes: ["a"] });
});

test("a struct that contains itself is followed as deep as the object goes", () => {
  const node: StructType = struct("x.v1.Node", "", () => ({
    name: field(1, string, "", { default: "n" }),
    next: pointer(2, node, ""),
  }));
  const draft = { next: { next: {} } };
  applyDefaults(node, draft);
  expect(draft).toEqual({ name: "n", next: { name: "n", next: { name: "n" } } });
});

test("a value that is there is kept, zero included", () => {
  const schema = struct("x.v1.S", "", { replicas: pointer(1, int32, "", { default: 1 }) });
  const draft = { replicas: 0 };
  applyDefaults(schema, draft);
  expect(draft.replicas).toBe(0);
});
