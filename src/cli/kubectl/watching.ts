// Following one object: its present state, then each later one, across watches that end.

import { sleep } from "../../base/clock.ts";
import { withQuery } from "../../client/resource-path.ts";
import { escapeFieldValue } from "../../lang/field-selector.ts";
import { StatusError } from "../../object/status.ts";
import { KubectlError } from "./errors.ts";
import type { Item, ItemList } from "./items.ts";
import { itemsOf } from "./items.ts";
import { pathOf } from "./resource-mapping.ts";
import type { Target } from "./selection.ts";
import type { Session } from "./session.ts";

const shortestWatchMs = 1000;

/** The object, or undefined while it does not exist. */
export type Seen = Item | undefined;

/**
 * Calls `look` with each state until it returns true.
 * @throws KubectlError with `tooLate` after `timeoutMs` (0: no limit), and whatever `look` throws
 */
export async function follow(
  session: Session,
  target: Target & { readonly name: string },
  timeoutMs: number,
  tooLate: string,
  look: (seen: Seen) => boolean | Promise<boolean>,
): Promise<void> {
  const { clock } = session.environment;
  const limit = new AbortController();
  using _ = timeoutMs > 0 ? clock.after(timeoutMs, () => limit.abort(new KubectlError(tooLate))) : none;
  const stop = new AbortController();
  const signal = AbortSignal.any([limit.signal, stop.signal, session.signal]);
  const server = await session.server();
  const collection = pathOf(target.resource, target.namespace);
  const fieldSelector = `metadata.name=${escapeFieldValue(target.name)}`;
  try {
    for (;;) {
      signal.throwIfAborted();
      const list = await server.get<ItemList>(withQuery(collection, { fieldSelector }), { signal });
      if (await look(itemsOf(list)[0])) return;
      const startedAt = clock.monotonicMs();
      try {
        const watched = withQuery(collection, { fieldSelector, watch: true, resourceVersion: list.metadata?.resourceVersion });
        for await (const event of server.watch(watched, signal)) {
          if (event.type === "BOOKMARK") continue;
          if (await look(event.type === "DELETED" ? undefined : (event.object as Item))) return;
        }
      } catch (error) {
        // The server no longer knows the version that we watched from: start over.
        if (!(error instanceof StatusError) || error.code !== 410) throw error;
      }
      signal.throwIfAborted();
      // A server that ends watches at once is not asked without end.
      if (clock.monotonicMs() - startedAt < shortestWatchMs) await sleep(clock, shortestWatchMs, signal);
    }
  } catch (error) {
    if (limit.signal.aborted && !session.signal.aborted) throw new KubectlError(tooLate);
    throw error;
  } finally {
    stop.abort();
  }
}

const none: Disposable = { [Symbol.dispose]() {} };
