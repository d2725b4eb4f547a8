// From the words that people use ("po", "deploy", "pods.v1.", "Deployment", "all") to what the server serves. Everything is
// asked from discovery, so kinds that did not exist when this was written work like the others.

import { groupPath } from "../../client/resource-path.ts";
import { KubectlError } from "./errors.ts";
import type { Item } from "./items.ts";
import { splitApiVersion } from "./items.ts";
import type { ServerConnection } from "./server-connection.ts";

export interface Resource {
  readonly group: string;
  readonly version: string;
  /** "deployments" */
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
}

export interface ApiGroup {
  readonly name: string;
  /** Preferred one first. */
  readonly versions: readonly { readonly version: string; readonly resources: readonly Resource[] }[];
}

/** "deployments.apps", "pods": how messages name a resource. */
export const qualifiedResource = (of: Pick<Resource, "plural" | "group">): string =>
  of.group === "" ? of.plural : `${of.plural}.${of.group}`;
/** "deployment.apps/web", "pod/web": how output names an object. */
export const qualifiedName = (of: Pick<Resource, "kind" | "group">, name: string): string => `${qualifiedKind(of)}/${name}`;
/** "deployment.apps", "pod" */
export const qualifiedKind = (of: Pick<Resource, "kind" | "group">): string =>
  of.group === "" ? of.kind.toLowerCase() : `${of.kind.toLowerCase()}.${of.group}`;
export const apiVersionOf = (of: Pick<Resource, "group" | "version">): string =>
  of.group === "" ? of.version : `${of.group}/${of.version}`;

/** Path of a collection ("" for every namespace), an object or a subresource. */
export function pathOf(of: Resource, namespace: string, name?: string, subresource?: string): string {
  let path = groupPath(of.group, of.version);
  if (of.namespaced && namespace !== "") path += `/namespaces/${encodeURIComponent(namespace)}`;
  path += `/${of.plural}`;
  if (name !== undefined) path += `/${encodeURIComponent(name)}`;
  return subresource === undefined || subresource === "" ? path : `${path}/${subresource}`;
}

const aggregatedAccept =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

export class ResourceMapping {
  readonly groups: readonly ApiGroup[];
  readonly #all: readonly Resource[];

  constructor(groups: readonly ApiGroup[]) {
    this.groups = groups;
    this.#all = groups.flatMap((group) => group.versions.flatMap(({ resources }) => resources));
  }

  /** Asks the server. @throws StatusError */
  static async discover(server: ServerConnection): Promise<ResourceMapping> {
    const [core, others] = await Promise.all([discover(server, "/api"), discover(server, "/apis")]);
    return new ResourceMapping([...core, ...others]);
  }

  /** Every resource at its group's preferred version. */
  preferred(): readonly Resource[] {
    return this.#all.filter((resource) => this.#find({ group: resource.group, plural: resource.plural }) === resource);
  }

  /** Resources in a category ("all"). */
  category(name: string): readonly Resource[] {
    return this.preferred().filter((resource) => resource.categories.includes(name));
  }

  /** The resource that a word means; with a point, a group or `version.group` follows. @throws KubectlError */
  byWord(word: string): Resource {
    const found = this.find(word);
    if (found === undefined) throw new KubectlError(`the server doesn't have a resource type ${JSON.stringify(word)}`);
    return found;
  }

  find(word: string): Resource | undefined {
    const lower = word.toLowerCase();
    const point = lower.indexOf(".");
    const name = point < 0 ? lower : lower.slice(0, point);
    const rest = point < 0 ? "" : lower.slice(point + 1);
    const named = [
      this.#all.filter((resource) => resource.plural === name || resource.singular === name),
      this.#all.filter((resource) => resource.shortNames.includes(name)),
      this.#all.filter((resource) => resource.kind.toLowerCase() === name),
    ];
    for (const candidates of named) {
      const fitting = rest === "" ? candidates : candidates.filter((resource) => fits(resource, rest));
      if (fitting.length > 0) return fitting[0];
    }
    return undefined;
  }

  /** The resource of an object's apiVersion and kind; undefined when the server does not serve it. */
  byKind(apiVersion: string, kind: string): Resource | undefined {
    const { group, version } = splitApiVersion(apiVersion);
    return this.#all.find((resource) => resource.group === group && resource.version === version && resource.kind === kind);
  }

  /** The resource behind an owner reference or a scale target. */
  byGroupKind(group: string, kind: string): Resource | undefined {
    return this.#all.find((resource) => resource.group === group && resource.kind === kind);
  }

  #find(of: { readonly group: string; readonly plural: string }): Resource | undefined {
    return this.#all.find((resource) => resource.group === of.group && resource.plural === of.plural);
  }
}

/** `rest` names the resource's group, its version and group, the beginning of its group, or `v1.` for the core group. */
function fits(resource: Resource, rest: string): boolean {
  const { group, version } = resource;
  return (
    rest === group || rest === `${version}.${group}` || (group === "" && rest === version) || (group !== "" && group.startsWith(`${rest}.`))
  );
}

async function discover(server: ServerConnection, path: "/api" | "/apis"): Promise<ApiGroup[]> {
  const answer = await server.get<Item>(path, { accept: aggregatedAccept });
  if (answer.kind === "APIGroupDiscoveryList") return (answer["items"] as Item[]).map(aggregatedGroup);
  if (path === "/api") return [{ name: "", versions: await versionsOf(server, "", (answer["versions"] as string[] | undefined) ?? []) }];
  const groups = (answer["groups"] as { name: string; versions: { version: string }[]; preferredVersion?: { version: string } }[]) ?? [];
  return await Promise.all(
    groups.map(async ({ name, versions, preferredVersion }) => {
      const names = versions.map(({ version }) => version);
      const ordered = preferredVersion === undefined ? names : [...new Set([preferredVersion.version, ...names])];
      return { name, versions: await versionsOf(server, name, ordered) };
    }),
  );
}

function aggregatedGroup(item: Item): ApiGroup {
  const group = item.metadata?.name ?? "";
  const versions = (item["versions"] as { version: string; resources?: Record<string, any>[] }[] | undefined) ?? [];
  return {
    name: group,
    versions: versions.map(({ version, resources = [] }) => ({
      version,
      resources: resources
        .filter((resource) => resource["responseKind"]?.kind)
        .map((resource) => ({
          group,
          version,
          plural: resource["resource"],
          singular: resource["singularResource"] || resource["responseKind"].kind.toLowerCase(),
          kind: resource["responseKind"].kind,
          namespaced: resource["scope"] === "Namespaced",
          shortNames: resource["shortNames"] ?? [],
          categories: resource["categories"] ?? [],
          verbs: resource["verbs"] ?? [],
          subresources: (resource["subresources"] ?? []).map((part: { subresource: string }) => part.subresource),
        })),
    })),
  };
}

/** The older way: one request a version. A version that cannot be asked (its server is away) is left out. */
async function versionsOf(server: ServerConnection, group: string, versions: readonly string[]): Promise<ApiGroup["versions"]> {
  const answers = await Promise.allSettled(
    versions.map((version) => server.get<{ resources?: Record<string, any>[] }>(groupPath(group, version))),
  );
  return versions.flatMap((version, at) => {
    const answer = answers[at]!;
    if (answer.status === "rejected") return [];
    const all = answer.value.resources ?? [];
    const resources = all
      .filter(({ name }) => !name.includes("/"))
      .map((resource) => ({
        group,
        version,
        plural: resource["name"],
        singular: resource["singularName"] || resource["kind"].toLowerCase(),
        kind: resource["kind"],
        namespaced: resource["namespaced"] === true,
        shortNames: resource["shortNames"] ?? [],
        categories: resource["categories"] ?? [],
        verbs: resource["verbs"] ?? [],
        subresources: all
          .filter(({ name }) => name.startsWith(`${resource["name"]}/`))
          .map(({ name }) => name.slice(resource["name"].length + 1)),
      }));
    return [{ version, resources }];
  });
}
