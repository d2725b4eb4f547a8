// `create role`, `create clusterrole` and their bindings.

import { KubectlError } from "../errors.ts";
import type { FlagSpec, Flags } from "../flags.ts";
import { array, list, text } from "../flags.ts";
import type { Session } from "../session.ts";
import type { Verb } from "../verb.ts";
import { createGenerated, generatorFlags, oneName } from "./create-generators.ts";

const group = "rbac.authorization.k8s.io";
const apiVersion = `${group}/v1`;

const ruleFlags: readonly FlagSpec[] = [
  list("verb", "Verb that applies to the resources contained in the rule"),
  list("resource", "Resource that the rule applies to"),
  list("resource-name", "Resource in the white list that the rule applies to, repeat this flag for multiple items"),
];

export const createRoleVerb: Verb = {
  name: "role",
  usage: "NAME --verb=verb --resource=resource.group/subresource [--resource-name=resourcename]",
  summary: "Create a role with single rule",
  flags: [...generatorFlags, ...ruleFlags],
  run: async (session, { words, flags }) => {
    const rules = await resourceRules(session, flags);
    await createGenerated(session, { apiVersion, kind: "Role", metadata: { name: oneName(session, words) }, rules });
  },
};

export const createClusterRoleVerb: Verb = {
  name: "clusterrole",
  usage: "NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--non-resource-url=url]",
  summary: "Create a cluster role",
  flags: [
    ...generatorFlags,
    ...ruleFlags,
    list("non-resource-url", "A partial url that user should have access to."),
    array("aggregation-rule", "An aggregation label selector for combining ClusterRoles."),
  ],
  run: async (session, { words, flags }) => {
    const name = oneName(session, words);
    const labels = flags.list("aggregation-rule").flatMap((pairs) => pairs.split(","));
    if (labels.length > 0) {
      const matchLabels = Object.fromEntries(labels.map((pair) => pair.split("=") as [string, string]));
      await createGenerated(session, {
        apiVersion,
        kind: "ClusterRole",
        metadata: { name },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels }] },
        rules: [],
      });
      return;
    }
    const urls = flags.list("non-resource-url");
    const rules = urls.length > 0 ? [{ verbs: flags.list("verb"), nonResourceURLs: urls }] : await resourceRules(session, flags);
    await createGenerated(session, { apiVersion, kind: "ClusterRole", metadata: { name }, rules });
  },
};

/** One rule for each API group that the resources lie in. */
async function resourceRules(session: Session, flags: Flags): Promise<object[]> {
  const verbs = [...new Set(flags.list("verb"))];
  if (verbs.length === 0) throw new KubectlError("at least one verb must be specified");
  const words = flags.list("resource");
  if (words.length === 0) throw new KubectlError("at least one resource must be specified");
  const names = flags.list("resource-name");
  if (names.length > 0 && words.length > 1) throw new KubectlError("resourceName can not be applied with multiple resources");
  const mapping = await session.mapping();
  const byGroup = new Map<string, string[]>();
  for (const word of words) {
    const [type = "", subresource] = word.split("/");
    const resource = type === "*" ? { group: "", plural: "*" } : mapping.byWord(type);
    const listed = byGroup.get(resource.group) ?? [];
    byGroup.set(resource.group, listed);
    listed.push(subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`);
  }
  return [...byGroup].map(([apiGroup, resources]) => ({
    apiGroups: [apiGroup],
    resources,
    ...(names.length > 0 && { resourceNames: names }),
    verbs: verbs.includes("*") ? ["*"] : verbs,
  }));
}

const subjectFlags: readonly FlagSpec[] = [
  list("user", "Usernames to bind to the role. The flag can be repeated to add multiple users."),
  array("group", "Groups to bind to the role. The flag can be repeated to add multiple groups."),
  array("serviceaccount", "Service accounts to bind to the role, in the format <namespace>:<name>."),
];

export const createRoleBindingVerb: Verb = {
  name: "rolebinding",
  usage: "NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]",
  summary: "Create a role binding for a particular role or cluster role",
  flags: [
    ...generatorFlags,
    ...subjectFlags,
    text("clusterrole", "ClusterRole this RoleBinding should reference"),
    text("role", "Role this RoleBinding should reference"),
  ],
  run: async (session, { words, flags }) => {
    const [role, clusterRole] = [flags.text("role"), flags.text("clusterrole")];
    if ((role === "") === (clusterRole === "")) throw new KubectlError("exactly one of clusterrole or role must be specified");
    await createGenerated(session, {
      apiVersion,
      kind: "RoleBinding",
      metadata: { name: oneName(session, words) },
      roleRef: { apiGroup: group, kind: role === "" ? "ClusterRole" : "Role", name: role || clusterRole },
      subjects: subjectsOf(flags),
    });
  },
};

export const createClusterRoleBindingVerb: Verb = {
  name: "clusterrolebinding",
  usage: "NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname]",
  summary: "Create a cluster role binding for a particular cluster role",
  flags: [...generatorFlags, ...subjectFlags, text("clusterrole", "ClusterRole this ClusterRoleBinding should reference")],
  run: async (session, { words, flags }) => {
    if (flags.text("clusterrole") === "") throw new KubectlError(`required flag(s) "clusterrole" not set`);
    await createGenerated(session, {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: oneName(session, words) },
      roleRef: { apiGroup: group, kind: "ClusterRole", name: flags.text("clusterrole") },
      subjects: subjectsOf(flags),
    });
  },
};

function subjectsOf(flags: Flags): object[] {
  return [
    ...flags.list("user").map((name) => ({ apiGroup: group, kind: "User", name })),
    ...flags.list("group").map((name) => ({ apiGroup: group, kind: "Group", name })),
    ...flags.list("serviceaccount").map((pair) => {
      const [namespace = "", name = ""] = pair.split(":");
      if (namespace === "" || name === "") throw new KubectlError(`serviceaccount must be <namespace>:<name>`);
      return { kind: "ServiceAccount", name, namespace };
    }),
  ];
}
