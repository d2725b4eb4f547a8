// A node, its pods and what they ask of it.

import type { ResourceAmounts } from "../../../kinds/core/pod-resources.ts";
import { amountOf, podLimitList, podRequestList } from "../../../kinds/core/pod-resources.ts";
import type { Pod } from "../../../kinds/core/types.gen.ts";
import { age } from "../../../lang/human-duration.ts";
import { addQuantities, formatQuantity } from "../../../lang/quantity.ts";
import type { Item } from "../items.ts";
import { nameOf, namespaceOf } from "../items.ts";
import type { Description, DescribeContext } from "./description.ts";
import { describeEvents, longTime } from "./description.ts";

type Fields = Readonly<Record<string, any>>;
type Quantities = Readonly<Record<string, string>>;
const rolePrefix = "node-role.kubernetes.io/";
const resources = ["cpu", "memory", "ephemeral-storage"] as const;

export async function describeNode(text: Description, node: Item, context: DescribeContext): Promise<void> {
  const spec: Fields = node["spec"] ?? {};
  const status: Fields = node["status"] ?? {};
  const roles = Object.keys(node.metadata?.labels ?? {}).flatMap((label) =>
    label.startsWith(rolePrefix) ? [label.slice(rolePrefix.length)] : [],
  );
  text.line(`Name:\t${nameOf(node)}`).line(`Roles:\t${roles.toSorted().join(",") || "<none>"}`);
  text.pairs("Labels", node.metadata?.labels).annotations("Annotations", node.metadata?.annotations);
  text.line(`CreationTimestamp:\t${longTime(node.metadata?.creationTimestamp)}`);
  text.column("Taints", ((spec["taints"] ?? []) as readonly Fields[]).map(taintText).toSorted());
  text.line(`Unschedulable:\t${spec["unschedulable"] === true}`);
  await describeLease(text, node, context);
  if (status["conditions"]?.length) {
    text.line("Conditions:").line("  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    text.line("  ----\t------\t-----------------\t------------------\t------\t-------");
    for (const one of status["conditions"] as readonly Fields[]) {
      text.line(
        `  ${one["type"]} \t${one["status"]} \t${longTime(one["lastHeartbeatTime"])} \t${longTime(one["lastTransitionTime"])} \t${one["reason"] ?? ""} \t${one["message"] ?? ""}`,
      );
    }
  }
  text.line("Addresses:");
  for (const { type, address } of (status["addresses"] ?? []) as readonly Fields[]) text.line(`  ${type}:\t${address}`);
  describeAmounts(text, "Capacity", status["capacity"]);
  describeAmounts(text, "Allocatable", status["allocatable"]);
  describeSystem(text, status["nodeInfo"] ?? {});
  if (spec["podCIDR"]) text.line(`PodCIDR:\t${spec["podCIDR"]}`);
  if (spec["podCIDRs"]?.length) text.line(`PodCIDRs:\t${spec["podCIDRs"].join(",")}`);
  if (spec["providerID"]) text.line(`ProviderID:\t${spec["providerID"]}`);
  const pods = await context.list("pods", "", {
    fieldSelector: `spec.nodeName=${nameOf(node)},status.phase!=Succeeded,status.phase!=Failed`,
  });
  describePods(text, pods as unknown as readonly Pod[], status["allocatable"] ?? status["capacity"] ?? {}, context);
  await describeEvents(text, node, context);
}

const taintText = ({ key, value, effect }: Fields): string => (value ? `${key}=${value}:${effect}` : `${key}:${effect}`);

async function describeLease(text: Description, node: Item, context: DescribeContext): Promise<void> {
  const lease = await context.get("leases.coordination.k8s.io", "kube-node-lease", nameOf(node));
  if (lease === undefined) {
    text.line(`Lease:\tFailed to get lease: leases.coordination.k8s.io ${JSON.stringify(nameOf(node))} not found`);
    return;
  }
  const { holderIdentity, acquireTime, renewTime } = lease["spec"] ?? {};
  text.line("Lease:").line(`  HolderIdentity:\t${holderIdentity ?? "<unset>"}`);
  text.line(`  AcquireTime:\t${longTime(acquireTime)}`).line(`  RenewTime:\t${longTime(renewTime)}`);
}

function describeAmounts(text: Description, title: string, amounts: Quantities | undefined): void {
  const names = Object.keys(amounts ?? {}).toSorted();
  if (names.length === 0) return;
  text.line(`${title}:`);
  for (const name of names) text.line(`  ${name}:\t${amounts![name]!}`);
}

function describeSystem(text: Description, info: Fields): void {
  text.line("System Info:");
  for (const [field, title] of Object.entries({
    machineID: "Machine ID",
    systemUUID: "System UUID",
    bootID: "Boot ID",
    kernelVersion: "Kernel Version",
    osImage: "OS Image",
    operatingSystem: "Operating System",
    architecture: "Architecture",
    containerRuntimeVersion: "Container Runtime Version",
    kubeletVersion: "Kubelet Version",
    kubeProxyVersion: "Kube-Proxy Version",
  })) {
    text.line(`  ${title}:\t${info[field] ?? ""}`);
  }
}

function describePods(text: Description, pods: readonly Pod[], allocatable: Quantities, context: DescribeContext): void {
  text.line(`Non-terminated Pods:\t(${pods.length} in total)`);
  text.line("  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  text.line("  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  const share = (list: Quantities, name: string): string => `${list[name] ?? "0"} (${percent(list, name, allocatable)}%)`;
  const totals = { requests: {} as Quantities, limits: {} as Quantities };
  for (const pod of pods) {
    const [requests, limits] = [podRequestList(pod), podLimitList(pod)];
    totals.requests = sum(totals.requests, requests);
    totals.limits = sum(totals.limits, limits);
    const cells = [
      share(requests, "cpu"),
      share(limits, "cpu"),
      share(requests, "memory"),
      share(limits, "memory"),
      age(pod.metadata?.creationTimestamp, context.now),
    ];
    text.line(`  ${namespaceOf(pod as Item)}\t${nameOf(pod as Item)}\t\t${cells.join("\t")}`);
  }
  text.line("Allocated resources:").line("  (Total limits may be over 100 percent, i.e., overcommitted.)");
  text.line("  Resource\tRequests\tLimits").line("  --------\t--------\t------");
  const others = Object.keys(allocatable).filter((name) => name !== "pods" && !(resources as readonly string[]).includes(name));
  for (const name of resources) text.line(`  ${name}\t${share(totals.requests, name)}\t${share(totals.limits, name)}`);
  for (const name of others.toSorted()) text.line(`  ${name}\t${totals.requests[name] ?? "0"}\t${totals.limits[name] ?? "0"}`);
}

function sum(a: Quantities, b: Quantities): Quantities {
  const result: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b))
    result[name] = name in result ? formatQuantity(addQuantities(result[name]!, amount)) : amount;
  return result;
}

function percent(list: ResourceAmounts | Quantities, name: string, of: Quantities): number {
  const whole = of[name] === undefined ? 0 : amountOf(name, of[name]);
  return whole === 0 ? 0 : Math.trunc((amountOf(name, list[name] ?? "0") * 100) / whole);
}
