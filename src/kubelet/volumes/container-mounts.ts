// Which mounts one container gets: its volumeMounts, /etc/hosts, and the file for its termination message.

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import { expandVariables } from "../../lang/expansion.ts";
import { ContainerConfigError } from "../containers/environment.ts";
import type { Mount, MountPropagation } from "../container-runtime.ts";
import type { NodeFiles } from "../files.ts";
import type { PodVolumes } from "./volumes.ts";

export interface MountInputs {
  readonly files: NodeFiles;
  readonly volumes: PodVolumes;
  readonly environment: ReadonlyMap<string, string>;
  /** The pod's hosts file on the node. */
  readonly hostsFile: string;
  /** The container's termination message file on the node. */
  readonly messageFile: string;
}

const propagations: Readonly<Record<string, MountPropagation>> = {
  None: "private",
  HostToContainer: "host-to-container",
  Bidirectional: "bidirectional",
};

/** @throws ContainerConfigError */
export async function containerMounts(pod: Pod, container: ApiContainer, inputs: MountInputs): Promise<readonly Mount[]> {
  const mounts: Mount[] = [];
  for (const mount of container.volumeMounts ?? []) {
    const volume = inputs.volumes.get(mount.name);
    if (volume === undefined)
      throw new ContainerConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const subPath = mount.subPathExpr ? expandVariables(mount.subPathExpr, (name) => inputs.environment.get(name)) : (mount.subPath ?? "");
    mounts.push({
      containerPath: mount.mountPath,
      hostPath: subPath === "" ? volume : await resolveSubPath(inputs.files, volume, subPath, container.name),
      readonly: (mount.readOnly ?? false) || isReadonlyVolume(pod, mount.name),
      propagation: propagations[mount.mountPropagation ?? "None"] ?? "private",
      ...(mount.recursiveReadOnly === "Enabled" && { recursiveReadOnly: true }),
    });
  }
  const plain = { readonly: false, propagation: "private" } as const;
  if (!mounts.some((mount) => mount.containerPath === "/etc/hosts")) {
    mounts.push({ containerPath: "/etc/hosts", hostPath: inputs.hostsFile, ...plain });
  }
  const messagePath = container.terminationMessagePath ?? "/dev/termination-log";
  if (messagePath !== "") mounts.push({ containerPath: messagePath, hostPath: inputs.messageFile, ...plain });
  return mounts;
}

/** What the node writes, a container only reads. */
function isReadonlyVolume(pod: Pod, name: string): boolean {
  const volume = pod.spec!.volumes?.find((candidate) => candidate.name === name);
  return Boolean(volume?.configMap || volume?.secret || volume?.downwardAPI || volume?.projected);
}

/** A path inside the volume, with every link followed; one that leads out of it is refused. Missing: made as a directory. */
async function resolveSubPath(files: NodeFiles, volume: string, subPath: string, container: string): Promise<string> {
  const parts = subPath.split("/").filter((part) => part !== "" && part !== ".");
  if (subPath.startsWith("/") || parts.includes(".."))
    throw new ContainerConfigError(`subPath "${subPath}" must be a relative path without ".."`);
  const root = await files.realPath(volume);
  if (root === undefined) throw new ContainerConfigError(`failed to prepare subPath for volumeMount of container "${container}"`);
  let at = root;
  for (const part of parts) {
    const next = `${at}/${part}`;
    const real = await files.realPath(next);
    if (real === undefined) {
      if ((await files.lstat(next)) !== undefined)
        throw new ContainerConfigError(`failed to create subPath directory for volumeMount of container "${container}"`);
      await files.mkdir(next, 0o755);
      at = next;
      continue;
    }
    if (real !== root && !real.startsWith(`${root}/`)) throw new ContainerConfigError(`subPath "${subPath}" leads out of its volume`);
    at = real;
  }
  return at;
}
