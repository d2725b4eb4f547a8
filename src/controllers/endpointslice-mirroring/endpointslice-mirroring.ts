// Mirrors Endpoints that somebody writes by hand, for Services without a selector, into EndpointSlices, so that readers of
// slices need to know nothing else.

import { endpointsKind } from "../../kinds/core/endpoints.ts";
import { serviceKind } from "../../kinds/core/service.ts";
import type { EndpointAddress, Endpoints } from "../../kinds/core/types.gen.ts";
import { endpointSliceKind } from "../../kinds/discovery/endpoint-slice.ts";
import type { Endpoint, EndpointSlice } from "../../kinds/discovery/types.gen.ts";
import type { Controller } from "../controller.ts";
import { ownKey, splitKey, watch } from "../controller.ts";
import type { Decision, Write } from "../decision.ts";
import { create, nothing, remove, update } from "../decision.ts";
import type { Family } from "../endpointslice/pod-endpoints.ts";
import { familyOf } from "../endpointslice/pod-endpoints.ts";
import { bySliceService, managedByLabel, serviceNameLabel } from "../endpointslice/slice-labels.ts";
import type { Wanted } from "../endpointslice/slice-layout.ts";
import { layOut } from "../endpointslice/slice-layout.ts";
import { controllerReference } from "../ownership.ts";
import type { View } from "../view.ts";

const managedBy = "endpointslicemirroring-controller.k8s.io";
const skipLabel = "endpointslice.kubernetes.io/skip-mirror";
const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
/** Most addresses of one subset that are mirrored. */
const maxAddressesPerSubset = 1000;

export const endpointSliceMirroringController: Controller = {
  name: "endpointslicemirroring-controller",
  watches: [
    watch(endpointsKind, ownKey),
    watch(serviceKind, ownKey),
    watch(endpointSliceKind, (slice) => {
      const service = slice.metadata?.labels?.[serviceNameLabel];
      return service !== undefined && slice.metadata?.labels?.[managedByLabel] === managedBy
        ? [`${slice.metadata.namespace}/${service}`]
        : [];
    }),
  ],
  indexes: [bySliceService],
  decide: decideMirror,
};

function decideMirror(view: View, key: string): Decision {
  const [namespace, name] = splitKey(key);
  const endpoints = view.get(endpointsKind, namespace, name);
  const slices = view
    .byIndex(endpointSliceKind, "service", key)
    .filter((slice) => slice.metadata?.labels?.[managedByLabel] === managedBy && slice.metadata.deletionTimestamp === undefined);
  const service = view.get(serviceKind, namespace, name);
  const mirrored =
    endpoints !== undefined &&
    endpoints.metadata?.deletionTimestamp === undefined &&
    endpoints.metadata?.labels?.[skipLabel] !== "true" &&
    endpoints.metadata?.annotations?.[leaderAnnotation] === undefined &&
    service !== undefined &&
    Object.keys(service.spec?.selector ?? {}).length === 0;
  if (!mirrored) return { writes: slices.map((slice) => remove(endpointSliceKind, slice, "not mirrored")) };
  const writes: Write[] = [];
  for (const family of ["IPv4", "IPv6"] as const) {
    const layout = layOut(
      slices.filter((slice) => slice.addressType === family),
      wantedFrom(endpoints, family),
    );
    writes.push(
      ...layout.create.map((wanted) => create(endpointSliceKind, newSlice(endpoints, family, wanted), "mirror")),
      ...layout.update.map(({ slice, endpoints: list }) =>
        update(endpointSliceKind, { ...slice, endpoints: list } as EndpointSlice, "mirror"),
      ),
      ...layout.delete.map((slice) => remove(endpointSliceKind, slice, "mirror")),
    );
  }
  return writes.length === 0 ? nothing : { about: endpoints, writes };
}

function wantedFrom(endpoints: Endpoints, family: Family): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const subset of endpoints.subsets ?? []) {
    const ready = (subset.addresses ?? []).map((address) => endpointFrom(address, true));
    const notReady = (subset.notReadyAddresses ?? []).map((address) => endpointFrom(address, false));
    const list = [...ready, ...notReady]
      .slice(0, maxAddressesPerSubset)
      .filter((endpoint) => familyOf(endpoint.addresses?.[0] ?? "") === family);
    if (list.length === 0) continue;
    wanted.push({
      ports: (subset.ports ?? []).map((port) => ({ ...port, name: port.name ?? "", protocol: port.protocol ?? "TCP" })) as Wanted["ports"],
      endpoints: list,
    });
  }
  return wanted;
}

const endpointFrom = (address: EndpointAddress, ready: boolean): Endpoint =>
  ({
    addresses: [address.ip],
    conditions: { ready },
    ...(address.hostname !== undefined && address.hostname !== "" && { hostname: address.hostname }),
    ...(address.targetRef !== undefined && { targetRef: address.targetRef }),
    ...(address.nodeName !== undefined && { nodeName: address.nodeName }),
  }) as Endpoint;

function newSlice(endpoints: Endpoints, family: Family, { ports, endpoints: list }: Wanted): EndpointSlice {
  const { [lastApplied]: _, ...annotations } = endpoints.metadata?.annotations ?? {};
  return {
    metadata: {
      generateName: `${endpoints.metadata?.name}-`,
      namespace: endpoints.metadata?.namespace,
      labels: { ...endpoints.metadata?.labels, [serviceNameLabel]: endpoints.metadata?.name ?? "", [managedByLabel]: managedBy },
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ownerReferences: [controllerReference(endpointsKind, endpoints)],
    },
    addressType: family,
    endpoints: list,
    ports,
  } as EndpointSlice;
}
