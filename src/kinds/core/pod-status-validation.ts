// What a report about a pod may say: addresses that are some, containers that stay ended, claims that the pod has.

import { checkDns1123Subdomain, checkUserId, utf8Length } from "../../lang/names.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import {
  Seen,
  invalidEach,
  isDualStack,
  validateDns1123Subdomain,
  validateImmutable,
  validateIp,
  validateQualifiedName,
} from "../checks.ts";
import { validatePodAnnotationUpdate } from "./pod-annotation-validation.ts";
import { isRestartableInitContainer } from "./pod-readiness.ts";
import type { Container, ContainerStatus, Pod, PodResourceClaimStatus, PodSpec, PodStatus } from "./types.gen.ts";

const ownConditions = new Set(["PodScheduled", "Ready", "Initialized"]);
const statusLists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const { metadata, status = {} } = pod;
  const spec = pod.spec ?? { containers: [] };
  const before = old.status ?? {};
  return [
    ...validatePodAnnotationUpdate("metadata.annotations", metadata?.annotations ?? {}, old.metadata?.annotations ?? {}),
    ...(status.conditions ?? []).flatMap(({ type }, position) =>
      ownConditions.has(type) ? [] : validateQualifiedName(`metadata.conditions[${position}].Type`, type),
    ),
    ...(spec.nodeName === old.spec?.nodeName ? [] : [forbiddenField("status.nodeName", "may not be changed directly")]),
    ...validateNominated(status.nominatedNodeName, before.nominatedNodeName),
    ...validateImmutable("status.qosClass", status.qosClass, before.qosClass),
    ...validateTransitions(status, before, old.spec ?? spec),
    ...validateClaimStatuses("status.resourceClaimStatuses", status.resourceClaimStatuses ?? [], spec),
    ...validateAddresses(status),
    ...statusLists.flatMap((list) => validateUsers(`status.${list}`, status[list] ?? [], spec)),
    ...validateResourceHealth("status.containerStatuses", status.containerStatuses ?? [], spec.containers ?? []),
    ...validateResourceHealth("status.initContainerStatuses", status.initContainerStatuses ?? [], spec.initContainers ?? []),
    ...(status.ephemeralContainerStatuses ?? []).flatMap(({ allocatedResourcesStatus }, position) =>
      (allocatedResourcesStatus ?? []).length === 0
        ? []
        : [
            forbiddenField(
              `status.ephemeralContainerStatuses[${position}].allocatedResourcesStatus`,
              "must not be specified in container status",
            ),
          ],
    ),
  ];
}

const validateNominated = (name: string | undefined, before: string | undefined): FieldError[] =>
  name && name !== before ? invalidEach("status.nominatedNodeName", name, checkDns1123Subdomain(name)) : [];

/** A container that has ended for good does not come back to life in a later report. */
function validateTransitions(status: PodStatus, before: PodStatus, spec: PodSpec): FieldError[] {
  const { restartPolicy } = spec;
  const staysEnded = (old: ContainerStatus, container: Container | undefined): boolean => {
    const policy = container?.restartPolicy ?? restartPolicy;
    if (policy === "Always" || (container?.restartPolicyRules ?? []).length > 0) return false;
    return !(policy === "OnFailure" && old.state?.terminated?.exitCode !== 0);
  };
  const check = (list: (typeof statusLists)[number], applies: (old: ContainerStatus) => boolean): FieldError[] =>
    (before[list] ?? []).flatMap((old, position) => {
      if (old.state?.terminated === undefined || !applies(old)) return [];
      const now = status[list]?.find((one) => one.name === old.name);
      if (now === undefined || now.state?.terminated !== undefined) return [];
      return [forbiddenField(`status.${list}[${position}].state`, "may not be transitioned to non-terminated state")];
    });
  const named = (containers: readonly Container[] | undefined, name: string): Container | undefined =>
    containers?.find((container) => container.name === name);
  return [
    ...check("containerStatuses", (old) => staysEnded(old, named(spec.containers, old.name))),
    ...check("initContainerStatuses", (old) => {
      const container = named(spec.initContainers, old.name);
      return !(container && isRestartableInitContainer(container)) && staysEnded(old, container);
    }),
    ...check("ephemeralContainerStatuses", () => true),
  ];
}

function validateClaimStatuses(path: string, statuses: readonly PodResourceClaimStatus[], spec: PodSpec): FieldError[] {
  const names = new Seen();
  return statuses.flatMap(({ name, resourceClaimName }, position) => {
    const field = `${path}[${position}].name`;
    const known = spec.resourceClaims?.some((claim) => claim.name === name) ?? false;
    return [
      ...(known ? [] : [invalidValue(field, name, "must match the name of an entry in `spec.resourceClaims`")]),
      ...(names.again(name) ? [duplicate(field, name)] : []),
      ...(resourceClaimName === undefined ? [] : validateDns1123Subdomain(field, resourceClaimName)),
    ];
  });
}

function validateAddresses({ podIPs = [], hostIP, hostIPs = [] }: PodStatus): FieldError[] {
  const list = (field: string, addresses: readonly { readonly ip: string }[]): FieldError[] => {
    const texts = addresses.map(({ ip }) => ip);
    return [
      ...texts.flatMap((ip, position) => validateIp(`${field}[${position}]`, ip)),
      ...(texts.length > 1 && (texts.length > 2 || !isDualStack(texts))
        ? [invalidValue(field, addresses, "may specify no more than one IP for each IP family")]
        : []),
    ];
  };
  const first = hostIPs[0]?.ip;
  return [
    ...list("status.podIPs", podIPs),
    ...(first !== undefined && first !== hostIP ? [invalidValue("status.hostIPs[0].ip", first, "must be equal to `hostIP`")] : []),
    ...list("status.hostIPs", hostIPs),
  ];
}

const validateUsers = (path: string, statuses: readonly ContainerStatus[], spec: PodSpec): FieldError[] =>
  statuses.flatMap(({ user }, position) => {
    const at = `${path}[${position}].user.linux`;
    if (user?.linux === undefined) return [];
    if (spec.os?.name === "windows") return [forbiddenField(at, "cannot be set for a windows pod")];
    const { uid, gid, supplementalGroups = [] } = user.linux;
    return [
      ...invalidEach(`${at}.uid`, uid, checkUserId(uid)),
      ...invalidEach(`${at}.gid`, gid, checkUserId(gid)),
      ...supplementalGroups.flatMap((id, place) => invalidEach(`${at}.supplementalGroups[${place}]`, id, checkUserId(id))),
    ];
  });

const healths: readonly string[] = ["Healthy", "Unhealthy", "Unknown"];
const longestHealthMessage = 256;

/** Health of devices (KEP-4680): of resources that the container asks for, each device once. */
function validateResourceHealth(path: string, statuses: readonly ContainerStatus[], containers: readonly Container[]): FieldError[] {
  return statuses.flatMap(({ name, allocatedResourcesStatus = [] }, position) => {
    const container = containers.find((one) => one.name === name);
    return allocatedResourcesStatus.flatMap((resource, place) => {
      const at = `${path}[${position}].allocatedResourcesStatus[${place}]`;
      const seen = new Seen();
      return [
        ...(container === undefined ? [] : validateAskedFor(`${at}.name`, resource.name ?? "", container)),
        ...(resource.resources ?? []).flatMap(({ resourceID, health = "", message }, device) => [
          ...(healths.includes(health) ? [] : [notSupported(`${at}.resources[${device}].health`, health, healths)]),
          ...validateHealthMessage(`${at}.resources[${device}].message`, message),
          ...(seen.again(resourceID) ? [duplicate(`${at}.resources[${device}].resourceID`, resourceID)] : []),
        ]),
      ];
    });
  });
}

function validateHealthMessage(field: string, message: string | undefined): FieldError[] {
  if (message === undefined) return [];
  if (message === "") return [required(field, "must be non-empty if specified")];
  return utf8Length(message) > longestHealthMessage ? [tooLong(field, longestHealthMessage)] : [];
}

function validateAskedFor(field: string, name: string, { resources }: Container): FieldError[] {
  if (!name.startsWith("claim:")) {
    const asked = resources?.requests?.[name] !== undefined;
    return asked ? [] : [invalidValue(field, name, "must match one of the container's resource requests")];
  }
  const claimed = resources?.claims?.some((claim) => name === `claim:${claim.name}${claim.request ? `/${claim.request}` : ""}`);
  if (claimed) return [];
  const detail =
    "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
  return [invalidValue(field, name, detail)];
}
