// Rules for pods on Windows nodes, and for what must not be said of a pod that names its operating system.

import { checkDns1123Subdomain, utf8Length } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach } from "../checks.ts";
import { placedContainers } from "./pod-containers.ts";
import type { PodSpec, WindowsSecurityContextOptions } from "./types.gen.ts";

const largestSpecKib = 64;
const longestDomain = 256;
const longestUser = 104;
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsLabel = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*$`);

export function validateWindowsOptions(path: string, options: WindowsSecurityContextOptions | undefined): FieldError[] {
  if (options === undefined) return [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec, runAsUserName } = options;
  const field = `${path}.gmsaCredentialSpec`;
  const errors = name === undefined ? [] : invalidEach(`${path}.gmsaCredentialSpecName`, name, checkDns1123Subdomain(name));
  if (spec === "") errors.push(invalidValue(field, spec, "gmsaCredentialSpec cannot be an empty string"));
  else if (spec !== undefined && utf8Length(spec) > largestSpecKib * 1024)
    errors.push(invalidValue(field, spec, `gmsaCredentialSpec size must be under ${largestSpecKib} KiB`));
  if (runAsUserName !== undefined)
    errors.push(
      ...invalidEach(
        `${path}.runAsUserName`,
        runAsUserName,
        checkUserName(runAsUserName).map((what) => `runAsUserName${what}`),
      ),
    );
  return errors;
}

/** `DOMAIN\user`, the domain optional. */
function checkUserName(text: string): string[] {
  if (text === "") return [" cannot be an empty string"];
  if (/\p{Cc}/u.test(text)) return [" cannot contain control characters"];
  const parts = text.split("\\");
  if (parts.length > 2) return [" cannot contain more than one backslash"];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const messages: string[] = [];
  if (domain !== undefined && utf8Length(domain) >= longestDomain)
    messages.push(`'s Domain length must be under ${longestDomain} characters`);
  if (domain !== undefined && !netBiosName.test(domain) && !dnsName.test(domain))
    messages.push("'s Domain doesn't match the NetBios nor the DNS format");
  if (user === "") messages.push("'s User cannot be empty");
  else if (utf8Length(user) > longestUser) messages.push(`'s User length must not be longer than ${longestUser} characters`);
  if (/^[. ]+$/.test(user)) messages.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) messages.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return messages;
}

/** Containers that run on the Windows host itself: all of a pod or none, and on its network. */
export function validateHostProcess(path: string, spec: PodSpec): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const errors: FieldError[] = [];
  const containers = placedContainers(path, spec);
  let count = 0;
  for (const { at, container } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, detail));
    }
    if (own ?? ofPod) count++;
  }
  if (count === 0) return errors;
  if (count !== containers.length)
    errors.push(invalidValue(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers"));
  if (spec.hostNetwork !== true)
    errors.push(invalidValue(`${path}.hostNetwork`, false, "hostNetwork must be true if pod contains any hostProcess containers"));
  return errors;
}

const systems: readonly string[] = ["linux", "windows"];
const onWindowsDetail = "cannot be set for a windows pod";
const onLinuxDetail = "windows options cannot be set for a linux pod";

/** Of a pod that names its operating system, what the other one alone knows. */
export function validateOperatingSystem(path: string, spec: PodSpec): FieldError[] {
  if (spec.os === undefined) return [];
  const { name } = spec.os;
  if (!name) return [required(`${path}.os.name`)];
  if (!systems.includes(name)) return [notSupported(`${path}.os`, name, systems)];
  return name === "linux" ? validateLinux(path, spec) : validateWindows(path, spec);
}

const validateLinux = (path: string, spec: PodSpec): FieldError[] => [
  ...(spec.securityContext?.windowsOptions ? [forbiddenField(`${path}.securityContext.windowsOptions`, onLinuxDetail)] : []),
  ...placedContainers(path, spec)
    .filter(({ container }) => container.securityContext?.windowsOptions !== undefined)
    .map(({ at }) => forbiddenField(`${at}.securityContext.windowsOptions`, onLinuxDetail)),
];

const podContextFields = [
  "securityContext.appArmorProfile",
  "securityContext.seLinuxOptions",
  "hostUsers",
  "hostPID",
  "hostIPC",
  "securityContext.seccompProfile",
  "securityContext.fsGroup",
  "securityContext.fsGroupChangePolicy",
  "securityContext.sysctls",
  "shareProcessNamespace",
  "securityContext.runAsUser",
  "securityContext.runAsGroup",
  "securityContext.supplementalGroups",
  "securityContext.supplementalGroupsPolicy",
  "securityContext.seLinuxChangePolicy",
];
const containerContextFields = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;

const memberAt = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((member, name) => (member as Record<string, unknown> | undefined)?.[name], value);

const validateWindows = (path: string, spec: PodSpec): FieldError[] => [
  ...podContextFields
    .filter((field) => memberAt(spec, field) !== undefined)
    .map((field) => forbiddenField(`${path}.${field}`, onWindowsDetail)),
  ...placedContainers(path, spec).flatMap(({ at, container }) =>
    containerContextFields
      .filter((field) => container.securityContext?.[field] !== undefined)
      .map((field) => forbiddenField(`${at}.securityContext.${field}`, onWindowsDetail)),
  ),
];
