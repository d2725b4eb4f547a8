// From what a person names (a pod, a deployment, a service, a selector) to pods, and to the container that is meant.

import { sleep } from "../../base/clock.ts";
import type { LabelSelectorObject, LabelSet } from "../../lang/label-selector.ts";
import { formatLabelSelector, selectorFromLabels, selectorFromObject } from "../../lang/label-selector.ts";
import { KubectlError } from "./errors.ts";
import type { Item } from "./items.ts";
import { nameOf } from "./items.ts";
import type { Found } from "./selection.ts";
import { listAll } from "./selection.ts";
import type { Session } from "./session.ts";

const defaultContainerAnnotation = "kubectl.kubernetes.io/default-container";

/** The query of a selector in an object: `{matchLabels, matchExpressions}`, or a service's plain map. */
export function selectorText(selector: LabelSelectorObject | LabelSet | undefined): string {
  if (selector === undefined) return "";
  const { matchLabels, matchExpressions } = selector as LabelSelectorObject;
  const isPlainMap = matchLabels === undefined && matchExpressions === undefined;
  return formatLabelSelector(
    isPlainMap ? selectorFromLabels(selector as LabelSet) : (selectorFromObject(selector as LabelSelectorObject) ?? []),
  );
}

/** Pods behind an object: itself, or those that it selects. @throws KubectlError when it is nothing that has pods */
export async function podsOf(session: Session, found: Pick<Found, "resource" | "namespace" | "name" | "object">): Promise<Item[]> {
  if (found.resource.kind === "Pod" && found.resource.group === "") return [found.object];
  const labelSelector = selectorText(found.object["spec"]?.selector);
  if (labelSelector === "") {
    throw new KubectlError(`cannot get the pods of ${found.resource.kind.toLowerCase()}/${found.name}: it selects none`);
  }
  const pods = (await session.mapping()).byWord("pods");
  return (await listAll(session, pods, found.namespace, { labelSelector })).items.toSorted(byUse);
}

/** The one pod to speak with; waits up to `timeoutMs` for the first one to appear. `tell`: say that it was one of several. */
export async function firstPod(
  session: Session,
  found: Pick<Found, "resource" | "namespace" | "name" | "object">,
  timeoutMs: number,
  options: { readonly tell?: boolean } = {},
): Promise<Item> {
  const { clock } = session.environment;
  const until = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const pods = await podsOf(session, found);
    if (pods.length > 1 && options.tell === true) session.terminal.err(`Found ${pods.length} pods, using pod/${nameOf(pods[0]!)}\n`);
    if (pods[0] !== undefined) return pods[0];
    if (clock.monotonicMs() >= until) throw new KubectlError("timed out waiting for the condition");
    await sleep(clock, 1000, session.signal);
  }
}

/** Those that run and are ready first; of equals the one that has been so longest. */
function byUse(a: Item, b: Item): number {
  return rank(a) - rank(b) || startOf(a).localeCompare(startOf(b)) || nameOf(a).localeCompare(nameOf(b));
}
function rank(pod: Item): number {
  const phase = { Running: 0, Unknown: 2, Pending: 4 }[pod["status"]?.phase as string] ?? 6;
  const conditions = (pod["status"]?.conditions ?? []) as readonly { readonly type: string; readonly status: string }[];
  return phase + (conditions.some(({ type, status }) => type === "Ready" && status === "True") ? 0 : 1);
}
const startOf = (pod: Item): string => (pod["status"]?.startTime as string | undefined) ?? "~";

interface NamedContainer {
  readonly name: string;
}
export const containersOf = (
  pod: Item,
): {
  readonly init: readonly NamedContainer[];
  readonly main: readonly NamedContainer[];
  readonly ephemeral: readonly NamedContainer[];
} => ({
  init: pod["spec"]?.initContainers ?? [],
  main: pod["spec"]?.containers ?? [],
  ephemeral: pod["spec"]?.ephemeralContainers ?? [],
});

/**
 * The container that is meant: the given one, the annotated one, or the first. Choosing the first of several is told.
 * @throws KubectlError when the pod has no container of the given name
 */
export function chooseContainer(
  session: Session,
  pod: Item,
  wanted: string,
  options: { readonly quiet?: boolean; /** How `logs` says it. */ readonly refusal?: "is not valid for" } = {},
): string {
  const { init, main, ephemeral } = containersOf(pod);
  const all = [...main, ...init, ...ephemeral].map(({ name }) => name);
  if (wanted !== "") {
    if (!all.includes(wanted)) throw new KubectlError(`container ${wanted} ${options.refusal ?? "not found in"} pod ${nameOf(pod)}`);
    return wanted;
  }
  const annotated = pod.metadata?.annotations?.[defaultContainerAnnotation];
  if (annotated !== undefined) {
    if (all.includes(annotated)) return annotated;
    session.warn(`Default container name ${JSON.stringify(annotated)} not found in pod ${nameOf(pod)}`);
  }
  const [first] = main;
  if (first === undefined) throw new KubectlError(`pod ${nameOf(pod)} has no containers`);
  if (main.length + init.length + ephemeral.length > 1 && options.quiet !== true) {
    const others = [
      ...main.map(({ name }) => name),
      ...ephemeral.map(({ name }) => `${name} (ephem)`),
      ...init.map(({ name }) => `${name} (init)`),
    ];
    session.terminal.err(`Defaulted container ${JSON.stringify(first.name)} out of: ${others.join(", ")}\n`);
  }
  return first.name;
}
