// What a kind's rules and the admission plugins may see and do while one write is prepared.

import type { ApiObject, GroupKind, RuleContext } from "../../object/kind.ts";
import type { Server } from "../server.ts";
import { keyOf } from "../resources.ts";
import type { Call } from "../route/call.ts";
import type { TransactionAllocator } from "./allocator.ts";

export function ruleContext(
  server: Server,
  call: Call,
  of: { readonly subresource: string; readonly dryRun: boolean; readonly old?: ApiObject; readonly allocate: TransactionAllocator },
): RuleContext {
  return {
    now: server.deps.clock.now(),
    random: server.deps.random,
    user: call.user,
    subresource: of.subresource,
    dryRun: of.dryRun,
    ...(of.old && { old: of.old }),
    allocate: of.allocate,
    lookup: (wanted: GroupKind, namespace: string, name: string) => lookup(server, wanted, namespace, name),
  };
}

/** An object out of the watch cache, in its storage version. */
export function lookup(server: Server, of: GroupKind, namespace: string, name: string): ApiObject | undefined {
  const served = server.resources.byGroupKind(of.group, of.kind);
  if (!served) return undefined;
  return server.feed.cache(served.storagePrefix).get(keyOf(served, namespace, name))?.object;
}
