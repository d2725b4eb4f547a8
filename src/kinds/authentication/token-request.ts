// TokenRequest: asks for a token of a service account.

import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, int64, pointer, string, struct, time } from "../../object/schema.ts";

export const boundObjectReference = struct("authentication.v1.BoundObjectReference", "Object that a token dies with.", {
  kind: field(1, string, "Pod, Secret or Node."),
  apiVersion: field(2, string, "Group and version of the object."),
  name: field(3, string, "Name of the object."),
  uid: field(4, string, "UID of the object."),
});

export const tokenRequestSpec = struct("authentication.v1.TokenRequestSpec", "What token is wanted.", {
  audiences: field(1, atomicList(string), "Whom the token is for; the API server when empty."),
  boundObjectRef: pointer(3, boundObjectReference, "Object that the token dies with."),
  expirationSeconds: pointer(4, int64, "How long it should be valid; the server may give another time.", { default: 3600 }),
});

export const tokenRequestStatus = struct("authentication.v1.TokenRequestStatus", "The token.", {
  token: field(1, string, "The bearer token itself."),
  expirationTimestamp: field(2, time, "When it ends."),
});

export const tokenRequest = struct("authentication.v1.TokenRequest", "Asks for a token of a service account.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, tokenRequestSpec, "What token is wanted."),
  status: field(3, tokenRequestStatus, "The token."),
});
