// Addresses of services: what a list of cluster addresses may look like, how it may change, and what a load balancer reports.

import { checkDns1123Subdomain } from "../../lang/names.ts";
import { ipFamily, parseIp } from "../../lang/ip.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, immutableMessage, invalidEach, isDualStack, validateIp, validateOptionalOneOf } from "../checks.ts";
import { hasHealthCheckNodePort, headless, isHeadless } from "./service-traffic.ts";
import type { Service, ServiceSpec } from "./types.gen.ts";

const families: readonly string[] = ["IPv4", "IPv6"];
const familyPolicies: readonly string[] = ["PreferDualStack", "RequireDualStack", "SingleStack"];

export function validateClusterIps(spec: ServiceSpec): FieldError[] {
  if (spec.type === "ExternalName") return [];
  const { clusterIP = "", clusterIPs = [], ipFamilies = [] } = spec;
  const field = "spec.clusterIPs";
  const errors: FieldError[] = [];
  if (clusterIP === "") {
    if (clusterIPs.length > 0) errors.push(invalidValue(field, clusterIPs, "must be empty when `clusterIP` is not specified"));
  } else if (clusterIPs.length === 0) errors.push(required(field));
  else if (clusterIPs[0] !== clusterIP) errors.push(invalidValue(field, clusterIPs, "first value must match `clusterIP`"));

  const seen = new Seen();
  for (const [position, family] of ipFamilies.entries()) {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${position}]`, family, families));
    if (seen.again(family)) errors.push(duplicate(`spec.ipFamilies[${position}]`, family));
  }
  errors.push(...validateOptionalOneOf("spec.ipFamilyPolicy", spec.ipFamilyPolicy, familyPolicies));

  const malformed = clusterIPs.flatMap((address, position) => {
    if (position > 0 || address !== headless) return validateIp(`${field}[${position}]`, address);
    return clusterIPs.length > 1 ? [invalidValue(field, clusterIPs, "'None' must be the first and only value")] : [];
  });
  errors.push(...malformed);
  if (clusterIPs.length > 2) errors.push(invalidValue(field, clusterIPs, "may only hold up to 2 values"));
  // What follows would only say the same in other words.
  if (malformed.length > 0) return errors;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs))
    errors.push(invalidValue(field, clusterIPs, "may specify no more than one IP for each IP family"));
  if (isHeadless(spec)) return errors;
  for (const [position, address] of clusterIPs.entries()) {
    const family = ipFamilies[position];
    if (family === undefined || !families.includes(family) || family === `IPv${ipFamily(address)}`) continue;
    const detail = `expected an ${family} value as indicated by \`ipFamilies[${position}]\``;
    errors.push(invalidValue(`${field}[${position}]`, address, detail));
  }
  return errors;
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const spec = service.spec ?? {};
  const before = old.spec ?? {};
  const errors = [...validateAddressChange(spec, before), ...validateFamilyChange(spec, before)];
  if (spec.type === "LoadBalancer" && before.type === "LoadBalancer" && spec.loadBalancerClass !== before.loadBalancerClass)
    errors.push(invalidValue("spec.loadBalancerClass", spec.loadBalancerClass, "may not change once set"));
  if (hasHealthCheckNodePort(spec) && hasHealthCheckNodePort(before) && spec.healthCheckNodePort !== before.healthCheckNodePort)
    errors.push(forbiddenField("spec.healthCheckNodePort", immutableMessage));
  return errors;
}

const isNamed = (spec: ServiceSpec, before: ServiceSpec): boolean => spec.type === "ExternalName" || before.type === "ExternalName";

/** A second address may come and go; the first one stays for as long as the service has addresses. */
function validateAddressChange(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isNamed(spec, before) || (isHeadless(spec) && isHeadless(before))) return [];
  const addresses = spec.clusterIPs ?? [];
  const former = before.clusterIPs ?? [];
  const at = (position: number): string => `spec.clusterIPs[${position}]`;
  const changed = (position: number): FieldError => invalidValue(at(position), addresses, "may not change once set");
  if (addresses.length === former.length)
    return former.flatMap((address, position) => (address === addresses[position] ? [] : [changed(position)]));
  const errors: FieldError[] = [];
  const released = former.length > addresses.length;
  if (released && addresses.length === 0) errors.push(invalidValue(at(0), addresses, "primary clusterIP can not be unset"));
  if (former.length > 0 && addresses.length > 0 && former[0] !== addresses[0]) errors.push(changed(0));
  if (released && addresses.length === 1) errors.push(...mustBeSingle(spec, "clusterIP"));
  return errors;
}

function validateFamilyChange(spec: ServiceSpec, before: ServiceSpec): FieldError[] {
  if (isNamed(spec, before) || isHeadless(spec) || isHeadless(before)) return [];
  const { ipFamilies = [], clusterIPs = [] } = spec;
  const former = before.ipFamilies ?? [];
  const changed = (value: readonly string[]): FieldError => invalidValue("spec.ipFamilies[0]", value, "may not change once set");
  if (ipFamilies.length === former.length)
    return former.flatMap((family, position) => (family === ipFamilies[position] ? [] : [changed(ipFamilies)]));
  const errors: FieldError[] = [];
  const released = former.length > ipFamilies.length;
  if (released && clusterIPs.length === 0) errors.push(invalidValue("spec.ipFamilies[0]", ipFamilies, "primary ipFamily can not be unset"));
  if (former.length > 0 && ipFamilies.length > 0 && former[0] !== ipFamilies[0]) errors.push(changed(clusterIPs));
  if (released && ipFamilies.length === 1) errors.push(...mustBeSingle(spec, "ipFamily"));
  return errors;
}

const mustBeSingle = ({ ipFamilyPolicy }: ServiceSpec, what: string): FieldError[] =>
  ipFamilyPolicy === "SingleStack"
    ? []
    : [invalidValue("spec.ipFamilyPolicy", ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${what}`)];

const ipModes: readonly string[] = ["Proxy", "VIP"];

/** What a load balancer reports of itself. */
export function validateServiceStatusUpdate({ spec, status }: Service): FieldError[] {
  const path = "status.loadBalancer.ingress";
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0 && spec?.type !== "LoadBalancer")
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip = "", ipMode, hostname = "" }, position) => {
    const at = `${path}[${position}]`;
    const errors = ip === "" ? [] : validateIp(`${at}.ip`, ip);
    if (ipMode === undefined) {
      if (ip !== "") errors.push(required(`${at}.ipMode`, "must be specified when `ip` is set"));
    } else if (ip === "") errors.push(forbiddenField(`${at}.ipMode`, "may not be specified when `ip` is not set"));
    else errors.push(...validateOptionalOneOf(`${at}.ipMode`, ipMode, ipModes));
    if (hostname === "") return errors;
    errors.push(...invalidEach(`${at}.hostname`, hostname, checkDns1123Subdomain(hostname)));
    if (parseIp(hostname) !== undefined) errors.push(invalidValue(`${at}.hostname`, hostname, "must be a DNS name, not an IP address"));
    return errors;
  });
}
