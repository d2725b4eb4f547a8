// Objects by namespace and name, with secondary indexes: the copy inside an informer, and an easy view in tests.

import type { ApiObject } from "../object/kind.ts";
import type { IndexFunction, Lister } from "./lister.ts";

class Index<T> {
  readonly #keys: IndexFunction<T>;
  readonly #objects = new Map<string, Set<T>>();
  constructor(keys: IndexFunction<T>) {
    this.#keys = keys;
  }
  add(object: T): void {
    for (const key of this.#keys(object)) {
      const set = this.#objects.get(key);
      if (set === undefined) this.#objects.set(key, new Set([object]));
      else set.add(object);
    }
  }
  remove(object: T): void {
    for (const key of this.#keys(object)) {
      const set = this.#objects.get(key);
      if (set?.delete(object) === true && set.size === 0) this.#objects.delete(key);
    }
  }
  get(key: string): readonly T[] {
    return [...(this.#objects.get(key) ?? [])];
  }
}

/** Holds one version of each object: the last that was put. */
export class ObjectCache<T extends ApiObject> implements Lister<T> {
  readonly #byKey = new Map<string, T>();
  readonly #byNamespace = new Index<T>((object) => [object.metadata?.namespace ?? ""]);
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#byKey.size;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#byKey.get(`${namespace}/${name}`);
  }

  list(namespace?: string): readonly T[] {
    return namespace === undefined ? [...this.#byKey.values()] : this.#byNamespace.get(namespace);
  }

  byIndex(index: string, key: string): readonly T[] {
    return this.#indexes.get(index)?.get(key) ?? [];
  }

  addIndex(name: string, keys: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index = new Index(keys);
    for (const object of this.#byKey.values()) index.add(object);
    this.#indexes.set(name, index);
  }

  /** Stores the object; returns what it replaced. */
  put(object: T): T | undefined {
    const key = `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
    const old = this.#byKey.get(key);
    if (old !== undefined) this.#unfile(old);
    this.#byKey.set(key, object);
    this.#byNamespace.add(object);
    for (const index of this.#indexes.values()) index.add(object);
    return old;
  }

  /** Takes the object away; returns it. */
  remove(namespace: string, name: string): T | undefined {
    const key = `${namespace}/${name}`;
    const old = this.#byKey.get(key);
    if (old === undefined) return undefined;
    this.#byKey.delete(key);
    this.#unfile(old);
    return old;
  }

  #unfile(object: T): void {
    this.#byNamespace.remove(object);
    for (const index of this.#indexes.values()) index.remove(object);
  }
}
