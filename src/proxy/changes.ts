// What stands in the kernel, remembered rather than read back, and the script that takes it to what should stand.

import type { Elements } from "./elements.ts";

/** Most elements in one statement: nft refuses a single statement with some thousands of interval elements. */
const statementLimit = 1000;

const nothing: Elements = new Map();

/** Elements shared between services (a backend's hairpin entry) are counted and written once. */
export class StandingElements {
  readonly #byService = new Map<string, Elements>();
  readonly #uses = new Map<string, Map<string, number>>();

  get services(): Iterable<string> {
    return this.#byService.keys();
  }

  elementsOf(service: string): Elements | undefined {
    return this.#byService.get(service);
  }

  /**
   * Records the new elements of some services (an empty map for one that is gone) and returns the script's statements:
   * deletions before additions, so that a range may change its bounds within the transaction.
   */
  change(table: string, changed: ReadonlyMap<string, Elements>): string {
    const deletions = new Map<string, string[]>();
    const additions = new Map<string, string[]>();
    // All withdrawals come first: an address may pass from one service to another within one change.
    for (const [service, wanted] of changed) {
      for (const [set, elements] of this.#byService.get(service) ?? nothing) {
        for (const [key, value] of elements) {
          if (wanted.get(set)?.get(key) !== value && this.#use(set, key, -1) === 0) append(deletions, set, key);
        }
      }
    }
    for (const [service, wanted] of changed) {
      const standing = this.#byService.get(service) ?? nothing;
      for (const [set, elements] of wanted) {
        for (const [key, value] of elements) {
          if (standing.get(set)?.get(key) !== value && this.#use(set, key, 1) === 1) {
            append(additions, set, value === "" ? key : `${key} : ${value}`);
          }
        }
      }
      if (wanted.size === 0) this.#byService.delete(service);
      else this.#byService.set(service, wanted);
    }
    return statements("delete", table, deletions) + statements("add", table, additions);
  }

  /** Statements that add everything that stands to an empty table. */
  all(table: string): string {
    const additions = new Map<string, string[]>();
    const written = new Set<string>();
    for (const elements of this.#byService.values()) {
      for (const [set, keys] of elements) {
        for (const [key, value] of keys) {
          const once = `${set} ${key}`;
          if (written.has(once)) continue;
          written.add(once);
          append(additions, set, value === "" ? key : `${key} : ${value}`);
        }
      }
    }
    return statements("add", table, additions);
  }

  #use(set: string, key: string, by: 1 | -1): number {
    let uses = this.#uses.get(set);
    if (!uses) this.#uses.set(set, (uses = new Map()));
    const count = (uses.get(key) ?? 0) + by;
    if (count === 0) uses.delete(key);
    else uses.set(key, count);
    return count;
  }
}

function append(to: Map<string, string[]>, set: string, element: string): void {
  const list = to.get(set);
  if (list) list.push(element);
  else to.set(set, [element]);
}

function statements(verb: "add" | "delete", table: string, bySet: ReadonlyMap<string, readonly string[]>): string {
  let text = "";
  for (const [set, elements] of bySet) {
    for (let at = 0; at < elements.length; at += statementLimit) {
      text += `${verb} element ip ${table} ${set} { ${elements.slice(at, at + statementLimit).join(", ")} }\n`;
    }
  }
  return text;
}
