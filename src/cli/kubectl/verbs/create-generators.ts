// The verbs below `create`, and what they share: an object made from flags is created, or only shown.

import { withQuery } from "../../../client/resource-path.ts";
import { StatusError } from "../../../object/status.ts";
import { KubectlError } from "../errors.ts";
import type { FlagSpec } from "../flags.ts";
import { bool } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf } from "../items.ts";
import { withLastApplied } from "../last-applied.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Session } from "../session.ts";
import { fieldValidationOf } from "../validation.ts";
import { dryRunFlag, fieldManagerFlag, validateFlag } from "../verb.ts";

export const generatorFlags: readonly FlagSpec[] = [
  ...outputFlags,
  dryRunFlag,
  validateFlag,
  fieldManagerFlag("kubectl-create"),
  bool("save-config", "If true, the configuration of current object will be saved in its annotation."),
];

/** The one name among the words. @throws KubectlError for none or several */
export function oneName(session: Session, words: readonly string[]): string {
  if (words.length !== 1) {
    const count = words.length === 0 ? "exactly one NAME is required, got 0" : `exactly one NAME is required, got ${words.length}`;
    throw new KubectlError(`${count}\nSee '${session.command} -h' for help and examples`);
  }
  return words[0]!;
}

/** Creates the object, or with --dry-run=client shows it. @returns the object as it came to be */
export async function createGenerated(session: Session, object: Item, done = "created"): Promise<Item> {
  const { flags } = session;
  const dryRun = dryRunOf(flags);
  const report = await createReport(session, dryRun);
  const validation = fieldValidationOf(session);
  const { name: namespace, explicit } = await session.namespace();
  const saved = flags.bool("save-config") ? withLastApplied(object) : object;
  if (dryRun === "client") {
    // Nothing is asked from the server, so whether the kind has a namespace is known only when one was named.
    const placed = explicit && !clusterKinds.has(object.kind ?? "") ? inNamespace(saved, namespace) : saved;
    report(placed, done);
    return placed;
  }
  const resource = (await session.mapping()).byKind(object.apiVersion ?? "", object.kind ?? "");
  if (resource === undefined)
    throw new KubectlError(`no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`);
  const placed = resource.namespaced ? inNamespace(saved, namespace) : saved;
  const path = withQuery(pathOf(resource, resource.namespaced ? namespace : ""), {
    fieldManager: flags.text("field-manager"),
    fieldValidation: validation,
    dryRun: dryRun === "server" ? "All" : undefined,
  });
  try {
    const created = await (await session.server()).request<Item>("POST", path, { body: placed });
    report(created, done);
    return created;
  } catch (error) {
    // kubectl tells the refusals of these kinds as its own.
    const named = error instanceof StatusError && toldAsOurs.has(object.kind ?? "");
    throw named ? new KubectlError(`failed to create ${object.kind!.toLowerCase()}: ${error.message}`) : error;
  }
}

const toldAsOurs = new Set(["ConfigMap", "Deployment", "RoleBinding", "ClusterRoleBinding", "Secret", "ServiceAccount"]);

const clusterKinds = new Set(["Namespace", "ClusterRole", "ClusterRoleBinding"]);
const inNamespace = (object: Item, namespace: string): Item => ({
  ...object,
  metadata: { ...object.metadata, name: nameOf(object), namespace },
});
