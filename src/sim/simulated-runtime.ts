// Containers that exist in memory only: they get addresses, run, log and end on the clock, as their script says. The kubelet
// cannot tell it from a real runtime by anything but the absence of processes.

import { onAbort } from "../base/on-abort.ts";
import type { Activity } from "../base/activity.ts";
import { uncounted } from "../base/activity.ts";
import { Channel } from "../base/channel.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type {
  AttachOptions,
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerRuntime,
  ContainerStats,
  ContainerStatus,
  ExecOptions,
  ExecResult,
  FilesystemUsage,
  Image,
  PortForwardSession,
  ProcessSession,
  RegistryAuth,
  RuntimeHint,
  RuntimeStatus,
  RuntimeVersion,
  Sandbox,
  SandboxConfig,
  SandboxFilter,
  SandboxStatus,
} from "../kubelet/container-runtime.ts";
import { RuntimeError } from "../kubelet/container-runtime.ts";
import { podUidLabel } from "../kubelet/labels.ts";
import type { Cidr } from "../lang/ip.ts";
import { cidrSize, formatIp, nthAddress, parseCidr } from "../lang/ip.ts";
import type { SimulatedBehaviour, SimulatedOutcome, SimulationScript } from "./simulated-behaviour.ts";
import { behaviourOf } from "./simulated-behaviour.ts";
import { runSimulatedCommand } from "./simulated-commands.ts";
import type { SimulatedFiles } from "./simulated-files.ts";
import { SimulatedImages } from "./simulated-images.ts";
import { echoDuplex, echoSession, finishedSession } from "./simulated-sessions.ts";

export interface SimulatedRuntimeOptions {
  /** Range from which pods get addresses: "10.244.1.0/24". */
  readonly podCidr: string;
  readonly script?: SimulationScript;
  /** The text with which pulling this image fails; undefined: it works. */
  readonly failPull?: (image: string, auth: RegistryAuth | undefined) => string | undefined;
  /** Images that are there from the start. */
  readonly images?: readonly string[];
  /** How long things take on the clock; default nothing. */
  readonly latencyMs?: { readonly sandbox?: number; readonly create?: number; readonly start?: number; readonly pull?: number };
}

export interface SimulatedRuntimeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: SimulatedFiles;
  readonly activity?: Activity;
}

interface SandboxRecord {
  status: SandboxStatus;
  readonly config: SandboxConfig;
}
interface ContainerRecord {
  status: ContainerStatus;
  readonly config: ContainerConfig;
  readonly sandboxId: string;
  readonly behaviour: SimulatedBehaviour;
  readonly timers: Timer[];
  readonly ended: (() => void)[];
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class SimulatedRuntime implements ContainerRuntime {
  readonly #deps: SimulatedRuntimeDeps;
  readonly #options: SimulatedRuntimeOptions;
  readonly #cidr: Cidr;
  readonly #sandboxes = new Map<string, SandboxRecord>();
  readonly #containers = new Map<string, ContainerRecord>();
  readonly #images: SimulatedImages;
  readonly #usedAddresses = new Set<string>();
  readonly #listeners = new Set<Channel<RuntimeHint>>();
  #nextAddress = 2;
  #connected = true;
  /** Everything that was asked for, for tests: "pullImage nginx:1". */
  readonly calls: string[] = [];

  constructor(deps: SimulatedRuntimeDeps, options: SimulatedRuntimeOptions) {
    this.#deps = deps;
    this.#options = options;
    const cidr = parseCidr(options.podCidr);
    if (!cidr) throw new RangeError(`no address range: ${options.podCidr}`);
    this.#cidr = cidr;
    this.#images = new SimulatedImages(options.images);
  }

  // ---- what a test does to it

  /** The runtime's process dies or hangs: every call fails, containers run on. */
  disconnect(): void {
    this.#connected = false;
    this.#hint({ type: "disconnected" });
  }
  reconnect(): void {
    this.#connected = true;
    this.#hint({ type: "connected" });
  }
  /** A process dies from outside. */
  killContainer(id: string, exitCode = 137, reason?: string): void {
    this.#end(this.#container(id), exitCode, reason);
  }
  /** The sandbox dies with everything in it. */
  killSandbox(id: string): void {
    this.#stopSandboxNow(id);
    this.#hint({ type: "sandbox-exited", sandboxId: id });
  }
  /** The id of a pod's running container, or of the one that ran last; undefined when there is none. */
  findContainer(wanted: { readonly podUid: string; readonly container: string }): string | undefined {
    const ours = [...this.#containers.values()].filter(
      ({ config }) => config.labels[podUidLabel] === wanted.podUid && config.metadata.name === wanted.container,
    );
    return (ours.find(({ status }) => status.state === "running") ?? ours.at(-1))?.status.id;
  }
  /** The running containers that answer at an address. */
  behavioursAt(ip: string): readonly SimulatedBehaviour[] {
    const sandbox = [...this.#sandboxes.values()].find((record) => record.status.state === "ready" && record.status.ips.includes(ip));
    if (!sandbox) return [];
    return this.#runningIn(sandbox.status.id).map((record) => record.behaviour);
  }
  #runningIn(sandboxId: string): ContainerRecord[] {
    return [...this.#containers.values()].filter((record) => record.sandboxId === sandboxId && record.status.state === "running");
  }

  // ---- the interface

  #check(call: string): void {
    this.calls.push(call);
    if (!this.#connected) throw new RuntimeError("unavailable", "connection error: the container runtime does not answer");
  }
  async #take(ms: number | undefined, signal?: AbortSignal): Promise<void> {
    if (ms) await sleep(this.#deps.clock, ms, signal);
  }
  #id(): string {
    return [...this.#deps.random.bytes(32)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async version(): Promise<RuntimeVersion> {
    this.#check("version");
    return { runtimeName: "simulated", runtimeVersion: "1.0.0", runtimeApiVersion: "v1" };
  }
  async status(): Promise<RuntimeStatus> {
    this.#check("status");
    const fine = { status: true, reason: "", message: "" };
    return {
      conditions: [
        { type: "RuntimeReady", ...fine },
        { type: "NetworkReady", ...fine },
      ],
    };
  }

  async runSandbox(config: SandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string> {
    this.#check(`runSandbox ${config.metadata.name}`);
    await this.#take(this.#options.latencyMs?.sandbox, signal);
    const id = this.#id();
    const onHost = config.security.namespaces.network === "node";
    const status: SandboxStatus = {
      id,
      metadata: config.metadata,
      state: "ready",
      createdAtMs: this.#deps.clock.now(),
      labels: config.labels,
      annotations: config.annotations,
      runtimeHandler,
      ips: onHost ? [] : [this.#takeAddress()],
    };
    this.#sandboxes.set(id, { status, config });
    return id;
  }

  #takeAddress(): string {
    const size = Number(cidrSize(this.#cidr)) - 1;
    for (let tries = 0; tries < size; tries++) {
      const offset = this.#nextAddress;
      this.#nextAddress = offset + 1 >= size ? 2 : offset + 1;
      const address = formatIp(nthAddress(this.#cidr, offset));
      if (this.#usedAddresses.has(address)) continue;
      this.#usedAddresses.add(address);
      return address;
    }
    throw new RuntimeError("unknown", `failed to set up sandbox network: no addresses left in ${this.#options.podCidr}`);
  }

  async stopSandbox(id: string): Promise<void> {
    this.#check("stopSandbox");
    this.#stopSandboxNow(id);
  }
  #stopSandboxNow(id: string): void {
    const record = this.#sandboxes.get(id);
    if (!record || record.status.state === "not-ready") return;
    for (const container of this.#runningIn(id)) this.#end(container, 137, "Error");
    for (const ip of record.status.ips) this.#usedAddresses.delete(ip);
    record.status = { ...record.status, state: "not-ready", ips: [] };
  }

  async removeSandbox(id: string): Promise<void> {
    this.#check("removeSandbox");
    this.#stopSandboxNow(id);
    this.#sandboxes.delete(id);
    for (const [containerId, container] of this.#containers) if (container.sandboxId === id) this.#containers.delete(containerId);
  }

  async sandboxStatus(id: string): Promise<SandboxStatus> {
    this.#check("sandboxStatus");
    return this.#sandbox(id).status;
  }
  async listSandboxes(filter: SandboxFilter = {}): Promise<readonly Sandbox[]> {
    this.#check("listSandboxes");
    return [...this.#sandboxes.values()]
      .map((record) => record.status)
      .filter(
        (status) =>
          (!filter.id || status.id === filter.id) &&
          (!filter.state || status.state === filter.state) &&
          hasLabels(status.labels, filter.labels),
      );
  }

  async createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: SandboxConfig, signal?: AbortSignal): Promise<string> {
    this.#check(`createContainer ${config.metadata.name}`);
    await this.#take(this.#options.latencyMs?.create, signal);
    const sandbox = this.#sandbox(sandboxId);
    if (sandbox.status.state !== "ready") throw new RuntimeError("unknown", `sandbox ${sandboxId} is not running`);
    const image = this.#images.find(config.image.image);
    if (!image) throw new RuntimeError("not-found", `failed to create containerd container: image "${config.image.image}": not found`);
    const id = this.#id();
    const status: ContainerStatus = {
      id,
      metadata: config.metadata,
      state: "created",
      createdAtMs: this.#deps.clock.now(),
      startedAtMs: 0,
      finishedAtMs: 0,
      exitCode: 0,
      image: image.repoTags[0] ?? config.image.userSpecifiedImage,
      imageRef: image.repoDigests[0] ?? image.id,
      imageId: image.id,
      reason: "",
      message: "",
      labels: config.labels,
      annotations: config.annotations,
      logPath: `${sandboxConfig.logDirectory}/${config.logPath}`,
    };
    this.#containers.set(id, {
      status,
      config,
      sandboxId,
      behaviour: behaviourOf(config, sandboxConfig, this.#options.script),
      timers: [],
      ended: [],
    });
    return id;
  }

  async startContainer(id: string, signal?: AbortSignal): Promise<void> {
    this.#check("startContainer");
    await this.#take(this.#options.latencyMs?.start, signal);
    const record = this.#container(id);
    const { clock } = this.#deps;
    const { behaviour } = record;
    if (behaviour.startError !== undefined) {
      record.status = {
        ...record.status,
        state: "exited",
        exitCode: 128,
        reason: "StartError",
        message: behaviour.startError,
        finishedAtMs: clock.now(),
      };
      throw new RuntimeError("unknown", behaviour.startError);
    }
    record.status = { ...record.status, state: "running", startedAtMs: clock.now() };
    this.#deps.files.append(record.status.logPath, new Uint8Array());
    this.#hint({ type: "container-started", containerId: id });
    for (const line of behaviour.log ?? []) {
      const { afterMs = 0, text, stream = "stdout" } = typeof line === "string" ? { text: line } : line;
      if (afterMs === 0) this.#log(record, stream, text);
      else record.timers.push(clock.after(afterMs, () => this.#log(record, stream, text)));
    }
    const end = (): void => this.#end(record, behaviour.reason === "OOMKilled" ? 137 : (behaviour.exitCode ?? 0), behaviour.reason);
    if (behaviour.exitAfterMs !== undefined) record.timers.push(clock.after(behaviour.exitAfterMs, end));
    if (behaviour.exitWhen) this.#endWhen(record, behaviour.exitWhen, end);
  }

  #endWhen(record: ContainerRecord, holds: () => boolean | Promise<boolean>, end: () => void): void {
    const held = (this.#deps.activity ?? uncounted).begin("a simulated container looks around");
    const again = (): void => {
      if (record.status.state !== "running") return;
      record.timers.push(this.#deps.clock.after(record.behaviour.checkEveryMs ?? 1000, () => this.#endWhen(record, holds, end)));
    };
    Promise.resolve()
      .then(holds)
      // What it asks may be out of reach for a while: it looks again.
      .then((ends) => (ends ? end() : again()), again)
      .finally(() => held[Symbol.dispose]());
  }

  #log(record: ContainerRecord, stream: string, text: string): void {
    const time = new Date(this.#deps.clock.now()).toISOString().replace("Z", "000000Z");
    this.#deps.files.append(record.status.logPath, encoder.encode(`${time} ${stream} F ${text}\n`));
  }

  #end(record: ContainerRecord, exitCode: number, reason?: string): void {
    if (record.status.state !== "running") return;
    for (const timer of record.timers) timer[Symbol.dispose]();
    const messageFile = record.config.mounts.find((mount) => mount.hostPath.includes("/message-"))?.hostPath;
    if (record.behaviour.message !== undefined && messageFile !== undefined)
      this.#deps.files.append(messageFile, encoder.encode(record.behaviour.message));
    const finishedAtMs = this.#deps.clock.now();
    record.status = {
      ...record.status,
      state: "exited",
      exitCode,
      reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
      finishedAtMs,
    };
    if (reason === "OOMKilled") this.#hint({ type: "oom", containerId: record.status.id });
    this.#hint({ type: "container-exited", containerId: record.status.id, exitCode, atMs: finishedAtMs });
    for (const told of record.ended.splice(0)) told();
  }

  async stopContainer(id: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void> {
    this.#check(`stopContainer ${timeoutSeconds}`);
    const record = this.#containers.get(id);
    if (record?.status.state !== "running") return;
    const stopAfterMs = record.behaviour.stopAfterMs ?? 0;
    const killed = stopAfterMs > timeoutSeconds * 1000;
    const ended = new Promise<void>((resolve) => record.ended.push(resolve));
    const delayMs = killed ? timeoutSeconds * 1000 : stopAfterMs;
    const end = (): void => this.#end(record, killed ? 137 : (record.behaviour.stopExitCode ?? 0));
    if (delayMs === 0) end();
    else record.timers.push(this.#deps.clock.after(delayMs, end));
    // The process ends although the caller gave up.
    let listening: Disposable | undefined;
    const aborted = new Promise<void>((_, reject) => {
      listening = signal && onAbort(signal, () => reject(signal.reason as Error));
    });
    await Promise.race([ended, aborted]).finally(() => listening?.[Symbol.dispose]());
  }

  async removeContainer(id: string): Promise<void> {
    this.#check("removeContainer");
    const record = this.#containers.get(id);
    if (!record) return;
    this.#end(record, 137);
    this.#containers.delete(id);
    this.#hint({ type: "container-removed", containerId: id });
  }

  async listContainers(filter: ContainerFilter = {}): Promise<readonly Container[]> {
    this.#check("listContainers");
    return [...this.#containers.values()].filter((record) => matches(record, filter)).map(toContainer);
  }
  async containerStatus(id: string): Promise<ContainerStatus> {
    this.#check("containerStatus");
    return this.#container(id).status;
  }
  async updateContainerResources(id: string): Promise<void> {
    this.#check("updateContainerResources");
    this.#container(id);
  }
  async reopenContainerLog(id: string): Promise<void> {
    this.#check("reopenContainerLog");
    this.#container(id);
  }

  async #outcome(id: string, command: readonly string[]): Promise<SimulatedOutcome> {
    const record = this.#container(id);
    if (record.status.state !== "running")
      throw new RuntimeError("unknown", `container is in CONTAINER_${record.status.state.toUpperCase()} state`);
    const scripted = record.behaviour.exec?.[command.join(" ")] ?? record.behaviour.exec?.["*"];
    if (scripted) return scripted;
    const { env, mounts } = record.config;
    return await runSimulatedCommand(command, {
      env,
      mounts,
      files: this.#deps.files,
      hostname: this.#sandbox(record.sandboxId).config.hostname,
    });
  }

  async execSync(id: string, command: readonly string[]): Promise<ExecResult> {
    this.#check(`execSync ${command.join(" ")}`);
    const { stdout = "", stderr = "", exitCode = 0 } = await this.#outcome(id, command);
    return { stdout: encoder.encode(stdout), stderr: encoder.encode(stderr), exitCode };
  }

  /** `cat` gives back its input; everything else answers and ends. */
  async exec(id: string, options: ExecOptions): Promise<ProcessSession> {
    this.#check(`exec ${options.command.join(" ")}`);
    if (options.stdin && options.command[0] === "cat") return echoSession();
    const { stdout = "", stderr = "", exitCode = 0 } = await this.#outcome(id, options.command);
    return finishedSession(stdout, stderr, exitCode, options.stdin);
  }

  /** What the container logged so far, then its end. */
  async attach(id: string, options: AttachOptions): Promise<ProcessSession> {
    this.#check("attach");
    const record = this.#container(id);
    const logged = (await this.#deps.files.readFile(record.status.logPath)) ?? new Uint8Array();
    const text = decoder
      .decode(logged)
      .split("\n")
      .map((line) => line.split(" ").slice(3).join(" "))
      .join("\n");
    const session = finishedSession(text, "", 0, options.stdin);
    if (record.status.state !== "running") return session;
    const exit = new Promise<number>((resolve) => record.ended.push(() => resolve(record.status.exitCode)));
    return { ...session, exit };
  }

  /** Every connection is an echo. */
  async portForward(sandboxId: string): Promise<PortForwardSession> {
    this.#check("portForward");
    const sandbox = this.#sandbox(sandboxId);
    return {
      connect: async (port) => {
        if (this.#runningIn(sandbox.status.id).some((record) => record.behaviour.closedPorts?.includes(port))) {
          throw new RuntimeError("unknown", `failed to connect to localhost:${port} inside namespace: connect: connection refused`);
        }
        return echoDuplex();
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async listContainerStats(filter: ContainerFilter = {}): Promise<readonly ContainerStats[]> {
    this.#check("listContainerStats");
    const timestampMs = this.#deps.clock.now();
    return [...this.#containers.values()]
      .filter((record) => record.status.state === "running" && matches(record, filter))
      .map(({ status, config }) => ({
        id: status.id,
        metadata: config.metadata,
        labels: config.labels,
        annotations: config.annotations,
        cpu: { timestampMs, usageCoreNanoSeconds: (timestampMs - status.startedAtMs) * 1e4 },
        memory: { timestampMs, workingSetBytes: 2 ** 24, usageBytes: 2 ** 24, rssBytes: 2 ** 23 },
      }));
  }

  async listImages(): Promise<readonly Image[]> {
    this.#check("listImages");
    return this.#images.list();
  }
  async imageStatus(image: string): Promise<Image | undefined> {
    this.#check(`imageStatus ${image}`);
    return this.#images.find(image);
  }
  async pullImage(image: string, auth: RegistryAuth | undefined, _sandbox?: SandboxConfig, signal?: AbortSignal): Promise<string> {
    this.#check(`pullImage ${image}`);
    await this.#take(this.#options.latencyMs?.pull, signal);
    const failure = this.#options.failPull?.(image, auth);
    if (failure !== undefined) throw new RuntimeError("unknown", failure);
    return this.#images.add(image).id;
  }
  async removeImage(image: string): Promise<void> {
    this.#check(`removeImage ${image}`);
    this.#images.remove(image);
  }
  async imageFilesystems(): Promise<readonly FilesystemUsage[]> {
    this.#check("imageFilesystems");
    return [{ timestampMs: this.#deps.clock.now(), mountpoint: "/", usedBytes: 0, inodesUsed: 0 }];
  }

  async *events(signal: AbortSignal): AsyncIterable<RuntimeHint> {
    const channel = new Channel<RuntimeHint>(10_000);
    this.#listeners.add(channel);
    using _ = onAbort(signal, () => channel.close());
    try {
      yield* channel;
    } finally {
      this.#listeners.delete(channel);
    }
  }
  /** A hint on its way counts as work, so that a virtual cluster does not look settled before it is heard. */
  #hint(hint: RuntimeHint): void {
    const held = (this.#deps.activity ?? uncounted).begin("a simulated runtime's hint");
    for (const listener of this.#listeners) listener.push(hint);
    void Promise.resolve().then(() => held[Symbol.dispose]());
  }

  #sandbox(id: string): SandboxRecord {
    const record = this.#sandboxes.get(id);
    if (!record) throw new RuntimeError("not-found", `an error occurred when try to find sandbox: not found: ${id}`);
    return record;
  }
  #container(id: string): ContainerRecord {
    const record = this.#containers.get(id);
    if (!record) throw new RuntimeError("not-found", `an error occurred when try to find container "${id}": not found`);
    return record;
  }
}

function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => labels[key] === value);
}

function matches({ status, sandboxId }: ContainerRecord, filter: ContainerFilter): boolean {
  if (filter.id && status.id !== filter.id) return false;
  if (filter.sandboxId && sandboxId !== filter.sandboxId) return false;
  return (!filter.state || status.state === filter.state) && hasLabels(status.labels, filter.labels);
}

function toContainer({ status, sandboxId, config }: ContainerRecord): Container {
  const { id, metadata, state, createdAtMs, labels, annotations, imageRef } = status;
  return { id, sandboxId, metadata, image: config.image.userSpecifiedImage, imageRef, state, createdAtMs, labels, annotations };
}
