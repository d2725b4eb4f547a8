// Former revisions of a deployment: shown, and gone back to.

import type { LabelSelectorObject } from "../../../lang/label-selector.ts";
import { deepEqual } from "../../../object/copy.ts";
import { withQuery } from "../../../client/resource-path.ts";
import { Description } from "../describe/description.ts";
import { describeTemplate } from "../describe/pod.ts";
import { KubectlError } from "../errors.ts";
import type { Item } from "../items.ts";
import type { DryRun } from "../output/report.ts";
import { structuredPrinter } from "../output/structured.ts";
import { alignTabs } from "../output/tab-text.ts";
import { selectorText } from "../pod-choice.ts";
import { pathOf, qualifiedKind } from "../resource-mapping.ts";
import type { Found } from "../selection.ts";
import { listAll } from "../selection.ts";
import type { Session } from "../session.ts";
import { changeCauseAnnotation, ownedBy, plainTemplate, revisionAnnotation, revisionOf } from "./revisions.ts";

/** Replica sets of the deployment that bear a revision, by revision. */
async function revisionsOf(session: Session, { object, namespace }: Found): Promise<Map<number, Item>> {
  const sets = (await session.mapping()).byWord("replicasets.apps");
  const labelSelector = selectorText(object["spec"]?.selector as LabelSelectorObject | undefined);
  const { items } = await listAll(session, sets, namespace, { labelSelector });
  const revisions = ownedBy(object, items).map((set): [number, Item] => [revisionOf(set), set]);
  return new Map(revisions.filter(([revision]) => revision > 0).toSorted(([a], [b]) => a - b));
}

export async function printHistory(session: Session, found: Found, revision: number): Promise<void> {
  const { terminal } = session;
  const revisions = await revisionsOf(session, found);
  const print = await structuredPrinter(session.environment, session.flags);
  const shown = revision > 0 ? revisions.get(revision) : undefined;
  if (revision > 0 && shown === undefined) throw new KubectlError("unable to find the specified revision");
  if (print !== undefined) {
    for (const set of shown === undefined ? revisions.values() : [shown]) terminal.out(print(set));
    return;
  }
  const title = `${qualifiedKind(found.resource)}/${found.name}`;
  if (shown !== undefined) {
    const template = shown["spec"]?.template as Item;
    const cause = shown.metadata?.annotations?.[changeCauseAnnotation];
    const annotations = cause === undefined ? {} : { annotations: { ...template.metadata?.annotations, [changeCauseAnnotation]: cause } };
    const text = new Description();
    describeTemplate(text, { ...template, metadata: { ...template.metadata, ...annotations } });
    terminal.out(`${title} with revision #${revision}\n${text.unaligned()}\n`);
    return;
  }
  const rows = [...revisions].map(([number, set]) => `${number}\t${set.metadata?.annotations?.[changeCauseAnnotation] || "<none>"}`);
  terminal.out(`${title} \n${alignTabs(`${["REVISION\tCHANGE-CAUSE", ...rows].join("\n")}\n`)}\n`);
}

/** Gives the deployment the template of an earlier revision (0: the one before). */
export async function undoTo(
  session: Session,
  found: Found,
  revision: number,
  dryRun: DryRun,
): Promise<{ readonly object: Item; readonly message: string }> {
  const { resource, namespace, name, object } = found;
  if (revision < 0) throw new KubectlError(`unable to find specified revision ${revision} in history`);
  const revisions = await revisionsOf(session, found);
  const numbers = [...revisions.keys()];
  const wanted = revision > 0 ? revision : numbers.at(-2);
  const set = wanted === undefined ? undefined : revisions.get(wanted);
  if (set === undefined) {
    throw new KubectlError(
      revision > 0
        ? `unable to find specified revision ${revision} in history`
        : `no rollout history found for deployment ${JSON.stringify(name)}`,
    );
  }
  if (object["spec"]?.paused === true) {
    throw new KubectlError(`you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again`);
  }
  const template = plainTemplate(set);
  if (deepEqual(template, object["spec"]?.template))
    return { object, message: `skipped rollback (current template already matches revision ${wanted})` };
  if (dryRun === "client") return { object, message: "rolled back" };
  const { [revisionAnnotation]: _, ...kept } = object.metadata?.annotations ?? {};
  const cause = set.metadata?.annotations?.[changeCauseAnnotation];
  const annotations = { ...kept, ...(cause !== undefined && { [changeCauseAnnotation]: cause }) };
  const body = [
    { op: "replace", path: "/spec/template", value: template },
    { op: object.metadata?.annotations === undefined ? "add" : "replace", path: "/metadata/annotations", value: annotations },
  ];
  const path = withQuery(pathOf(resource, namespace, name), {
    fieldManager: "kubectl-rollout",
    dryRun: dryRun === "server" ? "All" : undefined,
  });
  return {
    object: await (await session.server()).request<Item>("PATCH", path, { body, contentType: "application/json-patch+json" }),
    message: "rolled back",
  };
}
