// How a pod shows in a table: STATUS and RESTARTS sum up all its containers in a word and a number.

import { humanDuration } from "../../lang/human-duration.ts";
import { none } from "../columns.ts";
import { isRestartableInitContainer } from "./pod-readiness.ts";
import type { ContainerState, ContainerStatus, Pod } from "./types.gen.ts";

interface Restarts {
  count: number;
  /** Milliseconds since the epoch; 0 when nothing has ended yet. */
  lastMs: number;
}

export interface PodSummary {
  readonly readyContainers: number;
  readonly totalContainers: number;
  /** "Running", "Init:0/2", "CrashLoopBackOff", "Terminating", ... */
  readonly status: string;
  readonly restarts: number;
  readonly lastRestartMs: number;
}

/** The columns READY, STATUS and RESTARTS, as values. */
export function summarizePod(pod: Pod): PodSummary {
  const { spec, status } = pod;
  const initContainers = spec?.initContainers ?? [];
  const sidecars = new Set(initContainers.filter(isRestartableInitContainer).map((container) => container.name));
  const summary = { ready: 0, status: status?.reason || status?.phase || "" };
  if (status?.conditions?.some((condition) => condition.type === "PodScheduled" && condition.reason === "SchedulingGated"))
    summary.status = "SchedulingGated";

  let restarts: Restarts = { count: 0, lastMs: 0 };
  const ofSidecars: Restarts = { count: 0, lastMs: 0 };
  let initializing = false;
  for (const [position, container] of (status?.initContainerStatuses ?? []).entries()) {
    countRestarts(restarts, container);
    const sidecar = sidecars.has(container.name);
    if (sidecar) countRestarts(ofSidecars, container);
    const state = container.state ?? {};
    if (state.terminated?.exitCode === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready) summary.ready++;
      continue;
    }
    summary.status = `Init:${initState(state) ?? `${position}/${initContainers.length}`}`;
    initializing = true;
    break;
  }

  const initialized = status?.conditions?.some((condition) => condition.type === "Initialized" && condition.status === "True") ?? false;
  if (!initializing || initialized) {
    // Once the pod runs, only what still may restart counts.
    restarts = ofSidecars;
    let running = false;
    for (const container of (status?.containerStatuses ?? []).toReversed()) {
      countRestarts(restarts, container);
      const state = container.state ?? {};
      if (state.waiting?.reason) summary.status = state.waiting.reason;
      else if (state.terminated) summary.status = endOf(state.terminated);
      else if (container.ready && state.running) {
        running = true;
        summary.ready++;
      }
    }
    if (summary.status === "Completed" && running) {
      const ready = status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True");
      summary.status = ready === true ? "Running" : "NotReady";
    }
  }

  if (pod.metadata?.deletionTimestamp !== undefined) {
    if (status?.reason === "NodeLost") summary.status = "Unknown";
    else if (status?.phase !== "Succeeded" && status?.phase !== "Failed") summary.status = "Terminating";
  }
  return {
    readyContainers: summary.ready,
    totalContainers: (spec?.containers?.length ?? 0) + sidecars.size,
    status: summary.status,
    restarts: restarts.count,
    lastRestartMs: restarts.lastMs,
  };
}

/** "2 (5m ago)" */
export function restartsText(pod: Pod, nowMs: number): string {
  const { restarts, lastRestartMs } = summarizePod(pod);
  return restarts === 0 || lastRestartMs === 0 ? String(restarts) : `${restarts} (${humanDuration(nowMs - lastRestartMs)} ago)`;
}

/** How many readiness gates hold, of how many. */
export function readinessGatesText(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  if (gates.length === 0) return none;
  const holds = (type: string): boolean => pod.status?.conditions?.some((one) => one.type === type && one.status === "True") ?? false;
  return `${gates.filter((gate) => holds(gate.conditionType)).length}/${gates.length}`;
}

function countRestarts(into: Restarts, container: ContainerStatus): void {
  into.count += container.restartCount;
  const finished = container.lastState?.terminated?.finishedAt;
  if (finished !== undefined && finished !== null) into.lastMs = Math.max(into.lastMs, Date.parse(finished) || 0);
}

/** What holds an init container up; undefined when it just has not ended yet. */
function initState(state: ContainerState): string | undefined {
  if (state.terminated) return endOf(state.terminated);
  const reason = state.waiting?.reason;
  return reason === undefined || reason === "" || reason === "PodInitializing" ? undefined : reason;
}

function endOf(terminated: NonNullable<ContainerState["terminated"]>): string {
  if (terminated.reason !== undefined && terminated.reason !== "") return terminated.reason;
  return (terminated.signal ?? 0) !== 0 ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`;
}
