// Where a kind lives on the wire: /api/v1/namespaces/default/pods/web-0/status?dryRun=All.

import type { ApiObject, Kind } from "../object/kind.ts";
import { apiVersionOf } from "../object/kind.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** "/api/v1" for the core group, "/apis/apps/v1" for others. */
export const groupPath = (group: string, version: string): string => (group === "" ? `/api/${version}` : `/apis/${group}/${version}`);

/** Path of a collection, an object or its subresource, in the kind's storage version. An empty namespace names all of them. */
export function resourcePath(
  kind: Pick<Kind, "group" | "plural" | "namespaced" | "storageVersion">,
  namespace: string,
  name?: string,
  subresource?: string,
): string {
  let path = groupPath(kind.group, kind.storageVersion);
  if (kind.namespaced && namespace !== "") path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${kind.plural}`;
  if (name !== undefined) path += `/${encodeURIComponent(name)}`;
  if (subresource !== undefined && subresource !== "") path += `/${subresource}`;
  return path;
}

/** Appends the parameters that have a value. */
export function withQuery(path: string, query: Query): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    parts.push(`${name}=${encodeURIComponent(String(value))}`);
  }
  return parts.length === 0 ? path : `${path}?${parts.join("&")}`;
}

/** apiVersion and kind as an object of this kind states them. */
export const typeMetaOf = (kind: Kind): { readonly apiVersion: string; readonly kind: string } => ({
  apiVersion: apiVersionOf(kind.group, kind.storageVersion),
  kind: kind.kind,
});

/** The object with apiVersion and kind filled in; itself when it has both. */
export function withTypeMeta<T extends ApiObject>(kind: Kind<T>, object: T): T {
  if (object.apiVersion !== undefined && object.kind !== undefined) return object;
  return { ...object, ...typeMetaOf(kind as unknown as Kind) };
}
