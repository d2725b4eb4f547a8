// Checks that the validation of many kinds shares. Each takes the path of a field and its value, and gives the errors in
// Kubernetes' wording: none when all is well.

import { cidrContains, invalidCidrMessage, invalidIpMessage, parseCidr, parseIp } from "../lang/ip.ts";
import { validateLabelSelector } from "../lang/label-selector.ts";
import type { LabelSelectorObject } from "../lang/label-selector.ts";
import { checkDns1123Label, checkDns1123Subdomain, checkPortName, checkPortNumber, checkQualifiedName } from "../lang/names.ts";
import { deepEqual } from "../object/copy.ts";
import { invalidValue, notSupported, required } from "../object/field-error.ts";
import type { FieldError } from "../object/field-error.ts";

export const immutableMessage = "field is immutable";
export const notPositiveMessage = "must be greater than zero";
export const protocols: readonly string[] = ["SCTP", "TCP", "UDP"];
export const pullPolicies: readonly string[] = ["Always", "IfNotPresent", "Never"];

/** One error for each message about a value. */
export const invalidEach = (field: string, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((detail) => invalidValue(field, value, detail));

export const validateDns1123Label = (field: string, value: string): FieldError[] => invalidEach(field, value, checkDns1123Label(value));
export const validateDns1123Subdomain = (field: string, value: string): FieldError[] =>
  invalidEach(field, value, checkDns1123Subdomain(value));
export const validateQualifiedName = (field: string, value: string): FieldError[] => invalidEach(field, value, checkQualifiedName(value));

/** A name that must be there and be a subdomain. */
export const validateRequiredName = (field: string, name: string | undefined): FieldError[] =>
  name ? validateDns1123Subdomain(field, name) : [required(field)];

export const validateRequired = (field: string, value: string | undefined): FieldError[] => (value ? [] : [required(field)]);

export const validateNonNegative = (field: string, value: number | undefined): FieldError[] =>
  (value ?? 0) < 0 ? [invalidValue(field, value, "must be greater than or equal to 0")] : [];

/** A value out of a closed list. Absent or empty is an error of its own. */
export function validateOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  if (value === undefined || value === "") return [required(field)];
  return supported.includes(value) ? [] : [notSupported(field, value, supported)];
}

/** A value out of a closed list, if there is one. */
export const validateOptionalOneOf = (field: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)];

export const validateImmutable = (field: string, value: unknown, before: unknown): FieldError[] =>
  deepEqual(value, before) ? [] : [invalidValue(field, value, immutableMessage)];

export const validateSelector = (field: string, selector: LabelSelectorObject | undefined): FieldError[] =>
  validateLabelSelector(selector, field).map((issue) => ({ ...issue }));

/** A port by number or name. */
export const validatePortReference = (field: string, port: number | string | undefined): FieldError[] =>
  typeof port === "string" ? invalidEach(field, port, checkPortName(port)) : invalidEach(field, port ?? 0, checkPortNumber(port ?? 0));

const leadingZero = /(^|\.)0[0-9]/;

/** An address in its strict form: tools disagree about leading zeros and about IPv4 inside IPv6 (KEP-4858). */
export function validateIp(field: string, text: string): FieldError[] {
  if (parseIp(text) !== undefined) {
    return isMapped(text) ? [invalidValue(field, text, "must not be an IPv4-mapped IPv6 address")] : [];
  }
  const unpadded = text.replaceAll(/(^|\.)0+(?=[0-9])/g, "$1");
  const padded = !text.includes(":") && leadingZero.test(text) && parseIp(unpadded) !== undefined;
  return [invalidValue(field, text, padded ? "must not have leading 0s" : invalidIpMessage)];
}

const isMapped = (text: string): boolean => text.includes(":") && parseIp(text)?.family === 4;

export const validateCidr = (field: string, text: string): FieldError[] =>
  parseCidr(text) === undefined ? [invalidValue(field, text, invalidCidrMessage)] : [];

const networks = (...texts: readonly string[]) => texts.map((text) => parseCidr(text)!);
const reservedNetworks = [
  { networks: networks("0.0.0.0/32", "::/128"), detail: (text: string) => `may not be unspecified (${text})` },
  { networks: networks("127.0.0.0/8", "::1/128"), detail: () => "may not be in the loopback range (127.0.0.0/8, ::1/128)" },
  { networks: networks("169.254.0.0/16", "fe80::/10"), detail: () => "may not be in the link-local range (169.254.0.0/16, fe80::/10)" },
  {
    networks: networks("224.0.0.0/24", "ff02::/16"),
    detail: () => "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
];

/** An address that traffic of a service may be sent to: nothing that means something else on every node. */
export function validateEndpointIp(field: string, text: string): FieldError[] {
  const ip = parseIp(text);
  if (ip === undefined) return [invalidValue(field, text, "must be a valid IP address")];
  return reservedNetworks
    .filter((reserved) => reserved.networks.some((network) => network.family === ip.family && cidrContains(network, ip)))
    .map((reserved) => invalidValue(field, text, reserved.detail(text)));
}

/** Two addresses, one of each family. */
export function isDualStack(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((address) => (parseIp(address) ?? parseCidr(address))?.family));
  return families.size === 2 && !families.has(undefined);
}

/** Remembers values and tells whether one comes again. */
export class Seen {
  readonly #values: Set<string>;
  constructor(values: Iterable<string> = []) {
    this.#values = new Set(values);
  }
  /** True when `value` was there before. */
  again(value: string): boolean {
    if (this.#values.has(value)) return true;
    this.#values.add(value);
    return false;
  }
  has(value: string): boolean {
    return this.#values.has(value);
  }
}
