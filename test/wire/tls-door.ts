// An Exchange behind TLS on loopback with a CA of its own, and clients of it that hold the administrator's certificate.

import { Lifetime } from "../../src/base/lifetime.ts";
import { silentLog } from "../../src/base/log.ts";
import { createDialer } from "../../src/host/http/dial.ts";
import { serve } from "../../src/host/http/http-server.ts";
import { hostKeys } from "../../src/host/keys/keys.ts";
import type { KeyPair } from "../../src/cluster/keys.ts";
import type { Exchange } from "../../src/wire/exchange.ts";

const hourMs = 3_600_000;

export interface TlsDoor extends AsyncDisposable {
  readonly port: number;
  readonly caPem: string;
  readonly admin: KeyPair;
  /** A new set of connections, as the administrator or with a bearer token. HTTP/2. */
  dial(bearerToken?: string): Exchange;
}

export async function openTlsDoor(exchange: Exchange): Promise<TlsDoor> {
  const lifetime = new Lifetime();
  const ca = await hostKeys.createCa("wire", hourMs);
  const [serving, admin] = await Promise.all([
    hostKeys.issue({ ca, commonName: "api", ipAddresses: ["127.0.0.1"], usages: ["server"], validForMs: hourMs }),
    hostKeys.issue({ ca, commonName: "wire-admin", organizations: ["system:masters"], usages: ["client"], validForMs: hourMs }),
  ]);
  const tls = { certPem: serving.certificatePem, keyPem: serving.keyPem, clientCaPem: ca.certificatePem };
  const server = lifetime.use(await serve(exchange, { host: "127.0.0.1", port: 0, tls, log: silentLog }));
  const dialer = lifetime.use(createDialer());
  return {
    port: server.port,
    caPem: ca.certificatePem,
    admin,
    dial: (bearerToken) =>
      dialer.dial(
        { scheme: "https", host: "127.0.0.1", port: server.port },
        { caPem: ca.certificatePem },
        bearerToken === undefined ? admin : { bearerToken },
      ),
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}
