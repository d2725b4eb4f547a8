// `set image`, `set env`, `set resources`: one part of a pod template.

import { KubectlError, throwCollected } from "../errors.ts";
import type { FlagSpec } from "../flags.ts";
import { list, text } from "../flags.ts";
import { fileFlags } from "../manifests.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { changeObject } from "../rollout/change-template.ts";
import { findObjects, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allFlag, dryRunFlag, fieldManagerFlag, selectorFlag } from "../verb.ts";

const shared: readonly FlagSpec[] = [
  ...fileFlags("identifying the resource to change"),
  ...outputFlags,
  allFlag,
  selectorFlag,
  dryRunFlag,
  fieldManagerFlag("kubectl-set"),
];

type Spec = { containers: any[]; initContainers?: any[] };

export const setVerb: Verb = {
  name: "set",
  usage: "SUBCOMMAND",
  summary: "Set specific features on objects",
  verbs: [
    {
      name: "image",
      usage: "(-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N",
      summary: "Update the image of a pod template",
      examples: `
kubectl set image deployment/nginx busybox=busybox nginx=nginx:1.9.1
kubectl set image deployments,rs nginx=nginx:1.9.1 --all`,
      flags: shared,
      run: async (session, { words }) => {
        const { resources, values } = splitWords(words);
        if (values.length === 0) throw new KubectlError("at least one image update is required");
        await change(session, resources, "image updated", (spec) => {
          for (const [name, image] of values) {
            const chosen = containers(spec).filter((container) => name === "*" || container.name === name);
            if (chosen.length === 0) throw new KubectlError(`unable to find container named ${JSON.stringify(name)}`);
            for (const container of chosen) container.image = image;
          }
        });
      },
    },
    {
      name: "env",
      usage: "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N [KEY_TO_REMOVE-]",
      summary: "Update environment variables on a pod template",
      flags: [
        ...shared,
        text("containers", "The names of containers in the selected pod templates to change, * for all", { short: "c", default: "*" }),
      ],
      run: async (session, { words, flags }) => {
        const { resources, values, removed } = splitWords(words);
        if (values.length + removed.length === 0) throw new KubectlError("at least one environment variable must be provided");
        await change(session, resources, "env updated", (spec) => {
          const only = flags.text("containers");
          for (const container of containers(spec).filter(({ name }) => only === "*" || name === only)) {
            const kept = ((container.env ?? []) as { name: string; value?: string }[]).filter(({ name }) => !removed.includes(name));
            for (const [name, value] of values) {
              const at = kept.findIndex((variable) => variable.name === name);
              if (at < 0) kept.push({ name, value });
              else kept[at] = { name, value };
            }
            container.env = kept;
          }
        });
      },
    },
    {
      name: "resources",
      usage: "(-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]",
      summary: "Update resource requests/limits on objects with pod templates",
      flags: [
        ...shared,
        text("containers", "The names of containers in the selected pod templates to change, * for all", { short: "c", default: "*" }),
        list("limits", "The resource requirement limits for this container, such as cpu=100m,memory=256Mi."),
        list("requests", "The resource requirement requests for this container, such as cpu=100m,memory=256Mi."),
      ],
      run: async (session, { words, flags }) => {
        const [limits, requests] = [amounts(flags.list("limits")), amounts(flags.list("requests"))];
        if (limits === undefined && requests === undefined)
          throw new KubectlError("you must specify an update to requests or limits (in the form of --requests/--limits)");
        await change(session, words, "resource requirements updated", (spec) => {
          const only = flags.text("containers");
          for (const container of containers(spec).filter(({ name }) => only === "*" || name === only)) {
            container.resources = {
              ...container.resources,
              ...(limits && { limits: { ...container.resources?.limits, ...limits } }),
              ...(requests && { requests: { ...container.resources?.requests, ...requests } }),
            };
          }
        });
      },
    },
  ],
};

const containers = (spec: Spec): any[] => [...(spec.initContainers ?? []), ...spec.containers];

function amounts(pairs: readonly string[]): Record<string, string> | undefined {
  return pairs.length === 0
    ? undefined
    : Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

/** Words with `=` are assignments, those that end with `-` removals, the others name objects. */
function splitWords(words: readonly string[]): {
  readonly resources: string[];
  readonly values: [string, string][];
  readonly removed: string[];
} {
  const resources: string[] = [];
  const values: [string, string][] = [];
  const removed: string[] = [];
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals > 0) values.push([word.slice(0, equals), word.slice(equals + 1)]);
    else if (word.endsWith("-") && word.length > 1) removed.push(word.slice(0, -1));
    else resources.push(word);
  }
  return { resources, values, removed };
}

async function change(session: Session, words: readonly string[], done: string, edit: (spec: Spec) => void): Promise<void> {
  const dryRun = dryRunOf(session.flags);
  const report = await createReport(session, dryRun);
  const errors: unknown[] = [];
  for (const found of await findObjects(session, await selectTargets(session, words), (error) => void errors.push(error))) {
    try {
      const changed = await changeObject(session, found, dryRun, (draft) => {
        const spec = (found.resource.kind === "Pod" ? draft.spec : draft.spec?.template?.spec) as Spec | undefined;
        if (spec === undefined) throw new KubectlError(`${found.resource.plural}/${found.name} has no pod template`);
        edit(spec);
      });
      if (changed !== undefined) report(changed, done);
    } catch (error) {
      errors.push(error);
    }
  }
  throwCollected(errors);
}
