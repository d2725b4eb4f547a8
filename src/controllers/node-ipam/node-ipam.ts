// Gives every node its own part of the pods' address ranges. One key for all nodes: two nodes decided apart could get the
// same part.

import type { Cidr } from "../../lang/ip.ts";
import { cidrsOverlap, formatCidr, nthSubnet, parseCidr, subnetCount } from "../../lang/ip.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import type { Node } from "../../kinds/core/types.gen.ts";
import { assert } from "../../base/assert.ts";
import type { Controller } from "../controller.ts";
import { watch } from "../controller.ts";
import type { Decision, EventNote, Write } from "../decision.ts";
import { mergePatch } from "../decision.ts";
import type { View } from "../view.ts";

export interface PodRange {
  /** "10.244.0.0/16" */
  readonly cidr: string;
  /** Prefix length of a node's part: 24 for IPv4, 64 for IPv6. */
  readonly nodePrefixLength: number;
}

/** One range per address family, the primary first. */
export function nodeIpamController(ranges: readonly PodRange[]): Controller {
  return {
    name: "node-ipam-controller",
    account: "node-controller",
    concurrency: 1,
    watches: [watch(nodeKind, () => ["all"])],
    decide: (view) => decideNodeRanges(view, ranges),
  };
}

export function decideNodeRanges(view: View, ranges: readonly PodRange[]): Decision {
  const nodes = view.list(nodeKind).toSorted((a, b) => ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1));
  const pools = ranges.map((range) => new Pool(range));
  for (const node of nodes) for (const text of rangesOf(node)) for (const pool of pools) pool.take(text);
  const writes: Write[] = [];
  const events: EventNote[] = [];
  for (const node of nodes) {
    if (rangesOf(node).length > 0 || node.metadata?.deletionTimestamp !== undefined) continue;
    const parts = pools.map((pool) => pool.next());
    if (parts.every((part) => part !== undefined)) {
      writes.push(mergePatch(nodeKind, node, { spec: { podCIDR: parts[0], podCIDRs: parts } }, "pod range", { ignore: ["NotFound"] }));
    } else {
      const message = `Node ${node.metadata?.name} status is now: CIDRNotAvailable`;
      events.push({ regarding: node, type: "Normal", reason: "CIDRNotAvailable", message });
    }
  }
  return { writes, events };
}

const rangesOf = (node: Node): readonly string[] => {
  const all = node.spec?.podCIDRs ?? [];
  if (all.length > 0) return all;
  const single = node.spec?.podCIDR ?? "";
  return single === "" ? [] : [single];
};

/** The parts of one range; hands out the lowest free one. */
class Pool {
  readonly #range: Cidr;
  readonly #prefixLength: number;
  readonly #taken: Cidr[] = [];
  readonly #takenTexts = new Set<string>();
  #at = 0n;

  constructor({ cidr, nodePrefixLength }: PodRange) {
    const range = parseCidr(cidr);
    assert(range !== undefined, `the pod range ${cidr} is no CIDR`);
    this.#range = range;
    this.#prefixLength = nodePrefixLength;
  }

  take(text: string): void {
    const cidr = parseCidr(text);
    if (cidr === undefined || cidr.family !== this.#range.family) return;
    if (cidr.prefixLength === this.#prefixLength) this.#takenTexts.add(formatCidr(cidr));
    else this.#taken.push(cidr);
  }

  next(): string | undefined {
    for (const count = subnetCount(this.#range, this.#prefixLength); this.#at < count;) {
      const part = nthSubnet(this.#range, this.#prefixLength, this.#at++);
      const text = formatCidr(part);
      if (this.#takenTexts.has(text) || this.#taken.some((other) => cidrsOverlap(other, part))) continue;
      this.#takenTexts.add(text);
      return text;
    }
    return undefined;
  }
}
