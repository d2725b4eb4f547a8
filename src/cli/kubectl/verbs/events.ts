// `events`: what happened.

import { withQuery } from "../../../client/resource-path.ts";
import { eventAge, lastSeen } from "../describe/description.ts";
import { KubectlError } from "../errors.ts";
import { bool, int, list, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { outputFlags, structuredPrinter } from "../output/structured.ts";
import { TextTable } from "../output/text-table.ts";
import { pathOf } from "../resource-mapping.ts";
import { listAll } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allNamespacesFlag } from "../verb.ts";

export const eventsVerb: Verb = {
  name: "events",
  usage: "[--for TYPE/NAME] [--watch] [--types=Normal,Warning]",
  summary: "List events",
  flags: [
    allNamespacesFlag,
    ...outputFlags,
    text("for", "Filter events to only those pertaining to the specified resource."),
    list("types", "Output only events of given types."),
    bool("watch", "After listing the requested events, watch for more events.", { short: "w" }),
    bool("no-headers", "When using the default output format, don't print headers."),
    int("chunk-size", "Return large lists in chunks rather than all at once.", { default: "500" }),
  ],
  run: async (session, { flags }) => {
    const everywhere = flags.bool("all-namespaces");
    const resource = (await session.mapping()).byWord("events");
    const namespace = everywhere ? "" : (await session.namespace()).name;
    const wanted = await filterOf(session);
    const print = await structuredPrinter(session.environment, flags);
    const { items, resourceVersion } = await listAll(session, resource, namespace);
    const events = items.filter(wanted).toSorted((a, b) => (lastSeen(a) ?? "").localeCompare(lastSeen(b) ?? ""));
    const table = new TextTable();
    const header = [...(everywhere ? ["NAMESPACE"] : []), "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
    const rowOf = (event: Item): string[] => [
      ...(everywhere ? [event.metadata?.namespace ?? ""] : []),
      eventAge(event, session.now()),
      event["type"] ?? "",
      event["reason"] ?? "",
      `${event["involvedObject"]?.kind}/${event["involvedObject"]?.name}`,
      String(event["message"] ?? "").trim(),
    ];
    if (print !== undefined)
      session.terminal.out(print({ apiVersion: "v1", kind: "List", metadata: {}, items: events } as unknown as Item));
    else if (events.length > 0) session.terminal.out(table.format([...(flags.bool("no-headers") ? [] : [header]), ...events.map(rowOf)]));
    else if (!flags.bool("watch")) session.terminal.err(everywhere ? "No events found.\n" : `No events found in ${namespace} namespace.\n`);
    if (!flags.bool("watch")) return;
    const server = await session.server();
    for await (const event of server.watch(withQuery(pathOf(resource, namespace), { watch: true, resourceVersion }), session.signal)) {
      if ((event.type !== "ADDED" && event.type !== "MODIFIED") || !wanted(event.object as Item)) continue;
      session.terminal.out(print === undefined ? table.format([rowOf(event.object as Item)]) : print(event.object as Item));
    }
  },
};

async function filterOf(session: Session): Promise<(event: Item) => boolean> {
  const { flags } = session;
  const types = flags.list("types").map((type) => type.toLowerCase());
  const unknown = types.find((type) => type !== "normal" && type !== "warning");
  if (unknown !== undefined) throw new KubectlError(`valid --types are Normal or Warning`);
  const about = flags.text("for");
  const [word = "", name] = about.split("/");
  if (about !== "" && !name) throw new KubectlError(`--for must be in resource/name form`);
  const kind = about === "" ? undefined : (await session.mapping()).byWord(word).kind;
  return (event) =>
    (types.length === 0 || types.includes(String(event["type"]).toLowerCase())) &&
    (kind === undefined || (event["involvedObject"]?.kind === kind && event["involvedObject"]?.name === name));
}
