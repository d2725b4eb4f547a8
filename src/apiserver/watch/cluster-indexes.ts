// A few questions that authentication and authorization ask on every request, answered without scanning:
// which pods are bound to a node?

import type { StoreFeed } from "./store-feed.ts";
import type { StoredVersion } from "./stored-version.ts";
import type { CacheEvent } from "./watch-cache.ts";

interface PodLike {
  readonly spec?: { readonly nodeName?: string };
}

const nodeOf = (version: StoredVersion): string => (version.object as PodLike).spec?.nodeName ?? "";

export class ClusterIndexes {
  readonly #feed: StoreFeed;
  readonly #podsByNode = new Map<string, Map<string, StoredVersion>>();
  #built = false;

  constructor(feed: StoreFeed) {
    this.#feed = feed;
  }

  /** The pods bound to a node. The index is built when first asked for. */
  podsOnNode(node: string): Iterable<StoredVersion> {
    if (!this.#built) this.#build();
    return this.#podsByNode.get(node)?.values() ?? [];
  }

  #build(): void {
    this.#built = true;
    const cache = this.#feed.cache("pods");
    for (const version of cache.list()) this.#add(version);
    // Lives as long as the feed, which owns the cache.
    cache.subscribe((event: CacheEvent) => {
      if (event.previous) this.#podsByNode.get(nodeOf(event.previous))?.delete(event.previous.key);
      if (event.type === "put") this.#add(event.version);
    });
  }

  #add(version: StoredVersion): void {
    const node = nodeOf(version);
    if (node === "") return;
    let pods = this.#podsByNode.get(node);
    if (!pods) this.#podsByNode.set(node, (pods = new Map<string, StoredVersion>()));
    pods.set(version.key, version);
  }
}
