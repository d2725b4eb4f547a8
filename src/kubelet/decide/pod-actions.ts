// wanted (Pod) + observed (sandboxes, containers, probe results) → what to do now. Pure: the worker carries it out, looks
// again and asks again, so a kubelet that dies between any two steps goes on where it was.

import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import { formatDuration } from "../../lang/duration.ts";
import { containerHash } from "../labels.ts";
import type { ObservedContainer, ObservedPod } from "../observed.ts";
import { isExited, isRunning, latestRun, liveSandbox } from "../observed.ts";
import { isSidecar, podRestartPolicy, restartsAfter, restartTiming } from "./restart.ts";

export interface SyncView {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly nowMs: number;
  /** Has this running container passed its startup probe (or has none)? */
  readonly started: (containerId: string) => boolean;
  /** Which probe asks for this running container's end, if one does. */
  readonly failedProbe: (containerId: string) => "startup" | "liveness" | undefined;
}

export interface StartContainer {
  readonly container: ApiContainer;
  readonly init: boolean;
  readonly attempt: number;
  readonly restartCount: number;
  /** Written on the new run: how long the one after it will wait. */
  readonly backoffMs: number;
}
export interface KillContainer {
  readonly target: ObservedContainer;
  /** Text of the Killing event. */
  readonly message: string;
  readonly reason: "startup-probe" | "liveness-probe" | "changed" | "unknown-state";
}
export interface WaitingReason {
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

export interface PodActions {
  /** Stop everything first: the sandbox is gone or the pod has run to its end. */
  readonly killPod: boolean;
  /** With its attempt number. */
  readonly createSandbox?: number;
  readonly kill: readonly KillContainer[];
  /** In this order; the ones that follow wait for a look at the world when `init`. */
  readonly start: readonly StartContainer[];
  /** Containers in back-off. */
  readonly waiting: readonly WaitingReason[];
  /** Look again at this time even if nothing happens. */
  readonly wakeAtMs?: number;
}

export function decidePodActions(view: SyncView): PodActions {
  const { pod, observed } = view;
  const spec = pod.spec!;
  const sandbox = liveSandbox(observed);
  const plan = new Plan(view);

  if (!sandboxServes(pod, observed)) {
    const attempt = (observed.sandboxes[0]?.metadata.attempt ?? -1) + 1;
    const ranBefore = observed.containers.length > 0;
    if (attempt > 0 && ranBefore && !mayStartAgain(pod, observed)) return { ...plan.done(), killPod: true };
    // The new sandbox's containers start once it stands and was looked at.
    return { ...plan.done(), killPod: sandbox !== undefined || observed.containers.some(isRunning), createSandbox: attempt };
  }

  if (!initialized(pod, observed)) {
    const verdict = planInit(plan, sandbox!.id);
    if (verdict === "failed") return { ...plan.done(), killPod: true };
    return { ...plan.done(), killPod: false };
  }

  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) planRunning(plan, container, true);
  }
  let alive = 0;
  for (const container of spec.containers ?? []) {
    if (planRunning(plan, container, false)) alive++;
  }
  if (alive === 0) return { killPod: true, kill: [], start: [], waiting: [] };
  return { ...plan.done(), killPod: false };
}

/** Collects actions. */
class Plan {
  readonly view: SyncView;
  readonly kill: KillContainer[] = [];
  readonly start: StartContainer[] = [];
  readonly waiting: WaitingReason[] = [];
  #wakeAtMs: number | undefined;

  constructor(view: SyncView) {
    this.view = view;
  }

  done(): PodActions {
    return {
      killPod: false,
      kill: this.kill,
      start: this.start,
      waiting: this.waiting,
      ...(this.#wakeAtMs !== undefined && { wakeAtMs: this.#wakeAtMs }),
    };
  }

  /** Starts a container that has no run, or whose last run ended and whose back-off is over. */
  startOrWait(container: ApiContainer, init: boolean): void {
    const last = latestRun(this.view.observed, container.name);
    const before = last
      ? { attempt: last.status.metadata.attempt, restartCount: last.notes.restartCount }
      : runBefore(this.view.pod, container.name, init);
    const attempt = before ? before.attempt + 1 : 0;
    const restartCount = before ? before.restartCount + 1 : 0;
    if (!last || !isExited(last)) {
      this.start.push({ container, init, attempt, restartCount, backoffMs: 0 });
      return;
    }
    // An init container that succeeded in an earlier sandbox has to run anew, and crashed in none.
    if (init && !isSidecar(container) && last.status.exitCode === 0) {
      this.start.push({ container, init, attempt, restartCount, backoffMs: last.notes.backoffMs });
      return;
    }
    const timing = restartTiming(last, this.view.nowMs);
    if (timing.type === "now") {
      this.start.push({ container, init, attempt, restartCount, backoffMs: timing.nextBackoffMs });
      return;
    }
    this.waiting.push({
      name: container.name,
      reason: "CrashLoopBackOff",
      message: crashLoopMessage(this.view.pod, container.name, timing.backoffMs),
    });
    this.#wakeAtMs = Math.min(this.#wakeAtMs ?? Infinity, timing.untilMs);
  }
}

/** Both the status and the BackOff event quote this. */
const crashLoopMessage = (pod: Pod, container: string, backoffMs: number): string =>
  `back-off ${formatDuration(backoffMs)} restarting failed container=${container} pod=${pod.metadata!.name}_${pod.metadata!.namespace}(${pod.metadata!.uid})`;

/** A run that the runtime has forgotten but the pod's status tells of. */
function runBefore(pod: Pod, name: string, init: boolean): { attempt: number; restartCount: number } | undefined {
  const statuses = init ? pod.status?.initContainerStatuses : pod.status?.containerStatuses;
  const status = statuses?.find((candidate) => candidate.name === name);
  if (!status?.containerID) return undefined;
  return { attempt: status.restartCount ?? 0, restartCount: status.restartCount ?? 0 };
}

/** Is there exactly one standing sandbox, of the right network, with an address? */
function sandboxServes(pod: Pod, observed: ObservedPod): boolean {
  const sandbox = liveSandbox(observed);
  if (!sandbox) return false;
  if (observed.sandboxes.filter((candidate) => candidate.state === "ready").length > 1) return false;
  return pod.spec!.hostNetwork === true || sandbox.ips.length > 0;
}

/** After its sandbox died: would any container run again? */
function mayStartAgain(pod: Pod, observed: ObservedPod): boolean {
  const spec = pod.spec!;
  const exitCodeOf = (run: ObservedContainer): number => (isExited(run) ? run.status.exitCode : 137);
  for (const container of spec.initContainers ?? []) {
    const last = latestRun(observed, container.name);
    if (last && !isSidecar(container) && exitCodeOf(last) !== 0 && !restartsAfter(pod, container, true, exitCodeOf(last))) return false;
  }
  return (spec.containers ?? []).some((container) => {
    const last = latestRun(observed, container.name);
    return last ? restartsAfter(pod, container, false, exitCodeOf(last)) : podRestartPolicy(pod) !== "Never";
  });
}

/** Did initialization end in this sandbox? An app container in it proves it; else every init container has to be done. */
export function initialized(pod: Pod, observed: ObservedPod): boolean {
  const inits = pod.spec?.initContainers ?? [];
  if (inits.length === 0) return true;
  const sandbox = liveSandbox(observed);
  if (!sandbox) return false;
  const apps = new Set((pod.spec?.containers ?? []).map((container) => container.name));
  return observed.containers.some((container) => container.sandboxId === sandbox.id && apps.has(container.name));
}

/** Walks the init containers in order up to the first that holds the others back. Starts the apps when none does. */
function planInit(plan: Plan, sandboxId: string): "going" | "failed" {
  const { pod, observed, started, failedProbe } = plan.view;
  for (const container of pod.spec!.initContainers ?? []) {
    const last = latestRun(observed, container.name);
    const here = last && last.sandboxId === sandboxId ? last : undefined;
    if (here && here.status.state === "unknown") {
      plan.kill.push({
        target: here,
        message: `Init container is in unknown state, try killing it before restart`,
        reason: "unknown-state",
      });
      return "going";
    }
    if (here && isRunning(here)) {
      if (!isSidecar(container)) return "going";
      const probe = failedProbe(here.status.id);
      if (probe) {
        plan.kill.push(probeKill(container, here, probe, true));
        return "going";
      }
      if (!started(here.status.id)) return "going";
      continue;
    }
    if (here && here.status.state === "created") {
      // Created and never started: a kubelet died in between. A fresh run takes its place.
      plan.startOrWait(container, true);
      return "going";
    }
    if (!here) {
      plan.startOrWait(container, true);
      return "going";
    }
    if (!isSidecar(container)) {
      if (here.status.exitCode === 0) continue;
      if (!restartsAfter(pod, container, true, here.status.exitCode)) return "failed";
    }
    plan.startOrWait(container, true);
    return "going";
  }
  for (const container of pod.spec!.containers ?? []) planRunning(plan, container, false);
  return "going";
}

/** One container that should run. False when it is over for good. */
function planRunning(plan: Plan, container: ApiContainer, init: boolean): boolean {
  const { pod, observed, failedProbe } = plan.view;
  const last = latestRun(observed, container.name);
  if (!last) {
    plan.startOrWait(container, init);
    return true;
  }
  if (isRunning(last)) {
    if (last.notes.hash !== "" && last.notes.hash !== containerHash(container)) {
      const what = init ? "Init container" : "Container";
      plan.kill.push({ target: last, message: `${what} ${container.name} definition changed, will be restarted`, reason: "changed" });
      return true;
    }
    const probe = failedProbe(last.status.id);
    if (!probe) return true;
    const restarts = restartsAfter(pod, container, init, 137);
    plan.kill.push(probeKill(container, last, probe, restarts));
    return true;
  }
  if (last.status.state === "unknown") {
    plan.kill.push({ target: last, message: `Container is in unknown state, try killing it before restart`, reason: "unknown-state" });
    return true;
  }
  if (last.status.state === "exited" && !restartsAfter(pod, container, init, last.status.exitCode)) return false;
  plan.startOrWait(container, init);
  return true;
}

function probeKill(container: ApiContainer, target: ObservedContainer, probe: "startup" | "liveness", restarts: boolean): KillContainer {
  const message = `Container ${container.name} failed ${probe} probe${restarts ? ", will be restarted" : ""}`;
  return { target, message, reason: `${probe}-probe` };
}
