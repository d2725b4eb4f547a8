// default/kubernetes: the Service by which pods reach the API server, and its endpoints.

import { endpointsKind } from "../../kinds/core/endpoints.ts";
import { namespaceKind } from "../../kinds/core/namespace.ts";
import { serviceKind } from "../../kinds/core/service.ts";
import type { Endpoints, Service } from "../../kinds/core/types.gen.ts";
import { endpointSliceKind } from "../../kinds/discovery/endpoint-slice.ts";
import type { EndpointSlice } from "../../kinds/discovery/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { keyOf, watch } from "../controller.ts";
import type { Decision, Write } from "../decision.ts";
import { create, nothing, remove, update } from "../decision.ts";
import { familyOf } from "../endpointslice/pod-endpoints.ts";
import type { View } from "../view.ts";
import { serviceNameLabel } from "../endpointslice/slice-labels.ts";

const namespace = "default";
const name = "kubernetes";
const key = `${namespace}/${name}`;

export interface ApiServerPlace {
  /** Addresses by which pods reach the API servers, by family; the service routes to them. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** The first address of the service range, "10.96.0.1". */
  readonly clusterIp: string;
}

export function kubernetesServiceController(place: ApiServerPlace): Controller {
  const mine = (object: { readonly metadata?: { readonly namespace?: string; readonly name?: string } }): string[] =>
    keyOf(object) === key ? [key] : [];
  return {
    name: "kubernetes-service-controller",
    watches: [
      watch(namespaceKind, (object) => (object.metadata?.name === namespace ? [key] : [])),
      watch(serviceKind, mine),
      watch(endpointsKind, mine),
      watch(endpointSliceKind, mine),
    ],
    decide: (view) => decideKubernetesService(view, place),
  };
}

function decideKubernetesService(view: View, place: ApiServerPlace): Decision {
  if (view.get(namespaceKind, "", namespace) === undefined) return nothing;
  const writes: Write[] = [];
  const service = view.get(serviceKind, namespace, name);
  const ports = [{ name: "https", port: 443, protocol: "TCP", targetPort: place.port }];
  if (service === undefined) {
    const labels = { component: "apiserver", provider: "kubernetes" };
    const spec = { type: "ClusterIP", clusterIP: place.clusterIp, ports, sessionAffinity: "None" };
    const wanted = { metadata: { name, namespace, labels }, spec } as unknown as Service;
    writes.push(create(serviceKind, wanted, "API server's service"));
  } else if (!deepEqual(service.spec?.ports, ports)) {
    writes.push(update(serviceKind, { ...service, spec: { ...service.spec, ports } } as unknown as Service, "API server's port"));
  }
  const addresses = [...place.addresses].toSorted();
  const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: "https", port: place.port, protocol: "TCP" }] }];
  const endpoints = view.get(endpointsKind, namespace, name);
  if (endpoints === undefined) {
    const labels = { "endpointslice.kubernetes.io/skip-mirror": "true" };
    writes.push(
      create(endpointsKind, { metadata: { name, namespace, labels }, subsets } as unknown as Endpoints, "API server's endpoints"),
    );
  } else if (!deepEqual(endpoints.subsets, subsets)) {
    writes.push(update(endpointsKind, { ...endpoints, subsets } as unknown as Endpoints, "API server's endpoints"));
  }
  writes.push(...sliceWrites(view, place, addresses));
  return { writes };
}

function sliceWrites(view: View, place: ApiServerPlace, addresses: readonly string[]): Write[] {
  const family = familyOf(addresses[0] ?? "0.0.0.0");
  const list = addresses
    .filter((address) => familyOf(address) === family)
    .map((address) => ({ addresses: [address], conditions: { ready: true } }));
  const ports = [{ name: "https", port: place.port, protocol: "TCP" }];
  const present = view.get(endpointSliceKind, namespace, name);
  // The family of a slice never changes: another one takes its place.
  if (present !== undefined && present.addressType !== family) return [remove(endpointSliceKind, present, "address family changed")];
  const metadata = { name, namespace, labels: { [serviceNameLabel]: name } };
  if (present === undefined) {
    const slice = { metadata, addressType: family, endpoints: list, ports } as unknown as EndpointSlice;
    return [create(endpointSliceKind, slice, "API server's endpoints")];
  }
  if (deepEqual(present.endpoints, list) && deepEqual(present.ports, ports)) return [];
  return [update(endpointSliceKind, { ...present, endpoints: list, ports } as unknown as EndpointSlice, "API server's endpoints")];
}
