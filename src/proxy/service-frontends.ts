// From Services and their EndpointSlices to what a node must translate: addresses and ports in front, backends behind.
// Pure: the same view gives the same frontends in the same order, so that nothing is rewritten without need.

import type { Service } from "../kinds/core/types.gen.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";

export type Protocol = "tcp" | "udp" | "sctp";

export interface Backend {
  readonly address: string;
  readonly port: number;
}

/** One address and port that clients use. */
export interface Frontend {
  /** A node port listens on every local address of the node; the others on `address`. */
  readonly type: "clusterIP" | "external" | "nodePort";
  readonly address?: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly backends: readonly Backend[];
  /** What happens without backends: an active refusal, or silence where another node may have some (policy Local). */
  readonly withoutBackends: "reject" | "drop";
  /** Hide the client's address behind the node's, because the answer must come back through this node. */
  readonly masquerade: boolean;
  /** Backends for clients inside the cluster, where the policy keeps outside clients to local ones. */
  readonly insideBackends?: readonly Backend[];
  /** Seconds that a client stays with its backend (sessionAffinity ClientIP). */
  readonly affinitySeconds?: number;
}

const defaultAffinitySeconds = 10_800;
const headlessAddress = "None";

/** Whether the service proxy has anything to do with this service: not headless, not an alias. */
function isProxied(service: Service): boolean {
  const { clusterIP, type } = service.spec ?? {};
  return type !== "ExternalName" && clusterIP !== undefined && clusterIP !== "" && clusterIP !== headlessAddress;
}

/**
 * The frontends of one service on one node, for IPv4.
 * @param slices every EndpointSlice labelled with the service's name
 */
export function serviceFrontends(service: Service, slices: readonly EndpointSlice[], nodeName: string): Frontend[] {
  if (!isProxied(service)) return [];
  const spec = service.spec!;
  const affinitySeconds =
    spec.sessionAffinity === "ClientIP" ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds) : undefined;
  const externalLocal = spec.externalTrafficPolicy === "Local";
  const internalLocal = spec.internalTrafficPolicy === "Local";
  const frontends: Frontend[] = [];
  for (const servicePort of spec.ports ?? []) {
    const protocol = (servicePort.protocol ?? "TCP").toLowerCase() as Protocol;
    const { all, local } = backendsOf(slices, servicePort.name ?? "", nodeName);
    const common = { protocol, port: servicePort.port, ...(affinitySeconds !== undefined && { affinitySeconds }) };
    for (const address of spec.clusterIPs?.filter(isIpv4) ?? [spec.clusterIP!]) {
      frontends.push({
        ...common,
        type: "clusterIP",
        address,
        backends: internalLocal ? local : all,
        withoutBackends: internalLocal && all.length > 0 ? "drop" : "reject",
        masquerade: false,
      });
    }
    const outside = {
      ...common,
      backends: externalLocal ? local : all,
      withoutBackends: externalLocal && all.length > 0 ? ("drop" as const) : ("reject" as const),
      masquerade: !externalLocal,
      ...(externalLocal && { insideBackends: all }),
    };
    for (const address of externalAddresses(service)) frontends.push({ ...outside, type: "external", address });
    if (servicePort.nodePort) frontends.push({ ...outside, type: "nodePort", port: servicePort.nodePort });
  }
  return frontends;
}

function externalAddresses(service: Service): string[] {
  const balanced = (service.status?.loadBalancer?.ingress ?? [])
    .filter((ingress) => ingress.ip !== undefined && ingress.ip !== "" && ingress.ipMode !== "Proxy")
    .map((ingress) => ingress.ip!);
  return [...new Set([...(service.spec?.externalIPs ?? []), ...balanced])].filter(isIpv4);
}

const isIpv4 = (address: string): boolean => !address.includes(":");

/**
 * Ready endpoints; when there is none at all, those that still serve while they terminate (KEP-1669). `local` applies the
 * same rule to the endpoints of this node alone.
 */
function backendsOf(slices: readonly EndpointSlice[], portName: string, nodeName: string): { all: Backend[]; local: Backend[] } {
  const ready: Candidate[] = [];
  const fading: Candidate[] = [];
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const port = slice.ports?.find((candidate) => (candidate.name ?? "") === portName)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined) continue;
      const candidate = { address, port, local: endpoint.nodeName === nodeName };
      const { ready: isReady, serving, terminating } = endpoint.conditions ?? {};
      if (isReady ?? true) ready.push(candidate);
      else if ((serving ?? false) && (terminating ?? false)) fading.push(candidate);
    }
  }
  const localReady = ready.filter((candidate) => candidate.local);
  return {
    all: distinct(ready.length > 0 ? ready : fading),
    local: distinct(localReady.length > 0 ? localReady : fading.filter((candidate) => candidate.local)),
  };
}

interface Candidate extends Backend {
  readonly local: boolean;
}

/** Each backend once, in a stable order. */
function distinct(candidates: readonly Candidate[]): Backend[] {
  const byKey = new Map(candidates.map(({ address, port }) => [`${address}:${port}`, { address, port }]));
  return [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend);
}
