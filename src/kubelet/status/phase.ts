// The pod's phase, from the statuses of its containers (API document "Pod Lifecycle").

import type { ContainerStatus, Pod } from "../../kinds/core/types.gen.ts";
import { isSidecar, podRestartPolicy, restartsAfter } from "../decide/restart.ts";
import type { ContainerStatuses } from "./container-statuses.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** `terminal`: the kubelet has ended the pod for good (deleted, past its deadline): nothing will run again. */
export function podPhase(pod: Pod, statuses: ContainerStatuses, terminal: boolean): Phase {
  const spec = pod.spec!;
  const counts = { waiting: 0, running: 0, stopped: 0, succeeded: 0 };
  for (const status of statuses.app) count(status, counts);
  const init = initProgress(pod, statuses.init);
  if (init === "failed") return "Failed";

  const hasRun = counts.running > 0 || counts.stopped > 0;
  if (init === "pending" && !(terminal && hasRun)) return terminal ? "Failed" : "Pending";
  if (counts.waiting > 0) return terminal ? "Failed" : "Pending";
  if (counts.running > 0) return "Running";
  if (counts.stopped === 0) return terminal ? "Failed" : "Pending";
  if (terminal) return counts.stopped === counts.succeeded ? "Succeeded" : "Failed";

  // Everything has ended: will anything run again?
  const again = (spec.containers ?? []).some((container) => {
    const status = statuses.app.find((candidate) => candidate.name === container.name);
    const ended = status?.state?.terminated ?? status?.lastState?.terminated;
    return !ended || restartsAfter(pod, container, false, ended.exitCode ?? 0);
  });
  if (again) return "Running";
  return counts.stopped === counts.succeeded ? "Succeeded" : "Failed";
}

interface Counts {
  waiting: number;
  running: number;
  stopped: number;
  succeeded: number;
}

function count(status: ContainerStatus, counts: Counts): void {
  const state = status.state ?? {};
  if (state.running) counts.running++;
  else if (state.terminated) {
    counts.stopped++;
    if ((state.terminated.exitCode ?? 0) === 0) counts.succeeded++;
  } else if (status.lastState?.terminated) counts.stopped++;
  else counts.waiting++;
}

function initProgress(pod: Pod, statuses: readonly ContainerStatus[]): "done" | "pending" | "failed" {
  let progress: "done" | "pending" = "done";
  for (const container of pod.spec!.initContainers ?? []) {
    const status = statuses.find((candidate) => candidate.name === container.name);
    const state = status?.state ?? {};
    if (isSidecar(container)) {
      // Once started it counts as done, whatever becomes of it later: apps run beside its restarts.
      const wasStarted = status?.started === true || status?.lastState?.terminated !== undefined || state.terminated !== undefined;
      if (!wasStarted) progress = "pending";
      continue;
    }
    if (state.terminated) {
      const exitCode = state.terminated.exitCode ?? 0;
      if (exitCode === 0) continue;
      if (!restartsAfter(pod, container, true, exitCode)) return "failed";
      progress = "pending";
    } else if (state.waiting && status?.lastState?.terminated) {
      const exitCode = status.lastState.terminated.exitCode ?? 0;
      if (exitCode !== 0 && podRestartPolicy(pod) === "Never" && !restartsAfter(pod, container, true, exitCode)) return "failed";
      progress = "pending";
    } else progress = "pending";
  }
  return progress;
}
