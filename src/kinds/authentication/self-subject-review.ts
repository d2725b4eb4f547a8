// SelfSubjectReview: asks who one is.

import type { SelfSubjectReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { userInfo } from "./user-info.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, struct } from "../../object/schema.ts";

export const selfSubjectReviewStatus = struct("authentication.v1.SelfSubjectReviewStatus", "Who the caller is.", {
  userInfo: field(1, userInfo, "The caller, as the server sees them."),
});

export const selfSubjectReview = struct("authentication.v1.SelfSubjectReview", "Asks who the caller is.", {
  ...typeMeta,
  metadata: objectMetadata,
  status: field(2, selfSubjectReviewStatus, "The answer."),
});

export const selfSubjectReviewKind = defineKind<SelfSubjectReview>({
  group: "authentication.k8s.io",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  singular: "selfsubjectreview",
  namespaced: false,
  versions: [{ name: "v1", schema: selfSubjectReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "selfsubjectreviews",
});
