// Which events are worth writing, and as what: repeated ones are counted on one object, many similar ones are combined, and
// one noisy object is throttled. Numbers as in Kubernetes' event recorders. Pure but for what it remembers.

export interface EventDraft {
  readonly regarding: ObjectReference;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}
/** core/v1 ObjectReference. */
export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export type Correlation =
  | { readonly type: "drop" }
  /** Write a new object and call `written` with its name. */
  | { readonly type: "create"; readonly key: string; readonly message: string }
  /** The object with this name gets this count and message. */
  | {
      readonly type: "count";
      readonly key: string;
      readonly name: string;
      readonly message: string;
      readonly count: number;
      readonly firstAtMs: number;
    };

/** Different messages of one reason about one object within the interval before they are combined. */
const maxSimilar = 10;
const similarIntervalMs = 600_000;
/** One object may cause this many events at once, then one in five minutes. */
const burst = 25;
const refillMs = 300_000;
/** Most objects remembered by each of the three memories; the longest unused is forgotten. */
const memory = 4096;

export class EventCorrelator {
  readonly #spam = new Recent<{ tokens: number; atMs: number }>(memory);
  readonly #similar = new Recent<{ messages: Set<string>; atMs: number }>(memory);
  readonly #known = new Recent<{ name: string; count: number; firstAtMs: number }>(memory);

  correlate(draft: EventDraft, nowMs: number): Correlation {
    const object = JSON.stringify([
      draft.regarding.apiVersion,
      draft.regarding.kind,
      draft.regarding.namespace,
      draft.regarding.name,
      draft.regarding.uid,
      draft.regarding.fieldPath,
    ]);
    if (!this.#admit(object, nowMs)) return { type: "drop" };
    const similarKey = `${object} ${draft.type} ${draft.reason}`;
    let similar = this.#similar.get(similarKey);
    if (similar === undefined || nowMs - similar.atMs > similarIntervalMs) similar = { messages: new Set(), atMs: nowMs };
    similar.atMs = nowMs;
    similar.messages.add(draft.message);
    this.#similar.set(similarKey, similar);
    const combined = similar.messages.size > maxSimilar;
    if (combined) similar.messages.delete(similar.messages.values().next().value!);
    const key = combined ? similarKey : `${similarKey} ${draft.message}`;
    const message = combined ? `(combined from similar events): ${draft.message}` : draft.message;
    const known = this.#known.get(key);
    if (known === undefined) return { type: "create", key, message };
    known.count++;
    return { type: "count", key, name: known.name, message, count: known.count, firstAtMs: known.firstAtMs };
  }

  /** The event with this key now stands in the API under `name`. */
  written(key: string, name: string, count: number, firstAtMs: number): void {
    this.#known.set(key, { name, count, firstAtMs });
  }

  #admit(object: string, nowMs: number): boolean {
    const bucket = this.#spam.get(object) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    this.#spam.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    return tokens >= 1;
  }
}

/** A map that forgets its longest unused entry beyond a limit. */
class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
  }
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }
  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value!);
  }
}
