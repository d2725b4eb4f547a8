// What the runtime has, grouped by pod: the "observed" half of every decision. Built from labels alone.

import type { Container, ContainerRuntime, ContainerStatus, Sandbox, SandboxStatus } from "./container-runtime.ts";
import { RuntimeError } from "./container-runtime.ts";
import { containerNameLabel, podNameLabel, podNamespaceLabel, podUidLabel, readNotes } from "./labels.ts";
import type { ContainerNotes } from "./labels.ts";

export interface ObservedContainer {
  readonly name: string;
  readonly sandboxId: string;
  readonly status: ContainerStatus;
  readonly notes: ContainerNotes;
  /** Termination message, read from its file or its log; only when exited. */
  readonly message?: string;
}

export interface ObservedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Newest first. */
  readonly sandboxes: readonly SandboxStatus[];
  /** Newest first, of all sandboxes. */
  readonly containers: readonly ObservedContainer[];
}

/** The sandbox that the pod lives in, if it stands. */
export function liveSandbox(observed: ObservedPod): SandboxStatus | undefined {
  const newest = observed.sandboxes[0];
  return newest?.state === "ready" ? newest : undefined;
}

/** The newest run of a container, in whatever sandbox. */
export const latestRun = (observed: ObservedPod, name: string): ObservedContainer | undefined =>
  observed.containers.find((container) => container.name === name);

export const isRunning = (container: ObservedContainer): boolean => container.status.state === "running";
export const isExited = (container: ObservedContainer): boolean => container.status.state === "exited";

/** True while a process of the pod may still run. */
export const mayRun = (observed: ObservedPod): boolean =>
  observed.containers.some((container) => container.status.state === "running" || container.status.state === "unknown");

export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whose sandbox or container this is; undefined when it is not a pod's. */
export function identityOf(labels: Readonly<Record<string, string>>): PodIdentity | undefined {
  const uid = labels[podUidLabel];
  const namespace = labels[podNamespaceLabel];
  const name = labels[podNameLabel];
  return uid && namespace && name ? { uid, namespace, name } : undefined;
}

/** Statuses of ended containers do not change: each is read once. */
export class StatusCache {
  readonly #ended = new Map<string, ContainerStatus>();

  get(id: string): ContainerStatus | undefined {
    return this.#ended.get(id);
  }
  remember(status: ContainerStatus): void {
    if (status.state === "exited") this.#ended.set(status.id, status);
  }
  /** Forgets containers that are no longer there. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#ended.keys()) if (!ids.has(id)) this.#ended.delete(id);
  }
}

/** Asks the runtime for everything of one pod. What vanishes meanwhile is left out. */
export async function observePod(
  runtime: ContainerRuntime,
  pod: PodIdentity,
  cache: StatusCache,
  signal?: AbortSignal,
): Promise<ObservedPod> {
  const labels = { [podUidLabel]: pod.uid };
  const [sandboxes, containers] = await Promise.all([
    runtime.listSandboxes({ labels }, signal),
    runtime.listContainers({ labels }, signal),
  ]);
  const newestFirst = sandboxes.toSorted((a, b) => b.createdAtMs - a.createdAtMs || b.metadata.attempt - a.metadata.attempt);
  const [sandboxStatuses, containerStatuses] = await Promise.all([
    Promise.all(newestFirst.map((sandbox, index) => sandboxStatus(runtime, sandbox, index === 0, signal))),
    Promise.all(containers.map((container) => observeContainer(runtime, container, cache, signal))),
  ]);
  cache.keepOnly(new Set(containers.map((container) => container.id)));
  return {
    ...pod,
    sandboxes: sandboxStatuses.filter((status) => status !== undefined),
    containers: containerStatuses.filter((container) => container !== undefined).toSorted(newerRunFirst),
  };
}

const newerRunFirst = (a: ObservedContainer, b: ObservedContainer): number =>
  b.status.metadata.attempt - a.status.metadata.attempt || b.status.createdAtMs - a.status.createdAtMs;

/** Only the newest sandbox's addresses are ever needed. */
async function sandboxStatus(
  runtime: ContainerRuntime,
  sandbox: Sandbox,
  withAddresses: boolean,
  signal?: AbortSignal,
): Promise<SandboxStatus | undefined> {
  if (!withAddresses) return { ...sandbox, ips: [] };
  return await unlessGone(runtime.sandboxStatus(sandbox.id, signal));
}

async function observeContainer(
  runtime: ContainerRuntime,
  container: Container,
  cache: StatusCache,
  signal?: AbortSignal,
): Promise<ObservedContainer | undefined> {
  const status = cache.get(container.id) ?? (await unlessGone(runtime.containerStatus(container.id, signal)));
  if (!status) return undefined;
  cache.remember(status);
  return {
    name: container.labels[containerNameLabel] ?? container.metadata.name,
    sandboxId: container.sandboxId,
    status,
    notes: readNotes(container.annotations),
  };
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === "not-found") return undefined;
    throw error;
  }
}
