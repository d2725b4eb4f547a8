// `patch`: a change written down by hand.

import { withQuery } from "../../../client/resource-path.ts";
import { parseYaml } from "../../../wire/yaml.ts";
import { applyJsonPatch } from "../../../object/patch/json-patch.ts";
import { deepEqual } from "../../../object/copy.ts";
import { KubectlError, throwCollected } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { absolutePath } from "../paths.ts";
import { pathOf } from "../resource-mapping.ts";
import { patched, patchTypes } from "../schemas.ts";
import type { Found } from "../selection.ts";
import { readObject, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { dryRunFlag, fieldManagerFlag } from "../verb.ts";

export const patchVerb: Verb = {
  name: "patch",
  usage: "(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
  summary: "Update fields of a resource",
  examples: `
kubectl patch node k8s-node-1 -p '{"spec":{"unschedulable":true}}'
kubectl patch pod valid-pod --type='json' -p='[{"op": "replace", "path": "/spec/containers/0/image", "value":"new image"}]'`,
  flags: [
    ...fileFlags("identifying the resource to update"),
    ...outputFlags,
    dryRunFlag,
    fieldManagerFlag("kubectl-patch"),
    text("patch", "The patch to be applied to the resource JSON file.", { short: "p" }),
    text("patch-file", "A file containing a patch to be applied to the resource."),
    text("type", "The type of patch being provided; one of [json merge strategic]", { default: "strategic" }),
    text("subresource", "If specified, patch will operate on the subresource of the requested object."),
    bool("local", "If true, patch will operate on the content of the file, not the server-side resource."),
  ],
  run: async (session, { words, flags }) => {
    const type = flags.text("type").toLowerCase();
    const contentType = Object.hasOwn(patchTypes, type) ? patchTypes[type]! : undefined;
    if (contentType === undefined)
      throw new KubectlError(`--type must be one of [json merge strategic], not ${JSON.stringify(flags.text("type"))}`);
    const body = await patchBody(session);
    const dryRun = dryRunOf(flags);
    const report = await createReport(session, dryRun);
    const subresource = flags.text("subresource");
    const errors: unknown[] = [];
    const targets = await selectTargets(session, words);
    for (const target of targets) {
      try {
        if (target.name === undefined) throw new KubectlError("resource(s) were provided, but no name was specified");
        const { resource, namespace, name } = target;
        if (flags.bool("local")) {
          report(locally({ ...target, name, object: target.manifest!.object }, body, contentType), "patched");
          continue;
        }
        const before = await readObject(session, target, name, subresource);
        if (dryRun === "client") {
          report(locally({ ...target, name, object: before }, body, contentType), "patched");
          continue;
        }
        const path = withQuery(pathOf(resource, namespace, name, subresource), {
          fieldManager: flags.text("field-manager"),
          dryRun: dryRun === "server" ? "All" : undefined,
        });
        const after = await (await session.server()).request<Item>("PATCH", path, { body, contentType });
        report(after, deepEqual(before, after) ? "patched (no change)" : "patched");
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
};

async function patchBody({ environment, flags }: Session): Promise<unknown> {
  const file = flags.text("patch-file");
  const given = flags.text("patch");
  if (given !== "" && file !== "") throw new KubectlError("cannot specify --patch and --patch-file together");
  if (given === "" && file === "") throw new KubectlError("must specify --patch or --patch-file containing the contents of the patch");
  const content = file === "" ? given : await environment.files.readText(absolutePath(environment.workingDirectory, file));
  if (content === undefined) throw new KubectlError(`unable to read patch file: open ${file}: no such file or directory`);
  try {
    return parseYaml(content).value;
  } catch (error) {
    throw new KubectlError(`unable to parse ${JSON.stringify(content)}: ${(error as Error).message}`);
  }
}

function locally({ resource, object }: Found, body: unknown, contentType: string): Item {
  if (contentType === patchTypes["json"]) return applyJsonPatch(object, body) as Item;
  return patched(resource, object, { body: body as Record<string, unknown>, contentType });
}
