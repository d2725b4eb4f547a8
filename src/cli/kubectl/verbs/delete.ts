// `delete`: by file, name, selector or all of a kind, waiting until they are gone.

import { cascadeOf, deleteObject, waitUntilGone } from "../deletion.ts";
import { isNotFound, KubectlError, throwCollected, withSource } from "../errors.ts";
import { bool, duration, int, text } from "../flags.ts";
import { fileFlags, hasFiles } from "../manifests.ts";
import { dryRunOf } from "../output/report.ts";
import { qualifiedKind, qualifiedName } from "../resource-mapping.ts";
import type { Target } from "../selection.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allFlag, allNamespacesFlag, dryRunFlag, fieldSelectorFlag, selectorFlag } from "../verb.ts";

const immediateWarning =
  "Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

export const deleteVerb: Verb = {
  name: "delete",
  usage: "([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
  summary: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
  examples: `
kubectl delete -f ./pod.json
kubectl delete pod,service baz foo
kubectl delete pods,services -l name=myLabel
kubectl delete pod foo --now
kubectl delete pods --all`,
  flags: [
    ...fileFlags("containing the resource to delete."),
    allFlag,
    allNamespacesFlag,
    selectorFlag,
    fieldSelectorFlag,
    dryRunFlag,
    text("cascade", `Must be "background", "orphan", or "foreground".`, { default: "background", bare: "background" }),
    bool("force", "If true, immediately remove resources from API and bypass graceful deletion."),
    int("grace-period", "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.", { default: "-1" }),
    bool("ignore-not-found", `Treat "resource not found" as a successful delete. Defaults to "true" when --all is specified.`),
    bool("interactive", "If true, delete resource only when user confirms.", { short: "i" }),
    bool("now", "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
    text("output", `Output mode. Use "-o name" for shorter output (resource/name).`, { short: "o" }),
    text("raw", "Raw URI to DELETE to the server."),
    duration(
      "timeout",
      "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
    ),
    bool("wait", "If true, wait for resources to be gone before returning. This waits for finalizers.", { default: "true" }),
  ],
  run: async (session, { words, flags }) => {
    const raw = flags.text("raw");
    if (raw !== "") {
      session.say(JSON.stringify(await (await session.server()).request("DELETE", raw)));
      return;
    }
    const output = flags.text("output");
    if (output !== "" && output !== "name") throw new KubectlError(`unexpected -o output mode: ${output}. We only support '-o name'`);
    const dryRun = dryRunOf(flags);
    const { gracePeriodSeconds, isForced } = graceOf(session);
    const propagationPolicy = cascadeOf(flags.text("cascade"));
    if (flags.bool("all") && flags.text("selector") !== "") throw new KubectlError("cannot set --all and --selector at the same time");
    const ignoreMissing = flags.has("ignore-not-found")
      ? flags.bool("ignore-not-found")
      : flags.bool("all") || flags.text("selector") !== "";
    const errors: unknown[] = [];
    const found = await findTargets(session, words, (error) => {
      if (!(ignoreMissing && isNotFound(error))) errors.push(error);
    });
    if (flags.bool("interactive") && !(await confirm(session, found))) return;
    if (gracePeriodSeconds === 0 && isForced && dryRun === "none") session.warn(immediateWarning);
    const gone: { readonly target: Named; readonly uid: string | undefined }[] = [];
    for (const target of found) {
      try {
        const options = { gracePeriodSeconds, propagationPolicy, dryRun: dryRun === "server" };
        const uid = dryRun === "client" ? undefined : await deleteObject(session, target, options);
        tell(
          session,
          target,
          `${isForced ? "force deleted" : "deleted"}${{ none: "", client: " (dry run)", server: " (server dry run)" }[dryRun]}`,
        );
        gone.push({ target, uid });
      } catch (error) {
        const source = target.manifest?.source;
        if (ignoreMissing && isNotFound(error)) continue;
        errors.push(source === undefined ? error : withSource(error, `error when deleting ${JSON.stringify(source)}`));
      }
    }
    if (found.length === 0 && errors.length === 0) session.say("No resources found");
    if (flags.bool("wait") && dryRun === "none") {
      const timeoutMs = flags.durationMs("timeout");
      const waits = await Promise.allSettled(gone.map(({ target, uid }) => waitUntilGone(session, target, uid, timeoutMs)));
      errors.push(...waits.flatMap((wait) => (wait.status === "rejected" ? [wait.reason as unknown] : [])));
    }
    throwCollected(errors);
  },
};

type Named = Target & { readonly name: string };

/** Seconds of grace, and whether the object is to go without waiting for anybody. @throws KubectlError for contradictions */
function graceOf({ flags }: Session): { readonly gracePeriodSeconds: number; readonly isForced: boolean } {
  const isForced = flags.bool("force");
  const given = flags.int("grace-period");
  if (flags.bool("now")) {
    if (given >= 0) throw new KubectlError("--now and --grace-period cannot be specified together");
    return { gracePeriodSeconds: 1, isForced };
  }
  if (isForced && given > 0) throw new KubectlError("--force and --grace-period greater than 0 cannot be specified together");
  if (given === 0 && !isForced) return { gracePeriodSeconds: 1, isForced };
  return { gracePeriodSeconds: isForced && given < 0 ? 0 : given, isForced };
}

async function findTargets(session: Session, words: readonly string[], onError: (error: unknown) => void): Promise<Named[]> {
  const { flags } = session;
  if (words.length === 0 && !hasFiles(flags) && (flags.bool("all") || flags.text("selector") !== "")) {
    throw new KubectlError("at least one resource must be specified to use a selector");
  }
  const targets = await selectTargets(session, words, { onError });
  const named = targets.filter((target): target is Named => target.name !== undefined);
  const lists = targets.filter(({ name }) => name === undefined);
  return [...named, ...(await findObjects(session, lists, onError))];
}

function tell(session: Session, { resource, namespace, name }: Named, what: string): void {
  if (session.flags.text("output") === "name") session.say(qualifiedName(resource, name));
  else
    session.say(`${qualifiedKind(resource)} ${JSON.stringify(name)} ${what}${resource.namespaced ? ` from ${namespace} namespace` : ""}`);
}

async function confirm(session: Session, targets: readonly Named[]): Promise<boolean> {
  session.say("You are about to delete the following " + targets.length + " resource(s):");
  for (const { resource, name } of targets) session.say(qualifiedName(resource, name));
  session.terminal.out("Do you want to continue? (y/N): ");
  for await (const bytes of session.terminal.input()) {
    if (new TextDecoder().decode(bytes).trim().toLowerCase() === "y") return true;
    break;
  }
  session.say("deletion is cancelled");
  return false;
}
