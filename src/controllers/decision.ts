// What a controller's pure decision says: writes to carry out, events to tell, and when to look again.

import type { DeleteOptions, PatchType } from "../client/client.ts";
import type { ObjectReference } from "../client/event-correlation.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import type { StatusError, StatusReason } from "../object/status.ts";

export interface EventNote {
  /** An object that states apiVersion and kind, or a reference. */
  readonly regarding: ApiObject | ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** How one write ended. A write that was never tried has neither. */
export interface Outcome {
  readonly write: Write;
  readonly result?: ApiObject;
  readonly error?: StatusError;
}

interface WriteBase {
  // Writes of different kinds stand in one list, so the kind's type is erased here; the functions below check it.
  readonly kind: Kind<any>;
  /** Which rule wants it: goes into the Cause. */
  readonly rule: string;
  /** Told when the write has been tried. */
  readonly event?: (outcome: Outcome) => EventNote | undefined;
  /** Refusals that mean that nothing is left to do (a delete of what is gone). */
  readonly ignore?: readonly StatusReason[];
}
export interface CreateWrite extends WriteBase {
  readonly type: "create";
  readonly object: ApiObject;
  /** "binding": posted to the subresource of the object with this name. */
  readonly subresource?: string;
}
export interface UpdateWrite extends WriteBase {
  readonly type: "update";
  /** Carries the resourceVersion that was seen: a newer one refuses the write with Conflict. */
  readonly object: ApiObject;
  /** "status" */
  readonly subresource?: string;
}
export interface PatchWrite extends WriteBase {
  readonly type: "patch";
  readonly namespace: string;
  readonly name: string;
  readonly patchType: PatchType;
  /** metadata.uid in a merge patch is a precondition. */
  readonly patch: unknown;
  readonly subresource?: string;
}
export interface DeleteWrite extends WriteBase {
  readonly type: "delete";
  readonly namespace: string;
  readonly name: string;
  readonly options: DeleteOptions & { readonly preconditions: NonNullable<DeleteOptions["preconditions"]> };
}
export type Write = CreateWrite | UpdateWrite | PatchWrite | DeleteWrite;

export interface Decision {
  readonly writes: readonly Write[];
  /**
   * "sequence" (default): one after the other, the first refusal stops. "slow-start": batches of 1, 2, 4, ... at once, a batch
   * with a refusal is the last. "parallel": all at once.
   */
  readonly order?: "sequence" | "slow-start" | "parallel";
  /** Told when the writes have been tried, whatever came of them. */
  readonly events?: readonly EventNote[];
  /** Look at the key again after this long, even if nothing changes. */
  readonly requeueAfterMs?: number;
  /** The object and version that the decision rests on, for the Cause. */
  readonly about?: ApiObject;
  /** A pure decision on what came of the writes. It runs also after a refusal, which is still treated as one afterwards. */
  readonly followUp?: (outcomes: readonly Outcome[]) => Decision;
}

export const nothing: Decision = { writes: [] };

type Extra = Pick<WriteBase, "event" | "ignore">;

export const create = <T extends ApiObject>(kind: Kind<T>, object: T, rule: string, extra: Extra = {}): CreateWrite => ({
  type: "create",
  kind,
  object,
  rule,
  ...extra,
});
export const update = <T extends ApiObject>(kind: Kind<T>, object: T, rule: string, extra: Extra = {}): UpdateWrite => ({
  type: "update",
  kind,
  object,
  rule,
  ...extra,
});
export const updateStatus = <T extends ApiObject>(kind: Kind<T>, object: T, rule: string, extra: Extra = {}): UpdateWrite => ({
  type: "update",
  kind,
  object,
  subresource: "status",
  rule,
  ...extra,
});
/** A merge patch of this very object: another one of the same name refuses it. */
export const mergePatch = <T extends ApiObject>(
  kind: Kind<T>,
  object: T,
  patch: Readonly<Record<string, unknown>>,
  rule: string,
  extra: Extra & { readonly subresource?: string } = {},
): PatchWrite => ({
  type: "patch",
  kind,
  namespace: object.metadata?.namespace ?? "",
  name: object.metadata?.name ?? "",
  patchType: "merge",
  patch: { ...patch, metadata: { ...(patch["metadata"] as object | undefined), uid: object.metadata?.uid } },
  rule,
  ...extra,
});
/** A strategic merge patch of this very object's status: lists such as conditions merge by their keys. */
export const patchStatus = <T extends ApiObject>(
  kind: Kind<T>,
  object: T,
  status: Readonly<Record<string, unknown>>,
  rule: string,
  extra: Extra = {},
): PatchWrite => ({
  type: "patch",
  kind,
  namespace: object.metadata?.namespace ?? "",
  name: object.metadata?.name ?? "",
  patchType: "strategic",
  patch: { metadata: { uid: object.metadata?.uid }, status },
  subresource: "status",
  rule,
  ...extra,
});
/** Deletes this very object. */
export const remove = <T extends ApiObject>(
  kind: Kind<T>,
  object: T,
  rule: string,
  options: Omit<DeleteOptions, "preconditions" | "cause"> & { readonly resourceVersion?: string } = {},
  extra: Extra = {},
): DeleteWrite => {
  const { resourceVersion, ...rest } = options;
  return {
    type: "delete",
    kind,
    namespace: object.metadata?.namespace ?? "",
    name: object.metadata?.name ?? "",
    options: {
      ...rest,
      preconditions: {
        ...(object.metadata?.uid !== undefined && { uid: object.metadata.uid }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
    },
    rule,
    ignore: ["NotFound"],
    ...extra,
  };
};
