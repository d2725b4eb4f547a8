// What a decision may see: the copies of the informers, read-only. A test makes a view from a list of objects.

import type { Informer } from "../client/informer.ts";
import type { IndexFunction, Lister } from "../client/lister.ts";
import type { InformerSet } from "../client/informer-set.ts";
import { ObjectCache } from "../client/object-cache.ts";
import type { ApiObject, Kind } from "../object/kind.ts";

export interface View {
  get<T extends ApiObject>(kind: Kind<T>, namespace: string, name: string): T | undefined;
  /** All objects of the kind, or those of one namespace. */
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[];
  /** Objects that an index which the controller declared files under `key`. */
  byIndex<T extends ApiObject>(kind: Kind<T>, index: string, key: string): readonly T[];
}

/** An index that a controller needs on one kind. Its name is unique among all controllers that share informers. */
export interface IndexDeclaration {
  readonly kind: Kind<any>;
  readonly name: string;
  readonly keys: IndexFunction<any>;
}
export const indexBy = <T extends ApiObject>(kind: Kind<T>, name: string, keys: IndexFunction<T>): IndexDeclaration => ({
  kind,
  name,
  keys,
});

/** Files objects under the uid of their controlling owner. */
export const byControllerUid = <T extends ApiObject>(kind: Kind<T>): IndexDeclaration =>
  indexBy(kind, "controller-uid", (object) => {
    const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
    return owner === undefined ? [] : [owner.uid];
  });

export class InformerView implements View {
  readonly #informers: InformerSet;
  readonly #byKind = new Map<Kind<any>, Informer<ApiObject>>();
  constructor(informers: InformerSet) {
    this.#informers = informers;
  }
  get<T extends ApiObject>(kind: Kind<T>, namespace: string, name: string): T | undefined {
    return this.#of(kind).get(namespace, name);
  }
  list<T extends ApiObject>(kind: Kind<T>, namespace?: string): readonly T[] {
    return this.#of(kind).list(namespace);
  }
  byIndex<T extends ApiObject>(kind: Kind<T>, index: string, key: string): readonly T[] {
    return this.#of(kind).byIndex(index, key);
  }
  #of<T extends ApiObject>(kind: Kind<T>): Informer<T> {
    let informer = this.#byKind.get(kind) as unknown as Informer<T> | undefined;
    if (informer === undefined) {
      informer = this.#informers.of(kind);
      this.#byKind.set(kind, informer as unknown as Informer<ApiObject>);
    }
    return informer;
  }
}

/** A view of given objects, for tests of decisions. */
export function viewOf(objects: readonly (readonly [Kind<any>, readonly ApiObject[]])[], indexes: readonly IndexDeclaration[] = []): View {
  const caches = new Map<string, ObjectCache<ApiObject>>();
  const cacheOf = (kind: Kind<any>): ObjectCache<ApiObject> => {
    const name = `${kind.plural}.${kind.group}`;
    let cache = caches.get(name);
    if (cache === undefined) {
      cache = new ObjectCache();
      caches.set(name, cache);
    }
    return cache;
  };
  for (const { kind, name, keys } of indexes) cacheOf(kind).addIndex(name, keys);
  for (const [kind, list] of objects) for (const object of list) cacheOf(kind).put(object);
  return {
    get: <T extends ApiObject>(kind: Kind<T>, namespace: string, name: string) => cacheOf(kind).get(namespace, name) as T | undefined,
    list: <T extends ApiObject>(kind: Kind<T>, namespace?: string) => cacheOf(kind).list(namespace) as readonly T[],
    byIndex: <T extends ApiObject>(kind: Kind<T>, index: string, key: string) =>
      (cacheOf(kind) as unknown as Lister<T>).byIndex(index, key),
  };
}
