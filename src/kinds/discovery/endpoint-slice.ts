// EndpointSlice: some of the endpoints behind a service.

import type { EndpointPort, EndpointSlice } from "./types.gen.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./endpoint-slice-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, shortList, textColumn } from "../columns.ts";
import { objectReference } from "../core/references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, int32, map, pointer, requiredField, setList, string, struct } from "../../object/schema.ts";

export const endpointConditions = struct("discovery.v1.EndpointConditions", "State of an endpoint.", {
  ready: pointer(1, boolean, "Whether it takes traffic; unknown counts as yes."),
  serving: pointer(2, boolean, "Like ready, whether or not it is going away."),
  terminating: pointer(3, boolean, "Whether it is going away."),
});

export const forZone = struct("discovery.v1.ForZone", "A zone that should use an endpoint.", {
  name: requiredField(1, string, "Name of the zone."),
});

export const forNode = struct("discovery.v1.ForNode", "A node that should use an endpoint.", {
  name: requiredField(1, string, "Name of the node."),
});

export const endpointHints = struct("discovery.v1.EndpointHints", "Who should use an endpoint.", {
  forZones: field(1, atomicList(forZone), "Zones that should use it; at most 8."),
  forNodes: field(2, atomicList(forNode), "Nodes that should use it; at most 8."),
});

export const endpoint = struct("discovery.v1.Endpoint", "One backend of a service.", {
  addresses: requiredField(1, setList(string), "Its addresses, all the same backend; consumers use the first."),
  conditions: field(2, endpointConditions, "Its state."),
  hostname: pointer(3, string, "Host name, for DNS."),
  targetRef: pointer(4, objectReference, "Object that stands behind it."),
  deprecatedTopology: field(5, map(string), "Topology of the earlier version; not written today."),
  nodeName: pointer(6, string, "Node that has it."),
  zone: pointer(7, string, "Zone that has it."),
  hints: pointer(8, endpointHints, "Who should use it."),
});

export const endpointPort = struct(
  "discovery.v1.EndpointPort",
  "A port of all endpoints of a slice.",
  {
    name: pointer(1, string, "Name of the service's port.", { default: "" }),
    protocol: pointer(2, string, "Protocol of the port.", { default: "TCP", enum: ["TCP", "UDP", "SCTP"] }),
    port: pointer(3, int32, "Port number; absent means all ports."),
    appProtocol: pointer(4, string, "Application protocol, as a hint to implementations."),
  },
  { atomic: true },
);

export const endpointSlice = struct(
  "discovery.v1.EndpointSlice",
  "Some of the endpoints behind a service; the label kubernetes.io/service-name names it.",
  {
    ...typeMeta,
    metadata: objectMetadata,
    endpoints: field(2, atomicList(endpoint), "At most 1000 endpoints.", { always: true }),
    ports: field(3, atomicList(endpointPort), "Ports of all these endpoints.", { always: true }),
    addressType: requiredField(4, string, "Sort of the addresses; never changes.", { enum: ["IPv4", "IPv6", "FQDN"] }),
  },
);

/** Label that names the service of a slice. */
export const serviceNameLabel = "kubernetes.io/service-name";
/** Label that names who keeps a slice. */
export const managedByLabel = "endpointslice.kubernetes.io/managed-by";

const shown = 3;
const unset = "<unset>";

/** Port numbers; "*" for one that means all ports. */
const portsText = (ports: readonly EndpointPort[]): string =>
  shortList(
    ports.map((port) => (port.port === undefined ? (port.name ?? "*") : String(port.port))),
    shown,
  ) || unset;

export const endpointSliceKind = defineKind<EndpointSlice>({
  group: "discovery.k8s.io",
  kind: "EndpointSlice",
  plural: "endpointslices",
  singular: "endpointslice",
  namespaced: true,
  versions: [{ name: "v1", schema: endpointSlice, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn("AddressType", "Sort of its addresses.", (object) => object.addressType),
    textColumn("Ports", "Ports of its endpoints.", (object) => portsText(object.ports ?? [])),
    textColumn("Endpoints", "Addresses of its endpoints.", (object) => {
      const addresses = (object.endpoints ?? []).flatMap((endpoint) => endpoint.addresses);
      return shortList(addresses, shown) || unset;
    }),
    ageColumn,
  ],
  rules: { generation: true, validate: validateEndpointSlice, validateUpdate: validateEndpointSliceUpdate },
});
