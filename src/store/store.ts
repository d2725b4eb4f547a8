// The versioned key-value store that everything rests on. It knows bytes and revisions, not Kubernetes. Every backend passes
// the one law suite beside this file.

/** One stored version of one key. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Why it was written: opaque text, at most 1 KiB; kept with the value. */
  readonly cause?: string;
  /** Revision of the transaction that wrote this version. */
  readonly revision: number;
  /** Revision of the transaction that created the key. */
  readonly createRevision: number;
  /** Wall time at which the entry goes away by itself. */
  readonly expiresAtMs?: number;
}

/** Holds when the key's present revision is exactly this; 0: the key is absent. */
export interface Condition {
  readonly key: string;
  readonly revision: number;
}

export type Write =
  | { readonly type: "put"; readonly key: string; readonly value: Uint8Array; readonly cause?: string; readonly expiresAtMs?: number }
  | { readonly type: "delete"; readonly key: string; readonly cause?: string };

export type TransactResult =
  | { readonly committed: true; readonly revision: number }
  /** The conditions that did not hold, with what is there instead. */
  | { readonly committed: false; readonly failed: readonly { readonly condition: Condition; readonly present?: Entry }[] };

/** Every change of one revision, in the order of the transaction's writes. */
export interface ChangeSet {
  readonly revision: number;
  readonly changes: readonly Change[];
}
export interface Change {
  readonly type: "put" | "delete";
  readonly key: string;
  /** The new version; of a delete: the last version, with `revision` that of the delete. */
  readonly entry: Entry;
  /** The version before; absent when the key was created. */
  readonly previous?: Entry;
}

export interface RangeOptions {
  /** Read as of this revision. Default: now. */
  readonly revision?: number;
  /** First key to return (inclusive). Default: the prefix. */
  readonly from?: string;
  /** Most entries to return. Default: all. */
  readonly limit?: number;
}
export interface RangeResult {
  readonly entries: readonly Entry[];
  /** The revision that the answer shows. */
  readonly revision: number;
  /** More keys follow the last one returned. */
  readonly more: boolean;
  /** How many keys have the prefix, at or after `from`. */
  readonly count: number;
}

/** The asked revision lies before what is kept. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly compactedRevision: number;
  constructor(compactedRevision: number) {
    super(`revision has been compacted; the oldest kept one is ${compactedRevision}`);
    this.compactedRevision = compactedRevision;
  }
}
/** The asked revision has not happened yet. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
}
/** Nothing can be written now (disk full); reads and deletes go on, and writing resumes by itself. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
}
/** A record whose checksum or format is wrong. It is never served. */
export class CorruptRecordError extends Error {
  override readonly name = "CorruptRecordError";
}

/**
 * Keys are text compared by UTF-8 bytes, 1 to 1,500 bytes long. The global revision starts at 1 for an empty store and grows
 * by one per committed transaction that has writes.
 */
export interface Store extends AsyncDisposable {
  /** The newest durable revision. */
  revision(): number;
  get(key: string, options?: { readonly revision?: number }): Promise<Entry | undefined>;
  /** All keys with the prefix, in order. @throws CompactedError, FutureRevisionError */
  range(prefix: string, options?: RangeOptions): Promise<RangeResult>;
  /**
   * Commits all writes at one revision when all conditions hold, none otherwise. Resolves when the revision is durable and
   * readable. Conditions and writes name each key at most once. Deleting an absent key writes nothing.
   */
  transact(conditions: readonly Condition[], writes: readonly Write[]): Promise<TransactResult>;
  /**
   * All changes after `revision` under the prefix, each once, in revision order, a whole revision at a time; then goes on
   * live until the signal aborts (then it ends) or the store closes (then it throws). A slow reader is ended with
   * CompactedError when what it has not read yet is more than 10,000 change sets.
   */
  watch(prefix: string, revision: number, signal: AbortSignal): AsyncIterable<ChangeSet>;
  /** Forgets history before `revision`; present values stay. Older reads and watches then throw CompactedError. */
  compact(revision: number): Promise<void>;
  /** A writable overlay over a snapshot of now; the original never sees its writes. */
  fork(): Promise<Store>;
}
