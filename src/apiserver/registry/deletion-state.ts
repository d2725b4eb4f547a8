// When may an object really go away? Its finalizers must be gone, and a namespace has a second list of them in its spec.

import type { ApiObject, Draft } from "../../object/kind.ts";
import type { Served } from "../resources.ts";

interface NamespaceLike extends ApiObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
}

const isNamespace = (served: Served): boolean => served.kind.group === "" && served.kind.kind === "Namespace";

/** Everything that still wants to act before the object is removed. */
export function pendingFinalizers(served: Served, object: ApiObject): readonly string[] {
  const own = object.metadata?.finalizers ?? [];
  return isNamespace(served) ? [...own, ...((object as NamespaceLike).spec?.finalizers ?? [])] : own;
}

/** What else shows that deletion has begun. */
export function showDeleting(served: Served, draft: Draft<ApiObject>): void {
  if (!isNamespace(served)) return;
  const namespace = draft as Draft<ApiObject> & { status?: { phase?: string } };
  namespace.status = { ...namespace.status, phase: "Terminating" };
}

/** True when an update leaves nothing that holds the object any more. */
export function deletesNow(served: Served, draft: ApiObject, old: ApiObject): boolean {
  if (old.metadata?.deletionTimestamp === undefined) return false;
  return (old.metadata.deletionGracePeriodSeconds ?? 0) === 0 && pendingFinalizers(served, draft).length === 0;
}
