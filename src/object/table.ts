// The printed table of `kubectl get`: the server renders the cells, so that every client shows the same and custom kinds need
// no code in it.

import { age } from "../lang/human-duration.ts";
import type { ApiObject, Column, Kind } from "./kind.ts";

export interface TableColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object: unknown;
}
/** meta.k8s.io/v1 Table. */
export interface Table {
  readonly kind: "Table";
  readonly apiVersion: "meta.k8s.io/v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly columnDefinitions: readonly TableColumnDefinition[];
  readonly rows: readonly TableRow[];
}

export interface TableOptions {
  /** Milliseconds since the epoch: ages are counted to it. */
  readonly now: number;
  /** What a row carries beside its cells: metadata alone (the default), the whole object, or nothing. */
  readonly includeObject?: "None" | "Metadata" | "Object";
  /** metadata of the table: resourceVersion, continue, remainingItemCount. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Columns of a kind that declares none. */
const defaultColumns: readonly Column[] = [
  {
    name: "Name",
    type: "string",
    format: "name",
    doc: "Name of the object, unique among its kind in its namespace.",
    value: (object) => object.metadata?.name ?? "",
  },
  {
    name: "Age",
    type: "string",
    doc: "Time since the object was created.",
    value: (object, { now }) => age(object.metadata?.creationTimestamp, now),
  },
];

/** Renders objects as a table. A `date` column that gives a time is shown as its age. */
export function renderTable<T extends ApiObject>(kind: Pick<Kind<T>, "columns">, objects: readonly T[], options: TableOptions): Table {
  const columns = kind.columns ?? (defaultColumns as unknown as readonly Column<T>[]);
  const context = { now: options.now };
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata: options.metadata ?? {},
    columnDefinitions: columns.map((column) => ({
      name: column.name,
      type: column.type === "date" ? "string" : column.type,
      format: column.format ?? "",
      description: column.doc,
      priority: column.priority ?? 0,
    })),
    rows: objects.map((object) => ({
      cells: columns.map((column) => cellOf(column, object, context)),
      object: rowObject(object, options.includeObject ?? "Metadata"),
    })),
  };
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

function cellOf<T extends ApiObject>(column: Column<T>, object: T, context: { readonly now: number }): unknown {
  const value = column.value(object, context) ?? null;
  if (column.type !== "date") return value;
  if (value === null || value === "") return "<unknown>";
  return typeof value === "string" && rfc3339.test(value) ? age(value, context.now) : value;
}

function rowObject(object: ApiObject, include: NonNullable<TableOptions["includeObject"]>): unknown {
  if (include === "None") return null;
  if (include === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata ?? {} };
}
