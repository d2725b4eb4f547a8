// Nobody hands out more than they have: writing a role needs every permission in it (or the verb `escalate`), writing a binding
// needs every permission of the bound role (or the verb `bind` on it).

import type { ApiObject } from "../../object/kind.ts";
import { deepEqual } from "../../object/copy.ts";
import { forbidden, notFound } from "../../object/status.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { Served } from "../resources.ts";
import type { Server } from "../server.ts";
import type { PolicyRule } from "./attributes.ts";
import type { BindingObject, RoleObject } from "./rbac.ts";
import { ruleText, uncovered } from "./rule-match.ts";

const group = "rbac.authorization.k8s.io";

/** @throws StatusError Forbidden */
export function checkEscalation(server: Server, user: UserInfo, served: Served, object: ApiObject, old: ApiObject | undefined): void {
  if (served.kind.group !== group || user.groups.includes("system:masters")) return;
  const { kind } = served.kind;
  if (kind === "Role" || kind === "ClusterRole") checkRole(server, user, served, object as RoleObject, old as RoleObject | undefined);
  else if (kind === "RoleBinding" || kind === "ClusterRoleBinding")
    checkBinding(server, user, served, object as BindingObject, old as BindingObject | undefined);
}

const may = (server: Server, user: UserInfo, verb: string, resource: string, namespace: string, name: string): boolean =>
  server.authorizer.authorize({ user, verb, isResource: true, group, version: "v1", resource, subresource: "", namespace, name, path: "" })
    .allowed;

function checkRole(server: Server, user: UserInfo, served: Served, role: RoleObject, old: RoleObject | undefined): void {
  if (old && deepEqual(old.rules, role.rules) && deepEqual(old.aggregationRule, role.aggregationRule)) return;
  const { namespace = "", name = "" } = role.metadata ?? {};
  if (may(server, user, "escalate", served.kind.plural, namespace, name)) return;
  // An aggregating role takes in whatever will match, so it needs everything.
  const wanted: readonly PolicyRule[] = role.aggregationRule
    ? [...(role.rules ?? []), { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, { verbs: ["*"], nonResourceURLs: ["*"] }]
    : (role.rules ?? []);
  refuseUncovered(server, user, served, namespace, name, wanted);
}

function checkBinding(server: Server, user: UserInfo, served: Served, binding: BindingObject, old: BindingObject | undefined): void {
  if (old && deepEqual(old.subjects, binding.subjects) && deepEqual(old.roleRef, binding.roleRef)) return;
  const { namespace = "", name = "" } = binding.metadata ?? {};
  const { kind = "", name: role = "" } = binding.roleRef ?? {};
  const resource = kind === "ClusterRole" ? "clusterroles" : "roles";
  if (may(server, user, "bind", resource, namespace, role)) return;
  const rules = server.authorizer.rulesOfRole(kind, namespace, role);
  if (!rules) throw notFound({ group, resource }, role);
  refuseUncovered(server, user, served, namespace, name, rules);
}

function refuseUncovered(
  server: Server,
  user: UserInfo,
  served: Served,
  namespace: string,
  name: string,
  wanted: readonly PolicyRule[],
): void {
  const missing = uncovered(server.authorizer.rulesFor(user, namespace), wanted);
  if (missing.length === 0) return;
  const groups = `[${user.groups.map((text) => JSON.stringify(text)).join(" ")}]`;
  throw forbidden(
    served.name,
    name,
    `user ${JSON.stringify(user.name)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).join("\n")}`,
  );
}
