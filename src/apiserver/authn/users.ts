// Names and groups that Kubernetes gives to users it knows about.

import type { UserInfo } from "../../wire/exchange.ts";

export const anonymous: UserInfo = { name: "system:anonymous", groups: ["system:unauthenticated"] };

export const withGroup = (user: UserInfo, group: string): UserInfo =>
  user.groups.includes(group) ? user : { ...user, groups: [...user.groups, group] };

const serviceAccountPrefix = "system:serviceaccount:";

export const serviceAccountUser = (namespace: string, name: string): string => `${serviceAccountPrefix}${namespace}:${name}`;
export const serviceAccountGroups = (namespace: string): string[] => ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];

/** Namespace and name out of a user name; undefined when it is no service account's. */
export function parseServiceAccountUser(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(serviceAccountPrefix)) return undefined;
  const parts = user.slice(serviceAccountPrefix.length).split(":");
  return parts.length === 2 && parts[0] !== "" && parts[1] !== "" ? { namespace: parts[0]!, name: parts[1]! } : undefined;
}

/** The node that a kubelet's user stands for: `system:node:NAME` in the group `system:nodes`. */
export function nodeOfUser(user: UserInfo): string | undefined {
  if (!user.groups.includes("system:nodes") || !user.name.startsWith("system:node:")) return undefined;
  const node = user.name.slice("system:node:".length);
  return node === "" ? undefined : node;
}
