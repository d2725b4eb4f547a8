// ClusterRole: permissions in the whole cluster, or a set to bind in namespaces.

import type { ClusterRole } from "./types.gen.ts";
import { validateClusterRole } from "./role-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { createdAtColumn, nameColumn } from "../columns.ts";
import { rbacGroup } from "./subject-rules.ts";
import { policyRule } from "./rules.ts";
import { labelSelector, objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, pointer, struct } from "../../object/schema.ts";

export const aggregationRule = struct("rbac.v1.AggregationRule", "Collects the rules of other cluster roles.", {
  clusterRoleSelectors: field(1, atomicList(labelSelector), "Roles that match any of these are added up."),
});

export const clusterRole = struct("rbac.v1.ClusterRole", "Permissions in the whole cluster, or a set to bind in namespaces.", {
  ...typeMeta,
  metadata: objectMetadata,
  rules: field(2, atomicList(policyRule), "What is allowed; the sum of the rules.", { always: true }),
  aggregationRule: pointer(3, aggregationRule, "When present a controller writes rules, from other cluster roles."),
});

export const clusterRoleKind = defineKind<ClusterRole>({
  group: rbacGroup,
  kind: "ClusterRole",
  plural: "clusterroles",
  singular: "clusterrole",
  namespaced: false,
  versions: [{ name: "v1", schema: clusterRole, served: true }],
  storageVersion: "v1",
  columns: [nameColumn, createdAtColumn],
  rules: { createOnUpdate: true, name: "path-segment", validate: validateClusterRole },
});
