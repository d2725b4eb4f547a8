// What the runtime is told to run for one container.

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import { expandVariables } from "../../lang/expansion.ts";
import type { ContainerConfig, ContainerSecurity, Image, LinuxResources, Mount } from "../container-runtime.ts";
import type { ContainerNotes } from "../labels.ts";
import { containerLabels, writeNotes } from "../labels.ts";
import { namespaceOptions, podGroups, securityProfile } from "../sandbox/sandbox-config.ts";
import { ContainerConfigError } from "./environment.ts";

export interface ContainerInputs {
  readonly attempt: number;
  readonly notes: ContainerNotes;
  /** The image's id, as the runtime resolved it. */
  readonly imageRef: string;
  readonly image?: Image;
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly resources: LinuxResources;
}

export function containerConfig(pod: Pod, container: ApiContainer, inputs: ContainerInputs): ContainerConfig {
  const expand = (text: string): string => expandVariables(text, (name) => inputs.environment.get(name));
  const stopSignal = container.lifecycle?.stopSignal;
  return {
    metadata: { name: container.name, attempt: inputs.attempt },
    image: { image: inputs.imageRef, userSpecifiedImage: container.image ?? "" },
    command: (container.command ?? []).map(expand),
    args: (container.args ?? []).map(expand),
    workingDir: container.workingDir ?? "",
    env: [...inputs.environment].map(([name, value]) => ({ name, value })),
    mounts: inputs.mounts,
    devices: [],
    labels: containerLabels(pod, container),
    annotations: writeNotes(inputs.notes),
    logPath: containerLogPath(container.name, inputs.notes.restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    resources: inputs.resources,
    security: containerSecurity(pod, container, inputs.image),
    ...(stopSignal && { stopSignal }),
  };
}

/** Below the pod's log directory. */
export const containerLogPath = (name: string, restartCount: number): string => `${name}/${restartCount}.log`;

/** Hidden from containers that are not privileged, unless procMount says otherwise. */
const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function containerSecurity(pod: Pod, container: ApiContainer, image: Image | undefined): ContainerSecurity {
  const podContext = pod.spec!.securityContext;
  const own = container.securityContext;
  const privileged = own?.privileged ?? false;
  const open = privileged || own?.procMount === "Unmasked";
  const runAsUser = own?.runAsUser ?? podContext?.runAsUser ?? undefined;
  const runAsGroup = own?.runAsGroup ?? podContext?.runAsGroup;
  const seccomp = securityProfile(own?.seccompProfile ?? podContext?.seccompProfile);
  const appArmor = securityProfile(own?.appArmorProfile ?? podContext?.appArmorProfile);
  const seLinux = own?.seLinuxOptions ?? podContext?.seLinuxOptions;
  if ((own?.runAsNonRoot ?? podContext?.runAsNonRoot) === true) checkNonRoot(pod, container, runAsUser, image);
  return {
    capabilities: { add: own?.capabilities?.add ?? [], drop: own?.capabilities?.drop ?? [] },
    privileged,
    namespaces: namespaceOptions(pod),
    ...(runAsUser !== undefined ? { runAsUser } : imageUser(image)),
    ...(runAsGroup !== undefined && { runAsGroup }),
    supplementalGroups: podGroups(podContext),
    readonlyRootfs: own?.readOnlyRootFilesystem ?? false,
    noNewPrivileges: own?.allowPrivilegeEscalation === false,
    maskedPaths: open ? [] : maskedPaths,
    readonlyPaths: open ? [] : readonlyPaths,
    ...(seccomp && !privileged && { seccomp }),
    ...(appArmor && !privileged && { appArmor }),
    ...(seLinux && { seLinux }),
  };
}

function imageUser(image: Image | undefined): Pick<ContainerSecurity, "runAsUser" | "runAsUserName"> {
  if (image?.uid !== undefined) return { runAsUser: image.uid };
  if (image?.username) return { runAsUserName: image.username };
  return {};
}

/** @throws ContainerConfigError when it would run as root, or nobody can tell. */
function checkNonRoot(pod: Pod, container: ApiContainer, runAsUser: number | undefined, image: Image | undefined): void {
  const where = `(pod: "${pod.metadata!.name}_${pod.metadata!.namespace}(${pod.metadata!.uid})", container: ${container.name})`;
  if (runAsUser !== undefined) {
    if (runAsUser === 0) throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  if (image?.uid === undefined && image?.username) {
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  }
  if ((image?.uid ?? 0) === 0) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
}
