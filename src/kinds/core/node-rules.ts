// Rules about nodes: defaults, and how a node shows in a table.

import type { Node } from "./types.gen.ts";

type Members = Record<string, any>;

/** podCIDR is the first of podCIDRs; whoever writes the older field alone means both. */
export function defaultNodeSpec(spec: Members): void {
  const networks = spec["podCIDRs"] as string[] | undefined;
  const first = spec["podCIDR"] as string | undefined;
  if (first !== undefined && networks?.[0] !== first) spec["podCIDRs"] = [first];
  else if (first === undefined && networks?.[0] !== undefined) spec["podCIDR"] = networks[0];
}

/** A node that does not say what pods may use offers all it has. */
export function defaultNodeStatus(status: Members): void {
  if (status["allocatable"] === undefined && status["capacity"] !== undefined) status["allocatable"] = { ...status["capacity"] };
}

const rolePrefix = "node-role.kubernetes.io/";
const olderRoleLabel = "kubernetes.io/role";

/** Roles that the node's labels give it, sorted. */
export function nodeRoles(node: Node): readonly string[] {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata?.labels ?? {})) {
    if (label.startsWith(rolePrefix) && label.length > rolePrefix.length) roles.add(label.slice(rolePrefix.length));
    else if (label === olderRoleLabel && value !== "") roles.add(value);
  }
  return [...roles].toSorted();
}

/** "Ready", "NotReady,SchedulingDisabled", ... as `kubectl get nodes` shows it. */
export function nodeStatusText(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
  const states = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  if (node.spec?.unschedulable === true) states.push("SchedulingDisabled");
  return states.join(",");
}

/** First address of a sort, if the node has one. */
export const nodeAddress = (node: Node, type: string): string | undefined =>
  node.status?.addresses?.find((address) => address.type === type)?.address;
