// The door of an embedded cluster for programs that speak TLS: kubectl, Helm, an operator under test.

import { encodeBase64Text } from "../base/base64.ts";
import type { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import { formatKubeconfig, mergeEntry, parseKubeconfig } from "../client/kubeconfig.ts";
import type { KeyPair } from "../cluster/keys.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import { adminLeaf, apiServerLeaf } from "../cluster/pki.ts";
import { serve } from "../host/http/http-server.ts";
import { hostKeys } from "../host/keys/keys.ts";
import type { Exchange } from "../wire/exchange.ts";

/** Certificates on real sockets are dated by the host's clock, because the peer checks them with its own. */
export const certificateLifeMs = 24 * 3600 * 1000;

export interface LoopbackDoor {
  readonly exchange: Exchange;
  /** The listener ends with it. */
  readonly lifetime: Lifetime;
  readonly layout: ClusterLayout;
  readonly ca: KeyPair;
  readonly log: Log;
}

/** Listens on a free port of 127.0.0.1; returns the text of a kubeconfig that leads there as administrator. */
export async function listenOnLoopback({ exchange, lifetime, layout, ca, log }: LoopbackDoor): Promise<string> {
  const names = apiServerLeaf({ addresses: [], hostname: "localhost", clusterDomain: layout.clusterDomain });
  const [serving, admin] = await Promise.all([
    hostKeys.issue({ ...names, ca, validForMs: certificateLifeMs }),
    hostKeys.issue({ ...adminLeaf, ca, validForMs: certificateLifeMs }),
  ]);
  const tls = { certPem: serving.certificatePem, keyPem: serving.keyPem, clientCaPem: ca.certificatePem };
  const server = lifetime.use(await serve(exchange, { host: "127.0.0.1", port: 0, tls, log }));
  const entry = {
    name: layout.context,
    cluster: { server: `https://127.0.0.1:${server.port}`, "certificate-authority-data": encodeBase64Text(ca.certificatePem) },
    user: {
      "client-certificate-data": encodeBase64Text(admin.certificatePem),
      "client-key-data": encodeBase64Text(admin.keyPem),
    },
  };
  return formatKubeconfig(mergeEntry(parseKubeconfig(""), entry, "always"));
}
