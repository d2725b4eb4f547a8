// Objects as the server's tables show them, printed as `kubectl get` prints.

import type { FlagSpec } from "../flags.ts";
import { bool, list } from "../flags.ts";
import type { Item } from "../items.ts";
import type { Resource } from "../resource-mapping.ts";
import { qualifiedKind } from "../resource-mapping.ts";
import { TextTable } from "./text-table.ts";

export interface ServerTable {
  readonly kind: "Table";
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string; readonly priority?: number; readonly format?: string }[] | null;
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: Item }[] | null;
}

export const tableFlags: readonly FlagSpec[] = [
  bool("no-headers", "When using the default or custom-column output format, don't print headers."),
  bool("show-labels", "When printing, show all labels as the last column (default hide labels column)"),
  bool("show-kind", "If present, list the resource type for the requested object(s)."),
  list("label-columns", "Accepts a comma separated list of labels that are going to be presented as columns.", { short: "L" }),
];

export interface TableOptions {
  readonly wide: boolean;
  readonly noHeaders: boolean;
  readonly withNamespace: boolean;
  readonly withKind: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** A first column for the type of a watch event. */
  readonly withEvents?: boolean;
}

/** Prints tables of one kind, the header before the first row that there is. */
export class ResourceTable {
  readonly #resource: Resource;
  readonly #options: TableOptions;
  readonly #columns = new TextTable();
  #definitions: NonNullable<ServerTable["columnDefinitions"]> = [];
  #headerPrinted = false;

  constructor(resource: Resource, options: TableOptions) {
    this.#resource = resource;
    this.#options = options;
  }

  /** Lines for the table's rows; "" when it has none. Tables after the first may leave the column definitions out. */
  format(table: ServerTable, event?: string): string {
    if (table.columnDefinitions?.length) this.#definitions = table.columnDefinitions;
    const rows = (table.rows ?? []).map(({ cells, object }) => this.#row(cells, object, event));
    if (rows.length === 0) return "";
    if (!this.#headerPrinted && !this.#options.noHeaders) rows.unshift(this.#header());
    this.#headerPrinted = true;
    return this.#columns.format(rows);
  }

  #shown(): number[] {
    return this.#definitions.flatMap(({ priority = 0 }, at) => (priority === 0 || this.#options.wide ? [at] : []));
  }

  #header(): string[] {
    const { withEvents, withNamespace, labelColumns, showLabels } = this.#options;
    return [
      ...(withEvents ? ["EVENT"] : []),
      ...(withNamespace ? ["NAMESPACE"] : []),
      ...this.#shown().map((at) => this.#definitions[at]!.name.toUpperCase()),
      ...labelColumns.map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
      ...(showLabels ? ["LABELS"] : []),
    ];
  }

  #row(cells: readonly unknown[], object: Item | undefined, event: string | undefined): string[] {
    const { withEvents, withNamespace, withKind, labelColumns, showLabels } = this.#options;
    const nameColumn = Math.max(
      0,
      this.#definitions.findIndex(({ format, name }) => format === "name" || name.toLowerCase() === "name"),
    );
    const labels = object?.metadata?.labels ?? {};
    return [
      ...(withEvents ? [event ?? ""] : []),
      ...(withNamespace ? [object?.metadata?.namespace ?? ""] : []),
      ...this.#shown().map((at) =>
        withKind && at === nameColumn ? `${qualifiedKind(this.#resource)}/${cellText(cells[at])}` : cellText(cells[at]),
      ),
      ...labelColumns.map((label) => labels[label] ?? ""),
      ...(showLabels ? [labelsText(labels)] : []),
    ];
  }
}

/** "a=1,b=2", "<none>" */
export function labelsText(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .toSorted();
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}

/** A cell on one line: what follows a line break is cut. */
function cellText(cell: unknown): string {
  if (cell === undefined || cell === null) return "";
  const text = typeof cell === "string" ? cell : typeof cell === "object" ? JSON.stringify(cell) : String(cell as number | boolean);
  const end = text.search(/[\f\n\r]/);
  return end < 0 ? text : `${text.slice(0, end)}...`;
}

/** A table for a server that has none for this kind: names and ages. */
export function plainTable(items: readonly Item[], ageOf: (item: Item) => string): ServerTable {
  return {
    kind: "Table",
    columnDefinitions: [{ name: "Name", format: "name" }, { name: "Age" }],
    rows: items.map((object) => ({ cells: [object.metadata?.name ?? "", ageOf(object)], object })),
  };
}
