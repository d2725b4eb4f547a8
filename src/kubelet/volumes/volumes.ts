// A pod's volumes on the node: made, kept current, taken away.

import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import { randomInt } from "../../base/random.ts";
import type { Pod, Volume } from "../../kinds/core/types.gen.ts";
import { quantityValue } from "../../lang/quantity.ts";
import type { NodeFiles } from "../files.ts";
import { versionStamp, writeTree } from "./atomic-tree.ts";
import { prepareHostPath } from "./host-path.ts";
import type { PayloadInputs } from "./payload.ts";
import { VolumeError, volumePayload } from "./payload.ts";

/** Where each volume of a pod lies on the node, by the volume's name. */
export type PodVolumes = ReadonlyMap<string, string>;

/** Which volumes could not be made, and why. */
export class VolumesError extends Error {
  override readonly name = "VolumesError";
  readonly failures: readonly { readonly volume: string; readonly message: string }[];
  constructor(failures: readonly { readonly volume: string; readonly message: string }[]) {
    super(failures.map((failure) => `MountVolume.SetUp failed for volume "${failure.volume}" : ${failure.message}`).join("; "));
    this.failures = failures;
  }
}

export interface VolumeDeps {
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly random: Random;
  /** "/var/lib/kubelet" */
  readonly root: string;
}

export const podDirectory = (root: string, uid: string): string => `${root}/pods/${uid}`;

const pluginDirectories = {
  emptyDir: "kubernetes.io~empty-dir",
  configMap: "kubernetes.io~configmap",
  secret: "kubernetes.io~secret",
  downwardAPI: "kubernetes.io~downward-api",
  projected: "kubernetes.io~projected",
} as const;

export class Volumes {
  readonly #deps: VolumeDeps;

  constructor(deps: VolumeDeps) {
    this.#deps = deps;
  }

  /** Makes what is missing and brings contents up to date. Safe to repeat. @throws VolumesError */
  async setUp(pod: Pod, inputs: PayloadInputs): Promise<PodVolumes> {
    const paths = new Map<string, string>();
    const failures: { volume: string; message: string }[] = [];
    await Promise.all(
      (pod.spec!.volumes ?? []).map(async (volume) => {
        try {
          paths.set(volume.name, await this.#setUpOne(pod, volume, inputs));
        } catch (error) {
          failures.push({ volume: volume.name, message: (error as Error).message });
        }
      }),
    );
    if (failures.length > 0) throw new VolumesError(failures.toSorted((a, b) => (a.volume < b.volume ? -1 : 1)));
    return paths;
  }

  async #setUpOne(pod: Pod, volume: Volume, inputs: PayloadInputs): Promise<string> {
    const { files } = this.#deps;
    if (volume.hostPath) {
      await prepareHostPath(files, volume.hostPath.path, volume.hostPath.type ?? "");
      return volume.hostPath.path;
    }
    const type = (Object.keys(pluginDirectories) as (keyof typeof pluginDirectories)[]).find((name) => volume[name] !== undefined);
    if (!type) throw new VolumeError(`volume type ${volumeTypeOf(volume)} is not supported by this node`);
    const directory = `${podDirectory(this.#deps.root, pod.metadata!.uid!)}/volumes/${pluginDirectories[type]}/${volume.name}`;
    if (type === "emptyDir") await this.#emptyDir(pod, volume, directory);
    else await this.#payloadVolume(pod, volume, directory, type, inputs);
    return directory;
  }

  async #emptyDir(pod: Pod, volume: Volume, directory: string): Promise<void> {
    const { files } = this.#deps;
    const medium = volume.emptyDir!.medium ?? "";
    if (medium !== "" && medium !== "Memory") throw new VolumeError(`unknown storage medium "${medium}"`);
    const existed = (await files.stat(directory)) !== undefined;
    await files.mkdir(directory, 0o777);
    let fresh = !existed;
    if (medium === "Memory" && !(await files.isMountPoint(directory))) {
      const limit = volume.emptyDir!.sizeLimit;
      await files.mountTmpfs(directory, {
        mode: 0o777,
        ...(limit !== undefined && quantityValue(limit) > 0 && { sizeBytes: quantityValue(limit) }),
      });
      fresh = true;
    }
    if (fresh) await this.#giveToGroup(pod, directory, false);
  }

  async #payloadVolume(pod: Pod, volume: Volume, directory: string, type: string, inputs: PayloadInputs): Promise<void> {
    const { files, clock, random } = this.#deps;
    const payload = await volumePayload(pod, volume, inputs);
    if (!payload) throw new VolumeError(`volume type ${volumeTypeOf(volume)} is not supported by this node`);
    await files.mkdir(directory, 0o777);
    // Secrets never reach a disk.
    if ((type === "secret" || type === "projected") && !(await files.isMountPoint(directory)))
      await files.mountTmpfs(directory, { mode: 0o777 });
    const stamp = versionStamp(clock.now(), randomInt(random, 2 ** 31));
    await writeTree(files, directory, payload, stamp, (version) => this.#giveToGroup(pod, version, true));
  }

  async #giveToGroup(pod: Pod, directory: string, readonly: boolean): Promise<void> {
    const context = pod.spec!.securityContext;
    if (context?.fsGroup === undefined) return;
    const onRootMismatch = context.fsGroupChangePolicy === "OnRootMismatch";
    await this.#deps.files.giveToGroup(directory, context.fsGroup, { onRootMismatch, readonly });
  }

  /** Unmounts and removes everything of a pod. */
  async tearDown(uid: string): Promise<void> {
    const { files, root } = this.#deps;
    const directory = podDirectory(root, uid);
    for (const mount of await files.mountsBelow(directory)) await files.unmount(mount);
    await files.remove(directory);
  }

  /** Names and bytes of disk-backed emptyDir volumes that grew over their limit. */
  async overLimit(pod: Pod): Promise<readonly { readonly volume: string; readonly limit: string; readonly usedBytes: number }[]> {
    const over: { volume: string; limit: string; usedBytes: number }[] = [];
    for (const volume of pod.spec!.volumes ?? []) {
      const limit = volume.emptyDir?.sizeLimit;
      if (limit === undefined || volume.emptyDir!.medium === "Memory" || quantityValue(limit) === 0) continue;
      const directory = `${podDirectory(this.#deps.root, pod.metadata!.uid!)}/volumes/${pluginDirectories.emptyDir}/${volume.name}`;
      const { usedBytes } = await this.#deps.files.usage(directory);
      if (usedBytes > quantityValue(limit)) over.push({ volume: volume.name, limit: String(limit), usedBytes });
    }
    return over;
  }
}

const volumeTypeOf = (volume: Volume): string => Object.keys(volume).find((key) => key !== "name") ?? "(none)";
