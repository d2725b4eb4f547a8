// The cluster's name server over informers: answers the zone itself, leaves other names to the host's resolvers. The bytes,
// the sockets and the resolvers are the host's, behind DnsListener and Upstream.

import type { InformerSet } from "../client/informer-set.ts";
import { namespaceKind } from "../kinds/core/namespace.ts";
import { serviceKind } from "../kinds/core/service.ts";
import { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
import type { DnsQuestion, DnsResult } from "./records.ts";
import { resolveInZone, type ZoneView } from "./zone.ts";

/** Answers one question, without waiting. */
export type DnsResolver = (question: DnsQuestion) => DnsResult;

/** Opens UDP and TCP sockets and answers each query by the resolver; names that it does not own go to the host's resolvers. */
export interface DnsListener {
  listen(resolver: DnsResolver): Promise<AsyncDisposable>;
}

export interface DnsServerDeps {
  readonly informers: InformerSet;
  /** "cluster.local" */
  readonly clusterDomain: string;
  readonly listener: DnsListener;
}

const byService = "service";
const byAddress = "address";

/** A resolver over informers. Until all of them have synced it knows nothing and says so. */
function createResolver(informers: InformerSet, clusterDomain: string): DnsResolver {
  const namespaces = informers.of(namespaceKind);
  const services = informers.of(serviceKind);
  const slices = informers.of(endpointSliceKind);
  services.addIndex(byAddress, (service) => (service.spec?.clusterIPs ?? []).filter((address) => address !== "None"));
  slices.addIndex(byService, (slice) => [`${slice.metadata?.namespace}/${slice.metadata?.labels?.["kubernetes.io/service-name"]}`]);
  slices.addIndex(byAddress, (slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses));
  const view: ZoneView = {
    hasNamespace: (name) => namespaces.get("", name) !== undefined,
    service: (namespace, name) => services.get(namespace, name),
    slices: (namespace, service) => slices.byIndex(byService, `${namespace}/${service}`),
    serviceByAddress: (address) => services.byIndex(byAddress, address)[0],
    slicesByAddress: (address) => slices.byIndex(byAddress, address),
  };
  return (question) => {
    const result = resolveInZone(question, clusterDomain, view);
    const isReady = namespaces.hasSynced && services.hasSynced && slices.hasSynced;
    return isReady || result.kind === "forward" ? result : { kind: "unready" };
  };
}

/** Listens until disposed. */
export async function startDnsServer(deps: DnsServerDeps): Promise<AsyncDisposable> {
  const resolver = createResolver(deps.informers, deps.clusterDomain);
  return await deps.listener.listen(resolver);
}
