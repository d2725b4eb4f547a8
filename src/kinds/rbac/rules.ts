// What roles grant, and to whom bindings give it.

import { defaultSubject } from "./subject-rules.ts";
import { atomicList, field, requiredField, string, struct } from "../../object/schema.ts";

export const policyRule = struct("rbac.v1.PolicyRule", "Verbs that are allowed on resources or on paths.", {
  verbs: requiredField(1, atomicList(string), 'Allowed verbs; "*" for all.'),
  apiGroups: field(2, atomicList(string), 'Groups of the resources; "" for the core group, "*" for all.'),
  resources: field(3, atomicList(string), 'Plural names, "pods/log" for subresources; "*" for all.'),
  resourceNames: field(4, atomicList(string), "Only these objects; all when empty."),
  nonResourceURLs: field(5, atomicList(string), 'Paths that are no resources; "*" at the end matches the rest. Cluster roles only.'),
});

export const roleRef = struct(
  "rbac.v1.RoleRef",
  "The role that a binding gives.",
  {
    apiGroup: field(1, string, "Group of the role.", { always: true, default: "rbac.authorization.k8s.io" }),
    kind: requiredField(2, string, "Role or ClusterRole."),
    name: requiredField(3, string, "Name of the role."),
  },
  { atomic: true },
);

export const subject = struct(
  "rbac.v1.Subject",
  "Who is given a role.",
  {
    kind: requiredField(1, string, "User, Group or ServiceAccount."),
    apiGroup: field(2, string, "Group of the kind: rbac.authorization.k8s.io for users and groups, empty for service accounts."),
    name: requiredField(3, string, "Name of the user, group or service account."),
    namespace: field(4, string, "Namespace of the service account."),
  },
  { atomic: true, defaults: defaultSubject },
);
