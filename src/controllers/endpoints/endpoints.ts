// Writes the Endpoints of every Service with a selector: the older form of EndpointSlices, still read by many programs.

import { endpointsKind } from "../../kinds/core/endpoints.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { serviceKind } from "../../kinds/core/service.ts";
import type { EndpointAddress, EndpointSubset, Endpoints, Pod, Service } from "../../kinds/core/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { ownKey, splitKey, watch } from "../controller.ts";
import type { Decision } from "../decision.ts";
import { create, nothing, remove, update } from "../decision.ts";
import type { ResolvedPort } from "../endpointslice/pod-endpoints.ts";
import {
  addressesOf,
  familiesOf,
  familyOf,
  hostnameOf,
  isHeadless,
  podsBehind,
  portsOf,
  servicesOf,
  triggerTime,
} from "../endpointslice/pod-endpoints.ts";
import { headlessLabel } from "../endpointslice/slice-labels.ts";
import { isPodReady } from "../../kinds/core/pod-readiness.ts";
import type { View } from "../view.ts";

const managedByLabel = "endpoints.kubernetes.io/managed-by";
const managedBy = "endpoint-controller";
const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";
const capacityAnnotation = "endpoints.kubernetes.io/over-capacity";
/** Most addresses in one Endpoints object; ready ones go first. */
const maxAddresses = 1000;

export const endpointsController: Controller = {
  name: "endpoint-controller",
  watches: [watch(serviceKind, ownKey), watch(podKind, servicesOf), watch(endpointsKind, ownKey)],
  decide: decideEndpoints,
};

export function decideEndpoints(view: View, key: string): Decision {
  const [namespace, name] = splitKey(key);
  const service = view.get(serviceKind, namespace, name);
  const present = view.get(endpointsKind, namespace, name);
  if (service === undefined) {
    // Only what this controller wrote goes with the service: Endpoints written by hand have their own life.
    return present?.metadata?.labels?.[managedByLabel] === managedBy
      ? { writes: [remove(endpointsKind, present, "service deleted")] }
      : nothing;
  }
  if (service.spec?.type === "ExternalName" || service.metadata?.deletionTimestamp !== undefined) return nothing;
  if (service.spec?.selector === undefined || Object.keys(service.spec.selector).length === 0) return nothing;
  const pods = podsBehind(view, service);
  const { subsets, truncated } = subsetsOf(service, pods);
  const labels = labelsOf(service);
  const { [triggerAnnotation]: oldTrigger, [capacityAnnotation]: oldCapacity, ...others } = present?.metadata?.annotations ?? {};
  const same =
    present !== undefined &&
    deepEqual(present.subsets ?? [], subsets) &&
    deepEqual(present.metadata?.labels ?? {}, labels) &&
    (oldCapacity === "truncated") === truncated;
  if (same) return nothing;
  const trigger = triggerTime(service, pods) ?? oldTrigger;
  const annotations = {
    ...others,
    ...(trigger !== undefined && { [triggerAnnotation]: trigger }),
    ...(truncated && { [capacityAnnotation]: "truncated" }),
  };
  const next = { ...present, metadata: { ...present?.metadata, name, namespace, labels, annotations }, subsets } as Endpoints;
  return {
    about: service,
    writes: [present === undefined ? create(endpointsKind, next, "endpoints") : update(endpointsKind, next, "endpoints")],
  };
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const { [headlessLabel]: _, ...own } = service.metadata?.labels ?? {};
  return { ...own, ...(isHeadless(service) && { [headlessLabel]: "" }), [managedByLabel]: managedBy };
}

/** Subsets in canonical form: addresses with the same ports together, everything sorted, so that equal content is equal. */
function subsetsOf(service: Service, pods: readonly Pod[]): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const family = familiesOf(service)[0]!;
  const groups = new Map<string, { ports: readonly ResolvedPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  const tolerant = service.spec?.publishNotReadyAddresses === true;
  let total = 0;
  let truncated = false;
  const byReadiness = pods.toSorted((a, b) => Number(isPodReady(b)) - Number(isPodReady(a)));
  for (const pod of byReadiness) {
    if (pod.metadata?.deletionTimestamp !== undefined && !tolerant) continue;
    const ip = addressesOf(pod).find((address) => familyOf(address) === family);
    if (ip === undefined) continue;
    const ready = tolerant || isPodReady(pod);
    const ports = portsOf(service, pod);
    if (ports.length === 0 && !(isHeadless(service) && (service.spec?.ports?.length ?? 0) === 0)) continue;
    if (total >= maxAddresses) {
      truncated = true;
      break;
    }
    total++;
    const sorted = ports.toSorted((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : (a.name ?? "") > (b.name ?? "") ? 1 : a.port - b.port));
    const group = groups.get(JSON.stringify(sorted)) ?? { ports: sorted, ready: [], notReady: [] };
    (ready ? group.ready : group.notReady).push(addressOf(service, pod, ip));
    groups.set(JSON.stringify(sorted), group);
  }
  const byIp = (a: EndpointAddress, b: EndpointAddress): number => ((a.ip ?? "") < (b.ip ?? "") ? -1 : 1);
  const subsets = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([, { ports, ready, notReady }]) =>
        ({
          ...(ready.length > 0 && { addresses: ready.toSorted(byIp) }),
          ...(notReady.length > 0 && { notReadyAddresses: notReady.toSorted(byIp) }),
          ...(ports.length > 0 && { ports }),
        }) as EndpointSubset,
    );
  return { subsets, truncated };
}

function addressOf(service: Service, pod: Pod, ip: string): EndpointAddress {
  const hostname = hostnameOf(pod, service);
  const nodeName = pod.spec?.nodeName ?? "";
  return {
    ip,
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== "" && { nodeName }),
    targetRef: { kind: "Pod", namespace: pod.metadata?.namespace, name: pod.metadata?.name, uid: pod.metadata?.uid },
  } as EndpointAddress;
}
