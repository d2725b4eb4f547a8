// Small questions about services that several rooms ask.

import type { Service, ServicePort, ServiceSpec } from "./types.gen.ts";

/** clusterIP of a service that has no address on purpose. */
export const headless = "None";

type Spec = Partial<ServiceSpec> | undefined;

export const serviceTypeOf = (spec: Spec): NonNullable<ServiceSpec["type"]> => spec?.type ?? "ClusterIP";

/** Everything but ExternalName has cluster addresses (or "None"). */
export const hasClusterIP = (spec: Spec): boolean => spec !== undefined && serviceTypeOf(spec) !== "ExternalName";

export const isHeadless = (spec: Spec): boolean => hasClusterIP(spec) && (spec?.clusterIPs?.[0] ?? spec?.clusterIP) === headless;

/** Its ports are open on every node. */
export function hasNodePorts(spec: Spec): boolean {
  const type = serviceTypeOf(spec);
  return type === "NodePort" || (type === "LoadBalancer" && spec?.allocateLoadBalancerNodePorts !== false);
}

/** Load balancers ask a port of the node whether it has endpoints. */
export const hasHealthCheckNodePort = (spec: Spec): boolean =>
  serviceTypeOf(spec) === "LoadBalancer" && spec?.externalTrafficPolicy === "Local";

/** Traffic may come from outside, so externalTrafficPolicy means something. */
export function isExternallyReachable(spec: Spec): boolean {
  const type = serviceTypeOf(spec);
  return type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && (spec?.externalIPs?.length ?? 0) > 0);
}

/** Cluster addresses without "None". */
export const clusterAddresses = (service: Service): readonly string[] =>
  hasClusterIP(service.spec) ? (service.spec?.clusterIPs ?? []).filter((address) => address !== headless && address !== "") : [];

/** Two ports of a service are the same when port number and protocol are. */
export const portKey = (port: Pick<ServicePort, "port" | "protocol">): string => `${port.port}/${port.protocol ?? "TCP"}`;
