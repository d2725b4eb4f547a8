// Which pods are a scheduler's to place.

import { isPodTerminal } from "../kinds/core/pod-readiness.ts";
import type { Pod } from "../kinds/core/types.gen.ts";

export const defaultSchedulerName = "default-scheduler";

/** Whether a pod is waiting for this scheduler. */
export const isWaiting = (pod: Pod, schedulerName: string): boolean =>
  (pod.spec?.nodeName ?? "") === "" &&
  (pod.spec?.schedulerName ?? defaultSchedulerName) === schedulerName &&
  (pod.spec?.schedulingGates ?? []).length === 0 &&
  pod.metadata?.deletionTimestamp === undefined &&
  !isPodTerminal(pod);
