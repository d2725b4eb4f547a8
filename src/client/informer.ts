// A local copy of one kind, kept current by list and watch. Controllers read it instead of asking the server, and are told
// what changed. The copy is of frozen objects; whoever wants to change one copies it.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { ApiObject } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import type { Api } from "./client.ts";
import type { InformerInput, InformerState } from "./informer-state.ts";
import { initialInformerState, stepInformer } from "./informer-state.ts";
import type { IndexFunction, Lister } from "./lister.ts";
import { ObjectCache } from "./object-cache.ts";
import { compareResourceVersions } from "./resource-version.ts";

/** Told synchronously, in the order of the watch; must not throw and must not change what it gets. */
export interface InformerHandler<T extends ApiObject> {
  added?(object: T): void;
  updated?(object: T, old: T): void;
  /** The last version known of it. */
  deleted?(object: T): void;
  /** The copy now shows this resource version, whether or not anything changed (bookmarks). */
  progressed?(resourceVersion: string): void;
}

export interface Informer<T extends ApiObject> extends Lister<T>, AsyncDisposable {
  /** Files every object under the keys that `keys` gives; adding the same name again does nothing. */
  addIndex(name: string, keys: IndexFunction<T>): void;
  /** Present objects are told as added, at once; then everything that changes. Dispose to hear no more. */
  handle(handler: InformerHandler<T>): Disposable;
  /** Begins to list and watch; calling it again does nothing. */
  start(): void;
  /** Resolves when the first list is complete and its handlers have run. Never resolves for a stopped informer. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** The version that the copy shows; "" before the first list. */
  readonly resourceVersion: string;
}

export interface InformerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
}
export interface InformerOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Page size of a list. */
const pageSize = 500;
/** A watch is asked to end after this long to twice as long, so that connections move between servers. */
const watchSeconds = 300;
/** A watch that ends sooner than this with nothing said counts as failed. */
const shortestWatchMs = 1000;

export function createInformer<T extends ApiObject>(api: Api<T>, deps: InformerDeps, options: InformerOptions = {}): Informer<T> {
  return new ListWatchInformer(api, deps, options);
}

class ListWatchInformer<T extends ApiObject> implements Informer<T> {
  readonly #api: Api<T>;
  readonly #deps: InformerDeps;
  readonly #options: InformerOptions;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers = new Set<InformerHandler<T>>();
  readonly #stop = new AbortController();
  readonly synced: Promise<void>;
  #markSynced!: () => void;
  #hasSynced = false;
  #resourceVersion = "";
  #state: InformerState = initialInformerState;
  #running: Promise<void> | undefined;
  /** Pages of the list under way. */
  #pages: T[] = [];

  constructor(api: Api<T>, deps: InformerDeps, options: InformerOptions) {
    this.#api = api;
    this.#deps = deps;
    this.#options = options;
    this.synced = new Promise((resolve) => (this.#markSynced = resolve));
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }
  get resourceVersion(): string {
    return this.#resourceVersion;
  }
  get(namespace: string, name: string): T | undefined {
    return this.#cache.get(namespace, name);
  }
  list(namespace?: string): readonly T[] {
    return this.#cache.list(namespace);
  }
  byIndex(index: string, key: string): readonly T[] {
    return this.#cache.byIndex(index, key);
  }
  addIndex(name: string, keys: IndexFunction<T>): void {
    this.#cache.addIndex(name, keys);
  }

  handle(handler: InformerHandler<T>): Disposable {
    this.#handlers.add(handler);
    for (const object of this.#cache.list()) this.#tell(handler, (to) => to.added?.(object));
    return { [Symbol.dispose]: () => void this.#handlers.delete(handler) };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new StatusError("ServiceUnavailable", "informer stopped"));
    await this.#running;
    this.#handlers.clear();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const input = await this.#act(this.#state).catch((error: unknown) => this.#failure(error));
      this.#step(input);
    }
  }

  #step(input: InformerInput): void {
    this.#state = stepInformer(this.#state, input, this.#deps.random);
  }

  /** Does what the state asks for, and says how it went. */
  async #act(state: InformerState): Promise<InformerInput> {
    switch (state.phase) {
      case "listing":
        return await this.#readPage(state.continue);
      case "watching":
        return await this.#watch(state.resourceVersion);
      case "waiting":
        await sleep(this.#deps.clock, state.delayMs, this.#stop.signal);
        return { type: "waited" };
    }
  }

  #failure(error: unknown): InformerInput {
    if (this.#stop.signal.aborted) return { type: "failed" };
    if (error instanceof StatusError && (error.reason === "Expired" || error.reason === "Gone" || error.code === 410)) {
      this.#deps.log.debug("informer lists again: the version is too old", { kind: this.#api.kind.kind });
      return { type: "expired" };
    }
    const retryAfterSeconds = error instanceof StatusError ? error.status.details?.retryAfterSeconds : undefined;
    this.#deps.log.warn("informer could not read", { kind: this.#api.kind.kind, error: String(error) });
    return { type: "failed", ...(retryAfterSeconds !== undefined && { retryAfterMs: retryAfterSeconds * 1000 }) };
  }

  async #readPage(next: string | undefined): Promise<InformerInput> {
    using _ = this.#deps.activity.begin(`informer lists ${this.#api.kind.plural}`);
    if (next === undefined) this.#pages = [];
    const page = await this.#api.list({ ...this.#options, limit: pageSize, ...(next !== undefined && { continue: next }) });
    this.#pages.push(...page.items);
    if (page.continue !== undefined) return { type: "page", resourceVersion: page.resourceVersion, continue: page.continue };
    const objects = this.#pages;
    this.#pages = [];
    this.#replace(objects, page.resourceVersion);
    return { type: "page", resourceVersion: page.resourceVersion };
  }

  async #watch(resourceVersion: string): Promise<InformerInput> {
    const { clock, random } = this.#deps;
    const startedAt = clock.monotonicMs();
    let heard = false;
    const events = this.#api.watch(
      {
        ...this.#options,
        resourceVersion,
        allowBookmarks: true,
        timeoutSeconds: Math.round(watchSeconds * (1 + random.next())),
      },
      this.#stop.signal,
    );
    for await (const event of events) {
      if (this.#stop.signal.aborted) break;
      heard = true;
      const version = event.object.metadata?.resourceVersion ?? "";
      this.#advance(version);
      switch (event.type) {
        case "ADDED":
        case "MODIFIED":
          this.#put(event.object);
          break;
        case "DELETED":
          this.#remove(event.object);
          break;
        case "BOOKMARK":
          break;
      }
      this.#step({ type: "progress", resourceVersion: version });
      this.#tellAll((handler) => handler.progressed?.(this.#resourceVersion));
    }
    return { type: "ended", lasted: heard || clock.monotonicMs() - startedAt >= shortestWatchMs };
  }

  #replace(objects: readonly T[], resourceVersion: string): void {
    this.#advance(resourceVersion);
    const gone = new Set(this.#cache.list());
    for (const object of objects) {
      const old = this.#cache.get(object.metadata?.namespace ?? "", object.metadata?.name ?? "");
      if (old !== undefined) gone.delete(old);
      // Deleted and made again while we did not look: two objects, and whoever follows one must hear that it ended.
      if (old !== undefined && old.metadata?.uid !== object.metadata?.uid) this.#remove(old);
      this.#put(object);
    }
    for (const object of gone) this.#remove(object);
    this.#hasSynced = true;
    this.#markSynced();
    this.#tellAll((handler) => handler.progressed?.(this.#resourceVersion));
  }

  #put(object: T): void {
    const old = this.#cache.put(object);
    if (old === undefined) this.#tellAll((handler) => handler.added?.(object));
    else if (old.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
      this.#tellAll((handler) => handler.updated?.(object, old));
    }
  }

  #remove(object: T): void {
    const old = this.#cache.remove(object.metadata?.namespace ?? "", object.metadata?.name ?? "");
    if (old !== undefined) this.#tellAll((handler) => handler.deleted?.(object));
  }

  /** Before handlers run, so that work which they start sees how far the copy is. Never back: a server may lag. */
  #advance(resourceVersion: string): void {
    if (compareResourceVersions(resourceVersion, this.#resourceVersion) > 0) this.#resourceVersion = resourceVersion;
  }

  #tellAll(tell: (handler: InformerHandler<T>) => void): void {
    for (const handler of this.#handlers) this.#tell(handler, tell);
  }

  #tell(handler: InformerHandler<T>, tell: (handler: InformerHandler<T>) => void): void {
    try {
      tell(handler);
    } catch (error) {
      // The copy is shared: one listener's bug must not end it for the others.
      this.#deps.log.error("an informer's handler threw", { kind: this.#api.kind.kind, error: String(error) });
    }
  }
}
