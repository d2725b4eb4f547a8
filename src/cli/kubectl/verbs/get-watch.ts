// `get --watch`: the present objects, then each change, until interrupted or the server ends the watch.

import { withQuery } from "../../../client/resource-path.ts";
import { KubectlError } from "../errors.ts";
import type { Item, ItemList } from "../items.ts";
import { itemsOf } from "../items.ts";
import type { ObjectPrinter } from "../output/structured.ts";
import { asTable, tableOptions } from "../output/answered-table.ts";
import type { ServerTable } from "../output/resource-table.ts";
import { ResourceTable } from "../output/resource-table.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Target } from "../selection.ts";
import { listQuery } from "../selection.ts";
import { tableAccept } from "../server-connection.ts";
import type { Session } from "../session.ts";

export async function watchObjects(session: Session, targets: readonly Target[], print: ObjectPrinter | undefined): Promise<void> {
  const [target, ...more] = targets;
  if (target === undefined || more.length > 0) throw new KubectlError("you may only specify a single resource type");
  const { flags, terminal } = session;
  const server = await session.server();
  const { resource, namespace, name } = target;
  const selected = listQuery(session);
  const ofName = name === undefined ? undefined : `metadata.name=${name}`;
  const query = { ...selected, fieldSelector: [ofName, selected["fieldSelector"]].filter(Boolean).join(",") };
  const accept = print === undefined ? tableAccept : "application/json";
  const path = pathOf(resource, namespace);
  // A name that is not there is an error, as without --watch.
  if (name !== undefined) await server.get(pathOf(resource, namespace, name));
  const first = await server.get<ItemList & ServerTable>(withQuery(path, query), { accept });
  const show = printerOf(session, target, print);
  if (!flags.bool("watch-only"))
    for (const shown of print === undefined ? [asTable(session, [first])] : itemsOf(first)) terminal.out(show("ADDED", shown));
  const resourceVersion = first.metadata?.resourceVersion;
  for await (const event of server.watch(withQuery(path, { ...query, watch: true, resourceVersion }), session.signal, accept)) {
    if (event.type !== "BOOKMARK") terminal.out(show(event.type, event.object));
  }
}

function printerOf(session: Session, target: Target, print: ObjectPrinter | undefined): (event: string, shown: unknown) => string {
  const withEvents = session.flags.bool("output-watch-events");
  if (print !== undefined) {
    return (event, shown) => print(withEvents ? ({ type: event, object: shown } as unknown as Item) : (shown as Item));
  }
  const table = new ResourceTable(target.resource, tableOptions(session, target, false));
  return (event, shown) => table.format(asTable(session, [shown]), event);
}
