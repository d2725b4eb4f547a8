// `label` and `annotate`.

import { checkLabelValue, checkQualifiedName } from "../../../lang/names.ts";
import { KubectlError, throwCollected } from "../errors.ts";
import { bool, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { fileFlags } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { changeObject } from "../rollout/change-template.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Verb } from "../verb.ts";
import { allFlag, allNamespacesFlag, dryRunFlag, fieldManagerFlag, fieldSelectorFlag, selectorFlag } from "../verb.ts";

interface Changes {
  readonly set: Readonly<Record<string, string>>;
  readonly removed: readonly string[];
}

function metadataVerb(name: string, what: "label" | "annotation", field: "labels" | "annotations", done: string): Verb {
  return {
    name,
    usage: `[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]`,
    summary: `Update the ${what}s on a resource`,
    examples: `
kubectl ${name} pods foo unhealthy=true
kubectl ${name} --overwrite pods foo status=unhealthy
kubectl ${name} pods foo bar-`,
    flags: [
      ...fileFlags(`identifying the resource to update the ${what}s`),
      ...outputFlags,
      allFlag,
      allNamespacesFlag,
      selectorFlag,
      fieldSelectorFlag,
      dryRunFlag,
      fieldManagerFlag(`kubectl-${name}`),
      bool("overwrite", `If true, allow ${what}s to be overwritten, otherwise reject updates that overwrite existing ${what}s.`),
      bool("list", `If true, display the ${what}s for a given resource.`),
      text("resource-version", `If non-empty, the update will only succeed if this is the current resource-version for the object.`),
    ],
    run: async (session, { words, flags }) => {
      const resources = words.filter((word) => !isChange(word));
      const changes = changesOf(words.filter(isChange), what);
      const count = Object.keys(changes.set).length + changes.removed.length;
      if (count === 0 && !flags.bool("list")) throw new KubectlError(`at least one ${what} update is required`);
      const dryRun = dryRunOf(flags);
      const report = await createReport(session, dryRun);
      const errors: unknown[] = [];
      const targets = await selectTargets(session, resources);
      for (const found of await findObjects(session, targets, (error) => void errors.push(error))) {
        try {
          const before = found.object.metadata?.[field] ?? {};
          if (flags.bool("list")) {
            for (const key of Object.keys(before).toSorted()) session.say(`${key}=${before[key]!}`);
            continue;
          }
          if (!flags.bool("overwrite")) refuseOverwriting(before, changes, what);
          for (const key of changes.removed) if (!(key in before)) session.say(`${what} ${JSON.stringify(key)} not found.`);
          const changed = await changeObject(session, found, dryRun, (draft: { metadata: Record<string, any> }) => {
            const values: Record<string, string> = { ...before, ...changes.set };
            for (const key of changes.removed) delete values[key];
            draft.metadata[field] = values;
            if (flags.text("resource-version") !== "") draft.metadata["resourceVersion"] = flags.text("resource-version");
          });
          reportChange(report, found.object, changed, changes, done, before);
        } catch (error) {
          errors.push(error);
        }
      }
      throwCollected(errors);
    },
  };
}

function reportChange(
  report: (object: Item, operation: string) => void,
  object: Item,
  changed: Item | undefined,
  { set, removed }: Changes,
  done: string,
  before: Readonly<Record<string, string>>,
): void {
  if (done !== "labeled") return report(changed ?? object, done);
  if (changed === undefined) return report(object, "not labeled");
  const onlyRemoved = Object.keys(set).length === 0 && removed.some((key) => key in before);
  report(changed, onlyRemoved ? "unlabeled" : done);
}

export const labelVerb = metadataVerb("label", "label", "labels", "labeled");
export const annotateVerb = metadataVerb("annotate", "annotation", "annotations", "annotated");

const isChange = (word: string): boolean => word.includes("=") || (word.endsWith("-") && word.length > 1);

/** @throws KubectlError for a name or value that is none */
function changesOf(words: readonly string[], what: "label" | "annotation"): Changes {
  const set: Record<string, string> = {};
  const removed: string[] = [];
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = equals < 0 ? word.slice(0, -1) : word.slice(0, equals);
    const value = equals < 0 ? undefined : word.slice(equals + 1);
    const problems = [...checkQualifiedName(key), ...(what === "label" && value !== undefined ? checkLabelValue(value) : [])];
    if (problems.length > 0) {
      throw new KubectlError(`invalid ${what} ${value === undefined ? "key" : "value"}: ${JSON.stringify(word)}: ${problems.join("; ")}`);
    }
    if (value === undefined) removed.push(key);
    else set[key] = value;
  }
  const both = removed.find((key) => key in set);
  if (both !== undefined) throw new KubectlError(`can not both modify and remove the following ${what}(s) in the same command: ${both}`);
  return { set, removed };
}

function refuseOverwriting(before: Readonly<Record<string, string>>, { set }: Changes, what: string): void {
  const taken = Object.entries(set).filter(([key, value]) => key in before && before[key] !== value);
  if (taken.length === 0) return;
  if (what === "label") {
    throw new KubectlError(taken.map(([key]) => `'${key}' already has a value (${before[key]!}), and --overwrite is false`).join("; "));
  }
  throw new KubectlError(
    `--overwrite is false but found the following declared ${what}(s): ${taken.map(([key]) => `'${key}' already has a value (${before[key]!})`).join("; ")}`,
  );
}
