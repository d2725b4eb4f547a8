// The part of a pod that a Service's endpoints show, and which pods show at all. Shared by slices and Endpoints.

import { parseTime } from "../../base/clock.ts";
import { ipFamily } from "../../lang/ip.ts";
import { matchesLabels, selectorFromLabels } from "../../lang/label-selector.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { serviceKind } from "../../kinds/core/service.ts";
import { targetPortOf } from "../../kinds/core/pod-ports.ts";
import type { Pod, Service } from "../../kinds/core/types.gen.ts";
import { keyOf } from "../controller.ts";
import { isPodTerminal } from "../../kinds/core/pod-readiness.ts";
import { conditionOf } from "../pod-state.ts";
import type { View } from "../view.ts";

/** Services whose selector takes the pod. */
export const servicesOf = (pod: Pod, view: View): string[] =>
  view
    .list(serviceKind, pod.metadata?.namespace)
    .filter((service) => selects(service, pod))
    .map(keyOf);

const selects = (service: Service, pod: Pod): boolean => {
  const selector = service.spec?.selector;
  return selector !== undefined && Object.keys(selector).length > 0 && matchesLabels(selectorFromLabels(selector), pod.metadata?.labels);
};

/** Pods behind the service that have an address and have not finished, in a stable order. */
export function podsBehind(view: View, service: Service): readonly Pod[] {
  return view
    .list(podKind, service.metadata?.namespace)
    .filter((pod) => selects(service, pod) && !isPodTerminal(pod) && addressesOf(pod).length > 0)
    .toSorted((a, b) => ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1));
}

export function addressesOf(pod: Pod): readonly string[] {
  const all = (pod.status?.podIPs ?? []).map((address) => address.ip).filter((ip): ip is string => ip !== undefined && ip !== "");
  if (all.length > 0) return all;
  const single = pod.status?.podIP ?? "";
  return single === "" ? [] : [single];
}

export type Family = "IPv4" | "IPv6";
export const familyOf = (address: string): Family => (ipFamily(address) === 6 ? "IPv6" : "IPv4");

/** Families that the service wants addresses of. A service from before the field has its cluster address's family. */
export function familiesOf(service: Service): readonly Family[] {
  const families = service.spec?.ipFamilies ?? [];
  if (families.length > 0) return families as readonly Family[];
  const address = service.spec?.clusterIP ?? "";
  return address !== "" && address !== "None" ? [familyOf(address)] : ["IPv4"];
}

export const isHeadless = (service: Service): boolean => service.spec?.clusterIP === "None";

/** A hostname that DNS serves under this very service. */
export function hostnameOf(pod: Pod, service: Service): string | undefined {
  const hostname = pod.spec?.hostname ?? "";
  return hostname !== "" && pod.spec?.subdomain === service.metadata?.name ? hostname : undefined;
}

export interface ResolvedPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly appProtocol?: string;
}

/** The service's ports as numbers of this pod; a named port that the pod does not have is left out. */
export function portsOf(service: Service, pod: Pod): readonly ResolvedPort[] {
  const ports: ResolvedPort[] = [];
  for (const port of service.spec?.ports ?? []) {
    const number = targetPortOf(pod, port);
    if (number === undefined) continue;
    ports.push({
      ...(port.name !== undefined && port.name !== "" && { name: port.name }),
      port: number,
      protocol: port.protocol ?? "TCP",
      ...(port.appProtocol !== undefined && { appProtocol: port.appProtocol }),
    });
  }
  return ports;
}

/** When the newest change behind the endpoints happened: the service's creation or a pod's turn of readiness. */
export function triggerTime(service: Service, pods: readonly Pod[]): string | undefined {
  let latest = service.metadata?.creationTimestamp;
  for (const pod of pods) {
    const changed = conditionOf(pod.status?.conditions, "Ready")?.lastTransitionTime ?? pod.metadata?.creationTimestamp;
    if (changed !== undefined && (latest === undefined || parseTime(changed) > parseTime(latest))) latest = changed;
  }
  return latest;
}
