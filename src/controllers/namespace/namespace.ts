// Empties a namespace that is being deleted, then lets it go. Pods go first, and only when the last is gone the rest, so that
// nothing loses its network policy or its secrets while it still runs. Conditions say what is left.

import { formatTime } from "../../base/clock.ts";
import type { Client } from "../../client/client.ts";
import { namespaceKind } from "../../kinds/core/namespace.ts";
import { podKind } from "../../kinds/core/pod.ts";
import type { Namespace, NamespaceCondition } from "../../kinds/core/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { ApiObject, Kind } from "../../object/kind.ts";
import type { Controller } from "../controller.ts";
import { watch } from "../controller.ts";
import type { Decision } from "../decision.ts";
import { nothing, remove, update, updateStatus } from "../decision.ts";
import { discoverKinds } from "../discovered-kinds.ts";
import type { View } from "../view.ts";

/** What a namespace still holds. */
export interface NamespaceContent {
  readonly resources: readonly { readonly kind: Kind<ApiObject>; readonly objects: readonly ApiObject[] }[];
  readonly discoveryFailures: readonly string[];
}

const finalizer = "kubernetes";
/** How soon to look again at content that waits for finalizers or for its grace period. */
const recheckMs = 5_000;
const pageSize = 500;

export const namespaceController: Controller<NamespaceContent | undefined> = {
  name: "namespace-controller",
  watches: [
    watch(namespaceKind, (namespace) => [namespace.metadata?.name ?? ""]),
    // The last pod's end is what a namespace mostly waits for.
    watch(podKind, (pod, view) => {
      const name = pod.metadata?.namespace ?? "";
      return view.get(namespaceKind, "", name)?.metadata?.deletionTimestamp === undefined ? [] : [name];
    }),
  ],
  observe: async (client, name, view) => (isGoing(view, name) ? await readContent(client, name) : undefined),
  decide: decideNamespace,
};

const isGoing = (view: View, name: string): boolean => {
  const namespace = view.get(namespaceKind, "", name);
  return namespace?.metadata?.deletionTimestamp !== undefined && namespace.spec?.finalizers?.includes(finalizer) === true;
};

async function readContent(client: Client, namespace: string): Promise<NamespaceContent> {
  const { kinds, failures } = await discoverKinds(client, ["list", "delete"]);
  const resources: { kind: Kind<ApiObject>; objects: ApiObject[] }[] = [];
  for (const kind of kinds) {
    if (!kind.namespaced) continue;
    // Events have two faces of the same objects; one is enough.
    if (kind.plural === "events" && kind.group !== "") continue;
    const objects: ApiObject[] = [];
    let next: string | undefined;
    do {
      const page = await client.of(kind, namespace).list({ limit: pageSize, ...(next !== undefined && { continue: next }) });
      objects.push(...page.items);
      next = page.continue;
    } while (next !== undefined);
    if (objects.length > 0) resources.push({ kind, objects });
  }
  return { resources, discoveryFailures: failures };
}

function decideNamespace(view: View, name: string, now: number, content: NamespaceContent | undefined): Decision {
  const namespace = view.get(namespaceKind, "", name);
  if (namespace?.metadata?.deletionTimestamp === undefined || content === undefined) return nothing;
  const { resources, discoveryFailures } = content;
  if (resources.length === 0 && discoveryFailures.length === 0) {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((other) => other !== finalizer);
    const released = { ...namespace, spec: { ...namespace.spec, finalizers } } as Namespace;
    return { about: namespace, writes: [{ ...update(namespaceKind, released, "empty"), subresource: "finalize" }] };
  }
  const pods = resources.filter(({ kind }) => kind.group === "" && kind.plural === "pods");
  const first = pods.length > 0 ? pods : resources;
  const doomed = first.flatMap(({ kind, objects }) =>
    objects.filter((object) => object.metadata?.deletionTimestamp === undefined).map((object) => remove(kind, object, "namespace deleted")),
  );
  const waits = resources.some(({ objects }) => objects.some((object) => object.metadata?.deletionTimestamp !== undefined));
  return {
    about: namespace,
    writes: doomed,
    order: "parallel",
    requeueAfterMs: waits || discoveryFailures.length > 0 ? recheckMs : 0,
    followUp: (outcomes) => {
      const errors = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error.message]));
      const conditions = conditionsOf(namespace, content, errors, now);
      if (deepEqual(conditions, namespace.status?.conditions)) return nothing;
      const status = { ...namespace.status, phase: "Terminating", conditions };
      return { about: namespace, writes: [updateStatus(namespaceKind, { ...namespace, status } as Namespace, "status")] };
    },
  };
}

/** The five conditions of a namespace that is being deleted. */
function conditionsOf(
  namespace: Namespace,
  content: NamespaceContent,
  errors: readonly string[],
  now: number,
): readonly NamespaceCondition[] {
  const remaining = content.resources.map(({ kind, objects }) => `${kind.plural}.${kind.group} has ${objects.length} resource instances`);
  const finalizers = new Map<string, number>();
  for (const { objects } of content.resources) {
    for (const object of objects)
      for (const name of object.metadata?.finalizers ?? []) finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`).toSorted();
  const state = (type: string, bad: string | undefined, badReason: string, goodReason: string, good: string): NamespaceCondition => {
    const status = bad === undefined ? "False" : "True";
    const present = namespace.status?.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = present?.status === status ? present.lastTransitionTime : formatTime(now);
    return {
      type,
      status,
      lastTransitionTime,
      reason: bad === undefined ? goodReason : badReason,
      message: bad ?? good,
    } as NamespaceCondition;
  };
  const list = (texts: readonly string[]): string => texts.toSorted().join(", ");
  return [
    state(
      "NamespaceDeletionDiscoveryFailure",
      content.discoveryFailures.length > 0 ? `Discovery failed for some groups, ${list(content.discoveryFailures)}` : undefined,
      "DiscoveryFailed",
      "ResourcesDiscovered",
      "All resources successfully discovered",
    ),
    state(
      "NamespaceDeletionGroupVersionParsingFailure",
      undefined,
      "GroupVersionParsingFailed",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    state(
      "NamespaceDeletionContentFailure",
      errors.length > 0 ? `Failed to delete all resource types, ${errors.length} remaining: ${list(errors)}` : undefined,
      "ContentDeletionFailed",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    state(
      "NamespaceContentRemaining",
      remaining.length > 0 ? `Some resources are remaining: ${list(remaining)}` : undefined,
      "SomeResourcesRemain",
      "ContentRemoved",
      "All content successfully removed",
    ),
    state(
      "NamespaceFinalizersRemaining",
      held.length > 0 ? `Some content in the namespace has finalizers remaining: ${held.join(", ")}` : undefined,
      "SomeFinalizersRemain",
      "ContentHasNoFinalizers",
      "All content-preserving finalizers finished",
    ),
  ];
}
