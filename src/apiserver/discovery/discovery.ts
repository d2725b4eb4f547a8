// What this server serves, derived from the kind records: the old per-version lists and the aggregated document (KEP-3352).

import { encodeBase64 } from "../../base/base64.ts";
import type { Kind, Subresource } from "../../object/kind.ts";
import { apiVersionOf } from "../../object/kind.ts";
import { compareKubeVersions } from "../../lang/version.ts";
import type { Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import type { Served } from "../resources.ts";
import { verbsOf } from "../resources.ts";
import type { Server } from "../server.ts";
import { utf8 } from "../watch/bytes.ts";
import type { Call } from "../route/call.ts";
import { respondValue } from "../route/respond.ts";

export function handleDiscovery(server: Server, call: Call, path: string): Response | undefined {
  const legacy = path === "/api" || path.startsWith("/api/");
  if (call.output.as === "groupDiscoveryList") return aggregated(call, groupsOf(server, legacy));
  const [, , group = "", version] = path.split("/");
  if (path === "/api") return respondValue(call, 200, { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] });
  if (legacy) {
    const resources = [...server.resources.all()].filter((served) => served.kind.group === "" && served.version.name === group);
    return version === undefined && resources.length > 0 ? respondValue(call, 200, resourceList(group, resources)) : undefined;
  }
  if (path === "/apis")
    return respondValue(call, 200, { kind: "APIGroupList", apiVersion: "v1", groups: groupsOf(server, false).map(apiGroup) });
  const found = groupsOf(server, false).find((candidate) => candidate.name === group);
  if (!found) return undefined;
  if (version === undefined) return respondValue(call, 200, { kind: "APIGroup", apiVersion: "v1", ...apiGroup(found) });
  const resources = found.versions.get(version);
  return resources && path.split("/").length === 4 ? respondValue(call, 200, resourceList(`${group}/${version}`, resources)) : undefined;
}

interface Group {
  readonly name: string;
  /** In order of preference. */
  readonly versions: ReadonlyMap<string, readonly Served[]>;
}

function groupsOf(server: Server, legacy: boolean): Group[] {
  const groups = new Map<string, Map<string, Served[]>>();
  for (const served of server.resources.all()) {
    const { group } = served.kind;
    if ((group === "") !== legacy) continue;
    const versions = groups.get(group) ?? new Map<string, Served[]>();
    groups.set(group, versions);
    const list = versions.get(served.version.name) ?? [];
    versions.set(served.version.name, list);
    list.push(served);
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: new Map([...versions].toSorted(([a], [b]) => compareKubeVersions(a, b))),
  }));
}

function apiGroup(group: Group): object {
  const versions = [...group.versions.keys()].map((version) => ({ groupVersion: apiVersionOf(group.name, version), version }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string, resources: readonly Served[]): object {
  return {
    kind: "APIResourceList",
    ...(groupVersion.includes("/") && { apiVersion: "v1" }),
    groupVersion,
    resources: resources.toSorted(byName).flatMap(resourceEntries),
  };
}

const byName = (a: Served, b: Served): number => (a.kind.plural < b.kind.plural ? -1 : 1);

function resourceEntries(served: Served): object[] {
  const { kind } = served;
  const storage = kind.operation === undefined && { storageVersionHash: storageHash(kind) };
  const main = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: [...verbsOf(kind)].toSorted(),
    ...(kind.shortNames?.length && { shortNames: kind.shortNames }),
    ...(kind.categories?.length && { categories: kind.categories }),
    ...storage,
  };
  const parts = (kind.subresources ?? []).map((subresource) => ({
    name: `${kind.plural}/${subresource.name}`,
    singularName: "",
    namespaced: kind.namespaced,
    ...foreign(served, subresource),
    kind: subresource.type === "view" ? kind.kind : subresource.represents.kind,
    verbs: [...subresourceVerbs(subresource)].toSorted(),
  }));
  return [main, ...parts.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
}

/** group and version of a subresource's kind where it is not the resource's own. */
function foreign(served: Served, subresource: Subresource): object {
  if (subresource.type === "view") return {};
  const { group, version } = subresource.represents;
  return group === served.kind.group && version === served.version.name ? {} : { group, version };
}

export function subresourceVerbs(subresource: Subresource): readonly string[] {
  switch (subresource.type) {
    case "view":
      return subresource.verbs ?? ["get", "patch", "update"];
    case "projection":
      return ["get", "patch", "update"];
    case "operation":
      return ["create"];
    case "connect":
      return subresource.verbs;
  }
}

/** Opaque to clients: it changes when the stored version does. */
function storageHash(kind: Kind): string {
  let hash = 0x811c9dc5;
  for (const byte of utf8(`${kind.group}/${kind.storageVersion}/${kind.kind}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const bytes = new Uint8Array(8);
  for (let i = 0; i < 8; i++) bytes[i] = (hash >>> ((i % 4) * 8)) & 0xff;
  return encodeBase64(bytes);
}

function aggregated(call: Call, groups: readonly Group[]): Response {
  const value = {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${call.output.asVersion}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: { ...(group.name !== "" && { name: group.name }), creationTimestamp: null },
      versions: [...group.versions].map(([version, resources]) => ({
        version,
        resources: resources.toSorted(byName).map(aggregatedEntry),
        freshness: "Current",
      })),
    })),
  };
  if (call.request.decoded) return { status: 200, headers: {}, body: new Decoded(value) };
  return {
    status: 200,
    headers: {
      "content-type": `application/json;g=apidiscovery.k8s.io;v=${call.output.asVersion};as=APIGroupDiscoveryList`,
      vary: "Accept",
    },
    body: utf8(JSON.stringify(value)),
  };
}

function aggregatedEntry(served: Served): object {
  const { kind, version } = served;
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: version.name, kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: [...verbsOf(kind)].toSorted(),
    ...(kind.shortNames?.length && { shortNames: kind.shortNames }),
    ...(kind.categories?.length && { categories: kind.categories }),
    ...(kind.subresources?.length && {
      subresources: kind.subresources.map((subresource) => ({
        subresource: subresource.name,
        responseKind: subresource.type === "view" ? { group: kind.group, version: version.name, kind: kind.kind } : subresource.represents,
        verbs: [...subresourceVerbs(subresource)].toSorted(),
      })),
    }),
  };
}
