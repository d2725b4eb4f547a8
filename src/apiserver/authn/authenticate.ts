// Who asks? In order: the identity that the composition root gave, the verified client certificate, a bearer token, nobody.

import { unauthorized } from "../../object/status.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Stage } from "../route/call.ts";
import { createTokenReader } from "./service-account-token.ts";
import { anonymous, withGroup } from "./users.ts";

export function authenticate(server: Server): Stage {
  const tokens = createTokenReader(server);
  const results = server.deps.metrics.counter("authentication_attempts", "Authentications by result.");
  return async (call, next) => {
    const { peer, headers } = call.request;
    let user: UserInfo | undefined;
    if (peer.user) user = withGroup(peer.user, "system:authenticated");
    else {
      const token = bearerToken(headers["authorization"]);
      if (token !== undefined) {
        const read = await tokens.read(token, [server.deps.issuer]);
        if (!read) {
          results({ result: "failure" });
          throw unauthorized();
        }
        user = withGroup(read.user, "system:authenticated");
      } else if (peer.certificate && peer.certificate.commonName !== "") {
        const extra = { "authentication.kubernetes.io/credential-id": [`X509SHA256=${peer.certificate.fingerprint}`] };
        user = withGroup({ name: peer.certificate.commonName, groups: peer.certificate.organizations, extra }, "system:authenticated");
      } else if (headers["authorization"] !== undefined) {
        results({ result: "failure" });
        throw unauthorized();
      }
    }
    results({ result: user ? "success" : "anonymous" });
    call.user = user ?? anonymous;
    return next();
  };
}

function bearerToken(header: string | undefined): string | undefined {
  const found = header === undefined ? null : /^bearer +(\S+)$/i.exec(header.trim());
  return found?.[1];
}
