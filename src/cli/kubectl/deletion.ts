// Deleting one object and waiting until it is gone, as `delete`, `replace --force`, `apply --force` and `drain` do.

import { withQuery } from "../../client/resource-path.ts";
import { escapeFieldValue } from "../../lang/field-selector.ts";
import { isNotFound, KubectlError } from "./errors.ts";
import type { Item, ItemList } from "./items.ts";
import { pathOf, qualifiedResource } from "./resource-mapping.ts";
import type { Target } from "./selection.ts";
import type { Session } from "./session.ts";

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
  const { clock } = session.environment;
  const limit = new AbortController();
  const tooLate = new KubectlError(`timed out waiting for the condition on ${qualifiedResource(target.resource)}/${target.name}`);
  using _ = timeoutMs > 0 ? clock.after(timeoutMs, () => limit.abort(tooLate)) : nothing;
  const stop = AbortSignal.any([limit.signal, session.signal]);
  const server = await session.server();
  const collection = pathOf(target.resource, target.namespace);
  const fieldSelector = `metadata.name=${escapeFieldValue(target.name)}`;
  const isOther = (item: Item | undefined): boolean => uid !== undefined && item?.metadata?.uid !== undefined && item.metadata.uid !== uid;
  try {
    for (;;) {
      const present = await server.get<ItemList>(withQuery(collection, { fieldSelector }), { signal: stop });
      if (present.items.length === 0 || isOther(present.items[0])) return;
      const watched = withQuery(collection, { fieldSelector, watch: true, resourceVersion: present.metadata?.resourceVersion });
      for await (const event of server.watch(watched, stop)) if (event.type === "DELETED" || isOther(event.object as Item)) return;
    }
  } catch (error) {
    if (isNotFound(error)) return;
    if (limit.signal.aborted && !session.signal.aborted) throw tooLate;
    throw error;
  }
}

const nothing: Disposable = { [Symbol.dispose]() {} };
