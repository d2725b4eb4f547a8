// A pod, and the template of one.

import { qosClassOf } from "../../../kinds/core/pod-resources.ts";
import type { PodSpec } from "../../../kinds/core/types.gen.ts";
import { age } from "../../../lang/human-duration.ts";
import type { Item } from "../items.ts";
import { describeContainers } from "./containers.ts";
import type { Description, DescribeContext } from "./description.ts";
import { controllerOf, describeEvents, longTime } from "./description.ts";
import { describeVolumes } from "./volumes.ts";

type Fields = Readonly<Record<string, any>>;

export async function describePod(text: Description, pod: Item, context: DescribeContext): Promise<void> {
  const spec: Fields = pod["spec"] ?? {};
  const status: Fields = pod["status"] ?? {};
  text.line(`Name:\t${pod.metadata?.name ?? ""}`).line(`Namespace:\t${pod.metadata?.namespace ?? ""}`);
  if (spec["priority"] !== undefined) text.line(`Priority:\t${spec["priority"]}`);
  if (spec["priorityClassName"]) text.line(`Priority Class Name:\t${spec["priorityClassName"]}`);
  if (spec["runtimeClassName"]) text.line(`Runtime Class Name:\t${spec["runtimeClassName"]}`);
  if (spec["serviceAccountName"]) text.line(`Service Account:\t${spec["serviceAccountName"]}`);
  text.line(spec["nodeName"] ? `Node:\t${spec["nodeName"]}/${status["hostIP"] ?? ""}` : "Node:\t<none>");
  if (status["startTime"]) text.line(`Start Time:\t${longTime(status["startTime"])}`);
  text.pairs("Labels", pod.metadata?.labels).annotations("Annotations", pod.metadata?.annotations);
  if (pod.metadata?.deletionTimestamp !== undefined && status["phase"] !== "Failed" && status["phase"] !== "Succeeded") {
    text.line(`Status:\tTerminating (lasts ${age(pod.metadata.deletionTimestamp, context.now)})`);
    text.line(`Termination Grace Period:\t${pod.metadata.deletionGracePeriodSeconds ?? 0}s`);
  } else text.line(`Status:\t${status["phase"] ?? ""}`);
  if (status["reason"]) text.line(`Reason:\t${status["reason"]}`);
  if (status["message"]) text.line(`Message:\t${status["message"]}`);
  text.line(`IP:\t${status["podIP"] ?? ""}`);
  const addresses: readonly Fields[] = status["podIPs"] ?? [];
  text.line(addresses.length === 0 ? "IPs:\t<none>" : "IPs:");
  for (const { ip } of addresses) text.line(`  IP:\t${ip}`);
  const owner = controllerOf(pod);
  if (owner !== undefined) text.line(`Controlled By:\t${owner}`);
  if (status["nominatedNodeName"]) text.line(`NominatedNodeName:\t${status["nominatedNodeName"]}`);
  if (spec["initContainers"]?.length)
    describeContainers(text, "Init Containers", spec["initContainers"], status["initContainerStatuses"] ?? [], "", pod);
  describeContainers(text, "Containers", spec["containers"] ?? [], status["containerStatuses"] ?? [], "", pod);
  if (spec["ephemeralContainers"]?.length)
    describeContainers(text, "Ephemeral Containers", spec["ephemeralContainers"], status["ephemeralContainerStatuses"] ?? [], "", pod);
  describeGates(text, spec["readinessGates"] ?? [], status["conditions"] ?? []);
  if (status["conditions"]?.length) {
    text.line("Conditions:").line("  Type\tStatus");
    for (const condition of status["conditions"]) text.line(`  ${condition.type} \t${condition.status} `);
  }
  describeVolumes(text, spec["volumes"] ?? [], "");
  text.line(`QoS Class:\t${status["qosClass"] ?? qosClassOf(spec as unknown as PodSpec)}`);
  text.pairs("Node-Selectors", spec["nodeSelector"]);
  text.column("Tolerations", tolerationLines(spec["tolerations"] ?? []));
  describeSpread(text, spec["topologySpreadConstraints"] ?? [], "");
  await describeEvents(text, pod, context);
}

function describeGates(text: Description, gates: readonly Fields[], conditions: readonly Fields[]): void {
  if (gates.length === 0) return;
  text.line("Readiness Gates:").line("  Type\tStatus");
  for (const { conditionType } of gates) {
    text.line(`  ${conditionType}\t${conditions.find(({ type }) => type === conditionType)?.["status"] ?? "<none>"} `);
  }
}

/** "Pod Template:" with everything below it. */
export function describeTemplate(text: Description, template: Item): void {
  const spec: Fields = template["spec"] ?? {};
  text.line("Pod Template:").pairs("  Labels", template.metadata?.labels);
  if (Object.keys(template.metadata?.annotations ?? {}).length > 0) text.annotations("  Annotations", template.metadata?.annotations);
  if (spec["serviceAccountName"]) text.line(`  Service Account:\t${spec["serviceAccountName"]}`);
  if (spec["initContainers"]?.length) describeContainers(text, "Init Containers", spec["initContainers"], undefined, "  ");
  describeContainers(text, "Containers", spec["containers"] ?? [], undefined, "  ");
  describeVolumes(text, spec["volumes"] ?? [], "  ");
  describeSpread(text, spec["topologySpreadConstraints"] ?? [], "  ");
  if (spec["priorityClassName"]) text.line(`  Priority Class Name:\t${spec["priorityClassName"]}`);
  text.pairs("  Node-Selectors", spec["nodeSelector"]);
  text.column("  Tolerations", tolerationLines(spec["tolerations"] ?? []));
}

function describeSpread(text: Description, constraints: readonly Fields[], space: string): void {
  if (constraints.length === 0) return;
  text.column(
    `${space}Topology Spread Constraints`,
    constraints
      .toSorted((a, b) => (a["topologyKey"] < b["topologyKey"] ? -1 : 1))
      .map((constraint) => {
        const { topologyKey, whenUnsatisfiable, maxSkew, labelSelector } = constraint;
        const selector = labelSelector
          ? ` for selector ${Object.entries(labelSelector.matchLabels ?? {})
              .map(([key, value]) => `${key}=${String(value)}`)
              .join(",")}`
          : "";
        return `${topologyKey}:${whenUnsatisfiable} when max skew ${maxSkew} is exceeded${selector}`;
      }),
  );
}

function tolerationLines(tolerations: readonly Fields[]): string[] {
  return tolerations
    .toSorted((a, b) => ((a["key"] ?? "") < (b["key"] ?? "") ? -1 : 1))
    .map(({ key = "", operator, value = "", effect = "", tolerationSeconds }) => {
      const what = `${key}${value === "" ? "" : `=${value}`}${effect === "" ? "" : `:${effect}`}`;
      const how = operator === "Exists" && value === "" ? (key === "" && effect === "" ? "op=Exists" : " op=Exists") : "";
      return `${what}${how}${tolerationSeconds === undefined ? "" : ` for ${tolerationSeconds}s`}`;
    });
}
