// The served resources as routes need them, derived from the kind registry: which record and which version answers a path.

import { deepFreeze } from "../object/copy.ts";
import type { ApiObject, Kind, KindVersion, Subresource } from "../object/kind.ts";
import { apiVersionOf, storageVersionOf } from "../object/kind.ts";
import type { KindRegistry } from "../object/kind-registry.ts";
import type { ResourceName } from "../object/status.ts";
import type { StructType } from "../object/schema.ts";
import { representationSchema } from "./registry/representations.ts";
import { registryRoot } from "./watch/store-feed.ts";
import type { StoredVersion } from "./watch/stored-version.ts";

/** One resource at one served version. */
export interface Served {
  readonly kind: Kind;
  readonly version: KindVersion;
  readonly apiVersion: string;
  /** How messages name it. */
  readonly name: ResourceName;
  /** Segment of its keys in the store. */
  readonly storagePrefix: string;
  /** Version whose schema stored objects have, and which rules see. */
  readonly storage: KindVersion;
}

const allVerbs = ["create", "get", "list", "watch", "update", "patch", "delete", "deletecollection"] as const;

export class Resources {
  readonly kinds: KindRegistry;
  readonly #served = new Map<string, Served>();

  constructor(kinds: KindRegistry) {
    this.kinds = kinds;
    kinds.onChange(() => this.#served.clear());
  }

  has(group: string, version: string, plural: string): boolean {
    return this.find(group, version, plural) !== undefined;
  }

  find(group: string, version: string, plural: string): Served | undefined {
    const id = `${group}/${version}/${plural}`;
    const known = this.#served.get(id);
    if (known) return known;
    const kind = this.kinds.byResource(group, version, plural);
    if (!kind) return undefined;
    const served = servedAt(kind, version);
    if (served) this.#served.set(id, served);
    return served;
  }

  /** The storage version of a kind by group and kind: rules look others up by it. */
  byGroupKind(group: string, name: string): Served | undefined {
    for (const kind of this.kinds.all()) {
      if (kind.group === group && kind.kind === name)
        return this.find(group, kind.storageVersion, kind.plural) ?? servedAt(kind, kind.versions[0]!.name);
    }
    return undefined;
  }

  /** The schema of a kind, served as a resource or as the body of a subresource. */
  schemaOf(group: string, version: string, name: string): StructType | undefined {
    const kind = this.kinds.byKind(group, version, name);
    const served = kind?.versions.find((candidate) => candidate.name === version);
    return served?.schema ?? representationSchema({ group, version, kind: name });
  }

  /** All served resources, each at each version. */
  *all(): Iterable<Served> {
    for (const kind of this.kinds.all())
      for (const version of kind.versions) {
        if (!version.served) continue;
        const served = this.find(kind.group, version.name, kind.plural);
        if (served) yield served;
      }
  }
}

function servedAt(kind: Kind, versionName: string): Served | undefined {
  const version = kind.versions.find((candidate) => candidate.name === versionName && candidate.served);
  if (!version) return undefined;
  return {
    kind,
    version,
    apiVersion: apiVersionOf(kind.group, version.name),
    name: { group: kind.group, resource: kind.plural },
    storagePrefix: kind.storagePrefix ?? (kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`),
    storage: storageVersionOf(kind),
  };
}

export const verbsOf = (kind: Kind): readonly string[] => (kind.operation !== undefined ? ["create"] : (kind.verbs ?? allVerbs));

export const subresourceOf = (kind: Kind, name: string): Subresource | undefined =>
  kind.subresources?.find((subresource) => subresource.name === name);

/** Key of one object; with an empty name the prefix of a namespace, with neither that of the whole kind. */
export function keyOf(served: Served, namespace: string, name: string): string {
  const root = `${registryRoot}${served.storagePrefix}/`;
  if (!served.kind.namespaced) return root + name;
  return namespace === "" ? root : `${root}${namespace}/${name}`;
}

/** A stored object in the served version. Nothing to do, and no promise, when it is the storage version. */
export function servedObject(served: Served, stored: StoredVersion): ApiObject | Promise<ApiObject> {
  const convert = served.version.fromStorage;
  if (!convert) return stored.object;
  return stored.form(`as:${served.kind.group}/${served.version.name}`, () => {
    const converted = convert(stored.object);
    return converted instanceof Promise ? converted.then(deepFreeze) : deepFreeze(converted);
  });
}

/** True when the served version's JSON is the stored one. */
export const isStorageForm = (served: Served): boolean => served.version.fromStorage === undefined;
