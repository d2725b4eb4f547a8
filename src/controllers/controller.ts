// The declaration of a controller: what it watches, how a change leads to keys, and a pure decision per key.

import type { Client } from "../client/client.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import type { Decision } from "./decision.ts";
import type { IndexDeclaration, View } from "./view.ts";

export interface Watch {
  readonly kind: Kind<any>;
  /** Keys to look at when the object was added, changed (called with both versions) or deleted. */
  readonly keys: (object: any, view: View) => Iterable<string>;
}

/** `keys` for a change of an object of this kind; without it the kind is only read, or its own key is looked at with `ownKey`. */
export const watch = <T extends ApiObject>(kind: Kind<T>, keys: (object: T, view: View) => Iterable<string>): Watch => ({ kind, keys });
/** Read in decisions; its changes wake nothing. */
export const reads = <T extends ApiObject>(kind: Kind<T>): Watch => ({ kind, keys: () => [] });

export interface Controller<Observed = any> {
  /** "deployment-controller": its service account in kube-system, its field manager, the component of its events. */
  readonly name: string;
  /** The account in kube-system when it is not the name. */
  readonly account?: string;
  readonly watches: readonly Watch[];
  readonly indexes?: readonly IndexDeclaration[];
  /** Keys worked on at once. Default 5. */
  readonly concurrency?: number;
  /** Keys looked at when the controller starts, whatever there is. */
  readonly initialKeys?: readonly string[];
  /** Reads what no informer holds (discovery, live lists), before the decision. The only impure step, and it writes nothing. */
  readonly observe?: (client: Client, key: string, view: View) => Promise<Observed>;
  /** Pure: from what is seen to what should be written. `now` is in milliseconds since the epoch. */
  readonly decide: (view: View, key: string, now: number, observed: Observed) => Decision;
}

/** "default/web", or "/node-1" for an object of the cluster. */
export const keyOf = (object: ApiObject): string => `${object.metadata?.namespace ?? ""}/${object.metadata?.name ?? ""}`;
export const ownKey = (object: ApiObject): string[] => [keyOf(object)];

/** Namespace and name of a key. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** The key of the owner that controls the object, when it is of this kind. */
export function controllerKey(object: ApiObject, kind: string): string[] {
  const owner = object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
  return owner?.kind === kind ? [`${object.metadata?.namespace ?? ""}/${owner.name}`] : [];
}
