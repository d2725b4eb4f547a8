// Where a node's kubelet listens, as its Node object says.

import type { ApiObject } from "../../object/kind.ts";

export interface NodeAddress {
  readonly name: string;
  /** Addresses in order of preference. */
  readonly addresses: readonly string[];
  readonly port: number;
}

interface NodeObject extends ApiObject {
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port?: number } };
  };
}

/** Addresses that are numbers come first: they reach a node without anybody's help. */
const preference = ["InternalIP", "ExternalIP", "Hostname", "InternalDNS", "ExternalDNS"];
const defaultPort = 10250;

export function kubeletAddress(node: ApiObject): NodeAddress {
  const { status } = node as NodeObject;
  const known = status?.addresses ?? [];
  const addresses = preference.flatMap((type) => known.filter((one) => one.type === type).map((one) => one.address));
  const port = status?.daemonEndpoints?.kubeletEndpoint?.Port;
  return { name: node.metadata?.name ?? "", addresses, port: port !== undefined && port > 0 ? port : defaultPort };
}
