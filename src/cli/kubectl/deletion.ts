// Deleting one object and waiting until it is gone, as `delete`, `replace --force`, `apply --force` and `drain` do.

import { isNotFound, KubectlError } from "./errors.ts";
import type { Item } from "./items.ts";
import { pathOf } from "./resource-mapping.ts";
import type { Target } from "./selection.ts";
import type { Session } from "./session.ts";
import { follow } from "./watching.ts";

export interface DeletionOptions {
  /** Below 0: what the object says. */
  readonly gracePeriodSeconds: number;
  readonly propagationPolicy: "Background" | "Foreground" | "Orphan";
  readonly dryRun?: boolean;
}

const policies = { background: "Background", foreground: "Foreground", orphan: "Orphan" } as const;

/** @throws KubectlError for a value of --cascade that is none of the three */
export function cascadeOf(text: string): DeletionOptions["propagationPolicy"] {
  const policy = Object.hasOwn(policies, text) ? policies[text as keyof typeof policies] : undefined;
  if (policy === undefined) throw new KubectlError(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`);
  return policy;
}

/** @returns the uid of the object that goes away, where the server tells it. @throws StatusError */
export async function deleteObject(
  session: Session,
  target: Target & { readonly name: string },
  options: DeletionOptions,
): Promise<string | undefined> {
  const answer = await (
    await session.server()
  ).request<Item | undefined>("DELETE", pathOf(target.resource, target.namespace, target.name), {
    body: {
      kind: "DeleteOptions",
      apiVersion: "v1",
      propagationPolicy: options.propagationPolicy,
      ...(options.gracePeriodSeconds >= 0 && { gracePeriodSeconds: options.gracePeriodSeconds }),
      ...(options.dryRun === true && { dryRun: ["All"] }),
    },
  });
  return answer?.metadata?.uid ?? (answer?.["details"] as { readonly uid?: string } | undefined)?.uid;
}

/** Resolves when the object, or the one with this uid, is no more. @throws KubectlError after `timeoutMs` (0: no limit) */
export async function waitUntilGone(
  session: Session,
  target: Target & { readonly name: string },
  uid: string | undefined,
  timeoutMs: number,
): Promise<void> {
  const tooLate = `timed out waiting for the condition on ${target.resource.plural}/${target.name}`;
  const isGone = (seen: Item | undefined): boolean => seen === undefined || (uid !== undefined && seen.metadata?.uid !== uid);
  try {
    await follow(session, target, timeoutMs, tooLate, isGone);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
