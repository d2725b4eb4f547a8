// Reading a local copy of one kind: what informers offer, and what whoever only reads asks for.

import type { ApiObject } from "../object/kind.ts";

/** The keys under which an index files an object. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** Objects are frozen; absent from the copy need not mean absent from the cluster. */
export interface Lister<T extends ApiObject> {
  get(namespace: string, name: string): T | undefined;
  /** All objects, or those of one namespace, in no promised order. */
  list(namespace?: string): readonly T[];
  /** Objects that the named index files under `key`. */
  byIndex(index: string, key: string): readonly T[];
}
