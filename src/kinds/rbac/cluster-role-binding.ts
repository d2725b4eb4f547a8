// ClusterRoleBinding: gives a cluster role everywhere.

import type { ClusterRoleBinding } from "./types.gen.ts";
import { validateBindingUpdate, validateClusterRoleBinding } from "./role-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { bindingColumns } from "./binding-columns.ts";
import { rbacGroup } from "./subject-rules.ts";
import { roleRef, subject } from "./rules.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, requiredField, struct } from "../../object/schema.ts";

export const clusterRoleBinding = struct("rbac.v1.ClusterRoleBinding", "Gives a cluster role's permissions everywhere.", {
  ...typeMeta,
  metadata: objectMetadata,
  subjects: field(2, atomicList(subject), "Who is given them."),
  roleRef: requiredField(3, roleRef, "The ClusterRole; never changes."),
});

export const clusterRoleBindingKind = defineKind<ClusterRoleBinding>({
  group: rbacGroup,
  kind: "ClusterRoleBinding",
  plural: "clusterrolebindings",
  singular: "clusterrolebinding",
  namespaced: false,
  versions: [{ name: "v1", schema: clusterRoleBinding, served: true }],
  storageVersion: "v1",
  columns: bindingColumns,
  rules: { createOnUpdate: true, name: "path-segment", validate: validateClusterRoleBinding, validateUpdate: validateBindingUpdate },
});
