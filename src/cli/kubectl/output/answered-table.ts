// From the server's answer to a table on the terminal: for `get`, once or as things change.

import { age } from "../../../lang/human-duration.ts";
import type { Item } from "../items.ts";
import { itemsOf } from "../items.ts";
import type { Target } from "../selection.ts";
import type { Session } from "../session.ts";
import type { ServerTable, TableOptions } from "./resource-table.ts";
import { plainTable } from "./resource-table.ts";

/** How tables of this run look. `many`: several kinds stand below each other. */
export function tableOptions(session: Session, target: Target, many: boolean): TableOptions {
  const { flags } = session;
  return {
    wide: flags.text("output") === "wide",
    noHeaders: flags.bool("no-headers"),
    withNamespace: flags.bool("all-namespaces") && target.resource.namespaced,
    withKind: many || flags.bool("show-kind"),
    showLabels: flags.bool("show-labels"),
    labelColumns: flags.list("label-columns"),
    withEvents: flags.bool("output-watch-events"),
  };
}

/** What the server answered as a table, whether it renders one for this kind or not. */
export function asTable(session: Session, answers: readonly unknown[]): ServerTable {
  const [first] = answers as readonly { readonly kind?: string; readonly items?: readonly Item[] }[];
  if (first?.kind === "Table") return first as unknown as ServerTable;
  const items = first?.items === undefined ? (answers as readonly Item[]) : itemsOf(first);
  return plainTable(items, (item) => age(item.metadata?.creationTimestamp, session.now()));
}
