// The kubelet's ContainerRuntime over CRI v1: containerd on its unix socket, or any other runtime that speaks CRI.

import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type * as runtime from "../../kubelet/container-runtime.ts";
import { CriClient } from "./cri-client.ts";
import * as mapping from "./cri-mapping.ts";
import { openPortForward, openProcess } from "./cri-streaming.ts";
import { GrpcChannel } from "./grpc-channel.ts";
import { watchHints } from "./runtime-hints.ts";

/** Creating a sandbox waits for network plugins, creating a container for the image's layers. */
const runTimeoutMs = 4 * 60_000;
/** Beyond a stop's own grace. */
const stopSlackMs = 2 * 60_000;

export interface CriRuntimeDeps {
  /** "unix:///run/containerd/containerd.sock" or a plain path. */
  readonly endpoint: string;
  /** Where images are served, when that is another socket. */
  readonly imageEndpoint?: string;
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Where the runtime is shared: pods and containers made here are labelled with this name, and only those are seen. Absent:
   * everything in the runtime is ours.
   */
  readonly owner?: string;
}

const ownerLabel = "timonier.local/owner";

export class CriRuntime implements runtime.ContainerRuntime, Disposable {
  readonly #channels: readonly GrpcChannel[];
  readonly #runtime: CriClient;
  readonly #images: CriClient;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ownerLabels: Readonly<Record<string, string>>;

  constructor(deps: CriRuntimeDeps) {
    const channel = new GrpcChannel(deps.endpoint);
    const images = deps.imageEndpoint === undefined || deps.imageEndpoint === deps.endpoint ? channel : new GrpcChannel(deps.imageEndpoint);
    this.#channels = images === channel ? [channel] : [channel, images];
    this.#runtime = new CriClient(channel);
    this.#images = new CriClient(images);
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#ownerLabels = deps.owner === undefined ? {} : { [ownerLabel]: deps.owner };
  }

  #owned<T extends { readonly labels?: Readonly<Record<string, string>> }>(thing: T): T {
    return { ...thing, labels: { ...thing.labels, ...this.#ownerLabels } };
  }

  [Symbol.dispose](): void {
    for (const channel of this.#channels) channel[Symbol.dispose]();
  }

  async version(signal?: AbortSignal): Promise<runtime.RuntimeVersion> {
    const answer = await this.#runtime.call("Version", {}, { signal });
    return { runtimeName: answer.runtime_name, runtimeVersion: answer.runtime_version, runtimeApiVersion: answer.runtime_api_version };
  }

  async status(signal?: AbortSignal): Promise<runtime.RuntimeStatus> {
    const answer = await this.#runtime.call("Status", {}, { signal });
    return { conditions: answer.status?.conditions ?? [] };
  }

  async runSandbox(config: runtime.SandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string> {
    const request = { config: mapping.sandboxConfigToCri(this.#owned(config)), runtime_handler: runtimeHandler };
    return (await this.#runtime.call("RunPodSandbox", request, { signal, timeoutMs: runTimeoutMs })).pod_sandbox_id;
  }

  async stopSandbox(id: string, signal?: AbortSignal): Promise<void> {
    await goneIsFine(this.#runtime.call("StopPodSandbox", { pod_sandbox_id: id }, { signal, timeoutMs: runTimeoutMs }));
  }

  async removeSandbox(id: string, signal?: AbortSignal): Promise<void> {
    await goneIsFine(this.#runtime.call("RemovePodSandbox", { pod_sandbox_id: id }, { signal, timeoutMs: runTimeoutMs }));
  }

  async sandboxStatus(id: string, signal?: AbortSignal): Promise<runtime.SandboxStatus> {
    const { status } = await this.#runtime.call("PodSandboxStatus", { pod_sandbox_id: id }, { signal });
    if (status === null) throw new RuntimeError("not-found", `sandbox ${id} has no status`);
    return mapping.sandboxStatusFromCri(status);
  }

  async listSandboxes(filter?: runtime.SandboxFilter, signal?: AbortSignal): Promise<readonly runtime.Sandbox[]> {
    const answer = await this.#runtime.call(
      "ListPodSandbox",
      { filter: mapping.sandboxFilterToCri(this.#owned(filter ?? {})) },
      { signal },
    );
    return answer.items.map(mapping.sandboxFromCri);
  }

  async createContainer(
    sandboxId: string,
    config: runtime.ContainerConfig,
    sandboxConfig: runtime.SandboxConfig,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = {
      pod_sandbox_id: sandboxId,
      config: mapping.containerConfigToCri(this.#owned(config)),
      sandbox_config: mapping.sandboxConfigToCri(this.#owned(sandboxConfig)),
    };
    return (await this.#runtime.call("CreateContainer", request, { signal, timeoutMs: runTimeoutMs })).container_id;
  }

  async startContainer(id: string, signal?: AbortSignal): Promise<void> {
    await this.#runtime.call("StartContainer", { container_id: id }, { signal, timeoutMs: runTimeoutMs });
  }

  async stopContainer(id: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    const timeoutMs = timeoutSeconds * 1000 + stopSlackMs;
    await goneIsFine(this.#runtime.call("StopContainer", { container_id: id, timeout: timeoutSeconds }, { signal, timeoutMs }));
  }

  async removeContainer(id: string, signal?: AbortSignal): Promise<void> {
    await goneIsFine(this.#runtime.call("RemoveContainer", { container_id: id }, { signal, timeoutMs: runTimeoutMs }));
  }

  async listContainers(filter?: runtime.ContainerFilter, signal?: AbortSignal): Promise<readonly runtime.Container[]> {
    const answer = await this.#runtime.call(
      "ListContainers",
      { filter: mapping.containerFilterToCri(this.#owned(filter ?? {})) },
      { signal },
    );
    return answer.containers.map(mapping.containerFromCri);
  }

  async containerStatus(id: string, signal?: AbortSignal): Promise<runtime.ContainerStatus> {
    const { status } = await this.#runtime.call("ContainerStatus", { container_id: id }, { signal });
    if (status === null) throw new RuntimeError("not-found", `container ${id} has no status`);
    return mapping.containerStatusFromCri(status);
  }

  async updateContainerResources(id: string, resources: runtime.LinuxResources, signal?: AbortSignal): Promise<void> {
    await this.#runtime.call("UpdateContainerResources", { container_id: id, linux: mapping.resourcesToCri(resources) }, { signal });
  }

  async reopenContainerLog(id: string, signal?: AbortSignal): Promise<void> {
    await this.#runtime.call("ReopenContainerLog", { container_id: id }, { signal });
  }

  async execSync(id: string, command: readonly string[], timeoutSeconds: number, signal?: AbortSignal): Promise<runtime.ExecResult> {
    // The runtime counts the timeout itself; ours only guards against one that does not answer.
    const limit = timeoutSeconds > 0 ? { timeoutMs: timeoutSeconds * 1000 + 5_000 } : { timeoutMs: undefined };
    const request = { container_id: id, cmd: command, timeout: timeoutSeconds };
    const answer = await this.#runtime.call("ExecSync", request, { signal, ...limit });
    return { stdout: answer.stdout, stderr: answer.stderr, exitCode: answer.exit_code };
  }

  async exec(id: string, options: runtime.ExecOptions, signal: AbortSignal): Promise<runtime.ProcessSession> {
    const { command, tty, stdin, stdout } = options;
    const stderr = options.stderr && !tty;
    const { url } = await this.#runtime.call("Exec", { container_id: id, cmd: command, tty, stdin, stdout, stderr }, { signal });
    return await openProcess(url, { ...options, stderr }, signal);
  }

  async attach(id: string, options: runtime.AttachOptions, signal: AbortSignal): Promise<runtime.ProcessSession> {
    const { tty, stdin, stdout } = options;
    const stderr = options.stderr && !tty;
    const { url } = await this.#runtime.call("Attach", { container_id: id, tty, stdin, stdout, stderr }, { signal });
    return await openProcess(url, { ...options, stderr }, signal);
  }

  async portForward(sandboxId: string, signal: AbortSignal): Promise<runtime.PortForwardSession> {
    const { url } = await this.#runtime.call("PortForward", { pod_sandbox_id: sandboxId }, { signal });
    return await openPortForward(url, signal);
  }

  async listContainerStats(filter?: runtime.ContainerFilter, signal?: AbortSignal): Promise<readonly runtime.ContainerStats[]> {
    const { id, sandboxId, labels } = this.#owned(filter ?? {});
    const request = { id, pod_sandbox_id: sandboxId, label_selector: labels };
    const answer = await this.#runtime.call("ListContainerStats", { filter: request }, { signal });
    return answer.stats.map(mapping.containerStatsFromCri);
  }

  async listImages(signal?: AbortSignal): Promise<readonly runtime.Image[]> {
    return (await this.#images.call("ListImages", {}, { signal })).images.map(mapping.imageFromCri);
  }

  async imageStatus(image: string, signal?: AbortSignal): Promise<runtime.Image | undefined> {
    const answer = await this.#images.call("ImageStatus", { image: { image } }, { signal });
    return answer.image === null ? undefined : mapping.imageFromCri(answer.image);
  }

  async pullImage(
    image: string,
    auth: runtime.RegistryAuth | undefined,
    sandboxConfig: runtime.SandboxConfig | undefined,
    signal?: AbortSignal,
  ): Promise<string> {
    const request = {
      image: { image },
      auth: auth && {
        username: auth.username,
        password: auth.password,
        auth: auth.auth,
        server_address: auth.serverAddress,
        identity_token: auth.identityToken,
        registry_token: auth.registryToken,
      },
      sandbox_config: sandboxConfig && mapping.sandboxConfigToCri(sandboxConfig),
    };
    // A pull may take as long as it moves; the runtime gives one up that stalls.
    return (await this.#images.call("PullImage", request, { signal, timeoutMs: undefined })).image_ref;
  }

  async removeImage(image: string, signal?: AbortSignal): Promise<void> {
    await goneIsFine(this.#images.call("RemoveImage", { image: { image } }, { signal, timeoutMs: runTimeoutMs }));
  }

  async imageFilesystems(signal?: AbortSignal): Promise<readonly runtime.FilesystemUsage[]> {
    return mapping.filesystemsFromCri((await this.#images.call("ImageFsInfo", {}, { signal })).image_filesystems);
  }

  events(signal: AbortSignal): AsyncIterable<runtime.RuntimeHint> {
    return watchHints({ client: this.#runtime, runtime: this, clock: this.#clock, log: this.#log }, signal);
  }
}

async function goneIsFine(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof RuntimeError && error.code === "not-found")) throw error;
  }
}
