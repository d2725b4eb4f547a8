// `create`: new objects, from files or from what the command line says (the generators stand in files of their own).

import { withQuery } from "../../../client/resource-path.ts";
import { KubectlError, throwCollected, withSource } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { withLastApplied } from "../last-applied.ts";
import { fileFlags, hasFiles, refuseKustomize } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import { selectTargets } from "../selection.ts";
import { checkDuplicates, fieldValidationOf } from "../validation.ts";
import type { Verb } from "../verb.ts";
import { dryRunFlag, fieldManagerFlag, validateFlag } from "../verb.ts";
import { createClusterRoleBindingVerb, createClusterRoleVerb, createRoleBindingVerb, createRoleVerb } from "./create-access.ts";
import { createConfigMapVerb, createSecretVerb } from "./create-data.ts";
import {
  createDeploymentVerb,
  createNamespaceVerb,
  createServiceAccountVerb,
  createServiceVerb,
  createTokenVerb,
} from "./create-workloads.ts";

export const createVerb: Verb = {
  name: "create",
  usage: "-f FILENAME",
  summary: "Create a resource from a file or from stdin",
  examples: `
kubectl create -f ./pod.json
cat pod.json | kubectl create -f -
kubectl create deployment web --image=nginx --replicas=3`,
  verbs: [
    createClusterRoleVerb,
    createClusterRoleBindingVerb,
    createConfigMapVerb,
    createDeploymentVerb,
    createNamespaceVerb,
    createRoleVerb,
    createRoleBindingVerb,
    createSecretVerb,
    createServiceVerb,
    createServiceAccountVerb,
    createTokenVerb,
  ],
  flags: [
    ...fileFlags("to use to create the resource"),
    ...outputFlags,
    dryRunFlag,
    validateFlag,
    fieldManagerFlag("kubectl-create"),
    bool("save-config", "If true, the configuration of current object will be saved in its annotation."),
    bool("edit", "Edit the API resource before creating: not supported."),
    text("raw", "Raw URI to POST to the server: not supported."),
  ],
  run: async (session, { words, flags }) => {
    if (words.length > 0) throw new KubectlError(`Unexpected args: [${words.join(" ")}]\nSee 'kubectl create -h' for help and examples`);
    refuseKustomize(flags);
    if (!hasFiles(flags)) throw new KubectlError("must specify one of -f and -k");
    if (flags.bool("edit") || flags.text("raw") !== "") throw new KubectlError("--edit and --raw are not supported by create");
    const dryRun = dryRunOf(flags);
    const validation = fieldValidationOf(session);
    const report = await createReport(session, dryRun);
    const errors: unknown[] = [];
    const targets = await selectTargets(session, [], { onError: (error) => void errors.push(error) });
    if (targets.length === 0 && errors.length === 0) throw new KubectlError("no objects passed to create");
    for (const { resource, namespace, manifest } of targets) {
      try {
        checkDuplicates(session, manifest!, validation);
        const body = flags.bool("save-config") ? withLastApplied(manifest!.object) : manifest!.object;
        if (dryRun === "client") {
          report(body, "created");
          continue;
        }
        const path = withQuery(pathOf(resource, namespace), {
          fieldManager: flags.text("field-manager"),
          fieldValidation: validation,
          dryRun: dryRun === "server" ? "All" : undefined,
        });
        report(await (await session.server()).request<Item>("POST", path, { body }), "created");
      } catch (error) {
        errors.push(withSource(error, `error when creating ${JSON.stringify(manifest!.source)}`));
      }
    }
    throwCollected(errors);
  },
};
