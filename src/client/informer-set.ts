// One informer per (kind, namespace, selectors), shared by everyone in a process who asks for it.

import type { ApiObject, Kind } from "../object/kind.ts";
import type { Client } from "./client.ts";
import type { Informer, InformerDeps, InformerOptions } from "./informer.ts";
import { createInformer } from "./informer.ts";

/** Whoever asks for the same objects gets the same informer. */
export class InformerSet implements AsyncDisposable {
  readonly #client: Client;
  readonly #deps: InformerDeps;
  readonly #informers = new Map<string, Informer<ApiObject>>();
  #started = false;

  constructor(client: Client, deps: InformerDeps) {
    this.#client = client;
    this.#deps = deps;
  }

  /** The shared informer; it starts with the set, or at once when the set has started. */
  of<T extends ApiObject>(kind: Kind<T>, namespace = "", options: InformerOptions = {}): Informer<T> {
    const key = JSON.stringify([kind.group, kind.plural, namespace, options.labelSelector ?? "", options.fieldSelector ?? ""]);
    let informer = this.#informers.get(key);
    if (informer === undefined) {
      informer = createInformer(this.#client.of(kind, namespace), this.#deps, options) as unknown as Informer<ApiObject>;
      this.#informers.set(key, informer);
      if (this.#started) informer.start();
    }
    return informer as unknown as Informer<T>;
  }

  /** Starts every informer asked for so far and all that will be. */
  start(): void {
    this.#started = true;
    for (const informer of this.#informers.values()) informer.start();
  }

  /** Resolves when every informer asked for so far has its first list. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const informers = [...this.#informers.values()];
    this.#informers.clear();
    await Promise.all(informers.map((informer) => informer[Symbol.asyncDispose]()));
  }
}
