// Makes room for a more important pod: which node, and which less important pods have to leave it. A plan, nothing is done.

import { parseTime } from "../base/clock.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { NodeRefusal } from "./schedule.ts";
import { describeRefusals, judge } from "./schedule.ts";
import type { Snapshot } from "./snapshot.ts";
import { withNode } from "./snapshot.ts";

export type PreemptionPlan =
  | { readonly type: "victims"; readonly node: string; readonly victims: readonly PodInfo[] }
  /** Nothing helps; the message ends the pod's. */
  | { readonly type: "none"; readonly message: string };

interface Candidate {
  readonly node: string;
  readonly victims: readonly PodInfo[];
}

/** How many nodes are tried: a tenth, at least a hundred. */
const candidateLimit = (count: number): number => Math.max(100, Math.floor(count / 10));

export function planPreemption(pod: PodInfo, snapshot: Snapshot, refusals: ReadonlyMap<string, NodeRefusal>): PreemptionPlan {
  const ineligible = whyNotEligible(pod, snapshot);
  if (ineligible !== undefined) return { type: "none", message: `preemption: ${ineligible}` };
  const unhelpful = new Map<string, { readonly reasons: readonly string[]; readonly final: boolean }>();
  const candidates: Candidate[] = [];
  const limit = candidateLimit(snapshot.nodes.length);
  for (const node of snapshot.nodes) {
    const refusal = refusals.get(node.name);
    if (refusal === undefined || refusal.final) {
      unhelpful.set(node.name, { reasons: ["Preemption is not helpful for scheduling"], final: true });
      continue;
    }
    if (candidates.length >= limit) break;
    const victims = victimsOn(pod, node, snapshot);
    if (victims === undefined) unhelpful.set(node.name, { reasons: ["No preemption victims found for incoming pod"], final: false });
    else candidates.push({ node: node.name, victims });
  }
  const chosen = cheapest(candidates);
  if (chosen !== undefined) return { type: "victims", ...chosen };
  return { type: "none", message: `preemption: ${describeRefusals(snapshot.nodes.length, unhelpful)}` };
}

function whyNotEligible(pod: PodInfo, snapshot: Snapshot): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const promised = snapshot.node(pod.pod.status?.nominatedNodeName ?? "");
  for (const other of promised?.pods.values() ?? []) {
    if (other.terminating && other.priority < pod.priority) return "not eligible due to a terminating pod on the nominated node.";
  }
  return undefined;
}

/** The fewest important pods whose leaving lets the pod onto the node; undefined when not even all of them suffice. */
function victimsOn(pod: PodInfo, node: NodeInfo, snapshot: Snapshot): readonly PodInfo[] | undefined {
  const trial = node.copy();
  const lesser = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lesser.length === 0) return undefined;
  for (const other of lesser) trial.remove(other.uid);
  const changed = withNode(snapshot, trial);
  const fits = (): boolean => judge(pod, changed)(trial) === undefined;
  if (!fits()) return undefined;
  const victims: PodInfo[] = [];
  for (const other of lesser.toSorted(moreImportantFirst)) {
    trial.add(other);
    if (fits()) continue;
    trial.remove(other.uid);
    victims.push(other);
  }
  return victims.length === 0 ? undefined : victims;
}

const startOf = (pod: PodInfo): number => parseTime(pod.pod.status?.startTime ?? pod.pod.metadata?.creationTimestamp ?? "") || 0;
const moreImportantFirst = (a: PodInfo, b: PodInfo): number =>
  b.priority - a.priority || startOf(a) - startOf(b) || (a.key < b.key ? -1 : 1);

/** The least important most important victim, then the smallest sum, the fewest, and the youngest of the most important ones. */
function cheapest(candidates: readonly Candidate[]): Candidate | undefined {
  const highest = ({ victims }: Candidate): number => Math.max(...victims.map((victim) => victim.priority));
  const sum = ({ victims }: Candidate): number => victims.reduce((total, victim) => total + victim.priority + 2 ** 31, 0);
  const start = (candidate: Candidate): number =>
    Math.min(...candidate.victims.filter((victim) => victim.priority === highest(candidate)).map(startOf));
  return candidates.toSorted(
    (a, b) => highest(a) - highest(b) || sum(a) - sum(b) || a.victims.length - b.victims.length || start(b) - start(a),
  )[0];
}
