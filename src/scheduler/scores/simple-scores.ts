// Scores that look at one node at a time.

import { preferredNodeScore } from "../../kinds/core/node-affinity.ts";
import { softTaintCount } from "../../kinds/core/tolerations.ts";
import type { Score } from "../plugin.ts";
import { maxScore, normalise } from "../plugin.ts";

/** Prefers nodes with more left over. */
export const leastAllocated: Score = {
  name: "NodeResourcesFit",
  weight: 1,
  score: ({ presumed }, nodes) =>
    Float64Array.from(nodes, (node) => {
      const free = (capacity: number, used: number): number =>
        capacity === 0 || used > capacity ? 0 : Math.floor(((capacity - used) * maxScore) / capacity);
      const cpu = free(node.allocatable["cpu"] ?? 0, node.presumedCpu + presumed.cpu);
      const memory = free(node.allocatable["memory"] ?? 0, node.presumedMemory + presumed.memory);
      return Math.floor((cpu + memory) / 2);
    }),
};

/** Prefers nodes whose processor and memory would be used to a like degree. */
export const balancedAllocation: Score = {
  name: "NodeResourcesBalancedAllocation",
  weight: 1,
  score: ({ requests }, nodes) => {
    const { cpu = 0, memory = 0 } = requests;
    if (cpu === 0 && memory === 0) return undefined;
    return Float64Array.from(nodes, (node) => {
      const fraction = (resource: "cpu" | "memory", amount: number): number => {
        const capacity = node.allocatable[resource] ?? 0;
        return capacity === 0 ? 0 : Math.min(1, ((node.requested[resource] ?? 0) + amount) / capacity);
      };
      return Math.floor((1 - Math.abs(fraction("cpu", cpu) - fraction("memory", memory)) / 2) * maxScore);
    });
  },
};

/** Prefers nodes with fewer PreferNoSchedule taints that the pod does not tolerate. */
export const taintPreference: Score = {
  name: "TaintToleration",
  weight: 3,
  score: ({ pod }, nodes) =>
    normalise(
      Float64Array.from(nodes, ({ node }) => softTaintCount(node.spec?.taints, pod.spec?.tolerations)),
      true,
    ),
};

/** Prefers nodes by the weights of the preferred terms that they match. */
export const nodeAffinityPreference: Score = {
  name: "NodeAffinity",
  weight: 2,
  score: ({ pod }, nodes) => {
    if ((pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).length === 0) return undefined;
    return normalise(Float64Array.from(nodes, ({ node }) => preferredNodeScore(pod, node)));
  },
};

const mebibyte = 1024 * 1024;
const leastImageBytes = 23 * mebibyte;
const mostImageBytesPerContainer = 1000 * mebibyte;

/** Prefers nodes that have the images already; images that few nodes have count less, so that pods do not flock to one. */
export const imageLocality: Score = {
  name: "ImageLocality",
  weight: 1,
  score: ({ pod }, nodes, snapshot) => {
    const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
    const wanted = new Set(containers.map((container) => withTag(container.image ?? "")));
    const holders = new Map<string, number>();
    const sizes = new Map<string, Map<string, number>>();
    for (const { node, name } of snapshot.nodes) {
      for (const image of node.status?.images ?? []) {
        for (const imageName of image.names ?? []) {
          if (!wanted.has(imageName)) continue;
          holders.set(imageName, (holders.get(imageName) ?? 0) + 1);
          const here = sizes.get(name) ?? new Map<string, number>();
          here.set(imageName, image.sizeBytes ?? 0);
          sizes.set(name, here);
        }
      }
    }
    if (holders.size === 0) return undefined;
    const most = mostImageBytesPerContainer * containers.length;
    return Float64Array.from(nodes, ({ name }) => {
      let sum = 0;
      for (const container of containers) {
        const image = withTag(container.image ?? "");
        sum += Math.floor((sizes.get(name)?.get(image) ?? 0) * ((holders.get(image) ?? 0) / snapshot.nodes.length));
      }
      const within = Math.min(Math.max(sum, leastImageBytes), most);
      return Math.floor((maxScore * (within - leastImageBytes)) / (most - leastImageBytes));
    });
  },
};

const withTag = (image: string): string =>
  image.lastIndexOf(":") <= image.lastIndexOf("/") && !image.includes("@") ? `${image}:latest` : image;
