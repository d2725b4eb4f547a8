// The typed far side of the wire: `client.of(podKind, "default").get("web-0")`, over any Exchange.

import { type LinkedAbort, linkedAbort } from "../base/on-abort.ts";
import type { Activity } from "../base/activity.ts";
import { uncounted } from "../base/activity.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import type { Status } from "../object/status.ts";
import { StatusError } from "../object/status.ts";
import { causeHeaders } from "../wire/cause.ts";
import type { Cause, Exchange, Headers, Peer, Response, UserInfo } from "../wire/exchange.ts";
import { Decoded } from "../wire/exchange.ts";
import { failureOf, readValue } from "./answer.ts";
import type { Query } from "./resource-path.ts";
import { resourcePath, withQuery, withTypeMeta } from "./resource-path.ts";
import { watchEvents } from "./watch-stream.ts";

/** As in a list's query; `limit` 0 or absent: everything in one page. */
export interface ListOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  readonly limit?: number;
  readonly continue?: string;
}
/** One page; `continue` is set while there are more. */
export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
}
/** `cause` is kept beside the stored object, never in it. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: "Strict" | "Warn" | "Ignore";
  readonly subresource?: string;
  readonly cause?: Cause;
}
/** As meta.v1.DeleteOptions; absent fields mean the kind's own default. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
  readonly cause?: Cause;
}
/** RFC 6902, RFC 7386, strategic merge, server-side apply. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** One kind in one namespace ("" for all namespaces or cluster scope). Every method throws StatusError as the server answered. */
export interface Api<T extends ApiObject> {
  readonly kind: Kind<T>;
  get(name: string, options?: { readonly resourceVersion?: string; readonly subresource?: string }): Promise<T>;
  list(options?: ListOptions): Promise<ListResult<T>>;
  /** With a subresource (binding, token), `name` is the object's name when the representation does not carry it. */
  create(object: T, options?: WriteOptions & { readonly name?: string }): Promise<T>;
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

/** One identity at one API server. */
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

export interface ClientOptions {
  /** Identity of an in-process component; leave it out where the connection itself carries one. */
  readonly user?: UserInfo;
  /** Take and hand over decoded, frozen objects instead of bytes: only on one thread with the server. Default false. */
  readonly decoded?: boolean;
  /** Names the program: field ownership uses the part before the first slash. */
  readonly userAgent?: string;
  /** Headers on every request ("authorization"). */
  readonly headers?: Headers;
  /** Counts requests in flight. */
  readonly activity?: Activity;
  /** Ends every request of this client. */
  readonly signal?: AbortSignal;
}

/** A client over any Exchange: a function call into the same process, or TLS to the other end of the world. */
export function createClient(exchange: Exchange, options: ClientOptions = {}): Client {
  return new ExchangeClient(exchange, options);
}

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

interface SendOptions {
  readonly contentType?: string;
  readonly cause?: Cause;
  readonly signal?: AbortSignal;
}

class ExchangeClient implements Client {
  readonly exchange: Exchange;
  readonly #peer: Peer;
  readonly #headers: Headers;
  readonly #decoded: boolean;
  readonly #activity: Activity;
  readonly #signal: AbortSignal;

  constructor(exchange: Exchange, options: ClientOptions) {
    this.exchange = exchange;
    this.#peer = { address: "", ...(options.user && { user: options.user }) };
    this.#headers = {
      accept: "application/json",
      "user-agent": options.userAgent ?? "timonier",
      ...options.headers,
    };
    this.#decoded = options.decoded ?? false;
    this.#activity = options.activity ?? uncounted;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  of<T extends ApiObject>(kind: Kind<T>, namespace = ""): Api<T> {
    return new KindApi(this, kind, namespace);
  }

  async request<R = unknown>(
    method: string,
    target: string,
    body?: unknown,
    options: { readonly contentType?: string; readonly cause?: Cause } = {},
  ): Promise<R> {
    using _ = this.#activity.begin(`request ${method} ${target}`);
    const response = await this.send(method, target, body, options);
    return (await readValue(response.body)) as R;
  }

  /** The response to a request, checked for failure; its body is still to be read. @throws StatusError */
  async send(method: string, target: string, body: unknown, options: SendOptions = {}): Promise<Response> {
    const encoded = this.#encode(body, options.contentType);
    const response = await this.exchange(
      {
        method,
        target,
        headers: {
          ...this.#headers,
          ...(encoded !== undefined && { "content-type": options.contentType ?? "application/json" }),
          ...(options.cause && !this.#decoded && causeHeaders(options.cause)),
        },
        ...(encoded !== undefined && { body: encoded }),
        peer: this.#peer,
        ...(this.#decoded && { decoded: true }),
        ...(options.cause && { cause: options.cause }),
      },
      options.signal ?? this.#signal,
    );
    if (response.status >= 400) throw failureOf(response.status, await readValue(response.body));
    return response;
  }

  /** Aborts with the client, or with the signal. */
  linked(signal: AbortSignal): LinkedAbort {
    return linkedAbort(signal, this.#signal);
  }

  /** Opens a watch; counted until the response has begun. */
  async open(target: string, signal: AbortSignal): Promise<Response> {
    using _ = this.#activity.begin(`watch ${target}`);
    return await this.send("GET", target, undefined, { signal });
  }

  /** Patches always travel as bytes: they are small, and each type has its own syntax. */
  #encode(body: unknown, contentType: string | undefined): Uint8Array | Decoded | undefined {
    if (body === undefined) return undefined;
    if (body instanceof Uint8Array) return body;
    if (this.#decoded && contentType === undefined) return new Decoded(body);
    return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  }
}

class KindApi<T extends ApiObject> implements Api<T> {
  readonly kind: Kind<T>;
  readonly #client: ExchangeClient;
  readonly #namespace: string;

  constructor(client: ExchangeClient, kind: Kind<T>, namespace: string) {
    this.kind = kind;
    this.#client = client;
    this.#namespace = namespace;
  }

  #path(name?: string, subresource?: string, namespace = this.#namespace): string {
    return resourcePath(this.kind as unknown as Kind, namespace, name, subresource);
  }

  get(name: string, options: { readonly resourceVersion?: string; readonly subresource?: string } = {}): Promise<T> {
    return this.#client.request("GET", withQuery(this.#path(name, options.subresource), { resourceVersion: options.resourceVersion }));
  }

  async list(options: ListOptions = {}): Promise<ListResult<T>> {
    const list = await this.#client.request<{
      readonly items?: readonly T[] | null;
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
    }>("GET", withQuery(this.#path(), listQuery(options)));
    return {
      items: list.items ?? [],
      resourceVersion: list.metadata?.resourceVersion ?? "",
      ...(list.metadata?.continue !== undefined && list.metadata.continue !== "" && { continue: list.metadata.continue }),
    };
  }

  create(object: T, options: WriteOptions & { readonly name?: string } = {}): Promise<T> {
    const namespace = this.#namespace !== "" ? this.#namespace : (object.metadata?.namespace ?? "");
    const name = options.subresource === undefined ? undefined : (options.name ?? object.metadata?.name);
    return this.#client.request(
      "POST",
      withQuery(this.#path(name, options.subresource, namespace), writeQuery(options)),
      options.subresource === undefined ? withTypeMeta(this.kind, object) : object,
      causeOf(options),
    );
  }

  update(object: T, options: WriteOptions = {}): Promise<T> {
    const namespace = this.#namespace !== "" ? this.#namespace : (object.metadata?.namespace ?? "");
    return this.#client.request(
      "PUT",
      withQuery(this.#path(object.metadata?.name, options.subresource, namespace), writeQuery(options)),
      withTypeMeta(this.kind, object),
      causeOf(options),
    );
  }

  patch(name: string, type: PatchType, patch: unknown, options: WriteOptions & { readonly force?: boolean } = {}): Promise<T> {
    return this.#client.request(
      "PATCH",
      withQuery(this.#path(name, options.subresource), { ...writeQuery(options), force: options.force }),
      patch,
      { contentType: patchContentTypes[type], ...causeOf(options) },
    );
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<void> {
    await this.#client.request("DELETE", this.#path(name), deleteBody(options), causeOf(options));
  }

  async deleteCollection(options: ListOptions & DeleteOptions = {}): Promise<void> {
    await this.#client.request("DELETE", withQuery(this.#path(), listQuery(options)), deleteBody(options), causeOf(options));
  }

  async *watch(
    options: ListOptions & { readonly allowBookmarks?: boolean; readonly sendInitialEvents?: boolean; readonly timeoutSeconds?: number },
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; readonly object: T }, void> {
    const target = withQuery(this.#path(), {
      watch: true,
      ...listQuery(options),
      allowWatchBookmarks: options.allowBookmarks,
      sendInitialEvents: options.sendInitialEvents,
      timeoutSeconds: options.timeoutSeconds,
    });
    using linked = this.#client.linked(signal);
    const response = await this.#client.open(target, linked.signal);
    for await (const event of watchEvents(response.body)) {
      if (event.type === "ERROR") throw StatusError.from(event.object as Status);
      yield { type: event.type, object: event.object as T };
    }
  }
}

const listQuery = (options: ListOptions): Query => ({
  labelSelector: options.labelSelector,
  fieldSelector: options.fieldSelector,
  resourceVersion: options.resourceVersion,
  resourceVersionMatch: options.resourceVersionMatch,
  limit: options.limit,
  continue: options.continue,
});

const writeQuery = (options: WriteOptions): Query => ({
  dryRun: options.dryRun === true ? "All" : undefined,
  fieldManager: options.fieldManager,
  fieldValidation: options.fieldValidation,
});

const causeOf = (options: { readonly cause?: Cause }): { readonly cause?: Cause } =>
  options.cause === undefined ? {} : { cause: options.cause };

const deleteBody = (options: DeleteOptions): unknown => ({
  kind: "DeleteOptions",
  apiVersion: "v1",
  ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
  ...(options.propagationPolicy !== undefined && { propagationPolicy: options.propagationPolicy }),
  ...(options.preconditions !== undefined && { preconditions: options.preconditions }),
  ...(options.dryRun === true && { dryRun: ["All"] }),
});
