// A controller must not decide on a picture older than its own last write: it would write again what it wrote, or undo it
// (KEP-5647). For each key this remembers what was written and tells when the informers show it.

import type { Informer } from "../client/informer.ts";
import type { InformerSet } from "../client/informer-set.ts";
import { compareResourceVersions } from "../client/resource-version.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import type { Outcome } from "./decision.ts";

type Expectation = (informers: InformerSet) => boolean;

export class OwnWrites {
  readonly #informers: InformerSet;
  readonly #watched: ReadonlySet<Kind<any>>;
  readonly #expected = new Map<string, Expectation[]>();

  constructor(informers: InformerSet, watched: ReadonlySet<Kind<any>>) {
    this.#informers = informers;
    this.#watched = watched;
  }

  /** Remembers a write that was carried out for the key. */
  wrote(key: string, { write, result, error }: Outcome): void {
    if (!this.#watched.has(write.kind)) return;
    if (write.type === "delete") {
      if (error !== undefined && error.reason !== "NotFound") return;
      const uid = write.options.preconditions.uid;
      this.#expect(key, () => isGoing(this.#informer(write.kind).get(write.namespace, write.name), uid));
      return;
    }
    const version = result?.metadata?.resourceVersion;
    if (error !== undefined || version === undefined) return;
    this.#expect(key, () => compareResourceVersions(this.#informer(write.kind).resourceVersion, version) >= 0);
  }

  /** Whether the informers show everything that was written for the key; what they show is forgotten. */
  seen(key: string): boolean {
    const left = this.#expected.get(key)?.filter((holds) => !holds(this.#informers));
    if (left === undefined) return true;
    if (left.length > 0) {
      this.#expected.set(key, left);
      return false;
    }
    this.#expected.delete(key);
    return true;
  }

  #informer(kind: Kind<any>): Informer<ApiObject> {
    return this.#informers.of(kind as Kind<ApiObject>);
  }

  #expect(key: string, expectation: Expectation): void {
    const list = this.#expected.get(key);
    if (list === undefined) this.#expected.set(key, [expectation]);
    else list.push(expectation);
  }
}

const isGoing = (object: ApiObject | undefined, uid: string | undefined): boolean =>
  object === undefined || object.metadata?.deletionTimestamp !== undefined || (uid !== undefined && object.metadata?.uid !== uid);
