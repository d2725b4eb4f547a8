// Ends containers: preStop, the stop signal, the grace period, the kill.

import { sleep } from "../base/clock.ts";
import type { Container as ApiContainer, Pod } from "../kinds/core/types.gen.ts";
import { runHook } from "./container-hooks.ts";
import { isSidecar } from "./decide/restart.ts";
import type { ObservedContainer, ObservedPod } from "./observed.ts";
import { liveSandbox } from "./observed.ts";
import type { PodDeps } from "./pod-deps.ts";

/** A process always gets this long to end by itself. */
const minGraceSeconds = 2;

/** Which preStop hooks have begun; a kill that is begun anew does not run them twice. */
export type HookMemory = Set<string>;

export interface KillInputs {
  readonly graceSeconds: number;
  /** Text of the Killing event; undefined: none (a kill begun anew). */
  readonly message?: string;
}

export async function killContainer(
  deps: PodDeps,
  pod: Pod,
  observed: ObservedPod,
  target: ObservedContainer,
  inputs: KillInputs,
  hooks: HookMemory,
  signal: AbortSignal,
): Promise<void> {
  const { clock, events } = deps;
  const container = findContainer(pod, target.name);
  const beganMs = clock.monotonicMs();
  if (container && inputs.message !== undefined) events.container(pod, container, "Normal", "Killing", inputs.message);
  const hook = container?.lifecycle?.preStop;
  if (container && hook && inputs.graceSeconds > 0 && !hooks.has(target.status.id)) {
    hooks.add(target.status.id);
    const limit = new AbortController();
    const work = runHook(
      deps,
      pod,
      container,
      target.status.id,
      liveSandbox(observed)?.ips[0] ?? "",
      hook,
      AbortSignal.any([signal, limit.signal]),
    );
    const timeUp = sleep(clock, inputs.graceSeconds * 1000, limit.signal).then(
      () => "time-up" as const,
      () => "stopped" as const,
    );
    try {
      await Promise.race([work, timeUp]);
    } catch (error) {
      if (!signal.aborted)
        events.container(pod, container, "Warning", "FailedPreStopHook", `PreStopHook failed: ${(error as Error).message}`);
    } finally {
      limit.abort(new Error("grace period over"));
      work.catch(() => undefined); // a hook that is cut short has nothing more to say
    }
    signal.throwIfAborted();
  }
  const spentSeconds = (clock.monotonicMs() - beganMs) / 1000;
  await deps.runtime.stopContainer(target.status.id, Math.max(Math.ceil(inputs.graceSeconds - spentSeconds), minGraceSeconds), signal);
}

/** Ends all containers of a pod: apps side by side, then the sidecars, the last one first, in the time that is left. */
export async function killPodContainers(
  deps: PodDeps,
  pod: Pod,
  observed: ObservedPod,
  inputs: { readonly graceSeconds: number; readonly announced: Set<string> },
  hooks: HookMemory,
  signal: AbortSignal,
): Promise<void> {
  const beganMs = deps.clock.monotonicMs();
  const left = (): number => Math.max(inputs.graceSeconds - (deps.clock.monotonicMs() - beganMs) / 1000, 0);
  const targets = observed.containers.filter(({ status }) => status.state === "running" || status.state === "unknown");
  const sidecars = (pod.spec!.initContainers ?? []).filter(isSidecar).map((container) => container.name);
  const kill = async (target: ObservedContainer): Promise<void> => {
    const id = target.status.id;
    const message = inputs.announced.has(id) ? undefined : `Stopping container ${target.name}`;
    inputs.announced.add(id);
    await killContainer(deps, pod, observed, target, { graceSeconds: left(), ...(message !== undefined && { message }) }, hooks, signal);
  };
  await Promise.all(targets.filter((target) => !sidecars.includes(target.name)).map(kill));
  for (const name of sidecars.toReversed()) await Promise.all(targets.filter((target) => target.name === name).map(kill));
}

const findContainer = (pod: Pod, name: string): ApiContainer | undefined =>
  [...(pod.spec!.initContainers ?? []), ...(pod.spec!.containers ?? [])].find((container) => container.name === name);
