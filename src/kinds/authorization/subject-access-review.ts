// SubjectAccessReview: asks whether somebody may do something.

import type { SubjectAccessReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { subjectAccessReviewSpec, subjectAccessReviewStatus } from "./access.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, requiredField, struct } from "../../object/schema.ts";

export const subjectAccessReview = struct("authorization.v1.SubjectAccessReview", "Asks whether somebody may do something.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: requiredField(2, subjectAccessReviewSpec, "The question."),
  status: field(3, subjectAccessReviewStatus, "The answer."),
});

export const subjectAccessReviewKind = defineKind<SubjectAccessReview>({
  group: "authorization.k8s.io",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  singular: "subjectaccessreview",
  namespaced: false,
  versions: [{ name: "v1", schema: subjectAccessReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "subjectaccessreviews",
});
