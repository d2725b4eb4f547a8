// What is wanted of a pod, and the template that workloads stamp pods from. The order of the checks is the order in which
// Kubernetes reports errors.

import { checkDns1123Subdomain, inclusiveRangeMessage, formatMessage, utf8Length } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notFoundValue, required, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateAnnotations, validateLabels } from "../../object/metadata-rules.ts";
import {
  Seen,
  invalidEach,
  validateDns1123Label,
  validateDns1123Subdomain,
  validateIp,
  validateOneOf,
  validateQualifiedName,
} from "../checks.ts";
import { validateHostNetworkPorts } from "./container-port-validation.ts";
import { validateContainers, validateEphemeralContainers, validateInitContainers } from "./container-validation.ts";
import { validatePodAnnotations, validateProfileAnnotations } from "./pod-annotation-validation.ts";
import { placedContainers } from "./pod-containers.ts";
import { validatePodResources } from "./pod-resource-validation.ts";
import { validateResources } from "./resource-validation.ts";
import { validateAffinity, validateSchedulingGates, validateSpreadConstraints, validateTolerations } from "./scheduling-validation.ts";
import { validateHostUsers, validatePodSecurityContext } from "./security-validation.ts";
import type { HostAlias, PodDNSConfig, PodResourceClaim, PodSpec, PodTemplateSpec } from "./types.gen.ts";
import type { VolumeScope } from "./volume-source-rule.ts";
import { validateVolumes } from "./volume-validation.ts";
import { validateHostProcess, validateOperatingSystem } from "./windows-validation.ts";

const restartPolicies: readonly string[] = ["Always", "OnFailure", "Never"];
const dnsPolicies: readonly string[] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
const preemptionPolicies: readonly string[] = ["PreemptLowerPriority", "Never"];
const longestDeadlineSeconds = 2 ** 31 - 1;

export function validatePodSpec(path: string, spec: PodSpec, scope: VolumeScope): FieldError[] {
  const { terminationGracePeriodSeconds: grace, activeDeadlineSeconds: deadline, restartPolicy, os } = spec;
  const volumes = validateVolumes(`${path}.volumes`, spec.volumes ?? [], scope);
  const claims = (spec.resourceClaims ?? []).map((claim) => claim.name).filter((name) => name !== "");
  const hostUsers = spec.hostUsers !== false;
  const containers = { volumes: volumes.valid, claims, gracePeriodSeconds: grace, restartPolicy, hostUsers, os };
  const name = (field: string, value: string | undefined): FieldError[] =>
    value ? invalidEach(`${path}.${field}`, value, checkDns1123Subdomain(value)) : [];
  return [
    ...(grace === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : []),
    ...volumes.errors,
    ...validateResourceClaims(`${path}.resourceClaims`, spec.resourceClaims ?? []),
    ...validateContainers(`${path}.containers`, spec.containers ?? [], containers),
    ...validateInitContainers(`${path}.initContainers`, spec, containers),
    ...validateEphemeralContainers(`${path}.ephemeralContainers`, spec, containers),
    ...validatePodResources(path, spec, claims),
    ...validateHostNetworkPorts(path, spec, scope.isPod),
    ...validateOneOf(`${path}.restartPolicy`, restartPolicy, restartPolicies),
    ...validateOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...validatePodSecurityContext(path, spec),
    ...validateAffinity(`${path}.affinity`, spec.affinity),
    ...validateDnsConfig(`${path}.dnsConfig`, spec),
    ...(spec.readinessGates ?? []).flatMap(({ conditionType }, position) =>
      validateQualifiedName(`${path}.readinessGates[${position}].conditionType`, conditionType),
    ),
    ...validateSchedulingGates(`${path}.schedulingGates`, spec.schedulingGates ?? []),
    ...validateSpreadConstraints(`${path}.topologySpreadConstraints`, spec.topologySpreadConstraints ?? []),
    ...validateHostProcess(path, spec),
    ...validateHostUsers(path, spec),
    ...validateHostnameOverride(`${path}.hostnameOverride`, spec),
    ...name("serviceAccountName", spec.serviceAccountName),
    ...name("nodeName", spec.nodeName),
    ...(deadline !== undefined && (deadline < 1 || deadline > longestDeadlineSeconds)
      ? [invalidValue(`${path}.activeDeadlineSeconds`, deadline, inclusiveRangeMessage(1, longestDeadlineSeconds))]
      : []),
    ...(spec.hostname ? validateDns1123Label(`${path}.hostname`, spec.hostname) : []),
    ...(spec.subdomain ? validateDns1123Label(`${path}.subdomain`, spec.subdomain) : []),
    ...validateTolerations(`${path}.tolerations`, spec.tolerations ?? []),
    ...validateHostAliases(`${path}.hostAliases`, spec.hostAliases ?? []),
    ...name("priorityClassName", spec.priorityClassName),
    ...(spec.runtimeClassName === undefined ? [] : validateDns1123Subdomain(`${path}.runtimeClassName`, spec.runtimeClassName)),
    ...(spec.preemptionPolicy === undefined ? [] : validateOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, preemptionPolicies)),
    ...(spec.overhead === undefined ? [] : validateResources(`${path}.overhead`, { limits: spec.overhead }, "container", [])),
    ...validateOperatingSystem(path, spec),
    ...validateSchedulingGroup(`${path}.schedulingGroup.podGroupName`, spec),
    ...validateFileKeyVolumes(path, spec),
  ];
}

/** Claims on devices: each under a name of its own, either an existing one or made from a template. */
function validateResourceClaims(path: string, claims: readonly PodResourceClaim[]): FieldError[] {
  const names = new Seen();
  return claims.flatMap((claim, position) => {
    const { name, resourceClaimName: existing, resourceClaimTemplateName: template } = claim;
    const at = `${path}[${position}]`;
    const errors: FieldError[] = [];
    if (!name) errors.push(required(`${at}.name`));
    else if (names.again(name)) errors.push({ type: "FieldValueDuplicate", field: `${at}.name`, badValue: name, detail: "" });
    else errors.push(...validateDns1123Label(`${at}.name`, name));
    if (existing !== undefined && template !== undefined)
      errors.push(invalidValue(at, claim, "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"));
    if (existing === undefined && template === undefined)
      errors.push(invalidValue(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"));
    if (existing !== undefined) errors.push(...validateDns1123Subdomain(`${at}.resourceClaimName`, existing));
    if (template !== undefined) errors.push(...validateDns1123Subdomain(`${at}.resourceClaimTemplateName`, template));
    return errors;
  });
}

/** What a C library's resolver takes. */
const mostNameservers = 3;
const mostSearches = 32;
const longestSearches = 2048;

const searchFormat = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const searchPattern = new RegExp(`^${searchFormat}$`);
const searchMessage = formatMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${searchFormat}(\\.${searchFormat})*`,
  "example.com",
);

/** A domain to search in; underscores are common in service discovery, and "." searches nowhere (KEP-4427). */
function validateSearch(field: string, search: string): FieldError[] {
  if (search === ".") return [];
  const name = search.endsWith(".") ? search.slice(0, -1) : search;
  const fits = name.split(".").every((label) => searchPattern.test(label));
  return [
    ...(utf8Length(name) > 253 ? [invalidValue(field, name, "must be no more than 253 bytes")] : []),
    ...(fits ? [] : [invalidValue(field, name, searchMessage)]),
  ];
}

function validateDnsConfig(path: string, { dnsPolicy, dnsConfig }: PodSpec): FieldError[] {
  if (dnsPolicy === "None") {
    if (dnsConfig === undefined) return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")];
    if ((dnsConfig.nameservers ?? []).length === 0)
      return [required(`${path}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None")];
  }
  return dnsConfig === undefined ? [] : validateResolver(path, dnsConfig);
}

function validateResolver(path: string, { nameservers = [], searches = [], options = [] }: PodDNSConfig): FieldError[] {
  const tooManyOf = (field: string, value: readonly string[], most: number, what: string): FieldError[] =>
    value.length > most ? [invalidValue(field, value, `must not have more than ${most} ${what}`)] : [];
  const length = utf8Length(searches.join(" "));
  return [
    ...tooManyOf(`${path}.nameservers`, nameservers, mostNameservers, "nameservers"),
    ...nameservers.flatMap((address, position) => validateIp(`${path}.nameservers[${position}]`, address)),
    ...tooManyOf(`${path}.searches`, searches, mostSearches, "search paths"),
    ...(length > longestSearches
      ? [
          invalidValue(
            `${path}.searches`,
            searches,
            `must not have more than ${longestSearches} characters (including spaces) in the search list`,
          ),
        ]
      : []),
    ...searches.flatMap((search, position) => validateSearch(`${path}.searches[${position}]`, search)),
    ...options.flatMap(({ name }, position) => (name ? [] : [required(`${path}.options[${position}]`, "must not be empty")])),
  ];
}

const validateHostAliases = (path: string, aliases: readonly HostAlias[]): FieldError[] =>
  aliases.flatMap(({ ip, hostnames = [] }, position) => [
    ...validateIp(`${path}[${position}].ip`, ip),
    ...hostnames.flatMap((name, at) => validateDns1123Subdomain(`${path}[${position}].hostnames[${at}]`, name)),
  ]);

/** The kernel's limit for a host name. */
const longestHostname = 64;

function validateHostnameOverride(field: string, spec: PodSpec): FieldError[] {
  const { hostnameOverride: name } = spec;
  if (name === undefined) return [];
  return [
    ...(spec.setHostnameAsFQDN === true ? [forbiddenField(field, "may not be specified when setHostnameAsFQDN is true")] : []),
    ...(spec.hostNetwork === true ? [forbiddenField(field, "may not be specified when hostNetwork is true")] : []),
    ...(utf8Length(name) > longestHostname ? [tooLong(field, longestHostname)] : []),
    ...validateDns1123Subdomain(field, name),
  ];
}

function validateSchedulingGroup(field: string, { schedulingGroup }: PodSpec): FieldError[] {
  if (schedulingGroup === undefined) return [];
  const { podGroupName } = schedulingGroup;
  if (podGroupName === undefined) return [invalidValue(field, undefined, "must specify one of: `podGroupName`")];
  return validateDns1123Subdomain(field, podGroupName);
}

/** Environment files are written by other containers of the pod: their volume is an empty directory. */
function validateFileKeyVolumes(path: string, spec: PodSpec): FieldError[] {
  return placedContainers(path, spec).flatMap(({ at, container }) =>
    (container.env ?? []).flatMap(({ valueFrom }, position) => {
      if (valueFrom?.fileKeyRef === undefined) return [];
      const { volumeName } = valueFrom.fileKeyRef;
      const field = `${at}.env[${position}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.find((one) => one.name === volumeName);
      if (volume === undefined) return [notFoundValue(field, volumeName)];
      return volume.emptyDir === undefined ? [invalidValue(field, volumeName, "referenced volume must be of type emptyDir")] : [];
    }),
  );
}

/** A template for pods. Its labels and annotations are reported beside the spec, as Kubernetes does. */
export function validatePodTemplate(path: string, template: PodTemplateSpec): FieldError[] {
  const { metadata = {}, spec = { containers: [] } } = template;
  return [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata.annotations, `${path}.annotations`),
    ...validatePodAnnotations(`${path}.annotations`, metadata.annotations ?? {}, spec),
    ...validatePodSpec(`${path}.spec`, spec, { isPod: false, podName: undefined }),
    ...validateProfileAnnotations(`${path}.spec`, metadata.annotations ?? {}, spec),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbiddenField(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : []),
  ];
}
