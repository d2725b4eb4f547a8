// A pod's resolver configuration by its dnsPolicy and dnsConfig (API document "DNS for Services and Pods").

import type { Pod } from "../../kinds/core/types.gen.ts";
import type { DnsConfig } from "../container-runtime.ts";

export interface ClusterDns {
  /** Addresses of the cluster's DNS; empty: pods get the node's resolvers. */
  readonly servers: readonly string[];
  readonly domain: string;
}

const maxNameservers = 3;
const maxSearchDomains = 32;
const maxSearchCharacters = 2048;

export interface PodDns {
  readonly config: DnsConfig;
  /** What had to be left out, for an event. */
  readonly warnings: readonly { readonly reason: "DNSConfigForming" | "MissingClusterDNS"; readonly message: string }[];
}

export function podDns(pod: Pod, cluster: ClusterDns, host: DnsConfig): PodDns {
  const spec = pod.spec!;
  const warnings: { reason: "DNSConfigForming" | "MissingClusterDNS"; message: string }[] = [];
  const policy = spec.dnsPolicy ?? "ClusterFirst";
  const wantsCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && spec.hostNetwork !== true);
  let base: DnsConfig;
  if (policy === "None") base = { servers: [], searches: [], options: [] };
  else if (wantsCluster && cluster.servers.length > 0) base = clusterConfig(pod.metadata!.namespace!, cluster, host);
  else {
    base = host.servers.length > 0 ? host : { ...host, servers: ["127.0.0.1"] };
    if (wantsCluster) {
      warnings.push({
        reason: "MissingClusterDNS",
        message: `kubelet does not have ClusterDNS IP configured and cannot create Pod using "${policy}" policy. Falling back to "Default" policy.`,
      });
    }
  }
  const merged: DnsConfig = {
    servers: unique([...base.servers, ...(spec.dnsConfig?.nameservers ?? [])]),
    searches: unique(
      [...base.searches, ...(spec.dnsConfig?.searches ?? [])].map((domain) => (domain === "." ? domain : domain.replace(/\.$/, ""))),
    ),
    options: mergeOptions(base.options, spec.dnsConfig?.options ?? []),
  };
  return { config: withinLimits(merged, warnings), warnings };
}

function clusterConfig(namespace: string, cluster: ClusterDns, host: DnsConfig): DnsConfig {
  const domains = [`${namespace}.svc.${cluster.domain}`, `svc.${cluster.domain}`, cluster.domain];
  return { servers: cluster.servers, searches: [...domains, ...host.searches], options: ["ndots:5"] };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** An option of the pod replaces the one of the same name. */
function mergeOptions(base: readonly string[], own: readonly { readonly name?: string; readonly value?: string }[]): readonly string[] {
  const merged = new Map(base.map((option) => [option.split(":")[0]!, option]));
  for (const option of own) {
    if (!option.name) continue;
    merged.set(option.name, option.value === undefined ? option.name : `${option.name}:${option.value}`);
  }
  return [...merged.values()];
}

function withinLimits(config: DnsConfig, warnings: { reason: "DNSConfigForming" | "MissingClusterDNS"; message: string }[]): DnsConfig {
  let { servers, searches } = config;
  if (servers.length > maxNameservers) {
    servers = servers.slice(0, maxNameservers);
    const message = `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(" ")}`;
    warnings.push({ reason: "DNSConfigForming", message });
  }
  const kept = searches.slice(0, maxSearchDomains);
  while (kept.join(" ").length > maxSearchCharacters) kept.pop();
  if (kept.length < searches.length) {
    searches = kept;
    const message = `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`;
    warnings.push({ reason: "DNSConfigForming", message });
  }
  return { servers, searches, options: config.options };
}
