// Writes the EndpointSlices of every Service with a selector: where its pods are and whether they may get traffic.

import { endpointSliceKind } from "../../kinds/discovery/endpoint-slice.ts";
import type { Endpoint, EndpointSlice } from "../../kinds/discovery/types.gen.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import { podKind } from "../../kinds/core/pod.ts";
import { serviceKind } from "../../kinds/core/service.ts";
import type { Pod, Service } from "../../kinds/core/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { ownKey, reads, splitKey, watch } from "../controller.ts";
import type { Decision, Write } from "../decision.ts";
import { create, nothing, remove, update } from "../decision.ts";
import { controllerReference } from "../ownership.ts";
import { isPodReady } from "../../kinds/core/pod-readiness.ts";
import type { View } from "../view.ts";
import type { Family } from "./pod-endpoints.ts";
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
} from "./pod-endpoints.ts";
import type { Wanted } from "./slice-layout.ts";
import { layOut, portsKey } from "./slice-layout.ts";
import { serviceNameLabel, managedByLabel, headlessLabel, bySliceService } from "./slice-labels.ts";

const managedBy = "endpointslice-controller.k8s.io";
const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

export const endpointSliceController: Controller = {
  name: "endpointslice-controller",
  watches: [
    watch(serviceKind, ownKey),
    watch(podKind, servicesOf),
    watch(endpointSliceKind, (slice) => {
      const service = slice.metadata?.labels?.[serviceNameLabel];
      return service !== undefined && slice.metadata?.labels?.[managedByLabel] === managedBy
        ? [`${slice.metadata.namespace}/${service}`]
        : [];
    }),
    reads(nodeKind),
  ],
  indexes: [bySliceService],
  decide: decideEndpointSlices,
};

export function decideEndpointSlices(view: View, key: string): Decision {
  const [namespace, name] = splitKey(key);
  const service = view.get(serviceKind, namespace, name);
  if (service === undefined || service.spec?.type === "ExternalName" || service.metadata?.deletionTimestamp !== undefined) return nothing;
  // Without a selector the endpoints are somebody else's.
  if (service.spec?.selector === undefined || Object.keys(service.spec.selector).length === 0) return nothing;
  const slices = view
    .byIndex(endpointSliceKind, "service", key)
    .filter((slice) => slice.metadata?.labels?.[managedByLabel] === managedBy && slice.metadata.deletionTimestamp === undefined);
  const pods = podsBehind(view, service);
  const families = familiesOf(service);
  const trigger = triggerTime(service, pods);
  const writes: Write[] = slices
    .filter((slice) => !families.includes(slice.addressType as Family))
    .map((slice) => remove(endpointSliceKind, slice, "address family not wanted"));
  for (const family of families) {
    const present = slices.filter((slice) => slice.addressType === family);
    writes.push(...writesFor(view, service, family, present, pods, trigger));
  }
  return { about: service, writes };
}

function writesFor(
  view: View,
  service: Service,
  family: Family,
  present: readonly EndpointSlice[],
  pods: readonly Pod[],
  trigger: string | undefined,
): Write[] {
  const groups = new Map<string, { ports: Wanted["ports"]; endpoints: Endpoint[] }>();
  for (const pod of pods) {
    const addresses = addressesOf(pod).filter((address) => familyOf(address) === family);
    if (addresses.length === 0) continue;
    const ports = portsOf(service, pod);
    // A service with ports of which the pod has none shows the pod nowhere; one without ports (headless) shows addresses.
    const group = groups.get(portsKey(ports)) ?? { ports, endpoints: [] as Endpoint[] };
    group.endpoints.push(endpointOf(view, service, pod, addresses));
    groups.set(portsKey(ports), group);
  }
  // An empty slice tells that there are no endpoints, which is not the same as not knowing.
  const wanted: Wanted[] = groups.size === 0 ? [{ ports: [], endpoints: [] }] : [...groups.values()];
  const layout = layOut(present, wanted);
  const { create: missing, delete: surplus } = layout;
  const needsPlaceholder = groups.size === 0 && layout.keep.length === 0 && layout.update.length === 0;
  const creations = needsPlaceholder ? wanted : missing;
  const labels = labelsOf(service);
  return [
    ...creations.map(({ ports, endpoints }) =>
      create(endpointSliceKind, newSlice(service, family, labels, ports, endpoints, trigger), "endpoints"),
    ),
    ...layout.update.map(({ slice, endpoints }) => update(endpointSliceKind, changedSlice(slice, labels, endpoints, trigger), "endpoints")),
    ...layout.keep
      .filter((slice) => !deepEqual(slice.metadata?.labels ?? {}, labels))
      .map((slice) => update(endpointSliceKind, changedSlice(slice, labels, slice.endpoints ?? [], trigger), "labels")),
    ...surplus.map((slice) => remove(endpointSliceKind, slice, "no endpoints left")),
  ];
}

function endpointOf(view: View, service: Service, pod: Pod, addresses: readonly string[]): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata?.deletionTimestamp !== undefined;
  const nodeName = pod.spec?.nodeName ?? "";
  const zone = nodeName === "" ? undefined : view.get(nodeKind, "", nodeName)?.metadata?.labels?.["topology.kubernetes.io/zone"];
  const hostname = hostnameOf(pod, service);
  return {
    addresses,
    conditions: { ready: service.spec?.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: { kind: "Pod", namespace: pod.metadata?.namespace, name: pod.metadata?.name, uid: pod.metadata?.uid },
    ...(nodeName !== "" && { nodeName }),
    ...(zone !== undefined && { zone }),
  } as Endpoint;
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const { [headlessLabel]: _, ...own } = service.metadata?.labels ?? {};
  return {
    ...own,
    ...(isHeadless(service) && { [headlessLabel]: "" }),
    [serviceNameLabel]: service.metadata?.name ?? "",
    [managedByLabel]: managedBy,
  };
}

function newSlice(
  service: Service,
  family: Family,
  labels: Readonly<Record<string, string>>,
  ports: Wanted["ports"],
  endpoints: readonly Endpoint[],
  trigger: string | undefined,
): EndpointSlice {
  return {
    metadata: {
      generateName: `${service.metadata?.name}-`,
      namespace: service.metadata?.namespace,
      labels,
      ...(trigger !== undefined && { annotations: { [triggerAnnotation]: trigger } }),
      ownerReferences: [controllerReference(serviceKind, service)],
    },
    addressType: family,
    endpoints,
    ports,
  } as EndpointSlice;
}

function changedSlice(
  slice: EndpointSlice,
  labels: Readonly<Record<string, string>>,
  endpoints: readonly Endpoint[],
  trigger: string | undefined,
): EndpointSlice {
  const annotations = { ...slice.metadata?.annotations, ...(trigger !== undefined && { [triggerAnnotation]: trigger }) };
  return { ...slice, metadata: { ...slice.metadata, labels, annotations }, endpoints } as EndpointSlice;
}
