// Endpoints: addresses that make sense on every node, and named ports when there are several.

import { checkDns1123Subdomain, checkPortNumber } from "../../lang/names.ts";
import { required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import {
  invalidEach,
  protocols,
  validateDns1123Label,
  validateEndpointIp,
  validateIp,
  validateOneOf,
  validateQualifiedName,
} from "../checks.ts";
import type { EndpointAddress, EndpointPort, Endpoints } from "./types.gen.ts";

export const validateEndpoints = ({ subsets = [] }: Endpoints): FieldError[] =>
  subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, position) => {
    const at = `subsets[${position}]`;
    return [
      ...(addresses.length + notReadyAddresses.length === 0 ? [required(at, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...addresses.flatMap((address, place) => validateAddress(`${at}.addresses[${place}]`, address)),
      ...notReadyAddresses.flatMap((address, place) => validateAddress(`${at}.notReadyAddresses[${place}]`, address)),
      ...ports.flatMap((port, place) => validatePort(`${at}.ports[${place}]`, port, ports.length > 1)),
    ];
  });

const validateAddress = (path: string, { ip, hostname, nodeName }: EndpointAddress): FieldError[] => [
  ...validateIp(`${path}.ip`, ip),
  ...(hostname ? validateDns1123Label(`${path}.hostname`, hostname) : []),
  ...(nodeName === undefined ? [] : invalidEach(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName))),
  ...validateEndpointIp(`${path}.ip`, ip),
];

function validatePort(path: string, { name, port, protocol, appProtocol }: EndpointPort, named: boolean): FieldError[] {
  return [
    ...(name ? validateDns1123Label(`${path}.name`, name) : named ? [required(`${path}.name`)] : []),
    ...invalidEach(`${path}.port`, port, checkPortNumber(port)),
    ...validateOneOf(`${path}.protocol`, protocol, protocols),
    ...(appProtocol === undefined ? [] : validateQualifiedName(`${path}.appProtocol`, appProtocol)),
  ];
}
