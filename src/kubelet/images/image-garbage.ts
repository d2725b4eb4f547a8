// Images that nobody uses go when the disk fills up, the longest unused first.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { ContainerRuntime } from "../container-runtime.ts";
import type { NodeFiles } from "../files.ts";

/** Kubernetes' defaults: begin at 85 % used, go down to 80 %, leave images alone for their first two minutes. */
const highShare = 0.85;
const lowShare = 0.8;
const minAgeMs = 120_000;

export interface ImageGarbageDeps {
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** A path on the file system that holds images. */
  readonly root: string;
}

export class ImageGarbage {
  readonly #deps: ImageGarbageDeps;
  /** By image id, on the monotonic clock; never used: -1. */
  readonly #seen = new Map<string, { readonly firstMs: number; lastUsedMs: number }>();

  constructor(deps: ImageGarbageDeps) {
    this.#deps = deps;
  }

  /** Notes what is in use; frees space when there is too little. Returns what was removed. */
  async collect(): Promise<readonly string[]> {
    const { runtime, files, clock, log, root } = this.#deps;
    const nowMs = clock.monotonicMs();
    const [images, containers, space] = await Promise.all([runtime.listImages(), runtime.listContainers(), files.space(root)]);
    const used = new Set(containers.flatMap((container) => [container.imageRef, container.image]));
    const isUsed = (image: (typeof images)[number]): boolean =>
      [image.id, ...image.repoTags, ...image.repoDigests].some((name) => used.has(name));
    for (const image of images) {
      const seen = this.#seen.get(image.id);
      if (!seen) this.#seen.set(image.id, { firstMs: nowMs, lastUsedMs: isUsed(image) ? nowMs : -1 });
      else if (isUsed(image)) seen.lastUsedMs = nowMs;
    }
    const present = new Set(images.map((image) => image.id));
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id);

    let toFree = space.capacityBytes * (1 - lowShare) - space.availableBytes;
    if (space.availableBytes > space.capacityBytes * (1 - highShare)) return [];
    const removed: string[] = [];
    const candidates = images
      .filter((image) => !image.pinned && !isUsed(image) && nowMs - this.#seen.get(image.id)!.firstMs >= minAgeMs)
      .toSorted((a, b) => this.#seen.get(a.id)!.lastUsedMs - this.#seen.get(b.id)!.lastUsedMs);
    for (const image of candidates) {
      if (toFree <= 0) break;
      try {
        await runtime.removeImage(image.id);
        removed.push(image.id);
        toFree -= image.sizeBytes;
      } catch (error) {
        log.warn("cannot remove an unused image", { image: image.id, error: String(error) });
      }
    }
    if (toFree > 0) log.warn("the disk is nearly full and no unused image is left to remove", { bytesShort: Math.round(toFree) });
    return removed;
  }
}
