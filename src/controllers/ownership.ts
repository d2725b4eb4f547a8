// Who controls what: a controller takes objects that match its selector and have no controller, and lets go of those that no
// longer match. At most one owner has `controller: true`, so two controllers never fight over one object.

import type { ApiObject, Kind, OwnerReference } from "../object/kind.ts";
import type { LabelSelector } from "../lang/label-selector.ts";
import { matchesLabels } from "../lang/label-selector.ts";
import { typeMetaOf } from "../client/resource-path.ts";
import type { Write } from "./decision.ts";
import { mergePatch } from "./decision.ts";

export const controllerOf = (object: ApiObject): OwnerReference | undefined =>
  object.metadata?.ownerReferences?.find((reference) => reference.controller === true);

export function controllerReference(kind: Kind<any>, owner: ApiObject): OwnerReference {
  return {
    ...typeMetaOf(kind),
    name: owner.metadata?.name ?? "",
    uid: owner.metadata?.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

export interface Claim<T> {
  /** Objects that the owner controls, or will when the writes are through. */
  readonly mine: readonly T[];
  readonly writes: readonly Write[];
}

/** Sorts candidates into those that the owner controls, takes or lets go. An owner that is being deleted takes nothing. */
export function claim<T extends ApiObject>(
  ownerKind: Kind<any>,
  owner: ApiObject,
  selector: LabelSelector | undefined,
  kind: Kind<T>,
  candidates: readonly T[],
  mayAdopt: (candidate: T) => boolean = () => true,
): Claim<T> {
  const mine: T[] = [];
  const writes: Write[] = [];
  const ownerGoes = owner.metadata?.deletionTimestamp !== undefined;
  for (const candidate of candidates) {
    const controller = controllerOf(candidate);
    const matches = matchesLabels(selector, candidate.metadata?.labels);
    const references = candidate.metadata?.ownerReferences ?? [];
    const version = candidate.metadata?.resourceVersion;
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata?.uid) continue;
      if (matches) mine.push(candidate);
      else if (!ownerGoes) {
        const left = references.filter((reference) => reference.uid !== owner.metadata?.uid);
        const patch = { metadata: { ownerReferences: left.length === 0 ? null : left, resourceVersion: version } };
        writes.push(mergePatch(kind, candidate, patch, "release", { ignore: ["NotFound", "Invalid"] }));
      }
    } else if (matches && !ownerGoes && candidate.metadata?.deletionTimestamp === undefined && mayAdopt(candidate)) {
      const others = references.filter((reference) => reference.uid !== owner.metadata?.uid);
      const patch = { metadata: { ownerReferences: [...others, controllerReference(ownerKind, owner)], resourceVersion: version } };
      writes.push(mergePatch(kind, candidate, patch, "adopt", { ignore: ["NotFound"] }));
      mine.push(candidate);
    }
  }
  return { mine, writes };
}
