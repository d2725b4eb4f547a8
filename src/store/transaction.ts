// What every backend does with one transaction once it can look up present versions: check the conditions, then work out
// the changes of the next revision.

import { assert } from "../base/assert.ts";
import { checkCause, checkKey } from "./key.ts";
import type { Change, Condition, Entry, TransactResult, Write } from "./store.ts";

/** @throws BugError for a malformed key or cause, and for a key that is named twice. */
export function checkTransaction(conditions: readonly Condition[], writes: readonly Write[]): void {
  for (const condition of conditions) checkKey(condition.key);
  for (const write of writes) {
    checkKey(write.key);
    checkCause(write.cause);
  }
  assertDistinct(conditions);
  assertDistinct(writes);
}

function assertDistinct(named: readonly { readonly key: string }[]): void {
  if (named.length < 2) return;
  assert(new Set(named.map((one) => one.key)).size === named.length, "a transaction names a key twice");
}

/** The refusal when some condition does not hold; undefined when all do. */
export function refusal(
  conditions: readonly Condition[],
  present: (key: string) => Entry | undefined,
): (TransactResult & { committed: false }) | undefined {
  let failed: { condition: Condition; present?: Entry }[] | undefined;
  for (const condition of conditions) {
    const entry = present(condition.key);
    if ((entry?.revision ?? 0) !== condition.revision) (failed ??= []).push({ condition, ...(entry && { present: entry }) });
  }
  return failed && { committed: false, failed };
}

/** The changes that the writes make at `revision`; empty when they only delete absent keys. */
export function changesOf(writes: readonly Write[], revision: number, present: (key: string) => Entry | undefined): Change[] {
  const changes: Change[] = [];
  for (const write of writes) {
    const { key, cause } = write;
    const previous = present(key);
    if (write.type === "delete") {
      if (!previous) continue;
      const { cause: _, ...last } = previous;
      changes.push({ type: "delete", key, entry: { ...last, ...(cause !== undefined && { cause }), revision }, previous });
      continue;
    }
    const entry: Entry = {
      key,
      value: write.value,
      ...(cause !== undefined && { cause }),
      revision,
      createRevision: previous?.createRevision ?? revision,
      ...(write.expiresAtMs !== undefined && { expiresAtMs: write.expiresAtMs }),
    };
    changes.push({ type: "put", key, entry, ...(previous && { previous }) });
  }
  return changes;
}
