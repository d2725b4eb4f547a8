// What runs containers, as the kubelet sees it: the Container Runtime Interface (CRI v1) in TypeScript shapes. The host
// speaks it to containerd over gRPC; a simulated runtime implements it in memory. Shapes follow CRI's messages, with times in
// milliseconds since the epoch and closed unions instead of numbers.

import type { Duplex } from "../wire/exchange.ts";

/** What went wrong, as far as the kubelet acts on it. */
export type RuntimeErrorCode =
  /** No such sandbox, container or image. */
  | "not-found"
  /** The runtime cannot be reached or does not answer yet: nothing is known about its containers. */
  | "unavailable"
  /** The call's own deadline passed (execSync). */
  | "timeout"
  /** The request is refused as malformed (an image reference that does not parse). */
  | "invalid"
  | "already-exists"
  | "unknown";

/** A call that the runtime refused or could not answer. The message is the runtime's own text. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly code: RuntimeErrorCode;
  constructor(code: RuntimeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface RuntimeVersion {
  /** "containerd" */
  readonly runtimeName: string;
  /** "1.6.20" */
  readonly runtimeVersion: string;
  /** "v1" */
  readonly runtimeApiVersion: string;
}

export interface RuntimeStatus {
  /** `RuntimeReady` and `NetworkReady`, and whatever else the runtime reports. */
  readonly conditions: readonly { readonly type: string; readonly status: boolean; readonly reason: string; readonly message: string }[];
}

export type NamespaceMode = "pod" | "container" | "node" | "target";

export interface NamespaceOptions {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  /** With pid "target": the container whose process namespace is joined. */
  readonly targetId?: string;
}

export interface SecurityProfile {
  readonly type: "runtime-default" | "unconfined" | "localhost";
  /** With "localhost": the profile's name or path. */
  readonly localhostRef?: string;
}

export interface SeLinuxOptions {
  readonly user?: string;
  readonly role?: string;
  readonly type?: string;
  readonly level?: string;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
}

export interface LinuxResources {
  /** Microseconds; 0 or absent: the runtime's default. */
  readonly cpuPeriod?: number;
  /** Microseconds per period; -1: no limit. */
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitBytes?: number;
  readonly oomScoreAdj?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limitBytes: number }[];
  /** cgroup v2 files and their values. */
  readonly unified?: Readonly<Record<string, string>>;
}

export interface SandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  /** Grows by one for each further sandbox of the same pod. */
  readonly attempt: number;
}

export interface SandboxConfig {
  readonly metadata: SandboxMetadata;
  /** "" for pods on the host's network. */
  readonly hostname: string;
  /** Directory in which the logs of the pod's containers lie. */
  readonly logDirectory: string;
  /** Absent: the runtime gives containers the host's resolv.conf. */
  readonly dns?: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Parent of the containers' control groups; "" leaves it to the runtime. */
  readonly cgroupParent: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly security: SandboxSecurity;
  /** Sum of the containers' resources, for runtimes that size the sandbox. */
  readonly resources?: LinuxResources;
}

export interface SandboxSecurity {
  readonly namespaces: NamespaceOptions;
  readonly privileged: boolean;
  readonly readonlyRootfs: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly seccomp?: SecurityProfile;
  readonly seLinux?: SeLinuxOptions;
}

export interface Sandbox {
  readonly id: string;
  readonly metadata: SandboxMetadata;
  readonly state: "ready" | "not-ready";
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly runtimeHandler: string;
}

export interface SandboxStatus extends Sandbox {
  /** Addresses of the pod, the preferred family first; empty on the host's network. */
  readonly ips: readonly string[];
}

export type MountPropagation = "private" | "host-to-container" | "bidirectional";

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly: boolean;
  readonly propagation: MountPropagation;
  readonly recursiveReadOnly?: boolean;
}

export interface ContainerMetadata {
  readonly name: string;
  /** The container's restart count. */
  readonly attempt: number;
}

export interface ContainerSecurity {
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly privileged: boolean;
  readonly namespaces: NamespaceOptions;
  readonly runAsUser?: number;
  readonly runAsUserName?: string;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  readonly readonlyRootfs: boolean;
  readonly noNewPrivileges: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly seccomp?: SecurityProfile;
  readonly appArmor?: SecurityProfile;
  readonly seLinux?: SeLinuxOptions;
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata;
  /** What the pod asks for, and the image's id that the runtime resolved it to. */
  readonly image: { readonly image: string; readonly userSpecifiedImage: string };
  /** Empty: the image's entry point. */
  readonly command: readonly string[];
  /** Empty: the image's arguments, unless `command` is given. */
  readonly args: readonly string[];
  /** "": the image's. */
  readonly workingDir: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly { readonly containerPath: string; readonly hostPath: string; readonly permissions: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Relative to the sandbox's log directory. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly resources: LinuxResources;
  readonly security: ContainerSecurity;
  /** "SIGUSR1"; absent: the image's stop signal. */
  readonly stopSignal?: string;
}

export type ContainerState = "created" | "running" | "exited" | "unknown";

export interface Container {
  readonly id: string;
  readonly sandboxId: string;
  readonly metadata: ContainerMetadata;
  /** What the container was created from, as asked for. */
  readonly image: string;
  readonly imageRef: string;
  readonly state: ContainerState;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerStatus {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly state: ContainerState;
  readonly createdAtMs: number;
  /** 0 when never. */
  readonly startedAtMs: number;
  /** 0 when never. */
  readonly finishedAtMs: number;
  readonly exitCode: number;
  readonly image: string;
  /** Repository and digest when known ("docker.io/library/nginx@sha256:..."), else the image's id. */
  readonly imageRef: string;
  readonly imageId?: string;
  /** "Completed", "Error", "OOMKilled", "ContainerCannotRun", ...; only meaningful when exited. */
  readonly reason: string;
  readonly message: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absolute path of the log file. */
  readonly logPath: string;
  readonly stopSignal?: string;
}

export interface SandboxFilter {
  readonly id?: string;
  readonly state?: Sandbox["state"];
  readonly labels?: Readonly<Record<string, string>>;
}
export interface ContainerFilter {
  readonly id?: string;
  readonly sandboxId?: string;
  readonly state?: ContainerState;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ExecResult {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Never together with tty. */
  readonly stderr: boolean;
}
export type AttachOptions = Omit<ExecOptions, "command">;

/** Where bytes for a process go. */
export interface StreamWriter {
  /** Resolves when more can be taken. Rejects once the process is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** End of input: the process reads end-of-file. */
  end(): void;
}

/** A process whose streams are in our hands. Disposing it closes every stream; an exec'd process goes on or ends as the runtime decides. */
export interface ProcessSession extends AsyncDisposable {
  /** Present when asked for. */
  readonly stdin?: StreamWriter;
  /** Ends when the process closes it; empty when not asked for. Iterate once. */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Terminal size in characters; nothing happens without a terminal. */
  resize(width: number, height: number): void;
  /** The exit code, once output has ended too. Rejects with RuntimeError when the session broke or could not start. */
  readonly exit: Promise<number>;
}

/** Connections into the network namespace of one sandbox. */
export interface PortForwardSession extends AsyncDisposable {
  /** A connection to the port on the sandbox's loopback. @throws RuntimeError with the runtime's text ("connection refused") */
  connect(port: number): Promise<Duplex>;
}

export interface ContainerStats {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly cpu?: { readonly timestampMs: number; readonly usageCoreNanoSeconds: number };
  readonly memory?: {
    readonly timestampMs: number;
    readonly workingSetBytes: number;
    readonly usageBytes?: number;
    readonly availableBytes?: number;
    readonly rssBytes?: number;
    readonly pageFaults?: number;
    readonly majorPageFaults?: number;
  };
  readonly writableLayer?: FilesystemUsage;
}

export interface FilesystemUsage {
  readonly timestampMs: number;
  readonly mountpoint: string;
  readonly usedBytes: number;
  readonly inodesUsed: number;
}

export interface Image {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly sizeBytes: number;
  /** Numeric user of the image's configuration. */
  readonly uid?: number;
  /** User by name; with `uid` absent, a container that must not run as root cannot be checked. */
  readonly username?: string;
  /** Never removed by garbage collection. */
  readonly pinned: boolean;
}

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  /** base64 of "user:password". */
  readonly auth?: string;
  /** Leave empty: containerd sends credentials only when this equals the host that it really asks, a mirror included. */
  readonly serverAddress?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
}

/**
 * Something may have changed: look again. Hints may be lost, repeated or late; nothing rests on them but speed.
 * "connected": the runtime answers (again); re-list everything.
 */
export type RuntimeHint =
  | { readonly type: "container-exited"; readonly containerId: string; readonly exitCode?: number; readonly atMs?: number }
  | { readonly type: "container-started"; readonly containerId: string }
  | { readonly type: "container-removed"; readonly containerId: string }
  | { readonly type: "sandbox-exited"; readonly sandboxId: string }
  | { readonly type: "oom"; readonly containerId: string }
  | { readonly type: "connected" }
  | { readonly type: "disconnected" };

/**
 * The runtime. Every method throws RuntimeError. Stop and remove calls on what is already stopped or gone succeed.
 * The signal gives a call up; what it had begun may still take effect.
 */
export interface ContainerRuntime {
  version(signal?: AbortSignal): Promise<RuntimeVersion>;
  status(signal?: AbortSignal): Promise<RuntimeStatus>;

  /** Creates and starts a sandbox with its network. Returns its id. `runtimeHandler` "" is the default. */
  runSandbox(config: SandboxConfig, runtimeHandler: string, signal?: AbortSignal): Promise<string>;
  /** Kills what still runs in it and takes its network down. */
  stopSandbox(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes the sandbox and its containers. */
  removeSandbox(id: string, signal?: AbortSignal): Promise<void>;
  sandboxStatus(id: string, signal?: AbortSignal): Promise<SandboxStatus>;
  listSandboxes(filter?: SandboxFilter, signal?: AbortSignal): Promise<readonly Sandbox[]>;

  /** Returns the new container's id. `sandboxConfig` is what the sandbox was made from. */
  createContainer(sandboxId: string, config: ContainerConfig, sandboxConfig: SandboxConfig, signal?: AbortSignal): Promise<string>;
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Sends the stop signal, waits up to `timeoutSeconds`, kills. 0 kills at once. Resolves when the container has stopped. */
  stopContainer(id: string, timeoutSeconds: number, signal?: AbortSignal): Promise<void>;
  removeContainer(id: string, signal?: AbortSignal): Promise<void>;
  listContainers(filter?: ContainerFilter, signal?: AbortSignal): Promise<readonly Container[]>;
  containerStatus(id: string, signal?: AbortSignal): Promise<ContainerStatus>;
  updateContainerResources(id: string, resources: LinuxResources, signal?: AbortSignal): Promise<void>;
  /** Opens the container's log file anew after it was rotated away. */
  reopenContainerLog(id: string, signal?: AbortSignal): Promise<void>;

  /** Runs a command to its end; `timeoutSeconds` 0 waits for ever. @throws RuntimeError "timeout" */
  execSync(id: string, command: readonly string[], timeoutSeconds: number, signal?: AbortSignal): Promise<ExecResult>;
  exec(id: string, options: ExecOptions, signal: AbortSignal): Promise<ProcessSession>;
  attach(id: string, options: AttachOptions, signal: AbortSignal): Promise<ProcessSession>;
  portForward(sandboxId: string, signal: AbortSignal): Promise<PortForwardSession>;

  listContainerStats(filter?: ContainerFilter, signal?: AbortSignal): Promise<readonly ContainerStats[]>;

  listImages(signal?: AbortSignal): Promise<readonly Image[]>;
  /** Undefined when the image is not here. */
  imageStatus(image: string, signal?: AbortSignal): Promise<Image | undefined>;
  /** Returns the image's reference (its id or digest). */
  pullImage(image: string, auth: RegistryAuth | undefined, sandboxConfig: SandboxConfig | undefined, signal?: AbortSignal): Promise<string>;
  removeImage(image: string, signal?: AbortSignal): Promise<void>;
  imageFilesystems(signal?: AbortSignal): Promise<readonly FilesystemUsage[]>;

  /** Hints until the signal aborts. Reconnects by itself and then says "connected". */
  events(signal: AbortSignal): AsyncIterable<RuntimeHint>;
}
