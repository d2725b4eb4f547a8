// On whose behalf? Impersonate-User, -Group, -Uid and -Extra-* make a request run as somebody else, if the caller may
// impersonate each of them.

import { badRequest, forbidden } from "../../object/status.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Stage } from "../route/call.ts";
import { parseServiceAccountUser, serviceAccountGroups } from "./users.ts";

const extraPrefix = "impersonate-extra-";

export function impersonate(server: Server): Stage {
  return async (call, next) => {
    const { headers } = call.request;
    const name = headers["impersonate-user"];
    const groups = splitList(headers["impersonate-group"]);
    const uid = headers["impersonate-uid"];
    const extra = extrasOf(headers);
    if (name === undefined) {
      if (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0)
        throw badRequest("requested groups, uid or extra without impersonating a user");
      return next();
    }
    const require = (group: string, resource: string, namespace: string, value: string, subresource = ""): void => {
      const attributes = {
        user: call.user,
        verb: "impersonate",
        isResource: true,
        group,
        version: "v1",
        resource,
        subresource,
        namespace,
        name: value,
        path: "",
      };
      if (!server.authorizer.authorize(attributes).allowed)
        throw forbidden(
          { group, resource },
          value,
          `User ${JSON.stringify(call.user.name)} cannot impersonate resource ${JSON.stringify(subresource === "" ? resource : `${resource}/${subresource}`)} in API group ${JSON.stringify(group)}${namespace === "" ? " at the cluster scope" : ` in the namespace ${JSON.stringify(namespace)}`}`,
        );
    };
    const account = parseServiceAccountUser(name);
    if (account) require("", "serviceaccounts", account.namespace, account.name);
    else require("", "users", "", name);
    for (const group of groups) require("", "groups", "", group);
    if (uid !== undefined) require("authentication.k8s.io", "uids", "", uid);
    for (const [key, values] of Object.entries(extra))
      for (const value of values) require("authentication.k8s.io", "userextras", "", value, key);

    const all = account && groups.length === 0 ? serviceAccountGroups(account.namespace) : [...groups];
    if (name === "system:anonymous") {
      if (!all.includes("system:unauthenticated")) all.push("system:unauthenticated");
    } else if (!all.includes("system:authenticated")) all.push("system:authenticated");
    const user: UserInfo = { name, groups: all, ...(uid !== undefined && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
    call.user = user;
    return next();
  };
}

const splitList = (text: string | undefined): string[] =>
  text === undefined
    ? []
    : text
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");

function extrasOf(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(extraPrefix)) continue;
    let key = header.slice(extraPrefix.length);
    try {
      key = decodeURIComponent(key);
    } catch {
      throw badRequest(`invalid impersonation header ${JSON.stringify(header)}`);
    }
    extra[key] = splitList(value);
  }
  return extra;
}
