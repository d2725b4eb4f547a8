// Role: permissions in one namespace.

import type { Role } from "./types.gen.ts";
import { validateRole } from "./role-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { createdAtColumn, nameColumn } from "../columns.ts";
import { rbacGroup } from "./subject-rules.ts";
import { policyRule } from "./rules.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, struct } from "../../object/schema.ts";

export const role = struct("rbac.v1.Role", "Permissions in one namespace.", {
  ...typeMeta,
  metadata: objectMetadata,
  rules: field(2, atomicList(policyRule), "What is allowed; the sum of the rules.", { always: true }),
});

export const roleKind = defineKind<Role>({
  group: rbacGroup,
  kind: "Role",
  plural: "roles",
  singular: "role",
  namespaced: true,
  versions: [{ name: "v1", schema: role, served: true }],
  storageVersion: "v1",
  columns: [nameColumn, createdAtColumn],
  rules: { createOnUpdate: true, name: "path-segment", validate: validateRole },
});
