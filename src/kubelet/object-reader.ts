// ConfigMaps and Secrets that pods refer to, read by name (a node may not list them) and kept for a while, so that a hundred
// pods of one namespace ask once. A pod that starts asks for fresh ones when its own are old.

import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import { configMapKind } from "../kinds/core/config-map.ts";
import { secretKind } from "../kinds/core/secret.ts";
import type { ConfigMap, Secret } from "../kinds/core/types.gen.ts";
import { StatusError } from "../object/status.ts";
import type { ReferencedObjects } from "./containers/environment.ts";

/** An answer this old is asked for again. */
const freshMs = 1000;
/** The oldest answers go when there are more. Immutable objects are kept as long as there is room. */
const maxEntries = 2000;

interface Entry {
  readonly answer: Promise<unknown>;
  readonly askedAtMs: number;
  immutable: boolean;
}

export class ObjectReader implements ReferencedObjects {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#read(`configmaps/${namespace}/${name}`, () => this.#client.of(configMapKind, namespace).get(name)) as Promise<
      ConfigMap | undefined
    >;
  }
  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#read(`secrets/${namespace}/${name}`, () => this.#client.of(secretKind, namespace).get(name)) as Promise<
      Secret | undefined
    >;
  }

  #read(key: string, get: () => Promise<{ readonly immutable?: boolean }>): Promise<unknown> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#entries.get(key);
    if (known && (known.immutable || nowMs - known.askedAtMs < freshMs)) return known.answer;
    const answer = get().then(
      (object) => {
        entry.immutable = object.immutable === true;
        return object;
      },
      (error: unknown) => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        if (error instanceof StatusError && error.reason === "NotFound") return undefined;
        throw error;
      },
    );
    const entry: Entry = { answer, askedAtMs: nowMs, immutable: false };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > maxEntries) this.#entries.delete(this.#entries.keys().next().value!);
    return answer;
  }
}
