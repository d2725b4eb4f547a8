// What becomes of one object, given its owners and dependents. Pure: the collector beside this file gathers the facts.
//
// An owner is solid (it exists), dangling (it is gone), or waiting (it exists only until its dependents are gone: foreground
// deletion). With a solid owner an object stays and loses only its other references; without one it goes.

import type { ApiObject, Kind, OwnerReference } from "../../object/kind.ts";
import type { Decision, Write } from "../decision.ts";
import { mergePatch, nothing, remove } from "../decision.ts";

export const foreground = "foregroundDeletion";
export const orphan = "orphan";

export interface Item {
  readonly kind: Kind<ApiObject>;
  readonly object: ApiObject;
}
export interface OwnerFact {
  readonly reference: OwnerReference;
  /** "invalid": such an owner cannot be (a namespaced owner of a cluster's object); it protects and condemns nothing. */
  readonly state: "solid" | "dangling" | "waiting" | "invalid";
}

export function decideGarbage(item: Item, owners: readonly OwnerFact[], dependents: readonly Item[]): Decision {
  const { object } = item;
  const finalizers = object.metadata?.finalizers ?? [];
  if (object.metadata?.deletionTimestamp !== undefined) {
    if (finalizers.includes(orphan)) return orphanDependents(item, dependents);
    if (finalizers.includes(foreground)) return finishForeground(item, dependents);
    return nothing;
  }
  const gone = owners.filter(({ state }) => state === "dangling" || state === "waiting");
  if (gone.length === 0) return nothing;
  if (owners.some(({ state }) => state === "invalid")) {
    const message = "an owner reference names a namespaced kind, which cannot own an object of the cluster";
    return { writes: [], events: [{ regarding: object, type: "Warning", reason: "OwnerRefInvalidNamespace", message }] };
  }
  if (owners.some(({ state }) => state === "solid")) {
    const uids = new Set(gone.map(({ reference }) => reference.uid));
    return { about: object, writes: [dropOwners(item, uids, "owner gone, another stays")] };
  }
  const waiting = owners.some(({ state }) => state === "waiting");
  if (waiting && dependents.length > 0) {
    // Dependents that wait for their own would wait for us in a circle: they stop blocking.
    const unblock = dependents
      .filter((dependent) => isForeground(dependent.object))
      .filter(({ object: other }) => other.metadata?.ownerReferences?.some((reference) => reference.blockOwnerDeletion === true));
    const unblocked = object.metadata?.ownerReferences?.some((reference) => reference.blockOwnerDeletion === true);
    const writes: Write[] = unblock.length > 0 && unblocked === true ? [unblockOwners(item)] : [];
    if (writes.length > 0) return { about: object, writes };
    return {
      about: object,
      writes: [remove(item.kind, object, "owner in foreground deletion", { propagationPolicy: "Foreground", ...version(object) })],
    };
  }
  const propagationPolicy = finalizers.includes(orphan) ? "Orphan" : finalizers.includes(foreground) ? "Foreground" : "Background";
  return { about: object, writes: [remove(item.kind, object, "owner gone", { propagationPolicy, ...version(object) })] };
}

/** Owner references may change until the very delete: the version that was judged must be the one deleted. */
const version = (object: ApiObject): { readonly resourceVersion?: string } =>
  object.metadata?.resourceVersion === undefined ? {} : { resourceVersion: object.metadata.resourceVersion };

const isForeground = (object: ApiObject): boolean =>
  object.metadata?.deletionTimestamp !== undefined && object.metadata.finalizers?.includes(foreground) === true;

function orphanDependents(item: Item, dependents: readonly Item[]): Decision {
  const uids = new Set([item.object.metadata?.uid ?? ""]);
  return {
    about: item.object,
    writes: dependents.map((dependent) => dropOwners(dependent, uids, "orphan")),
    order: "parallel",
    followUp: (outcomes) =>
      outcomes.some(({ error }) => error !== undefined) ? nothing : { about: item.object, writes: [dropFinalizer(item, orphan)] },
  };
}

function finishForeground(item: Item, dependents: readonly Item[]): Decision {
  const uid = item.object.metadata?.uid;
  const blocking = dependents.filter(({ object }) =>
    object.metadata?.ownerReferences?.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true),
  );
  return blocking.length > 0 ? nothing : { about: item.object, writes: [dropFinalizer(item, foreground)] };
}

function dropOwners({ kind, object }: Item, uids: ReadonlySet<string>, rule: string): Write {
  const left = (object.metadata?.ownerReferences ?? []).filter((reference) => !uids.has(reference.uid));
  const metadata = { ownerReferences: left.length === 0 ? null : left, ...version(object) };
  return mergePatch(kind, object, { metadata }, rule, { ignore: ["NotFound"] });
}

function unblockOwners({ kind, object }: Item): Write {
  const ownerReferences = (object.metadata?.ownerReferences ?? []).map((reference) => ({ ...reference, blockOwnerDeletion: false }));
  return mergePatch(kind, object, { metadata: { ownerReferences, ...version(object) } }, "circle of owners", { ignore: ["NotFound"] });
}

function dropFinalizer({ kind, object }: Item, name: string): Write {
  const left = (object.metadata?.finalizers ?? []).filter((finalizer) => finalizer !== name);
  const metadata = { finalizers: left.length === 0 ? null : left, ...version(object) };
  return mergePatch(kind, object, { metadata }, `${name} finished`, { ignore: ["NotFound"] });
}
