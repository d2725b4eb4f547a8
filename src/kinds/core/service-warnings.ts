// What is worth telling somebody who writes a service that is accepted all the same.

import { topologyHintsAnnotation } from "./service-validation.ts";
import { isHeadless } from "./service-traffic.ts";
import type { Service } from "./types.gen.ts";

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const warnings: string[] = [];
  const { type, externalIPs = [], externalName, trafficDistribution } = spec;
  const lacksAddress = type === "ClusterIP" && isHeadless(spec);
  if (metadata?.annotations?.[topologyHintsAnnotation] !== undefined)
    warnings.push(`annotation ${topologyHintsAnnotation} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (lacksAddress) {
    if (spec.loadBalancerIP) warnings.push("spec.loadBalancerIP is ignored for headless services");
    if (externalIPs.length > 0) warnings.push("spec.externalIPs is ignored for headless services");
    if (spec.sessionAffinity !== "None") warnings.push("spec.SessionAffinity is ignored for headless services");
  }
  if (externalIPs.length > 0 && !lacksAddress && type !== "ExternalName")
    warnings.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  if (type === "ExternalName" && externalIPs.length > 0) warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (type !== "ExternalName" && externalName) warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (trafficDistribution === "PreferClose") warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}
