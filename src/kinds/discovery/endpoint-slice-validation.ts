// EndpointSlices: addresses of the declared sort, and limits that keep a slice small enough to send often.

import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue } from "../../lang/names.ts";
import { parseIp } from "../../lang/ip.ts";
import { duplicate, invalidValue, required, tooMany } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateLabels } from "../../object/metadata-rules.ts";
import {
  Seen,
  invalidEach,
  protocols,
  validateDns1123Label,
  validateEndpointIp,
  validateImmutable,
  validateOneOf,
  validateQualifiedName,
} from "../checks.ts";
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from "./types.gen.ts";

const addressTypes: readonly string[] = ["FQDN", "IPv4", "IPv6"];
const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const mostTopologyLabels = 16;
const mostHints = 8;

export const validateEndpointSlice = ({ addressType, endpoints, ports }: EndpointSlice): FieldError[] => [
  ...validateOneOf("addressType", addressType, addressTypes),
  ...validateEndpoints(endpoints ?? [], addressType),
  ...validatePorts(ports ?? []),
];

export const validateEndpointSliceUpdate = (slice: EndpointSlice, old: EndpointSlice): FieldError[] =>
  validateImmutable("addressType", slice.addressType, old.addressType);

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > mostEndpoints) return [tooMany("endpoints", endpoints.length, mostEndpoints)];
  return endpoints.flatMap((endpoint, position) => validateEndpoint(`endpoints[${position}]`, endpoint, addressType));
}

function validateEndpoint(path: string, endpoint: Endpoint, addressType: string): FieldError[] {
  const { addresses, nodeName, hostname, hints, deprecatedTopology: topology = {} } = endpoint;
  const labels = Object.keys(topology).length;
  return [
    ...(addresses.length === 0 ? [required(`${path}.addresses`, "must contain at least 1 address")] : []),
    ...(addresses.length > mostAddresses ? [tooMany(`${path}.addresses`, addresses.length, mostAddresses)] : []),
    ...addresses.flatMap((address, position) => validateAddress(`${path}.addresses[${position}]`, address, addressType)),
    ...(nodeName === undefined ? [] : invalidEach(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName))),
    ...(labels > mostTopologyLabels ? [tooMany(`${path}.deprecatedTopology`, labels, mostTopologyLabels)] : []),
    ...validateLabels(topology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : validateDns1123Label(`${path}.hostname`, hostname)),
    ...(hints === undefined ? [] : validateHints(`${path}.hints`, hints)),
  ];
}

function validateAddress(field: string, address: string, addressType: string): FieldError[] {
  if (addressType === "FQDN") return validateFullName(field, address);
  if (addressType !== "IPv4" && addressType !== "IPv6") return [];
  const fits = `IPv${parseIp(address)?.family}` === addressType && (addressType === "IPv6") === address.includes(":");
  return [...(fits ? [] : [invalidValue(field, address, `must be a valid ${addressType} address`)]), ...validateEndpointIp(field, address)];
}

/** A name that is complete without a search domain. */
function validateFullName(field: string, text: string): FieldError[] {
  if (text === "") return [required(field)];
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  const messages = checkDns1123Subdomain(name);
  if (messages.length > 0) return invalidEach(field, name, messages);
  const labels = name.split(".");
  if (labels.length < 2) return [invalidValue(field, name, "should be a domain with at least two segments separated by dots")];
  return labels.flatMap((label) => invalidEach(field, label, checkDns1123Label(label)));
}

const validateHints = (path: string, { forZones = [], forNodes = [] }: EndpointHints): FieldError[] => [
  ...validateHintNames(`${path}.forZones`, forZones, checkLabelValue),
  ...validateHintNames(`${path}.forNodes`, forNodes, checkDns1123Subdomain),
];

function validateHintNames(path: string, hints: readonly { readonly name: string }[], check: (name: string) => string[]): FieldError[] {
  if (hints.length > mostHints) return [tooMany(path, hints.length, mostHints)];
  const seen = new Seen();
  return hints.flatMap(({ name }, position) => {
    const field = `${path}[${position}].name`;
    return [...(seen.again(name) ? [duplicate(field, name)] : []), ...invalidEach(field, name, check(name))];
  });
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > mostPorts) return [tooMany("ports", ports.length, mostPorts)];
  const names = new Seen();
  return ports.flatMap(({ name = "", protocol, appProtocol }, position) => {
    const at = `ports[${position}]`;
    return [
      ...(name === "" ? [] : validateDns1123Label(`${at}.name`, name)),
      ...(names.again(name) ? [duplicate(`${at}.name`, name)] : []),
      ...validateOneOf(`${at}.protocol`, protocol, protocols),
      ...(appProtocol === undefined ? [] : validateQualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}
