// RoleBinding: gives a role in one namespace.

import type { RoleBinding } from "./types.gen.ts";
import { validateBindingUpdate, validateRoleBinding } from "./role-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { bindingColumns } from "./binding-columns.ts";
import { rbacGroup } from "./subject-rules.ts";
import { roleRef, subject } from "./rules.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, requiredField, struct } from "../../object/schema.ts";

export const roleBinding = struct("rbac.v1.RoleBinding", "Gives a role's permissions in one namespace.", {
  ...typeMeta,
  metadata: objectMetadata,
  subjects: field(2, atomicList(subject), "Who is given them."),
  roleRef: requiredField(3, roleRef, "Role of the namespace, or a ClusterRole; never changes."),
});

export const roleBindingKind = defineKind<RoleBinding>({
  group: rbacGroup,
  kind: "RoleBinding",
  plural: "rolebindings",
  singular: "rolebinding",
  namespaced: true,
  versions: [{ name: "v1", schema: roleBinding, served: true }],
  storageVersion: "v1",
  columns: bindingColumns,
  rules: { createOnUpdate: true, name: "path-segment", validate: validateRoleBinding, validateUpdate: validateBindingUpdate },
});
