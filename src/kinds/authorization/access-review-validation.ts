// Questions about access: about a resource or a path, not both, and about somebody.

import { invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "./types.gen.ts";

type Question = SelfSubjectAccessReview["spec"];

function validateQuestion({ resourceAttributes: resource, nonResourceAttributes: path }: Question): FieldError[] {
  if (resource !== undefined && path !== undefined)
    return [invalidValue("spec.nonResourceAttributes", path, "cannot be specified in combination with resourceAttributes")];
  if (resource !== undefined || path !== undefined) return [];
  const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [invalidValue("spec.resourceAttributes", undefined, detail)];
}

function validateSubject({ user = "", groups = [] }: SubjectAccessReview["spec"]): FieldError[] {
  if (user !== "" || groups.length > 0) return [];
  return [invalidValue("spec.user", user, "at least one of user or group must be specified")];
}

/** A question is not an object that has a name. `except` may be there all the same. */
function validateMetadata({ metadata = {} }: ApiObject, except: readonly string[], detail: string): FieldError[] {
  const allowed = ["managedFields", ...except];
  const empty = Object.entries(metadata).every(([name, value]) => allowed.includes(name) || value === undefined || value === "");
  return empty ? [] : [invalidValue("metadata", metadata, detail)];
}

export const validateSubjectAccessReview = (review: SubjectAccessReview): FieldError[] => [
  ...validateQuestion(review.spec),
  ...validateSubject(review.spec),
  ...validateMetadata(review, [], "must be empty"),
];

export const validateSelfSubjectAccessReview = (review: SelfSubjectAccessReview): FieldError[] => [
  ...validateQuestion(review.spec),
  ...validateMetadata(review, [], "must be empty"),
];

/** `namespace`: that of the request, which the question must be about. */
export function validateLocalSubjectAccessReview(review: LocalSubjectAccessReview, namespace: string): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = review.spec;
  const elsewhere = resource !== undefined && (resource.namespace ?? "") !== namespace;
  return [
    ...validateQuestion(review.spec),
    ...validateSubject(review.spec),
    ...validateMetadata(review, ["namespace"], "must be empty except for namespace"),
    ...(elsewhere ? [invalidValue("spec.resourceAttributes.namespace", resource.namespace ?? "", "must match metadata.namespace")] : []),
    ...(path === undefined ? [] : [invalidValue("spec.nonResourceAttributes", path, "disallowed on this kind of request")]),
  ];
}
