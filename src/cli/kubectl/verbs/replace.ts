// `replace`: puts a file's object in the place of the present one.

import { withQuery } from "../../../client/resource-path.ts";
import { cascadeOf, deleteObject, waitUntilGone } from "../deletion.ts";
import { isNotFound, KubectlError, throwCollected, withSource } from "../errors.ts";
import { bool, duration, int, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { lastAppliedAnnotation } from "../items.ts";
import { withLastApplied } from "../last-applied.ts";
import { fileFlags, hasFiles, refuseKustomize } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import type { Target } from "../selection.ts";
import { selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import { checkDuplicates, fieldValidationOf } from "../validation.ts";
import type { Verb } from "../verb.ts";
import { dryRunFlag, fieldManagerFlag, validateFlag } from "../verb.ts";

export const replaceVerb: Verb = {
  name: "replace",
  usage: "-f FILENAME",
  summary: "Replace a resource by file name or stdin",
  flags: [
    ...fileFlags("that contain the configurations to replace."),
    ...outputFlags,
    dryRunFlag,
    validateFlag,
    fieldManagerFlag("kubectl-replace"),
    bool("save-config", "If true, the configuration of current object will be saved in its annotation."),
    bool("force", "If true, the resource is deleted and created again."),
    text("cascade", `Must be "background", "orphan", or "foreground", for --force.`, { default: "background", bare: "background" }),
    int("grace-period", "Period of time in seconds given to the resource to terminate gracefully, for --force.", { default: "-1" }),
    duration("timeout", "The length of time to wait before giving up on a delete."),
    text("subresource", "If specified, replace will operate on the subresource of the requested object."),
  ],
  run: async (session, { words, flags }) => {
    if (words.length > 0) throw new KubectlError(`Unexpected args: [${words.join(" ")}]\nSee 'kubectl replace -h' for help and examples`);
    refuseKustomize(flags);
    if (!hasFiles(flags)) throw new KubectlError("must specify one of -f and -k");
    const dryRun = dryRunOf(flags);
    const validation = fieldValidationOf(session);
    const report = await createReport(session, dryRun);
    const errors: unknown[] = [];
    for (const target of await selectTargets(session, [], { onError: (error) => void errors.push(error) })) {
      const { resource, namespace, name, manifest } = target;
      const query = {
        fieldManager: flags.text("field-manager"),
        fieldValidation: validation,
        dryRun: dryRun === "server" ? "All" : undefined,
      };
      try {
        checkDuplicates(session, manifest!, validation);
        const keepsConfig = flags.bool("save-config") || manifest!.object.metadata?.annotations?.[lastAppliedAnnotation] !== undefined;
        const body = keepsConfig ? withLastApplied(manifest!.object) : manifest!.object;
        if (dryRun === "client") report(body, "replaced");
        else if (flags.bool("force")) report(await recreate(session, target, body, query), "replaced");
        else {
          const path = withQuery(pathOf(resource, namespace, name, flags.text("subresource")), query);
          report(await (await session.server()).request<Item>("PUT", path, { body }), "replaced");
        }
      } catch (error) {
        errors.push(withSource(error, `error when replacing ${JSON.stringify(manifest!.source)}`));
      }
    }
    throwCollected(errors);
  },
};

/** Deletes the object if it is there, waits until it is gone, and creates the wanted one. */
export async function recreate(
  session: Session,
  target: Target,
  wanted: Item,
  query: Readonly<Record<string, string | undefined>>,
): Promise<Item> {
  const { flags } = session;
  const { resource, namespace, name } = target;
  if (name !== undefined) {
    const named = { ...target, name };
    try {
      const uid = await deleteObject(session, named, {
        gracePeriodSeconds: flags.int("grace-period") >= 0 ? flags.int("grace-period") : 0,
        propagationPolicy: cascadeOf(flags.text("cascade")),
      });
      await waitUntilGone(session, named, uid, flags.durationMs("timeout"));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return await (await session.server()).request<Item>("POST", withQuery(pathOf(resource, namespace), query), { body: wanted });
}
