// TLS of outgoing connections: whom we trust, who we are, and which name the certificate must bear.

import { isIP } from "node:net";
import type { ConnectionOptions, TLSSocket } from "node:tls";
import { checkServerIdentity, connect } from "node:tls";
import type { DialIdentity, DialTarget, DialTrust } from "../../wire/exchange.ts";
import { DialError } from "./dial-error.ts";

/** Connection and handshake together. */
export const connectTimeoutMs = 10_000;

/** Options for `tls.connect` and `https.request`; undefined for plain HTTP. */
export function tlsOptions(target: DialTarget, trust: DialTrust, identity: DialIdentity): ConnectionOptions | undefined {
  if (target.scheme !== "https") return undefined;
  const name = trust.serverName ?? target.host;
  return {
    minVersion: "TLSv1.2",
    // An IP address is no server name for SNI.
    servername: isIP(name) ? "" : name,
    checkServerIdentity: (_asked, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: trust.insecure !== true,
    ...(trust.caPem !== undefined && { ca: trust.caPem }),
    ...(identity.certificatePem !== undefined && { cert: identity.certificatePem }),
    ...(identity.keyPem !== undefined && { key: identity.keyPem }),
  };
}

/** A connected, verified TLS socket. */
export function connectTls(target: DialTarget, trust: DialTrust, identity: DialIdentity, protocols: readonly string[]): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...tlsOptions(target, trust, identity),
      host: target.address ?? target.host,
      port: target.port,
      ALPNProtocols: [...protocols],
    });
    const timer = setTimeout(
      () =>
        socket.destroy(
          new DialError(`cannot reach ${target.host}:${target.port}: no answer within ${connectTimeoutMs / 1_000} s`, "ETIMEDOUT"),
        ),
      connectTimeoutMs,
    );
    const onError = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once("error", onError);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.off("error", onError);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 30_000);
      resolve(socket);
    });
  });
}
