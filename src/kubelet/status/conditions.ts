// The conditions of a pod that the kubelet owns, in the order that Kubernetes writes them.

import { formatTime } from "../../base/clock.ts";
import type { Container as ApiContainer, ContainerStatus, Pod, PodCondition } from "../../kinds/core/types.gen.ts";
import { isSidecar } from "../decide/restart.ts";
import type { ContainerStatuses } from "./container-statuses.ts";
import type { Phase } from "./phase.ts";

/** Conditions of the kubelet; all others belong to somebody else and are kept. */
export const kubeletConditions = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"] as const;

interface Verdict {
  readonly status: "True" | "False";
  readonly reason?: string;
  readonly message?: string;
}
const yes: Verdict = { status: "True" };
const no = (reason: string, message?: string): Verdict => ({ status: "False", reason, ...(message !== undefined && { message }) });

export interface ConditionView {
  readonly pod: Pod;
  readonly statuses: ContainerStatuses;
  readonly phase: Phase;
  /** The pod's sandbox stands and has its network. */
  readonly sandboxReady: boolean;
  readonly nowMs: number;
}

export function podConditions(view: ConditionView): readonly PodCondition[] {
  const { pod, nowMs } = view;
  const ready = containersReady(view);
  const verdicts: Readonly<Record<(typeof kubeletConditions)[number], Verdict>> = {
    PodReadyToStartContainers: { status: view.sandboxReady ? "True" : "False" },
    Initialized: initializedVerdict(view),
    Ready: podReady(view, ready),
    ContainersReady: ready,
    PodScheduled: yes,
  };
  const old = pod.status?.conditions ?? [];
  const generation = pod.metadata?.generation;
  const own = kubeletConditions.map((type): PodCondition => {
    const verdict = verdicts[type];
    const before = old.find((condition) => condition.type === type);
    const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return {
      type,
      ...(generation !== undefined && { observedGeneration: generation }),
      ...verdict,
      lastTransitionTime: since ?? formatTime(nowMs),
    };
  });
  const others = old.filter((condition) => !(kubeletConditions as readonly string[]).includes(condition.type));
  return [...own, ...others];
}

function initializedVerdict({ pod, statuses, phase }: ConditionView): Verdict {
  const inits = pod.spec?.initContainers ?? [];
  if (inits.length === 0) return yes;
  const find = (container: ApiContainer): ContainerStatus | undefined => statuses.init.find((status) => status.name === container.name);
  if (phase === "Succeeded") return { ...yes, reason: "PodCompleted" };
  // A container that runs after them shows that they were done once.
  if (statuses.app.some((status) => status.state?.running || status.state?.terminated || status.lastState?.terminated)) return yes;
  const unready = inits.filter((container) => {
    const status = find(container);
    return isSidecar(container) ? status?.started !== true : status?.ready !== true;
  });
  if (unready.length === 0) return yes;
  return no("ContainersNotInitialized", `containers with incomplete status: [${unready.map((container) => container.name).join(" ")}]`);
}

function containersReady({ pod, statuses, phase }: ConditionView): Verdict {
  if (phase === "Succeeded") return no("PodCompleted");
  if (phase === "Failed") return no("PodFailed");
  const unready: string[] = [];
  const unknown: string[] = [];
  const look = (container: ApiContainer, from: readonly ContainerStatus[]): void => {
    const status = from.find((candidate) => candidate.name === container.name);
    if (!status) unknown.push(container.name);
    else if (status.ready !== true) unready.push(container.name);
  };
  for (const container of pod.spec?.initContainers ?? []) if (isSidecar(container)) look(container, statuses.init);
  for (const container of pod.spec?.containers ?? []) look(container, statuses.app);
  const parts = [
    ...(unknown.length > 0 ? [`containers with unknown status: [${unknown.join(" ")}]`] : []),
    ...(unready.length > 0 ? [`containers with unready status: [${unready.join(" ")}]`] : []),
  ];
  return parts.length === 0 ? yes : no("ContainersNotReady", parts.join(", "));
}

function podReady({ pod }: ConditionView, containers: Verdict): Verdict {
  if (containers.status !== "True") return containers;
  const messages: string[] = [];
  for (const gate of pod.spec?.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find((candidate) => candidate.type === gate.conditionType);
    if (!condition) messages.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`);
    else if (condition.status !== "True") {
      messages.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${condition.status}`);
    }
  }
  return messages.length === 0 ? yes : no("ReadinessGatesNotReady", messages.join(", "));
}
