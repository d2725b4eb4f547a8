// Kinds as discovery names them: for controllers that work on everything there is, custom resources included.

import type { Client } from "../client/client.ts";
import { groupPath } from "../client/resource-path.ts";
import type { ApiObject, Kind, Verb } from "../object/kind.ts";

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced?: boolean;
    readonly kind: string;
    readonly verbs?: readonly string[];
  }[];
}
interface GroupList {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions?: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
}

export interface Discovery {
  readonly kinds: readonly Kind<ApiObject>[];
  /** Groups that could not be read, each with what was said. Their kinds are unknown, which is not the same as absent. */
  readonly failures: readonly string[];
}

/** All kinds in their group's preferred version that have every one of the verbs. Virtual kinds and subresources are left out. */
export async function discoverKinds(client: Client, verbs: readonly Verb[]): Promise<Discovery> {
  const groups: { readonly group: string; readonly version: string }[] = [{ group: "", version: "v1" }];
  const list = await client.request<GroupList>("GET", "/apis");
  for (const group of list.groups ?? []) {
    const version = group.preferredVersion?.version ?? group.versions?.[0]?.version;
    if (version !== undefined) groups.push({ group: group.name, version });
  }
  const kinds: Kind<ApiObject>[] = [];
  const failures: string[] = [];
  for (const { group, version } of groups) {
    try {
      const { resources } = await client.request<ResourceList>("GET", groupPath(group, version));
      for (const resource of resources ?? []) {
        if (resource.name.includes("/") || !verbs.every((verb) => resource.verbs?.includes(verb))) continue;
        kinds.push({
          group,
          kind: resource.kind,
          plural: resource.name,
          singular: resource.singularName ?? "",
          namespaced: resource.namespaced === true,
          versions: [],
          storageVersion: version,
        });
      }
    } catch (error) {
      failures.push(`${group === "" ? version : `${group}/${version}`}: ${(error as Error).message}`);
    }
  }
  return { kinds, failures };
}
