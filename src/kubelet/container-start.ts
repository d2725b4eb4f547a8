// Starts one container: image, configuration, create, start, postStart. Every way to fail has the waiting reason that people
// look for.

import type { Container as ApiContainer, Pod, Secret } from "../kinds/core/types.gen.ts";
import { runHook } from "./container-hooks.ts";
import type { SandboxConfig } from "./container-runtime.ts";
import { containerConfig, containerLogPath } from "./containers/container-config.ts";
import { ContainerConfigError, containerEnvironment } from "./containers/environment.ts";
import { containerResources, qosClass } from "./containers/resources.ts";
import type { StartContainer } from "./decide/pod-actions.ts";
import type { ImageError } from "./images/image-puller.ts";
import { containerHash } from "./labels.ts";
import type { PodDeps } from "./pod-deps.ts";
import { containerMounts } from "./volumes/container-mounts.ts";
import type { PodVolumes } from "./volumes/volumes.ts";
import { podDirectory } from "./volumes/volumes.ts";

/** The container did not start: reason and message of its waiting state. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: string;
  readonly retryAtMs: number;
  constructor(reason: string, message: string, retryAtMs: number) {
    super(message);
    this.reason = reason;
    this.retryAtMs = retryAtMs;
  }
}

/** How long after a failure the container is tried again. */
const retryMs = 10_000;
/** A first failed pull turns into the back-off that people watch for. */
const soonMs = 2000;

export interface StartInputs {
  readonly sandboxId: string;
  readonly sandbox: SandboxConfig;
  readonly podIps: readonly string[];
  readonly volumes: PodVolumes;
  readonly pullSecrets: readonly Secret[];
}

/** Resolves with the container's id. @throws StartError */
export async function startContainer(
  deps: PodDeps,
  pod: Pod,
  action: StartContainer,
  inputs: StartInputs,
  signal: AbortSignal,
): Promise<string> {
  const { clock, events, runtime } = deps;
  const { container } = action;
  const fail = (reason: string, message: string): never => {
    events.container(pod, container, "Warning", "Failed", `Error: ${message}`);
    throw new StartError(reason, message, clock.now() + retryMs);
  };
  const ready = await ensureImage(deps, pod, container, inputs, signal);
  const messageFile = await makeMessageFile(deps, pod, container, action.restartCount);
  const config = await (async () => {
    try {
      return await makeConfig(deps, pod, action, inputs, ready, messageFile);
    } catch (error) {
      if (signal.aborted || !(error instanceof ContainerConfigError)) throw error;
      return fail("CreateContainerConfigError", error.message);
    }
  })();
  await deps.files.mkdir(`${inputs.sandbox.logDirectory}/${container.name}`, 0o755);
  let id = "";
  try {
    id = await runtime.createContainer(inputs.sandboxId, config, inputs.sandbox, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    fail("CreateContainerError", (error as Error).message);
  }
  events.container(pod, container, "Normal", "Created", "Container created");
  await linkLog(deps, pod, container, id, `${inputs.sandbox.logDirectory}/${containerLogPath(container.name, action.restartCount)}`);
  try {
    await runtime.startContainer(id, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    fail("RunContainerError", (error as Error).message);
  }
  events.container(pod, container, "Normal", "Started", "Container started");
  await postStart(deps, pod, container, id, inputs.podIps[0] ?? "", signal);
  return id;
}

async function ensureImage(deps: PodDeps, pod: Pod, container: ApiContainer, inputs: StartInputs, signal: AbortSignal) {
  try {
    return await deps.puller.ensure(pod, container, inputs.pullSecrets, inputs.sandbox, signal);
  } catch (error) {
    if ((error as Error).name !== "ImageError") throw error;
    const { reason, message, retryAtMs } = error as ImageError;
    deps.events.container(pod, container, "Warning", "Failed", `Error: ${reason}`);
    const nowMs = deps.clock.now();
    throw new StartError(reason, message, reason === "ErrImagePull" ? nowMs + soonMs : (retryAtMs ?? nowMs + retryMs));
  }
}

async function makeConfig(
  deps: PodDeps,
  pod: Pod,
  action: StartContainer,
  inputs: StartInputs,
  ready: Awaited<ReturnType<PodDeps["puller"]["ensure"]>>,
  messageFile: string,
) {
  const { container } = action;
  const node = deps.node();
  const environment = await containerEnvironment(pod, container, {
    objects: deps.objects,
    services: deps.services(),
    fields: { podIps: inputs.podIps, hostIps: node.addresses, allocatable: node.allocatable },
  });
  const mounts = await containerMounts(pod, container, {
    files: deps.files,
    volumes: inputs.volumes,
    environment,
    hostsFile: hostsFilePath(deps, pod),
    messageFile,
  });
  return containerConfig(pod, container, {
    attempt: action.attempt,
    notes: {
      hash: containerHash(container),
      restartCount: action.restartCount,
      terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
      terminationMessagePolicy: container.terminationMessagePolicy ?? "File",
      terminationMessageFile: messageFile,
      podGraceSeconds: pod.spec!.terminationGracePeriodSeconds ?? 30,
      backoffMs: action.backoffMs,
    },
    imageRef: ready.ref,
    ...(ready.image && { image: ready.image }),
    environment,
    mounts,
    resources: containerResources(container, pod, qosClass(pod), node.memoryBytes),
  });
}

export const hostsFilePath = (deps: Pick<PodDeps, "dirs">, pod: Pod): string =>
  `${podDirectory(deps.dirs.root, pod.metadata!.uid!)}/etc-hosts`;

/** One file for each run, so that the messages of two runs are not mixed. */
async function makeMessageFile(deps: PodDeps, pod: Pod, container: ApiContainer, restartCount: number): Promise<string> {
  const directory = `${podDirectory(deps.dirs.root, pod.metadata!.uid!)}/containers/${container.name}`;
  await deps.files.mkdir(directory, 0o755);
  const file = `${directory}/message-${restartCount}`;
  await deps.files.writeFile(file, new Uint8Array(), { mode: 0o666 });
  return file;
}

/** Log collectors find the pod's name in the file's name. */
async function linkLog(deps: PodDeps, pod: Pod, container: ApiContainer, id: string, logPath: string): Promise<void> {
  const link = containerLogLink(deps.dirs.containerLogs, pod.metadata!, container.name, id);
  await deps.files.mkdir(deps.dirs.containerLogs, 0o755);
  await deps.files.remove(link);
  await deps.files.symlink(logPath, link);
}

export const containerLogLink = (
  directory: string,
  pod: { readonly name?: string; readonly namespace?: string },
  container: string,
  id: string,
): string => `${directory}/${pod.name}_${pod.namespace}_${container}-${id}.log`;

async function postStart(deps: PodDeps, pod: Pod, container: ApiContainer, id: string, podIp: string, signal: AbortSignal): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  try {
    await runHook(deps, pod, container, id, podIp, hook, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    deps.events.container(pod, container, "Warning", "FailedPostStartHook", `PostStartHook failed: ${(error as Error).message}`);
    deps.events.container(pod, container, "Normal", "Killing", "FailedPostStartHook");
    await deps.runtime.stopContainer(id, pod.spec!.terminationGracePeriodSeconds ?? 30, signal);
    throw new StartError("PostStartHookError", (error as Error).message, deps.clock.now());
  }
}
