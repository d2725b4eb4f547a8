// `cordon`, `uncordon`, `taint` and `drain`: nodes taken out of use and back.

import { sleep } from "../../../base/clock.ts";
import { waitUntilGone } from "../deletion.ts";
import { isNotFound, KubectlError, throwCollected } from "../errors.ts";
import type { FlagSpec } from "../flags.ts";
import { bool, duration, int, text } from "../flags.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import type { DryRun } from "../output/report.ts";
import { createReport, dryRunOf } from "../output/report.ts";
import { outputFlags } from "../output/structured.ts";
import { pathOf } from "../resource-mapping.ts";
import { changeObject } from "../rollout/change-template.ts";
import type { Found } from "../selection.ts";
import { findObjects, listAll, selectTargets } from "../selection.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { allFlag, dryRunFlag, fieldManagerFlag, selectorFlag } from "../verb.ts";
import { StatusError } from "../../../object/status.ts";

const suffixes: Readonly<Record<DryRun, string>> = { none: "", client: " (dry run)", server: " (server dry run)" };
const nodesOf = async (session: Session, words: readonly string[]): Promise<Found[]> =>
  await findObjects(session, await selectTargets(session, words.length === 1 && words[0]!.includes("/") ? words : ["nodes", ...words]));

function cordoning(name: "cordon" | "uncordon", summary: string): Verb {
  return {
    name,
    usage: "NODE",
    summary,
    flags: [dryRunFlag, selectorFlag],
    run: async (session, { words, flags }) => {
      if (words.length === 0 && flags.text("selector") === "")
        throw new KubectlError(`USAGE: ${name} NODE [flags]\nSee 'kubectl ${name} -h' for help and examples`);
      for (const found of await nodesOf(session, words)) await cordon(session, found, name === "cordon", dryRunOf(flags));
    },
  };
}

async function cordon(session: Session, found: Found, unschedulable: boolean, dryRun: DryRun): Promise<void> {
  const changed = await changeObject(session, found, dryRun, (draft) => {
    if (unschedulable) draft.spec = { ...draft.spec, unschedulable: true };
    else delete draft.spec?.unschedulable;
  });
  const done = unschedulable ? "cordoned" : "uncordoned";
  session.say(`node/${found.name} ${changed === undefined ? `already ${done}` : done}${suffixes[dryRun]}`);
}

export const cordonVerb = cordoning("cordon", "Mark node as unschedulable");
export const uncordonVerb = cordoning("uncordon", "Mark node as schedulable");

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect?: string;
}
const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export const taintVerb: Verb = {
  name: "taint",
  usage: "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N",
  summary: "Update the taints on one or more nodes",
  examples: `
kubectl taint nodes foo dedicated=special-user:NoSchedule
kubectl taint nodes foo dedicated:NoSchedule-
kubectl taint nodes foo dedicated-`,
  flags: [
    ...outputFlags,
    allFlag,
    selectorFlag,
    dryRunFlag,
    fieldManagerFlag("kubectl-taint"),
    bool("overwrite", "If true, allow taints to be overwritten."),
  ],
  run: async (session, { words, flags }) => {
    const isTaint = (word: string): boolean => /[:=]/.test(word) || word.endsWith("-");
    const changes = words.filter(isTaint).map(parseTaint);
    if (changes.length === 0) throw new KubectlError("at least one taint update is required");
    const dryRun = dryRunOf(flags);
    const report = await createReport(session, dryRun);
    const errors: unknown[] = [];
    for (const found of await findObjects(
      session,
      await selectTargets(
        session,
        words.filter((word) => !isTaint(word)),
      ),
    )) {
      try {
        if (found.resource.kind !== "Node")
          throw new KubectlError(`invalid resource type ${found.resource.plural}, only node types are supported`);
        const before: readonly Taint[] = found.object["spec"]?.taints ?? [];
        const { taints, operation } = changedTaints(found.name, before, changes, flags.bool("overwrite"));
        report(
          (await changeObject(session, found, dryRun, (draft) => (draft.spec = { ...draft.spec, taints }))) ?? found.object,
          operation,
        );
      } catch (error) {
        errors.push(error);
      }
    }
    throwCollected(errors);
  },
};

interface TaintChange {
  readonly taint: Taint;
  readonly remove: boolean;
}

function parseTaint(word: string): TaintChange {
  const remove = word.endsWith("-");
  const [what = "", effect] = (remove ? word.slice(0, -1) : word).split(":");
  const [key = "", value] = what.split("=");
  if (effect === undefined && !remove)
    throw new KubectlError(`invalid taint spec: ${word}: an effect (${effects.join(", ")}) must follow a colon`);
  if (effect !== undefined && !effects.includes(effect))
    throw new KubectlError(`invalid taint effect: ${effect}, unsupported taint effect`);
  return { taint: { key, ...(value !== undefined && value !== "" && { value }), ...(effect !== undefined && { effect }) }, remove };
}

function changedTaints(
  node: string,
  before: readonly Taint[],
  changes: readonly TaintChange[],
  overwrite: boolean,
): { taints: Taint[]; operation: string } {
  let taints = [...before];
  for (const { taint, remove } of changes) {
    const same = (other: Taint): boolean => other.key === taint.key && (taint.effect === undefined || other.effect === taint.effect);
    if (remove) {
      if (!taints.some(same))
        throw new KubectlError(
          `taint ${JSON.stringify(taint.effect === undefined ? taint.key : `${taint.key}:${taint.effect}`)} not found`,
        );
      taints = taints.filter((other) => !same(other));
    } else {
      if (taints.some(same) && !overwrite)
        throw new KubectlError(`node ${node} already has ${taint.key} taint(s) with same effect(s) and --overwrite is false`);
      taints = [...taints.filter((other) => !same(other)), taint];
    }
  }
  const [adds, removes] = [changes.some(({ remove }) => !remove), changes.some(({ remove }) => remove)];
  return { taints, operation: adds && removes ? "modified" : removes ? "untainted" : "tainted" };
}

const drainFlags: readonly FlagSpec[] = [
  dryRunFlag,
  selectorFlag,
  text("pod-selector", "Label selector to filter pods on the node"),
  bool("force", "Continue even if there are pods that do not declare a controller."),
  bool("ignore-daemonsets", "Ignore DaemonSet-managed pods."),
  bool(
    "delete-emptydir-data",
    "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).",
  ),
  bool("disable-eviction", "Force drain to use delete, even if eviction is supported."),
  int("grace-period", "Period of time in seconds given to each pod to terminate gracefully. If negative, the pod's own is used.", {
    default: "-1",
  }),
  duration("timeout", "The length of time to wait before giving up, zero means infinite"),
  int("skip-wait-for-delete-timeout", "If pod DeletionTimestamp older than N seconds, skip waiting for the pod."),
  int("chunk-size", "Return large lists in chunks rather than all at once.", { default: "500" }),
];

export const drainVerb: Verb = {
  name: "drain",
  usage: "NODE",
  summary: "Drain node in preparation for maintenance",
  flags: drainFlags,
  run: async (session, { words, flags }) => {
    if (words.length === 0 && flags.text("selector") === "")
      throw new KubectlError("USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples");
    const dryRun = dryRunOf(flags);
    for (const found of await nodesOf(session, words)) {
      await cordon(session, found, true, dryRun);
      await evictAll(session, found, dryRun);
      session.say(`node/${found.name} drained${suffixes[dryRun]}`);
    }
  },
};

async function evictAll(session: Session, node: Found, dryRun: DryRun): Promise<void> {
  const { flags } = session;
  const resource = (await session.mapping()).byWord("pods");
  const query = { fieldSelector: `spec.nodeName=${node.name}`, labelSelector: flags.text("pod-selector") };
  const pods = (await listAll(session, resource, "", query)).items.filter((pod) => !isMirror(pod));
  const { evicted, ignored, refused } = sortOut(session, pods);
  if (refused.length > 0) {
    session.terminal.err(
      `error: unable to drain node ${JSON.stringify(node.name)} due to error: ${refused.join(", ")}, continuing command...\nThere are pending nodes to be drained:\n ${node.name}\n`,
    );
    throw new KubectlError(refused.join("\n"));
  }
  if (ignored.length > 0) session.warn(`ignoring DaemonSet-managed Pods: ${ignored.map(podName).join(", ")}`);
  for (const pod of evicted) session.say(`evicting pod ${podName(pod)}${suffixes[dryRun]}`);
  if (dryRun !== "none") return;
  const ends = await Promise.allSettled(
    evicted.map(async (pod) => {
      await evict(session, pod);
      await waitUntilGone(
        session,
        { resource, namespace: namespaceOf(pod), name: nameOf(pod) },
        pod.metadata?.uid,
        flags.durationMs("timeout"),
      );
      session.say(`pod/${nameOf(pod)} evicted`);
    }),
  );
  throwCollected(ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : [])));
}

const podName = (pod: Item): string => `${namespaceOf(pod)}/${nameOf(pod)}`;
/** A node's own static pod, which the API cannot evict. */
const isMirror = (pod: Item): boolean => pod.metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined;

function sortOut({ flags }: Session, pods: readonly Item[]): { evicted: Item[]; ignored: Item[]; refused: string[] } {
  const controllerKind = (pod: Item): string | undefined =>
    pod.metadata?.ownerReferences?.find(({ controller }) => controller === true)?.kind;
  const isOver = (pod: Item): boolean => ["Succeeded", "Failed"].includes(pod["status"]?.phase as string);
  const daemons = pods.filter((pod) => controllerKind(pod) === "DaemonSet");
  const others = pods.filter((pod) => controllerKind(pod) !== "DaemonSet");
  const alone = others.filter((pod) => controllerKind(pod) === undefined && !isOver(pod));
  const withData = others.filter(
    (pod) =>
      !isOver(pod) && ((pod["spec"]?.volumes ?? []) as readonly { emptyDir?: unknown }[]).some(({ emptyDir }) => emptyDir !== undefined),
  );
  const refused: string[] = [];
  const list = (of: readonly Item[]): string => of.map(podName).join(", ");
  if (daemons.length > 0 && !flags.bool("ignore-daemonsets"))
    refused.push(`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${list(daemons)}`);
  if (alone.length > 0 && !flags.bool("force"))
    refused.push(`cannot delete Pods that declare no controller (use --force to override): ${list(alone)}`);
  if (withData.length > 0 && !flags.bool("delete-emptydir-data"))
    refused.push(`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${list(withData)}`);
  return { evicted: others, ignored: daemons, refused };
}

const retryDelayMs = 5000;

/** Asks for the eviction again while a budget forbids it. */
async function evict(session: Session, pod: Item): Promise<void> {
  const { flags, environment } = session;
  const server = await session.server();
  const resource = (await session.mapping()).byWord("pods");
  const grace = flags.int("grace-period") >= 0 ? { deleteOptions: { gracePeriodSeconds: flags.int("grace-period") } } : {};
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: nameOf(pod), namespace: namespaceOf(pod) }, ...grace };
  for (;;) {
    try {
      const path = pathOf(resource, namespaceOf(pod), nameOf(pod));
      if (flags.bool("disable-eviction")) await server.request("DELETE", path);
      else await server.request("POST", `${path}/eviction`, { body });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!(error instanceof StatusError) || error.reason !== "TooManyRequests") throw error;
      session.terminal.err(
        `error when evicting pods/${JSON.stringify(nameOf(pod))} -n ${JSON.stringify(namespaceOf(pod))} (will retry after 5s): ${error.message}\n`,
      );
      await sleep(environment.clock, retryDelayMs, session.signal);
    }
  }
}
