// `get`: objects as tables or as data, once or as they change.

import { withQuery } from "../../../client/resource-path.ts";
import { age } from "../../../lang/human-duration.ts";
import { isNotFound, KubectlError, throwCollected } from "../errors.ts";
import { bool, int, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { fileFlags, hasFiles } from "../manifests.ts";
import type { ObjectPrinter } from "../output/structured.ts";
import { outputFlags, structuredPrinter } from "../output/structured.ts";
import { asTable, tableOptions } from "../output/answered-table.ts";
import type { ServerTable } from "../output/resource-table.ts";
import { plainTable, ResourceTable, tableFlags } from "../output/resource-table.ts";
import { sortByPath } from "../output/sort.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Target } from "../selection.ts";
import { listAll, listQuery, listRefused, readObject, selectTargets } from "../selection.ts";
import { tableAccept } from "../server-connection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allNamespacesFlag, fieldSelectorFlag, selectorFlag } from "../verb.ts";
import { watchObjects } from "./get-watch.ts";

export const getVerb: Verb = {
  name: "get",
  usage: "(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...)",
  summary: "Display one or many resources",
  examples: `
kubectl get pods
kubectl get pods -o wide
kubectl get deployments.v1.apps -o json
kubectl get -f pod.yaml -o yaml
kubectl get pods,services -A -l app=web
kubectl get pod web -o jsonpath='{.status.phase}'`,
  flags: [
    allNamespacesFlag,
    selectorFlag,
    fieldSelectorFlag,
    ...fileFlags("identifying the resource to get from a server."),
    ...outputFlags,
    ...tableFlags,
    bool("watch", "After listing/getting the requested object, watch for changes.", { short: "w" }),
    bool("watch-only", "Watch for changes to the requested object(s), without listing/getting first."),
    bool("output-watch-events", "Output watch event objects when --watch or --watch-only is used."),
    bool("ignore-not-found", "If the requested object does not exist the command will return exit code 0."),
    bool("server-print", "If true, have the server return the appropriate table output.", { default: "true" }),
    int("chunk-size", "Return large lists in chunks rather than all at once. Pass 0 to disable.", { default: "500" }),
    text("sort-by", "If non-empty, sort list types using this field specification, a JSONPath expression (e.g. '{.metadata.name}')."),
    text("subresource", "If specified, gets the subresource of the requested object."),
    text("raw", "Raw URI to request from the server."),
  ],
  run: async (session, { words, flags }) => {
    if (flags.text("raw") !== "") return await getRaw(session, flags.text("raw"));
    if (words.length === 0 && !hasFiles(flags)) {
      session.terminal.err(
        `You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n`,
      );
      throw new KubectlError(
        `Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples`,
      );
    }
    const print = await structuredPrinter(session.environment, flags, ["wide", "custom-columns", "custom-columns-file"]);
    const errors: unknown[] = [];
    const targets = await selectTargets(session, words, { wholeTypes: true, onError: (error) => void errors.push(error) });
    if (flags.bool("watch") || flags.bool("watch-only")) {
      await watchObjects(session, targets, print);
      return;
    }
    if (print === undefined) await printTables(session, targets, errors);
    else await printData(session, targets, print, words, errors);
    throwCollected(errors);
  },
};

async function getRaw(session: Session, path: string): Promise<void> {
  const answer = await (await session.server()).get(path);
  session.terminal.out(typeof answer === "string" ? answer : `${JSON.stringify(answer)}\n`);
}

async function printTables(session: Session, targets: readonly Target[], errors: unknown[]): Promise<void> {
  const { flags, terminal } = session;
  const many = new Set(targets.map(({ resource }) => resource)).size > 1;
  let printed = false;
  let table: ResourceTable | undefined;
  let previous: Target | undefined;
  let separate = false;
  const results = await Promise.allSettled(targets.map((target) => readTable(session, target)));
  for (const [at, result] of results.entries()) {
    const target = targets[at]!;
    if (result.status === "rejected") {
      if (!(isNotFound(result.reason) && flags.bool("ignore-not-found"))) errors.push(result.reason);
      continue;
    }
    if (table === undefined || previous?.resource !== target.resource) {
      table = new ResourceTable(target.resource, tableOptions(session, target, many));
      separate = printed && !flags.bool("no-headers");
      previous = target;
    }
    const lines = table.format(result.value);
    if (lines === "") continue;
    terminal.out(separate ? `\n${lines}` : lines);
    separate = false;
    printed = true;
  }
  if (!printed && errors.length === 0 && !flags.bool("ignore-not-found")) await sayNothingFound(session, targets);
}

async function sayNothingFound(session: Session, targets: readonly Target[]): Promise<void> {
  const namespaced = !session.flags.bool("all-namespaces") && targets.every(({ resource }) => resource.namespaced);
  session.terminal.err(namespaced ? `No resources found in ${(await session.namespace()).name} namespace.\n` : "No resources found\n");
}

/** The table of one target, all pages of a list together. @throws StatusError */
async function readTable(session: Session, target: Target): Promise<ServerTable> {
  const { flags } = session;
  const { resource, namespace, name } = target;
  const server = await session.server();
  const sortPath = flags.text("sort-by");
  if (!flags.bool("server-print")) {
    const items =
      name === undefined
        ? (await listAll(session, resource, namespace, listQuery(session))).items
        : [await readObject(session, target, name)];
    return plainTable(items, (item) => age(item.metadata?.creationTimestamp, session.now()));
  }
  const includeObject = sortPath === "" ? undefined : "Object";
  const read = (path: string, query: Record<string, string | number | undefined>): Promise<unknown> =>
    server.get(withQuery(path, { ...query, includeObject }), { accept: tableAccept });
  if (name !== undefined) return asTable(session, [await read(pathOf(resource, namespace, name, flags.text("subresource")), {})]);
  const rows: NonNullable<ServerTable["rows"]>[number][] = [];
  let page: string | undefined = "";
  let first: ServerTable | undefined;
  while (page !== undefined) {
    const limit = flags.int("chunk-size");
    const answer = await read(pathOf(resource, namespace), {
      ...listQuery(session),
      limit: limit > 0 && sortPath === "" ? limit : undefined,
      continue: page,
    }).catch((error: unknown) => Promise.reject(listRefused(error, resource, listQuery(session))));
    const table: ServerTable = asTable(session, [answer]);
    first ??= table;
    rows.push(...(table.rows ?? []));
    page = table.metadata?.continue || undefined;
  }
  const table: ServerTable = { ...first!, rows };
  return sortPath === "" ? table : { ...table, rows: sortByPath(rows, sortPath, (row) => row.object) };
}

async function printData(
  session: Session,
  targets: readonly Target[],
  print: ObjectPrinter,
  words: readonly string[],
  errors: unknown[],
): Promise<void> {
  const { flags } = session;
  const items: Item[] = [];
  for (const target of targets) {
    try {
      const { resource, namespace, name } = target;
      if (name !== undefined) items.push(await readObject(session, target, name, flags.text("subresource")));
      else
        items.push(
          ...(await listAll(session, resource, namespace, { ...listQuery(session), limit: flags.int("chunk-size") || undefined })).items,
        );
    } catch (error) {
      if (!(isNotFound(error) && flags.bool("ignore-not-found"))) errors.push(error);
    }
  }
  const single = targets.length === 1 && targets[0]!.name !== undefined && !flags.list("filename").some((file) => file.endsWith("/"));
  if (single) {
    if (items.length === 1) session.terminal.out(print(items[0]!));
    return;
  }
  if (items.length === 0 && errors.length > 0) return;
  const sortPath = flags.text("sort-by");
  const ordered = sortPath === "" ? items : sortByPath(items, sortPath, (item) => item);
  session.terminal.out(print({ apiVersion: "v1", kind: "List", metadata: { resourceVersion: "" }, items: ordered } as unknown as Item));
  if (ordered.length === 0 && flags.text("output") === "name" && words.length > 0 && !flags.bool("ignore-not-found"))
    await sayNothingFound(session, targets);
}
