import { describe, it } from "vitest";
import { clusterRoleBindingKind } from "./cluster-role-binding.ts";
import { clusterRoleKind } from "./cluster-role.ts";
import { roleBindingKind } from "./role-binding.ts";
import { roleKind } from "./role.ts";
import type { Row } from "../validation.laws.ts";
import { changed, checkRow, checkUpdateRow, noSubdomain } from "../validation.laws.ts";

const group = "rbac.authorization.k8s.io";
const role = { metadata: { name: "r" }, rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] };

const roles: readonly Row[] = [
  ["no verbs", { "rules[0].verbs": [] }, "rules[0].verbs: Required value: verbs must contain at least one value"],
  [
    "no group and no resource",
    { "rules[0]": { verbs: ["get"] } },
    "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
    "rules[0].resources: Required value: resource rules must supply at least one resource",
  ],
  [
    "paths",
    { "rules[0]": { verbs: ["get"], nonResourceURLs: ["/a"] } },
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
  ],
];
const clusterRoles: readonly Row[] = [
  ["paths", { "rules[0]": { verbs: ["get"], nonResourceURLs: ["/a"] } }],
  [
    "paths and resources",
    { "rules[0].nonResourceURLs": ["/a"] },
    'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    "a sum of nothing",
    { aggregationRule: {} },
    "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
  ],
  [
    "a sum of what no selector selects",
    { "aggregationRule.clusterRoleSelectors": [{ matchExpressions: [{ key: "a", operator: "In" }] }] },
    "aggregationRule.clusterRoleSelectors[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: {"matchExpressions":[{"key":"a","operator":"In"}]}: invalid label selector.',
  ],
];

const binding = {
  metadata: { name: "b", namespace: "default" },
  roleRef: { apiGroup: group, kind: "ClusterRole", name: "view" },
  subjects: [{ kind: "ServiceAccount", name: "default", namespace: "default" }],
};
const subject = (one: object) => ({ subjects: [one] });

const bindings: readonly Row[] = [
  ["a role of a namespace", { "roleRef.kind": "Role" }],
  [
    "what is no role",
    { roleRef: { apiGroup: "apps", kind: "Deployment", name: "a/b" } },
    `roleRef.apiGroup: Unsupported value: "apps": supported values: "${group}"`,
    'roleRef.kind: Unsupported value: "Deployment": supported values: "Role", "ClusterRole"',
    "roleRef.name: Invalid value: \"a/b\": may not contain '/'",
  ],
  ["a role without a name", { "roleRef.name": "" }, "roleRef.name: Required value"],
  [
    "an account of a group, with a bad name",
    subject({ kind: "ServiceAccount", name: "A", apiGroup: group }),
    `subjects[0].name: Invalid value: "A": ${noSubdomain}`,
    `subjects[0].apiGroup: Unsupported value: "${group}": supported values: ""`,
  ],
  [
    "a user of no group",
    subject({ kind: "User", name: "jane", apiGroup: "apps" }),
    `subjects[0].apiGroup: Unsupported value: "apps": supported values: "${group}"`,
  ],
  [
    "a user without a name",
    subject({ kind: "User", name: "", apiGroup: group }),
    "subjects[0].name: Required value",
    'subjects[0].name: Invalid value: "": user name cannot be empty',
  ],
  [
    "a subject that nobody knows",
    subject({ kind: "Robot", name: "r" }),
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ],
];
const everywhere = changed(binding, { "metadata.namespace": undefined });
const clusterBindings: readonly Row[] = [
  ["a role of a namespace", { "roleRef.kind": "Role" }, 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'],
  ["an account of no namespace", subject({ kind: "ServiceAccount", name: "default" }), "subjects[0].namespace: Required value"],
];
const updates: readonly Row[] = [
  ["other subjects", { subjects: [] }],
  [
    "another role",
    { "roleRef.name": "edit" },
    `roleRef: Invalid value: {"apiGroup":"${group}","kind":"ClusterRole","name":"edit"}: cannot change roleRef`,
  ],
];

describe("roles and bindings", () => {
  it.each(roles)("roles: %s", (...row) => checkRow(roleKind, role, row));
  it.each(clusterRoles)("cluster roles: %s", (...row) => checkRow(clusterRoleKind, role, row));
  it.each(bindings)("bindings: %s", (...row) => checkRow(roleBindingKind, binding, row));
  it.each(clusterBindings)("cluster bindings: %s", (...row) => checkRow(clusterRoleBindingKind, everywhere, row));
  it.each(updates)("updates of bindings: %s", (...row) => checkUpdateRow(roleBindingKind, binding, row));
  it.each(updates)("updates of cluster bindings: %s", (...row) => checkUpdateRow(clusterRoleBindingKind, everywhere, row));
});
