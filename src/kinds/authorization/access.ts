// What an access question is about, and its answer.

import { fieldSelectorRequirement, labelSelectorRequirement } from "../../object/meta.ts";
import { atomicList, boolean, field, list, map, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const fieldSelectorAttributes = struct("authorization.v1.FieldSelectorAttributes", "Field selector of the access in question.", {
  rawSelector: field(1, string, "As the query parameter; for authorizers that look at requests alone."),
  requirements: field(2, atomicList(fieldSelectorRequirement), "The parsed conditions; all must hold."),
});

export const labelSelectorAttributes = struct("authorization.v1.LabelSelectorAttributes", "Label selector of the access in question.", {
  rawSelector: field(1, string, "As the query parameter; for authorizers that look at requests alone."),
  requirements: field(2, atomicList(labelSelectorRequirement), "The parsed conditions; all must hold."),
});

export const resourceAttributes = struct("authorization.v1.ResourceAttributes", "Access to a resource.", {
  namespace: field(1, string, "Namespace of the access; empty for all, or for cluster resources."),
  verb: field(2, string, 'The verb; "*" for all.'),
  group: field(3, string, 'Group of the resource; "*" for all.'),
  version: field(4, string, 'Version of the resource; "*" for all.'),
  resource: field(5, string, 'Plural name; "*" for all.'),
  subresource: field(6, string, "Subresource, if any."),
  name: field(7, string, "Name of the object; empty for all."),
  fieldSelector: pointer(8, fieldSelectorAttributes, "Restriction by fields."),
  labelSelector: pointer(9, labelSelectorAttributes, "Restriction by labels."),
});

export const nonResourceAttributes = struct("authorization.v1.NonResourceAttributes", "Access to a path that is no resource.", {
  path: field(1, string, "The path."),
  verb: field(2, string, "The HTTP method in lower case."),
});

export const subjectAccessReviewSpec = struct(
  "authorization.v1.SubjectAccessReviewSpec",
  "Who wants to do what; resource or path, not both.",
  {
    resourceAttributes: pointer(1, resourceAttributes, "Access to a resource."),
    nonResourceAttributes: pointer(2, nonResourceAttributes, "Access to a path."),
    user: field(3, string, "Name of the user."),
    groups: field(4, atomicList(string), "Groups of the user."),
    extra: field(5, map({ ...list(string), message: "ExtraValue" }), "Further data of the authenticator."),
    uid: field(6, string, "Id of the user."),
  },
);

export const subjectAccessReviewStatus = struct("authorization.v1.SubjectAccessReviewStatus", "Whether it is allowed.", {
  allowed: requiredField(1, boolean, "Whether it is allowed."),
  reason: field(2, string, "Why."),
  evaluationError: field(3, string, "What went wrong meanwhile; the answer may still be good."),
  denied: field(4, boolean, "Whether an authorizer refused outright, so that no other may allow."),
});
