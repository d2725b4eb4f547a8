// Identity and privileges of pods and containers.

import { checkUserId, utf8Length } from "../../lang/names.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, validateOptionalOneOf } from "../checks.ts";
import { validateDescendingPath } from "./file-path-validation.ts";
import { placedContainers } from "./pod-containers.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile, SecurityContext, Sysctl } from "./types.gen.ts";
import { validateWindowsOptions } from "./windows-validation.ts";

const validateId = (field: string, id: number | undefined): FieldError[] =>
  id === undefined ? [] : invalidEach(field, id, checkUserId(id));

const profileTypes: readonly string[] = ["Localhost", "RuntimeDefault", "Unconfined"];

function validateSeccomp(path: string, profile: SeccompProfile | undefined): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!profileTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, profileTypes));
  const field = `${path}.localhostProfile`;
  if (type === "Localhost") {
    if (localhostProfile === undefined) errors.push(required(field, "must be set when seccomp type is Localhost"));
    else errors.push(...validateDescendingPath(field, localhostProfile));
  } else if (localhostProfile !== undefined) errors.push(invalidValue(field, profile, "can only be set when seccomp type is Localhost"));
  return errors;
}

const longestProfileName = 4095;

function validateAppArmor(path: string, profile: AppArmorProfile | undefined): FieldError[] {
  if (profile === undefined) return [];
  const { type, localhostProfile } = profile;
  const field = `${path}.localhostProfile`;
  if (!type) return [required(`${path}.type`, "type is required when appArmorProfile is set")];
  if (!profileTypes.includes(type)) return [notSupported(`${path}.type`, type, profileTypes)];
  if (type !== "Localhost")
    return localhostProfile === undefined ? [] : [invalidValue(field, localhostProfile, "can only be set when AppArmor type is Localhost")];
  if (localhostProfile === undefined || localhostProfile === "") return [required(field, "must be set when AppArmor type is Localhost")];
  const padded = localhostProfile.trim() !== localhostProfile;
  return [
    ...(padded ? [invalidValue(field, localhostProfile, "must not be padded with whitespace")] : []),
    ...(utf8Length(localhostProfile) > longestProfileName ? [tooLong(field, longestProfileName)] : []),
  ];
}

/** `hostUsers`: the pod shares the node's user namespace. */
export function validateSecurityContext(path: string, context: SecurityContext | undefined, hostUsers: boolean): FieldError[] {
  if (context === undefined) return [];
  const errors = [...validateId(`${path}.runAsUser`, context.runAsUser), ...validateId(`${path}.runAsGroup`, context.runAsGroup)];
  const { procMount } = context;
  errors.push(...validateOptionalOneOf(`${path}.procMount`, procMount, ["Default", "Unmasked"]));
  if (procMount === "Unmasked" && hostUsers)
    errors.push(invalidValue(`${path}.procMount`, procMount, "`hostUsers` must be false to use `Unmasked`"));
  errors.push(...validateSeccomp(`${path}.seccompProfile`, context.seccompProfile));
  if (context.allowPrivilegeEscalation === false) {
    const refuse = (what: string): void =>
      void errors.push(invalidValue(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`));
    if (context.privileged === true) refuse("`privileged` to true");
    if (context.capabilities?.add?.includes("CAP_SYS_ADMIN")) refuse("`capabilities.Add` CAP_SYS_ADMIN");
  }
  return [
    ...errors,
    ...validateWindowsOptions(`${path}.windowsOptions`, context.windowsOptions),
    ...validateAppArmor(`${path}.appArmorProfile`, context.appArmorProfile),
  ];
}

/** `path` is the spec's. */
export function validatePodSecurityContext(path: string, spec: PodSpec): FieldError[] {
  const at = `${path}.securityContext`;
  const context = spec.securityContext ?? {};
  return [
    ...validateId(`${at}.fsGroup`, context.fsGroup),
    ...validateId(`${at}.runAsUser`, context.runAsUser),
    ...validateId(`${at}.runAsGroup`, context.runAsGroup),
    ...(context.supplementalGroups ?? []).flatMap((id, position) => validateId(`${at}.supplementalGroups[${position}]`, id)),
    ...(spec.shareProcessNamespace === true && spec.hostPID === true
      ? [invalidValue(`${at}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled")]
      : []),
    ...validateSysctls(`${at}.sysctls`, context.sysctls ?? [], spec),
    ...validateOptionalOneOf(`${at}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]),
    ...validateSeccomp(`${at}.seccompProfile`, context.seccompProfile),
    ...validateWindowsOptions(`${at}.windowsOptions`, context.windowsOptions),
    ...validateAppArmor(`${at}.appArmorProfile`, context.appArmorProfile),
    ...validateOptionalOneOf(`${at}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ["Merge", "Strict"]),
    ...validateOptionalOneOf(`${at}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ["MountOption", "Recursive"]),
  ];
}

const sysctlSegment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const sysctlSegmentPattern = new RegExp(`^${sysctlSegment}$`);
const longestSysctl = 253;
const sysctlMessage = `must have at most ${longestSysctl} characters and match regex ^(${sysctlSegment}[\\./])*${sysctlSegment}$`;

const isSysctlName = (name: string): boolean =>
  utf8Length(name) <= longestSysctl && name.split(/[./]/).every((segment) => sysctlSegmentPattern.test(segment));

function validateSysctls(path: string, sysctls: readonly Sysctl[], spec: PodSpec): FieldError[] {
  const names = new Seen();
  return sysctls.flatMap(({ name }, position) => {
    const field = `${path}[${position}].name`;
    const errors: FieldError[] = [];
    const again = names.again(name);
    if (name === "") errors.push(required(field));
    else if (!isSysctlName(name)) errors.push(invalidValue(field, name, sysctlMessage));
    else if (again) errors.push(duplicate(field, name));
    const namespace = sysctlNamespace(name);
    if (spec.hostNetwork === true && namespace === "net")
      errors.push(invalidValue(field, name, "may not be specified when 'hostNetwork' is true"));
    if (spec.hostIPC === true && namespace === "ipc") errors.push(invalidValue(field, name, "may not be specified when 'hostIPC' is true"));
    return errors;
  });
}

/** The kernel namespace that a parameter belongs to. Slashes and dots both separate. */
function sysctlNamespace(name: string): "net" | "ipc" | undefined {
  const dotted = name.replaceAll("/", ".");
  if (dotted.startsWith("net.")) return "net";
  const ipc = dotted === "kernel.sem" || ["kernel.shm", "kernel.msg", "fs.mqueue."].some((prefix) => dotted.startsWith(prefix));
  return ipc ? "ipc" : undefined;
}

/** A user namespace of the pod's own and the node's other namespaces do not go together (KEP-127). */
export function validateHostUsers(path: string, spec: PodSpec): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const detail = "when `hostUsers` is false";
  return [
    ...(spec.hostNetwork === true ? [forbiddenField(`${path}.hostNetwork`, detail)] : []),
    ...(spec.hostPID === true ? [forbiddenField(`${path}.HostPID`, detail)] : []),
    ...(spec.hostIPC === true ? [forbiddenField(`${path}.HostIPC`, detail)] : []),
    ...placedContainers(path, spec)
      .filter(({ container }) => (container.volumeDevices?.length ?? 0) > 0)
      .map(({ at }) => forbiddenField(`${at}.volumeDevices`, detail)),
  ];
}
