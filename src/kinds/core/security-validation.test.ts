import { describe, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, noSubdomain } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default" },
  spec: { serviceAccountName: "default", containers: [{ name: "web", image: "nginx" }] },
};
const c = "spec.containers[0].securityContext";
const s = "spec.securityContext";
const id = "must be between 0 and 2147483647, inclusive";
const profiles = 'supported values: "Localhost", "RuntimeDefault", "Unconfined"';

const containers: readonly Row[] = [
  [
    "ids below zero",
    { [c]: { runAsUser: -1, runAsGroup: -2 } },
    `${c}.runAsUser: Invalid value: -1: ${id}`,
    `${c}.runAsGroup: Invalid value: -2: ${id}`,
  ],
  [
    "/proc in a way that nobody knows",
    { [c]: { procMount: "Open" } },
    `${c}.procMount: Unsupported value: "Open": supported values: "Default", "Unmasked"`,
  ],
  [
    "all of /proc with the node's users",
    { [c]: { procMount: "Unmasked" } },
    `${c}.procMount: Invalid value: "Unmasked": \`hostUsers\` must be false to use \`Unmasked\``,
  ],
  [
    "no more privileges, and all of them",
    { [c]: { allowPrivilegeEscalation: false, privileged: true } },
    `${c}: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
  ],
  [
    "no more privileges, and the largest",
    { [c]: { allowPrivilegeEscalation: false, capabilities: { add: ["CAP_SYS_ADMIN"] } } },
    `${c}: Invalid value: {"capabilities":{"add":["CAP_SYS_ADMIN"]},"allowPrivilegeEscalation":false}: cannot set \`allowPrivilegeEscalation\` to false and \`capabilities.Add\` CAP_SYS_ADMIN`,
  ],
  [
    "a seccomp profile without type",
    { [c]: { seccompProfile: {} } },
    `${c}.seccompProfile.type: Required value: type is required when seccompProfile is set`,
  ],
  [
    "a seccomp profile of an unknown type",
    { [c]: { seccompProfile: { type: "Mine" } } },
    `${c}.seccompProfile.type: Unsupported value: "Mine": ${profiles}`,
  ],
  [
    "a local seccomp profile without name",
    { [c]: { seccompProfile: { type: "Localhost" } } },
    `${c}.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost`,
  ],
  [
    "a local seccomp profile elsewhere",
    { [c]: { seccompProfile: { type: "Localhost", localhostProfile: "../a" } } },
    `${c}.seccompProfile.localhostProfile: Invalid value: "../a": must not contain '..'`,
  ],
  [
    "a named seccomp profile that is none",
    { [c]: { seccompProfile: { type: "Unconfined", localhostProfile: "a" } } },
    `${c}.seccompProfile.localhostProfile: Invalid value: {"type":"Unconfined","localhostProfile":"a"}: can only be set when seccomp type is Localhost`,
  ],
  [
    "an AppArmor profile without type",
    { [c]: { appArmorProfile: {} } },
    `${c}.appArmorProfile.type: Required value: type is required when appArmorProfile is set`,
  ],
  [
    "an AppArmor profile of an unknown type",
    { [c]: { appArmorProfile: { type: "Mine" } } },
    `${c}.appArmorProfile.type: Unsupported value: "Mine": ${profiles}`,
  ],
  [
    "a local AppArmor profile without name",
    { [c]: { appArmorProfile: { type: "Localhost" } } },
    `${c}.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost`,
  ],
  [
    "a local AppArmor profile with blanks",
    { [c]: { appArmorProfile: { type: "Localhost", localhostProfile: " a" } } },
    `${c}.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace`,
  ],
  [
    "a local AppArmor profile with a long name",
    { [c]: { appArmorProfile: { type: "Localhost", localhostProfile: "a".repeat(4096) } } },
    `${c}.appArmorProfile.localhostProfile: Too long: may not be more than 4095 bytes`,
  ],
  [
    "a named AppArmor profile that is none",
    { [c]: { appArmorProfile: { type: "RuntimeDefault", localhostProfile: "a" } } },
    `${c}.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost`,
  ],
];

const sysctls = (...names: readonly string[]) => ({ [`${s}.sysctls`]: names.map((name) => ({ name, value: "1" })) });
const badSysctl =
  "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";

const pods: readonly Row[] = [
  [
    "ids out of range",
    { [s]: { fsGroup: 2 ** 31, runAsUser: -1, runAsGroup: -1, supplementalGroups: [1, -1] } },
    `${s}.fsGroup: Invalid value: 2147483648: ${id}`,
    `${s}.runAsUser: Invalid value: -1: ${id}`,
    `${s}.runAsGroup: Invalid value: -1: ${id}`,
    `${s}.supplementalGroups[1]: Invalid value: -1: ${id}`,
  ],
  [
    "processes shared twice",
    { "spec.hostPID": true, "spec.shareProcessNamespace": true },
    `${s}.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled`,
  ],
  [
    "parameters without name, with a bad one, twice",
    sysctls("", "a..b", "kernel.sem", "kernel.sem"),
    `${s}.sysctls[0].name: Required value`,
    `${s}.sysctls[1].name: Invalid value: "a..b": ${badSysctl}`,
    `${s}.sysctls[3].name: Duplicate value: "kernel.sem"`,
  ],
  [
    "parameters of the node's own network and memory",
    { ...sysctls("net/ipv4/ip_forward", "kernel.shmmax"), "spec.hostNetwork": true, "spec.hostIPC": true },
    `${s}.sysctls[0].name: Invalid value: "net/ipv4/ip_forward": may not be specified when 'hostNetwork' is true`,
    `${s}.sysctls[1].name: Invalid value: "kernel.shmmax": may not be specified when 'hostIPC' is true`,
  ],
  [
    "policies that nobody knows",
    { [s]: { fsGroupChangePolicy: "A", supplementalGroupsPolicy: "B", seLinuxChangePolicy: "C" } },
    `${s}.fsGroupChangePolicy: Unsupported value: "A": supported values: "Always", "OnRootMismatch"`,
    `${s}.supplementalGroupsPolicy: Unsupported value: "B": supported values: "Merge", "Strict"`,
    `${s}.seLinuxChangePolicy: Unsupported value: "C": supported values: "MountOption", "Recursive"`,
  ],
  [
    "users of its own and the node's namespaces",
    { "spec.hostUsers": false, "spec.hostNetwork": true, "spec.hostPID": true, "spec.hostIPC": true },
    "spec.hostNetwork: Forbidden: when `hostUsers` is false",
    "spec.HostPID: Forbidden: when `hostUsers` is false",
    "spec.HostIPC: Forbidden: when `hostUsers` is false",
  ],
  [
    "users of its own and a device",
    {
      "spec.hostUsers": false,
      "spec.volumes": [{ name: "v", persistentVolumeClaim: { claimName: "c" } }],
      "spec.containers[0].volumeDevices": [{ name: "v", devicePath: "/dev/a" }],
    },
    "spec.containers[0].volumeDevices: Forbidden: when `hostUsers` is false",
  ],
];

const w = `${s}.windowsOptions`;
const user = (runAsUserName: string) => ({ [w]: { runAsUserName } });

const windows: readonly Row[] = [
  ["no system", { "spec.os": {} }, "spec.os.name: Required value"],
  ["an unknown system", { "spec.os": { name: "plan9" } }, 'spec.os: Unsupported value: "plan9": supported values: "linux", "windows"'],
  [
    "Windows' options on Linux",
    { "spec.os": { name: "linux" }, [w]: {}, [`${c}.windowsOptions`]: {} },
    `${w}: Forbidden: windows options cannot be set for a linux pod`,
    `${c}.windowsOptions: Forbidden: windows options cannot be set for a linux pod`,
  ],
  [
    "Linux' options on Windows",
    { "spec.os": { name: "windows" }, "spec.hostPID": true, [s]: { runAsUser: 1, fsGroup: 1 }, [c]: { privileged: true, runAsUser: 1 } },
    "spec.hostPID: Forbidden: cannot be set for a windows pod",
    `${s}.fsGroup: Forbidden: cannot be set for a windows pod`,
    `${s}.runAsUser: Forbidden: cannot be set for a windows pod`,
    `${c}.privileged: Forbidden: cannot be set for a windows pod`,
    `${c}.runAsUser: Forbidden: cannot be set for a windows pod`,
  ],
  [
    "a bad name of a credential specification",
    { [w]: { gmsaCredentialSpecName: "A" } },
    `${w}.gmsaCredentialSpecName: Invalid value: "A": ${noSubdomain}`,
  ],
  [
    "an empty credential specification",
    { [w]: { gmsaCredentialSpec: "" } },
    `${w}.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string`,
  ],
  ["no user", user(""), `${w}.runAsUserName: Invalid value: "": runAsUserName cannot be an empty string`],
  ["a user that rings", user("a\u0007"), `${w}.runAsUserName: Invalid value: "a\\u0007": runAsUserName cannot contain control characters`],
  [
    "a user with two domains",
    user("a\\b\\c"),
    `${w}.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash`,
  ],
  [
    "a domain without user, in a bad form",
    user("?\\"),
    `${w}.runAsUserName: Invalid value: "?\\\\": runAsUserName's Domain doesn't match the NetBios nor the DNS format`,
    `${w}.runAsUserName: Invalid value: "?\\\\": runAsUserName's User cannot be empty`,
  ],
  ["dots as a user", user(".."), `${w}.runAsUserName: Invalid value: "..": runAsUserName's User cannot contain only periods or spaces`],
  [
    "a user with a question",
    user("a?"),
    `${w}.runAsUserName: Invalid value: "a?": runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`,
  ],
  [
    "on the host in part, off its network",
    { "spec.containers[1]": { name: "b", image: "b", securityContext: { windowsOptions: { hostProcess: true } } } },
    'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
    "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers",
  ],
  [
    "on the host and not",
    { "spec.hostNetwork": true, [w]: { hostProcess: false }, [`${c}.windowsOptions`]: { hostProcess: true } },
    `${c}.windowsOptions.hostProcess: Invalid value: true: pod hostProcess value must be identical if both are specified, was false`,
  ],
];

describe("security", () => {
  it.each(containers)("of a container: %s", (...row) => checkRow(podKind, base, row));
  it.each(pods)("of a pod: %s", (...row) => checkRow(podKind, base, row));
  it.each(windows)("Windows: %s", (...row) => checkRow(podKind, base, row));
});
