// The typed far side of the wire: `client.of(podKind, "default").get("web-0")`, over any Exchange.

import type { ApiObject, Kind } from "../object/kind.ts";
import type { Cause, Exchange } from "../wire/exchange.ts";

export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  readonly limit?: number;
  readonly continue?: string;
}
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
}
export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
  readonly subresource?: string;
  readonly cause?: Cause;
}
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
  readonly cause?: Cause;
}
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** One kind in one namespace ("" for all namespaces or cluster scope). Every method throws StatusError as the server answered. */
export interface Api<T extends ApiObject> {
  readonly kind: Kind<T>;
  get(name: string, options?: { readonly resourceVersion?: string; readonly subresource?: string }): Promise<T>;
  list(options?: ListOptions): Promise<ListResult<T>>;
  create(object: T, options?: WriteOptions): Promise<T>;
  update(object: T, options?: WriteOptions): Promise<T>;
  patch(name: string, type: PatchType, patch: unknown, options?: WriteOptions & { readonly force?: boolean }): Promise<T>;
  delete(name: string, options?: DeleteOptions): Promise<void>;
  deleteCollection(options?: ListOptions & DeleteOptions): Promise<void>;
  /** Ends when the server ends the watch; throws StatusError for an ERROR event (410 included). */
  watch(
    options: ListOptions & { readonly allowBookmarks?: boolean; readonly sendInitialEvents?: boolean; readonly timeoutSeconds?: number },
    signal: AbortSignal,
  ): AsyncIterable<{ readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; readonly object: T }>;
}

export interface Client {
  readonly exchange: Exchange;
  of<T extends ApiObject>(kind: Kind<T>, namespace?: string): Api<T>;
  /** Any request by path, decoded; throws StatusError on a failure status. */
  request<R = unknown>(
    method: string,
    target: string,
    body?: unknown,
    options?: { readonly contentType?: string; readonly cause?: Cause },
  ): Promise<R>;
}
