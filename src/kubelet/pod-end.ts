// The end of a pod on this node: processes, sandbox, and finally every trace.

import type { Pod } from "../kinds/core/types.gen.ts";
import type { HookMemory } from "./container-kill.ts";
import { killPodContainers } from "./container-kill.ts";
import { containerLogLink } from "./container-start.ts";
import type { ObservedPod, PodIdentity } from "./observed.ts";
import type { PodDeps } from "./pod-deps.ts";

/** Ends containers within the grace period, then the sandbox with its network. */
export async function endPod(
  deps: PodDeps,
  pod: Pod,
  observed: ObservedPod,
  inputs: { readonly graceSeconds: number; readonly announced: Set<string> },
  hooks: HookMemory,
  signal: AbortSignal,
): Promise<void> {
  await killPodContainers(deps, pod, observed, inputs, hooks, signal);
  for (const sandbox of observed.sandboxes) if (sandbox.state === "ready") await deps.runtime.stopSandbox(sandbox.id, signal);
}

/** Containers, sandboxes and logs of a pod that nobody knows any more. */
export async function removeRuntimeTraces(deps: PodDeps, identity: PodIdentity, observed: ObservedPod, signal: AbortSignal): Promise<void> {
  for (const container of observed.containers) {
    await deps.runtime.removeContainer(container.status.id, signal);
    await deps.files.remove(containerLogLink(deps.dirs.containerLogs, identity, container.name, container.status.id));
  }
  for (const sandbox of observed.sandboxes) {
    await deps.runtime.stopSandbox(sandbox.id, signal);
    await deps.runtime.removeSandbox(sandbox.id, signal);
  }
  await deps.files.remove(`${deps.dirs.podLogs}/${identity.namespace}_${identity.name}_${identity.uid}`);
}
