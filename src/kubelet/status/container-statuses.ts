// Observed runs → what `status.containerStatuses` says: state, lastState, ready, started, restartCount.

import { formatTime } from "../../base/clock.ts";
import type { Container as ApiContainer, ContainerState, ContainerStatus, Pod } from "../../kinds/core/types.gen.ts";
import { isSidecar, restartsAfter } from "../decide/restart.ts";
import type { WaitingReason } from "../decide/pod-actions.ts";
import { initialized } from "../decide/pod-actions.ts";
import type { ObservedContainer, ObservedPod } from "../observed.ts";
import { isExited, isRunning } from "../observed.ts";

export interface StatusView {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  /** Why a container that should run does not: back-off, image and configuration errors. */
  readonly waiting: ReadonlyMap<string, WaitingReason>;
  readonly started: (containerId: string) => boolean;
  readonly ready: (containerId: string) => boolean;
  /** The pod is over: nothing starts any more, and what is not known to have run never will. */
  readonly terminal: boolean;
}

export interface ContainerStatuses {
  readonly init: readonly ContainerStatus[];
  readonly app: readonly ContainerStatus[];
}

export function containerStatuses(view: StatusView): ContainerStatuses {
  const spec = view.pod.spec!;
  const hasInit = (spec.initContainers ?? []).length > 0;
  const initDone = initialized(view.pod, view.observed);
  const appDefault = hasInit && !initDone ? "PodInitializing" : "ContainerCreating";
  return {
    init: (spec.initContainers ?? []).map((container) => containerStatus(view, container, true, "PodInitializing")),
    app: (spec.containers ?? []).map((container) => containerStatus(view, container, false, appDefault)),
  };
}

function containerStatus(view: StatusView, container: ApiContainer, init: boolean, defaultReason: string): ContainerStatus {
  const runs = view.observed.containers.filter((run) => run.name === container.name);
  const [latest, previous] = runs;
  const old = oldStatus(view.pod, container.name, init);
  const common = { name: container.name, ...statusResources(container), ...statusMounts(container) };
  if (!latest) return neverSeen(view, container, old, defaultReason, common);

  const { status } = latest;
  const running = isRunning(latest);
  let state = stateOf(latest, defaultReason);
  let lastState: ContainerState =
    previous && isExited(previous)
      ? stateOf(previous, defaultReason)
      : old && !running && old.containerID === `containerd://${status.id}`
        ? (old.lastState ?? {})
        : {};
  if (!previous && old?.lastState?.terminated && old.restartCount === latest.notes.restartCount) lastState = old.lastState;

  const reason = view.waiting.get(container.name);
  if (reason && !running && !view.terminal && (!isExited(latest) || restartsAfter(view.pod, container, init, status.exitCode))) {
    if (state.terminated) lastState = state;
    state = { waiting: { reason: reason.reason, message: reason.message } };
  }
  const started = running && view.started(status.id);
  const ready = init && !isSidecar(container) ? isExited(latest) && status.exitCode === 0 : running && started && view.ready(status.id);
  return {
    ...common,
    state,
    lastState,
    ready,
    restartCount: latest.notes.restartCount,
    image: status.image || container.image || "",
    imageID: status.imageRef,
    containerID: `containerd://${status.id}`,
    started: init && !isSidecar(container) ? false : started,
  };
}

/** No run known to the runtime: not yet started, or lost. */
function neverSeen(
  view: StatusView,
  container: ApiContainer,
  old: ContainerStatus | undefined,
  defaultReason: string,
  common: Pick<ContainerStatus, "name" | "resources" | "allocatedResources" | "volumeMounts">,
): ContainerStatus {
  const reason = view.waiting.get(container.name);
  const waiting: ContainerState = { waiting: reason ? { reason: reason.reason, message: reason.message } : { reason: defaultReason } };
  const base = {
    ...common,
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? "",
    imageID: old?.imageID ?? "",
    started: false,
  };
  const known = old?.containerID ? { containerID: old.containerID, image: old.image } : {};
  if (old?.state?.terminated) {
    // It ended, and the runtime has let it go: what was written is all that is known.
    if (view.terminal || !restartsAfter(view.pod, container, false, old.state.terminated.exitCode ?? 0)) {
      return { ...base, ...known, ready: old.ready ?? false, state: old.state, lastState: old.lastState ?? {} };
    }
    return { ...base, ...known, state: waiting, lastState: { terminated: old.state.terminated } };
  }
  if (old?.state?.running) {
    const lost: ContainerState = {
      terminated: {
        exitCode: 137,
        reason: "ContainerStatusUnknown",
        message: "The container could not be located when the pod was deleted.  The container used to be Running",
      },
    };
    return view.terminal ? { ...base, ...known, state: lost, lastState: {} } : { ...base, ...known, state: waiting, lastState: lost };
  }
  if (view.terminal) {
    return {
      ...base,
      lastState: {},
      state: {
        terminated: {
          exitCode: 137,
          reason: "ContainerStatusUnknown",
          message: "The container could not be located when the pod was terminated",
        },
      },
    };
  }
  return { ...base, ...known, state: waiting, lastState: old?.lastState ?? {} };
}

const oldStatus = (pod: Pod, name: string, init: boolean): ContainerStatus | undefined =>
  (init ? pod.status?.initContainerStatuses : pod.status?.containerStatuses)?.find((status) => status.name === name);

function stateOf(run: ObservedContainer, defaultReason: string): ContainerState {
  const { status } = run;
  switch (status.state) {
    case "running":
      return { running: { startedAt: formatTime(status.startedAtMs) } };
    case "exited":
      return {
        terminated: {
          exitCode: status.exitCode,
          reason: status.reason || (status.exitCode === 0 ? "Completed" : "Error"),
          ...((run.message ?? status.message) !== "" && { message: run.message ?? status.message }),
          ...(status.startedAtMs > 0 && { startedAt: formatTime(status.startedAtMs) }),
          ...(status.finishedAtMs > 0 && { finishedAt: formatTime(status.finishedAtMs) }),
          containerID: `containerd://${status.id}`,
        },
      };
    case "created":
      return { waiting: { reason: defaultReason } };
    case "unknown":
      return {
        terminated: {
          exitCode: 137,
          reason: "ContainerStatusUnknown",
          message: "The container could not be located when the pod was terminated",
          containerID: `containerd://${status.id}`,
        },
      };
  }
}

function statusResources(container: ApiContainer): Pick<ContainerStatus, "resources" | "allocatedResources"> {
  const resources = container.resources;
  if (!resources || (!resources.requests && !resources.limits)) return {};
  return {
    resources: { ...(resources.limits && { limits: resources.limits }), ...(resources.requests && { requests: resources.requests }) },
    ...(resources.requests && { allocatedResources: resources.requests }),
  };
}

function statusMounts(container: ApiContainer): Pick<ContainerStatus, "volumeMounts"> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map((mount) => ({
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly && { readOnly: true, recursiveReadOnly: mount.recursiveReadOnly === "Enabled" ? "Enabled" : "Disabled" }),
    })),
  };
}
