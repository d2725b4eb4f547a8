// Filters that look at one node at a time.

import { matchesNode } from "../../kinds/core/node-affinity.ts";
import { untoleratedTaint } from "../../kinds/core/tolerations.ts";
import type { Filter } from "../plugin.ts";
import { refuse, refuseFinally } from "../plugin.ts";

export const nodeUnschedulable: Filter = {
  name: "NodeUnschedulable",
  events: new Set(["node-added", "node-schedulable"]),
  prepare: ({ pod }) => {
    // A cordon is a taint in all but name, and tolerated as one.
    const tolerated =
      untoleratedTaint([{ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" }], pod.spec?.tolerations, ["NoSchedule"]) ===
      undefined;
    if (tolerated) return undefined;
    return ({ node }) => (node.spec?.unschedulable === true ? refuseFinally("node(s) were unschedulable") : undefined);
  },
};

export const nodeName: Filter = {
  name: "NodeName",
  events: new Set(["node-added"]),
  prepare: ({ pod }) => {
    const wanted = pod.spec?.nodeName ?? "";
    if (wanted === "") return undefined;
    return ({ name }) => (name === wanted ? undefined : refuseFinally("node(s) didn't match the requested node name"));
  },
};

export const taintToleration: Filter = {
  name: "TaintToleration",
  events: new Set(["node-added", "node-taints"]),
  prepare:
    ({ pod }) =>
    ({ node }) => {
      const taint = untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ["NoSchedule", "NoExecute"]);
      // Which taint is not told since 1.34: a tenant need not know how nodes are marked.
      return taint === undefined ? undefined : refuseFinally("node(s) had untolerated taint(s)");
    },
};

export const nodeAffinity: Filter = {
  name: "NodeAffinity",
  events: new Set(["node-added", "node-labels"]),
  prepare: ({ pod }) => {
    if (pod.spec?.nodeSelector === undefined && pod.spec?.affinity?.nodeAffinity === undefined) return undefined;
    return ({ node }) => (matchesNode(pod.spec, node) ? undefined : refuseFinally("node(s) didn't match Pod's node affinity/selector"));
  },
};

export const nodePorts: Filter = {
  name: "NodePorts",
  events: new Set(["node-added", "pod-gone"]),
  prepare: ({ hostPorts }) => {
    if (hostPorts.length === 0) return undefined;
    return (node) =>
      hostPorts.some((port) => node.hasPortConflict(port))
        ? refuse("node(s) didn't have free ports for the requested pod ports")
        : undefined;
  },
};

export const nodeResourcesFit: Filter = {
  name: "NodeResourcesFit",
  events: new Set(["node-added", "node-allocatable", "pod-gone"]),
  prepare: ({ requests }) => {
    const wanted = Object.entries(requests).filter(([resource, amount]) => resource !== "pods" && amount > 0);
    return (node) => {
      const reasons: string[] = [];
      let final = true;
      const podRoom = node.allocatable["pods"] ?? 0;
      if (node.pods.size + 1 > podRoom) {
        reasons.push("Too many pods");
        final = podRoom < 1;
      }
      for (const [resource, amount] of wanted) {
        const capacity = node.allocatable[resource] ?? 0;
        if (amount <= capacity - (node.requested[resource] ?? 0)) continue;
        reasons.push(`Insufficient ${resource}`);
        // More than the node has altogether: nobody's leaving helps.
        if (amount <= capacity) final = false;
      }
      return reasons.length === 0 ? undefined : { reasons, final };
    };
  },
};
