// `edit`: an object in the person's editor.

import { withQuery } from "../../../client/resource-path.ts";
import { deepEqual } from "../../../object/copy.ts";
import { formatYaml } from "../../../wire/yaml-format.ts";
import { parseYaml } from "../../../wire/yaml.ts";
import { KubectlError, throwCollected } from "../errors.ts";
import type { Item } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { createReport } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import { twoWayPatch } from "../schemas.ts";
import { findObjects, selectTargets } from "../selection.ts";
import { fieldValidationOf } from "../validation.ts";
import type { Verb } from "../verb.ts";
import { fieldManagerFlag, validateFlag } from "../verb.ts";

const preface = `# Change the object below and save it. Lines that begin with '#' are left out; an empty file cancels.
#
`;

export const editVerb: Verb = {
  name: "edit",
  usage: "(RESOURCE/NAME | -f FILENAME)",
  summary: "Edit a resource on the server",
  flags: [...fileFlags("to use to edit the resource"), ...outputFlags, validateFlag, fieldManagerFlag("kubectl-edit")],
  run: async (session, { words, flags }) => {
    const editText = session.environment.kubectl?.editText;
    if (editText === undefined)
      throw new KubectlError("edit is not possible here: nothing offers to start an editor; use `kubectl patch` or `kubectl apply`");
    const validation = fieldValidationOf(session);
    const report = await createReport(session);
    const errors: unknown[] = [];
    for (const { resource, namespace, name, object } of await findObjects(session, await selectTargets(session, words))) {
      try {
        const { managedFields: _, ...metadata } = object.metadata ?? {};
        const shown: Item = flags.bool("show-managed-fields") ? object : { ...object, metadata };
        const saved = await editText(preface + formatYaml(shown), `${resource.kind.toLowerCase()}-${name}.yaml`);
        const edited = parseYaml(saved.replaceAll(/^#.*\n?/gm, "")).value as Item | null;
        if (edited === null || deepEqual(edited, shown)) {
          session.terminal.err("Edit cancelled, no changes made.\n");
          continue;
        }
        if (edited.kind !== shown.kind || edited.apiVersion !== shown.apiVersion || edited.metadata?.name !== name)
          throw new KubectlError("apiVersion, kind and name may not be changed");
        const path = withQuery(pathOf(resource, namespace, name), {
          fieldManager: flags.text("field-manager"),
          fieldValidation: validation,
        });
        report(await (await session.server()).request<Item>("PATCH", path, twoWayPatch(resource, shown, edited)), "edited");
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
};
