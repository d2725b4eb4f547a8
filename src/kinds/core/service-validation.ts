// Services: ports, addresses and everything that means something for one type only.

import { checkPortNumber } from "../../lang/names.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateLabels } from "../../object/metadata-rules.ts";
import {
  Seen,
  invalidEach,
  protocols,
  validateCidr,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateEndpointIp,
  validateIp,
  validateOneOf,
  validateOptionalOneOf,
  validatePortReference,
  validateQualifiedName,
} from "../checks.ts";
import { validateClusterIps } from "./service-address-validation.ts";
import { hasHealthCheckNodePort, isExternallyReachable, isHeadless } from "./service-traffic.ts";
import type { Service, ServicePort, ServiceSpec } from "./types.gen.ts";

const types: readonly string[] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities: readonly string[] = ["ClientIP", "None"];
const trafficPolicies: readonly string[] = ["Cluster", "Local"];
/** In the order in which the API documents them. */
const distributions: readonly string[] = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const topologyModeAnnotation = "service.kubernetes.io/topology-mode";
export const topologyHintsAnnotation = "service.kubernetes.io/topology-aware-hints";
const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
const loadBalancerOnly = "may only be used when `type` is 'LoadBalancer'";

export function validateService(service: Service): FieldError[] {
  const spec = service.spec ?? {};
  const { ports = [], type, externalIPs = [] } = spec;
  return [
    ...validateTopologyAnnotations(service),
    ...(ports.length === 0 && !isHeadless(spec) && type !== "ExternalName" ? [required("spec.ports")] : []),
    ...validateByType(spec),
    ...validatePorts("spec.ports", ports),
    ...validateLabels(spec.selector, "spec.selector"),
    ...validateOneOf("spec.sessionAffinity", spec.sessionAffinity, affinities),
    ...validateAffinityConfig("spec.sessionAffinityConfig", spec),
    ...validateClusterIps(spec),
    ...externalIPs.flatMap((address, position) => {
      const errors = validateIp(`spec.externalIPs[${position}]`, address);
      return errors.length > 0 ? errors : validateEndpointIp(`spec.externalIPs[${position}]`, address);
    }),
    ...validateOneOf("spec.type", type, types),
    ...validateNodePorts("spec.ports", spec),
    ...validateDuplicatePorts("spec.ports", ports),
    ...validateSourceRanges(service),
    ...validateLoadBalancer(spec),
    ...validateExternalTraffic(spec),
    ...validateInternalTraffic(spec),
    ...(spec.trafficDistribution === undefined || distributions.includes(spec.trafficDistribution)
      ? []
      : [notSupported("spec.trafficDistribution", spec.trafficDistribution, distributions)]),
  ];
}

function validateTopologyAnnotations({ metadata }: Service): FieldError[] {
  const mode = metadata?.annotations?.[topologyModeAnnotation];
  const hints = metadata?.annotations?.[topologyHintsAnnotation];
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const detail = `must match annotations[${topologyHintsAnnotation}] when both are specified`;
  return [invalidValue(`metadata.annotations[${topologyModeAnnotation}]`, mode, detail)];
}

function validateByType(spec: ServiceSpec): FieldError[] {
  switch (spec.type) {
    case "LoadBalancer":
    case "NodePort":
      return isHeadless(spec)
        ? [invalidValue("spec.clusterIPs[0]", spec.clusterIPs?.[0] ?? "None", `may not be set to 'None' for ${spec.type} services`)]
        : [];
    case "ExternalName":
      return validateExternalName(spec);
    case undefined:
    case "ClusterIP":
    default:
      return [];
  }
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const detail = "may not be set for ExternalName services";
  const { externalName = "" } = spec;
  // A name that ends with a dot is complete.
  const name = externalName.endsWith(".") ? externalName.slice(0, -1) : externalName;
  return [
    ...((spec.clusterIPs?.length ?? 0) > 0 ? [forbiddenField("spec.clusterIPs", detail)] : []),
    ...((spec.ipFamilies?.length ?? 0) > 0 ? [forbiddenField("spec.ipFamilies", detail)] : []),
    ...(spec.ipFamilyPolicy !== undefined ? [forbiddenField("spec.ipFamilyPolicy", detail)] : []),
    ...(name === "" ? [required("spec.externalName")] : validateDns1123Subdomain("spec.externalName", name)),
  ];
}

function validatePorts(path: string, ports: readonly ServicePort[]): FieldError[] {
  const names = new Seen();
  return ports.flatMap(({ name = "", port, protocol, targetPort, appProtocol }, position) => {
    const at = `${path}[${position}]`;
    const errors: FieldError[] = [];
    if (name === "") {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      errors.push(...validateDns1123Label(`${at}.name`, name));
      if (names.again(name)) errors.push(duplicate(`${at}.name`, name));
    }
    return [
      ...errors,
      ...invalidEach(`${at}.port`, port, checkPortNumber(port)),
      ...validateOneOf(`${at}.protocol`, protocol, protocols),
      ...validatePortReference(`${at}.targetPort`, targetPort),
      ...(appProtocol === undefined ? [] : validateQualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}

const longestAffinitySeconds = 86_400;

function validateAffinityConfig(path: string, { sessionAffinity, sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  // Without affinity, its configuration is dropped before anybody looks at it.
  if (sessionAffinity !== "ClientIP") return [];
  const detail = "when session affinity type is ClientIP";
  if (config === undefined) return [required(path, detail)];
  if (config.clientIP === undefined) return [required(`${path}.clientIP`, detail)];
  const seconds = config.clientIP.timeoutSeconds;
  const field = `${path}.clientIP.timeoutSeconds`;
  if (seconds === undefined) return [required(field, detail)];
  const fits = seconds > 0 && seconds <= longestAffinitySeconds;
  return fits ? [] : [invalidValue(field, seconds, `must be greater than 0 and less than ${longestAffinitySeconds}`)];
}

function validateNodePorts(path: string, { type, ports = [] }: ServiceSpec): FieldError[] {
  const taken = new Seen();
  const wanting = [...ports.entries()].filter(([, { nodePort }]) => (nodePort ?? 0) !== 0);
  return [
    ...(type === "ClusterIP"
      ? wanting.map(([position]) => forbiddenField(`${path}[${position}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
      : []),
    ...wanting.flatMap(([position, { nodePort, protocol = "" }]) =>
      taken.again(`${protocol}/${nodePort}`) ? [duplicate(`${path}[${position}].nodePort`, nodePort)] : [],
    ),
  ];
}

function validateDuplicatePorts(path: string, ports: readonly ServicePort[]): FieldError[] {
  const taken = new Seen();
  return ports.flatMap(({ port, protocol }, position) =>
    taken.again(`${protocol ?? ""}/${port}`) ? [duplicate(`${path}[${position}]`, shownPort(port, protocol ?? ""))] : [],
  );
}

/** What the refusal of a port that is there twice shows of it. */
const shownPort = (port: number, protocol: string): object => ({
  Name: "",
  Protocol: protocol,
  AppProtocol: null,
  Port: port,
  TargetPort: 0,
  NodePort: 0,
});

/** Client networks that a load balancer admits: a field today, an annotation before. Blanks around them are tolerated. */
function validateSourceRanges({ metadata, spec }: Service): FieldError[] {
  const ranges = spec?.loadBalancerSourceRanges ?? [];
  const annotation = metadata?.annotations?.[sourceRangesAnnotation];
  const balanced = spec?.type === "LoadBalancer";
  if (ranges.length > 0) {
    const field = "spec.LoadBalancerSourceRanges";
    return [
      ...(balanced ? [] : [forbiddenField(field, loadBalancerOnly)]),
      ...ranges.flatMap((range, position) => validateCidr(`${field}[${position}]`, range.trim())),
    ];
  }
  if (annotation === undefined) return [];
  const field = `metadata.annotations[${sourceRangesAnnotation}]`;
  const texts = annotation.trim() === "" ? [] : annotation.split(",");
  return [...(balanced ? [] : [forbiddenField(field, loadBalancerOnly)]), ...texts.flatMap((range) => validateCidr(field, range.trim()))];
}

function validateLoadBalancer({ type, allocateLoadBalancerNodePorts: allocate, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (type === "LoadBalancer")
    return [
      ...(allocate === undefined ? [required("allocateLoadBalancerNodePorts")] : []),
      ...(loadBalancerClass === undefined ? [] : validateQualifiedName("spec.loadBalancerClass", loadBalancerClass)),
    ];
  return [
    ...(allocate === undefined ? [] : [forbiddenField("spec.allocateLoadBalancerNodePorts", loadBalancerOnly)]),
    ...(loadBalancerClass === undefined ? [] : [forbiddenField("spec.loadBalancerClass", loadBalancerOnly)]),
  ];
}

function validateExternalTraffic(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: policy, healthCheckNodePort: port = 0 } = spec;
  const errors = isExternallyReachable(spec)
    ? validateOneOf("spec.externalTrafficPolicy", policy, trafficPolicies)
    : policy === undefined
      ? []
      : [invalidValue("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services")];
  // Zero asks for some port: it is given when the service is stored.
  if (port === 0) return errors;
  const field = "spec.healthCheckNodePort";
  if (hasHealthCheckNodePort(spec)) return [...errors, ...invalidEach(field, port, checkPortNumber(port))];
  return [...errors, invalidValue(field, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")];
}

function validateInternalTraffic({ type, internalTrafficPolicy: policy }: ServiceSpec): FieldError[] {
  const field = "spec.internalTrafficPolicy";
  if (policy === undefined) return type !== undefined && type !== "ExternalName" && types.includes(type) ? [required(field)] : [];
  return validateOptionalOneOf(field, policy, trafficPolicies);
}
