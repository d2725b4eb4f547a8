// The revisions of a deployment: its replica sets, one for each template that it has had.

import { deepEqual } from "../../../object/copy.ts";
import type { Item } from "../items.ts";

export const revisionAnnotation = "deployment.kubernetes.io/revision";
export const changeCauseAnnotation = "kubernetes.io/change-cause";
const templateHashLabel = "pod-template-hash";

/** Those that the object controls. */
export const ownedBy = (owner: Item, objects: readonly Item[]): Item[] =>
  objects.filter((object) =>
    object.metadata?.ownerReferences?.some(({ uid, controller }) => controller === true && uid === owner.metadata?.uid),
  );

/** 0 for a set that has none. */
export const revisionOf = (object: Item): number => Number(object.metadata?.annotations?.[revisionAnnotation] ?? 0);

/** The template without the label that tells revisions apart. */
export function plainTemplate(set: Item): Item {
  const template = set["spec"]?.template as Item;
  const { [templateHashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** The set with the deployment's present template; the oldest of several. */
export function newReplicaSet(deployment: Item, sets: readonly Item[]): Item | undefined {
  return sets
    .toSorted((a, b) => (a.metadata?.creationTimestamp ?? "").localeCompare(b.metadata?.creationTimestamp ?? ""))
    .find((set) => deepEqual(withoutNulls(plainTemplate(set)), withoutNulls(deployment["spec"]?.template as Item)));
}

function withoutNulls(template: Item): Item {
  const { creationTimestamp: _, ...metadata } = (template.metadata ?? {}) as Record<string, unknown>;
  return { ...template, metadata } as Item;
}
