// LocalSubjectAccessReview: the same question for one namespace, so that it can be granted there.

import type { LocalSubjectAccessReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { subjectAccessReviewSpec, subjectAccessReviewStatus } from "./access.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, requiredField, struct } from "../../object/schema.ts";

export const localSubjectAccessReview = struct(
  "authorization.v1.LocalSubjectAccessReview",
  "Asks whether somebody may do something in a namespace.",
  {
    ...typeMeta,
    metadata: objectMetadata,
    spec: requiredField(2, subjectAccessReviewSpec, "The question; its namespace is that of the request."),
    status: field(3, subjectAccessReviewStatus, "The answer."),
  },
);

export const localSubjectAccessReviewKind = defineKind<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  singular: "localsubjectaccessreview",
  namespaced: true,
  versions: [{ name: "v1", schema: localSubjectAccessReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "localsubjectaccessreviews",
});
