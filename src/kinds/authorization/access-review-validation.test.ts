import { describe, expect, it } from "vitest";
import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from "./access-review-validation.ts";
import { changed, shown } from "../validation.laws.ts";

const review = { metadata: {}, spec: { user: "jane", resourceAttributes: { namespace: "default", verb: "get", resource: "pods" } } };
const both = 'spec.nonResourceAttributes: Invalid value: {"path":"/a"}: cannot be specified in combination with resourceAttributes';
const nothing =
  "spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";

describe("questions about access", () => {
  it("asks about one thing", () => {
    const path = { "spec.nonResourceAttributes": { path: "/a" } };
    expect(shown(validateSelfSubjectAccessReview(review))).toEqual([]);
    expect(shown(validateSelfSubjectAccessReview(changed(review, path)))).toEqual([both]);
    expect(shown(validateSelfSubjectAccessReview(changed(review, { "spec.resourceAttributes": undefined })))).toEqual([nothing]);
    expect(shown(validateSelfSubjectAccessReview(changed(review, { ...path, "spec.resourceAttributes": undefined })))).toEqual([]);
  });

  it("asks about somebody", () => {
    expect(shown(validateSubjectAccessReview(changed(review, { "spec.user": "" })))).toEqual([
      'spec.user: Invalid value: "": at least one of user or group must be specified',
    ]);
    expect(shown(validateSubjectAccessReview(changed(review, { "spec.user": "", "spec.groups": ["staff"] })))).toEqual([]);
  });

  it("has no name", () => {
    const named = changed(review, { "metadata.name": "a" });
    expect(shown(validateSubjectAccessReview(named))).toEqual(['metadata: Invalid value: {"name":"a"}: must be empty']);
    expect(shown(validateLocalSubjectAccessReview(named, "default"))).toEqual([
      'metadata: Invalid value: {"name":"a"}: must be empty except for namespace',
    ]);
  });

  it("stays in its namespace", () => {
    const local = changed(review, { "metadata.namespace": "default" });
    expect(shown(validateLocalSubjectAccessReview(local, "default"))).toEqual([]);
    expect(shown(validateLocalSubjectAccessReview(local, "other"))).toEqual([
      'spec.resourceAttributes.namespace: Invalid value: "default": must match metadata.namespace',
    ]);
    const path = changed(local, { "spec.resourceAttributes": undefined, "spec.nonResourceAttributes": { path: "/a" } });
    expect(shown(validateLocalSubjectAccessReview(path, "default"))).toEqual([
      'spec.nonResourceAttributes: Invalid value: {"path":"/a"}: disallowed on this kind of request',
    ]);
  });
});
