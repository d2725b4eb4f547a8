// CRI messages to the kubelet's shapes and back. Pure, so that both directions are tested without a runtime.

import { sandboxImage } from "../../cluster/node-preparation/containerd-config.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type * as runtime from "../../kubelet/container-runtime.ts";
import { criEnums, criMessages } from "./cri-messages.ts";
import type { Decoded, Encoded } from "./message-table.ts";

type Messages = typeof criMessages;
type Enums = typeof criEnums;
export type CriSent<N extends keyof Messages> = Encoded<Messages, Enums, N>;
export type CriReceived<N extends keyof Messages> = Decoded<Messages, Enums, N>;

const namespaceModes = { pod: "POD", container: "CONTAINER", node: "NODE", target: "TARGET" } as const;
const profileTypes = { "runtime-default": "RuntimeDefault", unconfined: "Unconfined", localhost: "Localhost" } as const;
const propagations = {
  private: "PROPAGATION_PRIVATE",
  "host-to-container": "PROPAGATION_HOST_TO_CONTAINER",
  bidirectional: "PROPAGATION_BIDIRECTIONAL",
} as const;
const containerStates = {
  CONTAINER_CREATED: "created",
  CONTAINER_RUNNING: "running",
  CONTAINER_EXITED: "exited",
  CONTAINER_UNKNOWN: "unknown",
} as const;
const stateNames = {
  created: "CONTAINER_CREATED",
  running: "CONTAINER_RUNNING",
  exited: "CONTAINER_EXITED",
  unknown: "CONTAINER_UNKNOWN",
} as const;

const nanosToMs = (nanos: number): number => Math.floor(nanos / 1e6);
const whole = (value: number | undefined): { value: number } | undefined => (value === undefined ? undefined : { value });

function namespaces(options: runtime.NamespaceOptions): CriSent<"NamespaceOption"> {
  return {
    network: namespaceModes[options.network],
    pid: namespaceModes[options.pid],
    ipc: namespaceModes[options.ipc],
    target_id: options.targetId,
  };
}

function profile(value: runtime.SecurityProfile | undefined): CriSent<"SecurityProfile"> | undefined {
  return value && { profile_type: profileTypes[value.type], localhost_ref: value.localhostRef };
}

export function resourcesToCri(resources: runtime.LinuxResources): CriSent<"LinuxContainerResources"> {
  return {
    cpu_period: resources.cpuPeriod,
    cpu_quota: resources.cpuQuota,
    cpu_shares: resources.cpuShares,
    memory_limit_in_bytes: resources.memoryLimitBytes,
    oom_score_adj: resources.oomScoreAdj,
    cpuset_cpus: resources.cpusetCpus,
    cpuset_mems: resources.cpusetMems,
    hugepage_limits: resources.hugepageLimits?.map((limit) => ({ page_size: limit.pageSize, limit: limit.limitBytes })),
    unified: resources.unified,
  };
}

export function sandboxConfigToCri(config: runtime.SandboxConfig): CriSent<"PodSandboxConfig"> {
  const { security } = config;
  return {
    metadata: { ...config.metadata },
    hostname: config.hostname,
    log_directory: config.logDirectory,
    dns_config: config.dns && { servers: config.dns.servers, searches: config.dns.searches, options: config.dns.options },
    port_mappings: config.portMappings.map((port) => ({
      protocol: port.protocol,
      container_port: port.containerPort,
      host_port: port.hostPort,
      host_ip: port.hostIp,
    })),
    labels: config.labels,
    annotations: config.annotations,
    linux: {
      cgroup_parent: config.cgroupParent,
      sysctls: config.sysctls,
      resources: config.resources && resourcesToCri(config.resources),
      security_context: {
        namespace_options: namespaces(security.namespaces),
        privileged: security.privileged,
        readonly_rootfs: security.readonlyRootfs,
        run_as_user: whole(security.runAsUser),
        run_as_group: whole(security.runAsGroup),
        supplemental_groups: security.supplementalGroups,
        seccomp: profile(security.seccomp),
        selinux_options: security.seLinux,
      },
    },
  };
}

function signal(name: string | undefined): keyof Enums["Signal"] | undefined {
  if (name === undefined) return undefined;
  if (!Object.hasOwn(criEnums.Signal, name)) throw new RuntimeError("invalid", `unknown stop signal ${name}`);
  return name as keyof Enums["Signal"];
}

const encoder = new TextEncoder();

export function containerConfigToCri(config: runtime.ContainerConfig): CriSent<"ContainerConfig"> {
  const { security } = config;
  return {
    metadata: { ...config.metadata },
    image: { image: config.image.image, user_specified_image: config.image.userSpecifiedImage },
    command: config.command,
    args: config.args,
    working_dir: config.workingDir,
    envs: config.env.map(({ name, value }) => ({ key: name, value: encoder.encode(value) })),
    mounts: config.mounts.map((mount) => ({
      container_path: mount.containerPath,
      host_path: mount.hostPath,
      readonly: mount.readonly,
      propagation: propagations[mount.propagation],
      recursive_read_only: mount.recursiveReadOnly,
    })),
    devices: config.devices.map((device) => ({
      container_path: device.containerPath,
      host_path: device.hostPath,
      permissions: device.permissions,
    })),
    labels: config.labels,
    annotations: config.annotations,
    log_path: config.logPath,
    stdin: config.stdin,
    stdin_once: config.stdinOnce,
    tty: config.tty,
    stop_signal: signal(config.stopSignal),
    linux: {
      resources: resourcesToCri(config.resources),
      security_context: {
        capabilities: { add_capabilities: security.capabilities.add, drop_capabilities: security.capabilities.drop },
        privileged: security.privileged,
        namespace_options: namespaces(security.namespaces),
        selinux_options: security.seLinux,
        run_as_user: whole(security.runAsUser),
        run_as_group: whole(security.runAsGroup),
        run_as_username: security.runAsUserName,
        readonly_rootfs: security.readonlyRootfs,
        supplemental_groups: security.supplementalGroups,
        no_new_privs: security.noNewPrivileges,
        masked_paths: security.maskedPaths,
        readonly_paths: security.readonlyPaths,
        seccomp: profile(security.seccomp),
        apparmor: profile(security.appArmor),
      },
    },
  };
}

export function sandboxFilterToCri(filter: runtime.SandboxFilter | undefined): CriSent<"PodSandboxFilter"> | undefined {
  return (
    filter && {
      id: filter.id,
      state: filter.state && { state: filter.state === "ready" ? "SANDBOX_READY" : "SANDBOX_NOTREADY" },
      label_selector: filter.labels,
    }
  );
}

export function containerFilterToCri(filter: runtime.ContainerFilter | undefined): CriSent<"ContainerFilter"> | undefined {
  return (
    filter && {
      id: filter.id,
      pod_sandbox_id: filter.sandboxId,
      state: filter.state && { state: stateNames[filter.state] },
      label_selector: filter.labels,
    }
  );
}

const noSandboxMetadata = { name: "", uid: "", namespace: "", attempt: 0 };
const noContainerMetadata = { name: "", attempt: 0 };

export function sandboxFromCri(sandbox: CriReceived<"PodSandbox"> | CriReceived<"PodSandboxStatus">): runtime.Sandbox {
  return {
    id: sandbox.id,
    metadata: sandbox.metadata ?? noSandboxMetadata,
    state: sandbox.state === "SANDBOX_READY" ? "ready" : "not-ready",
    createdAtMs: nanosToMs(sandbox.created_at),
    labels: sandbox.labels,
    annotations: sandbox.annotations,
    runtimeHandler: sandbox.runtime_handler,
  };
}

export function sandboxStatusFromCri(status: CriReceived<"PodSandboxStatus">): runtime.SandboxStatus {
  const network = status.network;
  const ips = network === null ? [] : [network.ip, ...network.additional_ips.map((more) => more.ip)].filter((ip) => ip !== "");
  return { ...sandboxFromCri(status), ips };
}

export function containerFromCri(container: CriReceived<"Container">): runtime.Container {
  return {
    id: container.id,
    sandboxId: container.pod_sandbox_id,
    metadata: container.metadata ?? noContainerMetadata,
    image: container.image?.user_specified_image || container.image?.image || "",
    imageRef: container.image_ref,
    state: containerStates[container.state],
    createdAtMs: nanosToMs(container.created_at),
    labels: container.labels,
    annotations: container.annotations,
  };
}

export function containerStatusFromCri(status: CriReceived<"ContainerStatus">): runtime.ContainerStatus {
  return {
    id: status.id,
    metadata: status.metadata ?? noContainerMetadata,
    state: containerStates[status.state],
    createdAtMs: nanosToMs(status.created_at),
    startedAtMs: nanosToMs(status.started_at),
    finishedAtMs: nanosToMs(status.finished_at),
    exitCode: status.exit_code,
    image: status.image?.user_specified_image || status.image?.image || "",
    imageRef: status.image_ref,
    ...(status.image_id === "" ? {} : { imageId: status.image_id }),
    reason: status.reason,
    message: status.message,
    labels: status.labels,
    annotations: status.annotations,
    logPath: status.log_path,
    ...(status.stop_signal === "RUNTIME_DEFAULT" ? {} : { stopSignal: status.stop_signal }),
  };
}

function filesystemFromCri(usage: CriReceived<"FilesystemUsage">): runtime.FilesystemUsage {
  return {
    timestampMs: nanosToMs(usage.timestamp),
    mountpoint: usage.fs_id?.mountpoint ?? "",
    usedBytes: usage.used_bytes?.value ?? 0,
    inodesUsed: usage.inodes_used?.value ?? 0,
  };
}

export function filesystemsFromCri(usages: readonly CriReceived<"FilesystemUsage">[]): readonly runtime.FilesystemUsage[] {
  return usages.map(filesystemFromCri);
}

export function containerStatsFromCri(stats: CriReceived<"ContainerStats">): runtime.ContainerStats {
  const { attributes, cpu, memory, writable_layer: layer } = stats;
  return {
    id: attributes?.id ?? "",
    metadata: attributes?.metadata ?? noContainerMetadata,
    labels: attributes?.labels ?? {},
    annotations: attributes?.annotations ?? {},
    ...(cpu && { cpu: { timestampMs: nanosToMs(cpu.timestamp), usageCoreNanoSeconds: cpu.usage_core_nano_seconds?.value ?? 0 } }),
    ...(memory && {
      memory: {
        timestampMs: nanosToMs(memory.timestamp),
        workingSetBytes: memory.working_set_bytes?.value ?? 0,
        usageBytes: memory.usage_bytes?.value,
        availableBytes: memory.available_bytes?.value,
        rssBytes: memory.rss_bytes?.value,
        pageFaults: memory.page_faults?.value,
        majorPageFaults: memory.major_page_faults?.value,
      },
    }),
    // A zero time means that the runtime has not measured the layer yet.
    ...(layer && layer.timestamp > 0 && { writableLayer: filesystemFromCri(layer) }),
  };
}

export function imageFromCri(image: CriReceived<"Image">): runtime.Image {
  return {
    id: image.id,
    repoTags: image.repo_tags,
    repoDigests: image.repo_digests,
    sizeBytes: image.size,
    ...(image.uid && { uid: image.uid.value }),
    ...(image.username === "" ? {} : { username: image.username }),
    // containerd 1 pins nothing; without its sandbox image no pod starts any more, and no registry has it.
    pinned: image.pinned || image.repo_tags.includes(sandboxImage),
  };
}
