// SelfSubjectAccessReview: asks whether the caller may do something.

import type { SelfSubjectAccessReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { nonResourceAttributes, resourceAttributes, subjectAccessReviewStatus } from "./access.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, pointer, requiredField, struct } from "../../object/schema.ts";

export const selfSubjectAccessReviewSpec = struct(
  "authorization.v1.SelfSubjectAccessReviewSpec",
  "What the caller wants to do; resource or path, not both.",
  {
    resourceAttributes: pointer(1, resourceAttributes, "Access to a resource."),
    nonResourceAttributes: pointer(2, nonResourceAttributes, "Access to a path."),
  },
);

export const selfSubjectAccessReview = struct("authorization.v1.SelfSubjectAccessReview", "Asks whether the caller may do something.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: requiredField(2, selfSubjectAccessReviewSpec, "The question."),
  status: field(3, subjectAccessReviewStatus, "The answer."),
});

export const selfSubjectAccessReviewKind = defineKind<SelfSubjectAccessReview>({
  group: "authorization.k8s.io",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  singular: "selfsubjectaccessreview",
  namespaced: false,
  versions: [{ name: "v1", schema: selfSubjectAccessReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "selfsubjectaccessreviews",
});
