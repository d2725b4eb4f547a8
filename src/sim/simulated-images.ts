// The images of a simulated node: a name is all that there is of one, so its digest and its size follow from it.

import type { Image } from "../kubelet/container-runtime.ts";

export class SimulatedImages {
  readonly #byName = new Map<string, Image>();

  constructor(names: readonly string[] = []) {
    for (const name of names) this.add(name);
  }

  /** Each image once, under whichever names. */
  list(): readonly Image[] {
    return [...new Map([...this.#byName.values()].map((image) => [image.id, image])).values()];
  }

  /** By name, id or digest. */
  find(name: string): Image | undefined {
    return this.#byName.get(name) ?? [...this.#byName.values()].find((image) => image.id === name || image.repoDigests.includes(name));
  }

  add(name: string): Image {
    const known = this.#byName.get(name);
    if (known) return known;
    let hash = 0x811c9dc5;
    for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0;
    const digest = `sha256:${hash.toString(16).padStart(8, "0").repeat(8)}`;
    const repository = name.split("@")[0]!.replace(/:[^/:]+$/, "");
    const image: Image = {
      id: digest,
      repoTags: [name],
      repoDigests: [`${repository}@${digest}`],
      sizeBytes: 1_000_000 + (hash % 50_000_000),
      pinned: false,
    };
    this.#byName.set(name, image);
    return image;
  }

  /** All names of the image go. */
  remove(name: string): void {
    const found = this.find(name);
    for (const [known, image] of this.#byName) if (image.id === found?.id) this.#byName.delete(known);
  }
}
