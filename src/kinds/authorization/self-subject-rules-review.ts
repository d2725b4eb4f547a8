// SelfSubjectRulesReview: asks what the caller may do in a namespace.

import type { SelfSubjectRulesReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, requiredField, string, struct } from "../../object/schema.ts";

export const selfSubjectRulesReviewSpec = struct("authorization.v1.SelfSubjectRulesReviewSpec", "Where.", {
  namespace: field(1, string, "Namespace to answer for."),
});

export const resourceRule = struct("authorization.v1.ResourceRule", "Verbs that are allowed on resources.", {
  verbs: requiredField(1, atomicList(string), 'Allowed verbs; "*" for all.'),
  apiGroups: field(2, atomicList(string), 'Groups of the resources; "*" for all.'),
  resources: field(3, atomicList(string), 'Plural names; "*" for all, "*/scale" for a subresource of all.'),
  resourceNames: field(4, atomicList(string), "Only these objects; all when empty."),
});

export const nonResourceRule = struct("authorization.v1.NonResourceRule", "Verbs that are allowed on paths.", {
  verbs: requiredField(1, atomicList(string), 'Allowed verbs; "*" for all.'),
  nonResourceURLs: field(2, atomicList(string), 'Paths; "*" at the end matches the rest.'),
});

export const subjectRulesReviewStatus = struct(
  "authorization.v1.SubjectRulesReviewStatus",
  "What the caller may do, as far as it can be listed.",
  {
    resourceRules: requiredField(1, atomicList(resourceRule), "What is allowed on resources."),
    nonResourceRules: requiredField(2, atomicList(nonResourceRule), "What is allowed on paths."),
    incomplete: requiredField(3, boolean, "Whether some authorizer could not list its rules."),
    evaluationError: field(4, string, "What went wrong meanwhile."),
  },
);

export const selfSubjectRulesReview = struct("authorization.v1.SelfSubjectRulesReview", "Asks what the caller may do in a namespace.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: requiredField(2, selfSubjectRulesReviewSpec, "The question."),
  status: field(3, subjectRulesReviewStatus, "The answer."),
});

export const selfSubjectRulesReviewKind = defineKind<SelfSubjectRulesReview>({
  group: "authorization.k8s.io",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  singular: "selfsubjectrulesreview",
  namespaced: false,
  versions: [{ name: "v1", schema: selfSubjectRulesReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "selfsubjectrulesreviews",
});
