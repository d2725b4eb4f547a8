// TokenReview: asks whose a token is.

import type { TokenReview } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { userInfo } from "./user-info.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, requiredField, string, struct } from "../../object/schema.ts";

export const tokenReviewSpec = struct("authentication.v1.TokenReviewSpec", "The token in question.", {
  token: requiredField(1, string, "The bearer token."),
  audiences: field(2, atomicList(string), "Whom the token should be for; the API server when empty."),
});

export const tokenReviewStatus = struct("authentication.v1.TokenReviewStatus", "Whose the token is.", {
  authenticated: field(1, boolean, "Whether it belongs to a known user."),
  user: field(2, userInfo, "That user."),
  error: field(3, string, "Why the token could not be checked."),
  audiences: field(4, atomicList(string), "Those of the asked audiences that the token is good for."),
});

export const tokenReview = struct("authentication.v1.TokenReview", "Asks whose a token is.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: requiredField(2, tokenReviewSpec, "The token in question."),
  status: field(3, tokenReviewStatus, "The answer."),
});

export const tokenReviewKind = defineKind<TokenReview>({
  group: "authentication.k8s.io",
  kind: "TokenReview",
  plural: "tokenreviews",
  singular: "tokenreview",
  namespaced: false,
  versions: [{ name: "v1", schema: tokenReview, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "tokenreviews",
});
