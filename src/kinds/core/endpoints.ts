// Endpoints: the older list of addresses behind a service. EndpointSlices replace it.

import type { EndpointSubset, Endpoints } from "./types.gen.ts";
import { validateEndpoints } from "./endpoints-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, none, shortList, textColumn } from "../columns.ts";
import { objectReference } from "./references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, int32, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const endpointAddress = struct(
  "core.v1.EndpointAddress",
  "An address behind a service.",
  {
    ip: requiredField(1, string, "The address."),
    targetRef: pointer(2, objectReference, "Object that has the address."),
    hostname: field(3, string, "Host name of the endpoint."),
    nodeName: pointer(4, string, "Node that has the endpoint."),
  },
  { atomic: true },
);

export const endpointPort = struct(
  "core.v1.EndpointPort",
  "A port behind a service.",
  {
    name: field(1, string, "Name of the service's port."),
    port: requiredField(2, int32, "Port number."),
    protocol: field(3, string, "Protocol of the port.", { default: "TCP", enum: ["TCP", "UDP", "SCTP"] }),
    appProtocol: pointer(4, string, "Application protocol, as a hint to implementations."),
  },
  { atomic: true },
);

export const endpointSubset = struct("core.v1.EndpointSubset", "Addresses that share the same ports; every address has every port.", {
  addresses: field(1, atomicList(endpointAddress), "Addresses that are ready."),
  notReadyAddresses: field(2, atomicList(endpointAddress), "Addresses that are not ready."),
  ports: field(3, atomicList(endpointPort), "Ports of the addresses."),
});

export const endpoints = struct("core.v1.Endpoints", "The addresses behind a service of the same name; deprecated for EndpointSlice.", {
  ...typeMeta,
  metadata: objectMetadata,
  subsets: field(2, atomicList(endpointSubset), "Addresses, grouped by their ports."),
});

const shownEndpoints = 3;

function addressesText(subsets: readonly EndpointSubset[]): string {
  const parts: string[] = [];
  for (const { addresses = [], ports = [] } of subsets) {
    if (ports.length === 0) parts.push(...addresses.map((address) => address.ip));
    for (const { port } of ports) parts.push(...addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)));
  }
  return shortList(parts, shownEndpoints) || none;
}

export const endpointsKind = defineKind<Endpoints>({
  group: "",
  kind: "Endpoints",
  plural: "endpoints",
  singular: "endpoints",
  shortNames: ["ep"],
  namespaced: true,
  versions: [
    {
      name: "v1",
      schema: endpoints,
      served: true,
      deprecated: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    },
  ],
  storageVersion: "v1",
  columns: [nameColumn, textColumn("Endpoints", "Addresses that are ready.", (object) => addressesText(object.subsets ?? [])), ageColumn],
  rules: { createOnUpdate: true, validate: validateEndpoints },
});
