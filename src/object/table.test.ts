import { expect, test } from "vitest";
import type { ApiObject, Column } from "./kind.ts";
import { renderTable } from "./table.ts";

const now = Date.parse("2026-01-02T00:05:00Z");
const web: ApiObject & { status?: unknown } = {
  kind: "Pod",
  apiVersion: "v1",
  metadata: { name: "web", creationTimestamp: "2026-01-02T00:00:00Z" },
  status: {},
};

test("a kind without columns shows name and age", () => {
  const table = renderTable({}, [web, { metadata: { name: "new" } }], { now, metadata: { resourceVersion: "7" } });
  expect(table).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1", metadata: { resourceVersion: "7" } });
  expect(table.columnDefinitions.map(({ name, type, format, priority }) => [name, type, format, priority])).toEqual([
    ["Name", "string", "name", 0],
    ["Age", "string", "", 0],
  ]);
  expect(table.rows.map((row) => row.cells)).toEqual([
    ["web", "5m"],
    ["new", "<unknown>"],
  ]);
});

test("columns of the kind, times as ages", () => {
  const columns: Column[] = [
    { name: "Ready", type: "integer", doc: "How many are ready.", priority: 1, value: () => 3 },
    { name: "Since", type: "date", doc: "When.", value: (object) => object.metadata?.creationTimestamp ?? null },
    { name: "Last", type: "date", doc: "When.", value: () => "3d" },
    { name: "Never", type: "date", doc: "When.", value: () => null },
  ];
  const table = renderTable({ columns }, [web], { now });
  expect(table.columnDefinitions[0]).toEqual({
    name: "Ready",
    type: "integer",
    format: "",
    description: "How many are ready.",
    priority: 1,
  });
  expect(table.columnDefinitions[1]!.type).toBe("string");
  expect(table.rows[0]!.cells).toEqual([3, "5m", "3d", "<unknown>"]);
});

test("rows carry metadata, everything or nothing", () => {
  const objectOf = (includeObject?: "None" | "Metadata" | "Object") =>
    renderTable({}, [web], { now, ...(includeObject && { includeObject }) }).rows[0]!.object;
  expect(objectOf()).toEqual({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: web.metadata });
  expect(objectOf("Object")).toBe(web);
  expect(objectOf("None")).toBeNull();
});
