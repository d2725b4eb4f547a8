// `scale`: how many.

import { withQuery } from "../../../client/resource-path.ts";
import { KubectlError, throwCollected } from "../errors.ts";
import { duration, int, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import { findObjects, readObject, selectTargets } from "../selection.ts";
import type { Verb } from "../verb.ts";
import { allFlag, dryRunFlag, fieldManagerFlag, selectorFlag } from "../verb.ts";
import { waitForReplicas } from "../rollout/progress.ts";

export const scaleVerb: Verb = {
  name: "scale",
  usage: "[--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)",
  summary: "Set a new size for a deployment, replica set, or replication controller",
  examples: `
kubectl scale --replicas=3 rs/foo
kubectl scale --current-replicas=2 --replicas=3 deployment/mysql`,
  flags: [
    ...fileFlags("identifying the resource to set a new size"),
    ...outputFlags,
    allFlag,
    selectorFlag,
    dryRunFlag,
    fieldManagerFlag("kubectl-scale"),
    int("replicas", "The new desired number of replicas. Required."),
    int("current-replicas", "Precondition for current size. Requires that the current size of the resource match this value.", {
      default: "-1",
    }),
    text("resource-version", "Precondition for resource version."),
    duration("timeout", "The length of time to wait before giving up on a scale operation, zero means don't wait."),
  ],
  run: async (session, { words, flags }) => {
    if (!flags.has("replicas")) throw new KubectlError(`required flag(s) "replicas" not set`);
    const replicas = flags.int("replicas");
    if (replicas < 0) throw new KubectlError("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
    const dryRun = dryRunOf(flags);
    const report = await createReport(session, dryRun);
    const server = await session.server();
    const errors: unknown[] = [];
    const found = await findObjects(session, await selectTargets(session, words), (error) => void errors.push(error));
    if (found.length === 0 && errors.length === 0) throw new KubectlError("no objects passed to scale");
    for (const { resource, namespace, name, object } of found) {
      try {
        const current = flags.int("current-replicas");
        const wantedVersion = flags.text("resource-version");
        const version = wantedVersion === "" ? {} : { metadata: { resourceVersion: wantedVersion } };
        if (current >= 0) {
          const scale = await readObject(session, { resource, namespace }, name, "scale");
          const present: number = scale["spec"]?.replicas ?? 0;
          if (present !== current) throw new KubectlError(`Expected replicas to be ${current}, was ${present}`);
        }
        if (dryRun !== "client") {
          const path = withQuery(pathOf(resource, namespace, name, "scale"), {
            fieldManager: flags.text("field-manager"),
            dryRun: dryRun === "server" ? "All" : undefined,
          });
          await server.request<Item>("PATCH", path, {
            body: { ...version, spec: { replicas } },
            contentType: "application/merge-patch+json",
          });
        }
        if (flags.durationMs("timeout") > 0 && dryRun === "none")
          await waitForReplicas(session, { resource, namespace, name }, flags.durationMs("timeout"));
        report(object, "scaled");
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
};
