// TokenReview: whose token is this? Kubelets and extension servers ask it about the tokens they are shown.

import { badRequest } from "../../../object/status.ts";
import { createTokenReader } from "../../authn/service-account-token.ts";
import { respondValue } from "../../route/respond.ts";
import type { Operation } from "./operation.ts";

export const tokenReview: Operation = async ({ server, call, draft, expected }) => {
  const spec = (draft as { spec?: { token?: string; audiences?: string[] } }).spec ?? {};
  if (!spec.token) throw badRequest("token is required for TokenReview in authentication");
  const read = await createTokenReader(server).read(spec.token, spec.audiences?.length ? spec.audiences : [server.deps.issuer]);
  const status = read
    ? {
        authenticated: true,
        user: {
          username: read.user.name,
          ...(read.user.uid !== undefined && { uid: read.user.uid }),
          groups: [...read.user.groups, "system:authenticated"],
          ...(read.user.extra && { extra: read.user.extra }),
        },
        audiences: read.audiences,
      }
    : { authenticated: false, user: {}, error: "invalid bearer token, Token has been invalidated" };
  return respondValue(call, 201, { ...draft, status }, expected.schema);
};
