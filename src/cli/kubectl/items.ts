// Objects whose kind is known only when they come: anything with apiVersion, kind and metadata.

import type { ApiObject } from "../../object/kind.ts";

/** Any object of the API, fields as the server or the file has them. */
export interface Item extends ApiObject {
  readonly [field: string]: any;
}

export interface ItemList {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly Item[];
}

export const nameOf = (item: Item): string => item.metadata?.name ?? "";
export const namespaceOf = (item: Item): string => item.metadata?.namespace ?? "";

/** group and version of "apps/v1" or "v1". */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? { group: "", version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Whether this is a list of objects (PodList, List). */
export const isList = (value: Item): value is Item & ItemList => Array.isArray(value["items"]) && (value.kind ?? "").endsWith("List");

/** The items of a list, each with the apiVersion and kind that the list leaves out. */
export function itemsOf(list: Partial<ItemList>): Item[] {
  const kind = (list.kind ?? "").replace(/List$/, "");
  return (list.items ?? []).map((item) => ({
    ...item,
    apiVersion: item.apiVersion ?? list.apiVersion ?? "",
    kind: item.kind ?? kind,
  }));
}

export const lastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";
