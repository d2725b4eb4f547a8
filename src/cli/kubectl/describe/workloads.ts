// Deployments and replica sets.

import type { LabelSelectorObject } from "../../../lang/label-selector.ts";
import type { Item } from "../items.ts";
import { nameOf } from "../items.ts";
import { selectorText } from "../pod-choice.ts";
import { newReplicaSet, ownedBy } from "../rollout/revisions.ts";
import type { Description, DescribeContext } from "./description.ts";
import { controllerOf, describeEvents, longTime } from "./description.ts";
import { describeTemplate } from "./pod.ts";

type Fields = Readonly<Record<string, any>>;
const selectorOf = (object: Item): string => selectorText(object["spec"]?.selector as LabelSelectorObject | undefined);

export async function describeDeployment(text: Description, deployment: Item, context: DescribeContext): Promise<void> {
  const spec: Fields = deployment["spec"] ?? {};
  const status: Fields = deployment["status"] ?? {};
  text.line(`Name:\t${nameOf(deployment)}`).line(`Namespace:\t${deployment.metadata?.namespace ?? ""}`);
  text.line(`CreationTimestamp:\t${longTime(deployment.metadata?.creationTimestamp)}`);
  text.pairs("Labels", deployment.metadata?.labels).annotations("Annotations", deployment.metadata?.annotations);
  text.line(`Selector:\t${selectorOf(deployment)}`);
  const count = (field: string): number => status[field] ?? 0;
  text.line(
    `Replicas:\t${spec["replicas"] ?? 1} desired | ${count("updatedReplicas")} updated | ${count("replicas")} total | ${count("availableReplicas")} available | ${count("unavailableReplicas")} unavailable`,
  );
  text.line(`StrategyType:\t${spec["strategy"]?.type ?? ""}`).line(`MinReadySeconds:\t${spec["minReadySeconds"] ?? 0}`);
  const rolling = spec["strategy"]?.rollingUpdate;
  if (rolling) text.line(`RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
  describeTemplate(text, spec["template"] ?? {});
  describeConditions(text, status["conditions"] ?? []);
  const sets = ownedBy(
    deployment,
    await context.list("replicasets.apps", deployment.metadata?.namespace ?? "", { labelSelector: selectorOf(deployment) }),
  );
  const newest = newReplicaSet(deployment, sets);
  const old = sets.filter((set) => set !== newest && (set["spec"]?.replicas ?? 0) > 0);
  text.line(`OldReplicaSets:\t${setTexts(old)}`).line(`NewReplicaSet:\t${setTexts(newest === undefined ? [] : [newest])}`);
  await describeEvents(text, deployment, context);
}

const setTexts = (sets: readonly Item[]): string =>
  sets.map((set) => `${nameOf(set)} (${set["status"]?.replicas ?? 0}/${set["spec"]?.replicas ?? 0} replicas created)`).join(", ") ||
  "<none>";

function describeConditions(text: Description, conditions: readonly Fields[]): void {
  if (conditions.length === 0) return;
  text.line("Conditions:").line("  Type\tStatus\tReason").line("  ----\t------\t------");
  for (const { type, status, reason } of conditions) text.line(`  ${type} \t${status}\t${reason ?? ""}`);
}

export async function describeReplicaSet(text: Description, set: Item, context: DescribeContext): Promise<void> {
  text
    .line(`Name:\t${nameOf(set)}`)
    .line(`Namespace:\t${set.metadata?.namespace ?? ""}`)
    .line(`Selector:\t${selectorOf(set)}`);
  text.pairs("Labels", set.metadata?.labels).annotations("Annotations", set.metadata?.annotations);
  const owner = controllerOf(set);
  if (owner !== undefined) text.line(`Controlled By:\t${owner}`);
  text.line(`Replicas:\t${set["status"]?.replicas ?? 0} current / ${set["spec"]?.replicas ?? 1} desired`);
  const all = await context.list("pods", set.metadata?.namespace ?? "", { labelSelector: selectorOf(set) });
  const pods = all.filter((pod) =>
    pod.metadata?.ownerReferences?.some(({ uid, controller }) => controller === true && uid === set.metadata?.uid),
  );
  const inPhase = (phase: string): number => pods.filter((pod) => pod["status"]?.phase === phase).length;
  text.line(
    `Pods Status:\t${inPhase("Running")} Running / ${inPhase("Pending")} Waiting / ${inPhase("Succeeded")} Succeeded / ${inPhase("Failed")} Failed`,
  );
  describeTemplate(text, set["spec"]?.template ?? {});
  describeConditions(text, set["status"]?.conditions ?? []);
  await describeEvents(text, set, context);
}
