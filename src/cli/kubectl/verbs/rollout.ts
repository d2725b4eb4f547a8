// `rollout`: how a deployment's roll-out goes, and what to do about it.

import { formatTime } from "../../../base/clock.ts";
import { KubectlError, throwCollected } from "../errors.ts";
import { bool, duration, int } from "../flags.ts";
import { fileFlags } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { qualifiedKind } from "../resource-mapping.ts";
import { changeObject } from "../rollout/change-template.ts";
import { printHistory, undoTo } from "../rollout/history.ts";
import { deploymentProgress } from "../rollout/progress.ts";
import type { Found } from "../selection.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { dryRunFlag, fieldManagerFlag, selectorFlag } from "../verb.ts";
import { follow } from "../watching.ts";

const usage = "(TYPE NAME | TYPE/NAME)";
const files = fileFlags("identifying the resource to get from a server.");

export const rolloutVerb: Verb = {
  name: "rollout",
  usage: "SUBCOMMAND",
  summary: "Manage the rollout of one or many resources",
  examples: `
kubectl rollout undo deployment/abc
kubectl rollout status deployment/nginx`,
  verbs: [
    {
      name: "history",
      usage,
      summary: "View rollout history",
      flags: [...files, ...outputFlags, selectorFlag, int("revision", "See the details, including podTemplate of the revision specified")],
      run: async (session, { words, flags }) => {
        if (flags.int("revision") < 0) throw new KubectlError("revision must be a positive integer: " + flags.int("revision"));
        for (const found of await workloads(session, words, "history viewing")) await printHistory(session, found, flags.int("revision"));
      },
    },
    {
      name: "status",
      usage,
      summary: "Show the status of the rollout",
      flags: [
        ...files,
        selectorFlag,
        bool("watch", "Watch the status of the rollout until it's done.", { short: "w", default: "true" }),
        int("revision", "Pin to a specific revision for showing its status. Defaults to 0 (last revision)."),
        duration("timeout", "The length of time to wait before ending watch, zero means never."),
      ],
      run: async (session, { words }) => {
        for (const found of await workloads(session, words, "status viewing")) await printStatus(session, found);
      },
    },
    {
      name: "undo",
      usage,
      summary: "Undo a previous rollout",
      flags: [
        ...files,
        ...outputFlags,
        selectorFlag,
        dryRunFlag,
        int("to-revision", "The revision to rollback to. Default to 0 (last revision)."),
      ],
      run: async (session, { words, flags }) => {
        const dryRun = dryRunOf(flags);
        const report = await createReport(session, dryRun);
        for (const found of await workloads(session, words, "rolling back")) {
          const { object, message } = await undoTo(session, found, flags.int("to-revision"), dryRun);
          report(object, message);
        }
      },
    },
    changing("restart", "Restart a resource", "restarted", "restarting", (draft, session) => {
      if (draft.spec.paused === true) throw new KubectlError(`can't restart paused deployment (run rollout resume first)`);
      draft.spec.template.metadata ??= {};
      draft.spec.template.metadata.annotations = {
        ...draft.spec.template.metadata.annotations,
        "kubectl.kubernetes.io/restartedAt": formatTime(session.now()),
      };
    }),
    changing("pause", "Mark the provided resource as paused", "paused", "pausing", (draft) => {
      if (draft.spec.paused === true) throw new KubectlError("is already paused");
      draft.spec.paused = true;
    }),
    changing("resume", "Resume a paused resource", "resumed", "resuming", (draft) => {
      if (draft.spec.paused !== true) throw new KubectlError("is not paused");
      delete draft.spec.paused;
    }),
  ],
};

/** A verb that changes the object a little. */
function changing(name: string, summary: string, done: string, doing: string, change: (draft: any, session: Session) => void): Verb {
  return {
    name,
    usage,
    summary,
    flags: [...files, ...outputFlags, selectorFlag, dryRunFlag, fieldManagerFlag(`kubectl-rollout`)],
    run: async (session, { words, flags }) => {
      const dryRun = dryRunOf(flags);
      const report = await createReport(session, dryRun);
      const errors: unknown[] = [];
      for (const found of await workloads(session, words, doing, name !== "restart")) {
        try {
          const changed = await changeObject(session, found, dryRun, (draft) => change(draft, session));
          report(changed ?? found.object, done);
        } catch (error) {
          errors.push(
            error instanceof KubectlError
              ? new KubectlError(`${found.resource.plural}.${found.resource.group} ${JSON.stringify(found.name)} ${error.message}`)
              : error,
          );
        }
      }
      throwCollected(errors);
    },
  };
}

/** @throws KubectlError for a kind that has no roll-outs */
async function workloads(session: Session, words: readonly string[], doing: string, deploymentsOnly = true): Promise<Found[]> {
  const targets = await selectTargets(session, words);
  for (const { resource } of targets) {
    const kind = qualifiedKind(resource);
    const fits = kind === "deployment.apps" || (!deploymentsOnly && ["statefulset.apps", "daemonset.apps"].includes(kind));
    if (!fits)
      throw new KubectlError(
        `${resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`} ${doing} is not supported`,
      );
  }
  return await findObjects(session, targets);
}

async function printStatus(session: Session, found: Found): Promise<void> {
  const { flags, terminal } = session;
  const revision = flags.int("revision");
  if (!flags.bool("watch")) {
    terminal.out(deploymentProgress(found.object, revision).message);
    return;
  }
  let last = "";
  await follow(session, found, flags.durationMs("timeout"), "timed out waiting for the condition", (seen) => {
    if (seen === undefined) throw new KubectlError("object has been deleted");
    const { message, done } = deploymentProgress(seen, revision);
    if (message !== last) terminal.out(message);
    last = message;
    return done;
  });
}
