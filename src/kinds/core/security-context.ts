// Under which identity and limits of privilege containers run.

import { atomicList, boolean, field, int64, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const seLinuxOptions = struct("core.v1.SELinuxOptions", "SELinux label parts.", {
  user: field(1, string, "User part."),
  role: field(2, string, "Role part."),
  type: field(3, string, "Type part."),
  level: field(4, string, "Level part."),
});

export const windowsSecurityContextOptions = struct("core.v1.WindowsSecurityContextOptions", "Identity on Windows nodes.", {
  gmsaCredentialSpecName: pointer(1, string, "Name of the group-managed service account's credential specification."),
  gmsaCredentialSpec: pointer(2, string, "The credential specification itself."),
  runAsUserName: pointer(3, string, "Windows user that processes run as."),
  hostProcess: pointer(4, boolean, "Run on the host itself; all containers of a pod agree."),
});

export const seccompProfile = struct("core.v1.SeccompProfile", "Which system calls are allowed.", {
  type: requiredField(1, string, "Where the profile comes from.", { enum: ["Localhost", "RuntimeDefault", "Unconfined"] }),
  localhostProfile: pointer(2, string, "Profile file below the kubelet's seccomp directory, for Localhost."),
});

export const appArmorProfile = struct("core.v1.AppArmorProfile", "Which AppArmor profile confines the process.", {
  type: requiredField(1, string, "Where the profile comes from.", { enum: ["Localhost", "RuntimeDefault", "Unconfined"] }),
  localhostProfile: pointer(2, string, "Name of a profile loaded on the node, for Localhost."),
});

export const capabilities = struct("core.v1.Capabilities", "POSIX capabilities beside the runtime's default set.", {
  add: field(1, atomicList(string), "Capabilities to add."),
  drop: field(2, atomicList(string), "Capabilities to take away."),
});

export const securityContext = struct("core.v1.SecurityContext", "Identity and privileges of one container; wins over the pod's.", {
  capabilities: pointer(1, capabilities, "Capabilities to add or drop."),
  privileged: pointer(2, boolean, "Run with all the privileges of root on the host."),
  seLinuxOptions: pointer(3, seLinuxOptions, "SELinux label."),
  runAsUser: pointer(4, int64, "User id of the first process; the image's when absent."),
  runAsNonRoot: pointer(5, boolean, "Refuse to start as user 0."),
  readOnlyRootFilesystem: pointer(6, boolean, "Mount the root file system read-only."),
  allowPrivilegeEscalation: pointer(7, boolean, "Whether a process may gain more privileges than its parent (no_new_privs)."),
  runAsGroup: pointer(8, int64, "Group id of the first process; the runtime's when absent."),
  procMount: pointer(9, string, "How /proc is mounted.", { enum: ["Default", "Unmasked"] }),
  windowsOptions: pointer(10, windowsSecurityContextOptions, "Identity on Windows nodes."),
  seccompProfile: pointer(11, seccompProfile, "Which system calls are allowed."),
  appArmorProfile: pointer(12, appArmorProfile, "Which AppArmor profile confines the process."),
});

export const sysctl = struct("core.v1.Sysctl", "A kernel parameter of the pod's namespaces.", {
  name: requiredField(1, string, "Name of the parameter."),
  value: requiredField(2, string, "Value to set."),
});

export const podSecurityContext = struct(
  "core.v1.PodSecurityContext",
  "Identity and privileges of all containers of a pod, and who owns its volumes.",
  {
    seLinuxOptions: pointer(1, seLinuxOptions, "SELinux label of all containers."),
    runAsUser: pointer(2, int64, "User id of the first process of each container."),
    runAsNonRoot: pointer(3, boolean, "Refuse to start as user 0."),
    supplementalGroups: field(4, atomicList(int64), "Further groups of the first processes."),
    fsGroup: pointer(5, int64, "Group that owns the pod's volumes and that every process belongs to."),
    runAsGroup: pointer(6, int64, "Group id of the first process of each container."),
    sysctls: field(7, atomicList(sysctl), "Kernel parameters of the pod."),
    windowsOptions: pointer(8, windowsSecurityContextOptions, "Identity on Windows nodes."),
    fsGroupChangePolicy: pointer(9, string, "When volume ownership is corrected; Always when absent.", {
      enum: ["OnRootMismatch", "Always"],
    }),
    seccompProfile: pointer(10, seccompProfile, "Which system calls are allowed."),
    appArmorProfile: pointer(11, appArmorProfile, "Which AppArmor profile confines the processes."),
    supplementalGroupsPolicy: pointer(12, string, "Whether groups of the image's /etc/group count too; Merge when absent.", {
      enum: ["Merge", "Strict"],
    }),
    seLinuxChangePolicy: pointer(13, string, "How volumes get their SELinux label; MountOption when absent.", {
      enum: ["Recursive", "MountOption"],
    }),
  },
);
