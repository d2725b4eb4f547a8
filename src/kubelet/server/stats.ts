// What containers, pods and the node use: the summary API, and the metrics that a metrics server reads.

import { formatTime } from "../../base/clock.ts";
import type { ContainerStats } from "../container-runtime.ts";
import type { FilesystemSpace } from "../files.ts";
import type { HostLoad } from "../host-info.ts";
import { containerNameLabel } from "../labels.ts";
import { identityOf } from "../observed.ts";
import type { PodIdentity } from "../observed.ts";

export interface StatsInputs {
  readonly nodeName: string;
  readonly load: HostLoad;
  readonly disk: FilesystemSpace;
  readonly containers: readonly ContainerStats[];
  /** When each container started, by id. */
  readonly startedAtMs: ReadonlyMap<string, number>;
  /** CPU use since the sample before, by container id; "" is the node. */
  readonly nanoCores: ReadonlyMap<string, number>;
}

interface PodStats {
  readonly identity: PodIdentity;
  readonly containers: ContainerStats[];
}

function byPod(containers: readonly ContainerStats[]): readonly PodStats[] {
  const pods = new Map<string, PodStats>();
  for (const stats of containers) {
    const identity = identityOf(stats.labels);
    if (!identity) continue;
    const known = pods.get(identity.uid);
    if (known) known.containers.push(stats);
    else pods.set(identity.uid, { identity, containers: [stats] });
  }
  return [...pods.values()];
}

const cpuOf = (stats: ContainerStats, inputs: StatsInputs) =>
  stats.cpu && {
    time: formatTime(stats.cpu.timestampMs),
    usageNanoCores: inputs.nanoCores.get(stats.id) ?? 0,
    usageCoreNanoSeconds: stats.cpu.usageCoreNanoSeconds,
  };

const memoryOf = (stats: ContainerStats) =>
  stats.memory && {
    time: formatTime(stats.memory.timestampMs),
    usageBytes: stats.memory.usageBytes ?? stats.memory.workingSetBytes,
    workingSetBytes: stats.memory.workingSetBytes,
    rssBytes: stats.memory.rssBytes ?? 0,
    pageFaults: stats.memory.pageFaults ?? 0,
    majorPageFaults: stats.memory.majorPageFaults ?? 0,
  };

const sum = <T>(items: readonly T[], of: (item: T) => number | undefined): number =>
  items.reduce((total, item) => total + (of(item) ?? 0), 0);

/** stats.k8s.io/v1alpha1 Summary, as /stats/summary answers. */
export function statsSummary(inputs: StatsInputs): unknown {
  const { load, disk, nodeName } = inputs;
  const fs = {
    time: formatTime(load.timestampMs),
    availableBytes: disk.availableBytes,
    capacityBytes: disk.capacityBytes,
    usedBytes: disk.capacityBytes - disk.availableBytes,
    inodesFree: disk.inodesFree,
    inodes: disk.inodes,
  };
  return {
    node: {
      nodeName,
      startTime: formatTime(load.startedAtMs),
      cpu: { time: formatTime(load.timestampMs), usageNanoCores: inputs.nanoCores.get("") ?? 0, usageCoreNanoSeconds: load.cpuNanoSeconds },
      memory: {
        time: formatTime(load.timestampMs),
        availableBytes: load.memoryAvailableBytes,
        usageBytes: load.memoryUsageBytes,
        workingSetBytes: load.memoryWorkingSetBytes,
        rssBytes: load.memoryRssBytes,
        pageFaults: 0,
        majorPageFaults: 0,
      },
      fs,
      rlimit: { time: formatTime(load.timestampMs), maxpid: load.maxProcesses, curproc: load.processes },
    },
    pods: byPod(inputs.containers).map(({ identity, containers }) => ({
      podRef: identity,
      startTime: formatTime(Math.min(...containers.map((stats) => inputs.startedAtMs.get(stats.id) ?? load.timestampMs))),
      containers: containers.map((stats) => ({
        name: stats.labels[containerNameLabel] ?? stats.metadata.name,
        startTime: formatTime(inputs.startedAtMs.get(stats.id) ?? load.timestampMs),
        cpu: cpuOf(stats, inputs),
        memory: memoryOf(stats),
        ...(stats.writableLayer && {
          rootfs: {
            time: formatTime(stats.writableLayer.timestampMs),
            usedBytes: stats.writableLayer.usedBytes,
            inodesUsed: stats.writableLayer.inodesUsed,
          },
        }),
      })),
      cpu: {
        time: formatTime(load.timestampMs),
        usageNanoCores: sum(containers, (stats) => inputs.nanoCores.get(stats.id)),
        usageCoreNanoSeconds: sum(containers, (stats) => stats.cpu?.usageCoreNanoSeconds),
      },
      memory: {
        time: formatTime(load.timestampMs),
        workingSetBytes: sum(containers, (stats) => stats.memory?.workingSetBytes),
        usageBytes: sum(containers, (stats) => stats.memory?.usageBytes),
      },
    })),
  };
}

/** Text exposition with the names of Kubernetes' resource metrics. */
export function resourceMetrics(inputs: StatsInputs): string {
  const lines: string[] = [];
  const family = (name: string, type: string, help: string, samples: readonly (readonly [string, number, number])[]): void => {
    if (samples.length === 0) return;
    lines.push(`# HELP ${name} [STABLE] ${help}`, `# TYPE ${name} ${type}`);
    for (const [labels, value, atMs] of samples) lines.push(`${name}${labels === "" ? "" : `{${labels}}`} ${value} ${atMs}`);
  };
  const pods = byPod(inputs.containers);
  const containers = pods.flatMap(({ identity, containers: of }) =>
    of.map((stats) => ({
      stats,
      labels: `container="${stats.labels[containerNameLabel] ?? ""}",namespace="${identity.namespace}",pod="${identity.name}"`,
    })),
  );
  const podLabels = ({ identity }: PodStats): string => `namespace="${identity.namespace}",pod="${identity.name}"`;
  const { load } = inputs;
  family(
    "container_cpu_usage_seconds_total",
    "counter",
    "Cumulative cpu time consumed by the container in core-seconds",
    containers.flatMap(({ stats, labels }) =>
      stats.cpu ? [[labels, stats.cpu.usageCoreNanoSeconds / 1e9, stats.cpu.timestampMs] as const] : [],
    ),
  );
  family(
    "container_memory_working_set_bytes",
    "gauge",
    "Current working set of the container in bytes",
    containers.flatMap(({ stats, labels }) =>
      stats.memory ? [[labels, stats.memory.workingSetBytes, stats.memory.timestampMs] as const] : [],
    ),
  );
  family(
    "container_start_time_seconds",
    "gauge",
    "Start time of the container since unix epoch in seconds",
    containers.map(
      ({ stats, labels }) => [labels, (inputs.startedAtMs.get(stats.id) ?? load.timestampMs) / 1000, load.timestampMs] as const,
    ),
  );
  family("node_cpu_usage_seconds_total", "counter", "Cumulative cpu time consumed by the node in core-seconds", [
    ["", load.cpuNanoSeconds / 1e9, load.timestampMs],
  ]);
  family("node_memory_working_set_bytes", "gauge", "Current working set of the node in bytes", [
    ["", load.memoryWorkingSetBytes, load.timestampMs],
  ]);
  family(
    "pod_cpu_usage_seconds_total",
    "counter",
    "Cumulative cpu time consumed by the pod in core-seconds",
    pods.map((pod) => [podLabels(pod), sum(pod.containers, (stats) => stats.cpu?.usageCoreNanoSeconds) / 1e9, load.timestampMs] as const),
  );
  family(
    "pod_memory_working_set_bytes",
    "gauge",
    "Current working set of the pod in bytes",
    pods.map((pod) => [podLabels(pod), sum(pod.containers, (stats) => stats.memory?.workingSetBytes), load.timestampMs] as const),
  );
  family("scrape_error", "gauge", "1 if there was an error while getting container metrics, 0 otherwise", [["", 0, load.timestampMs]]);
  return `${lines.join("\n")}\n`;
}

/** CPU use from two samples: the runtime's own figure is not reliable. */
export class CpuSamples {
  readonly #last = new Map<string, { readonly atMs: number; readonly nanoSeconds: number; readonly nanoCores: number }>();

  /** Nano-cores since the sample before; the former figure when too little time has passed. */
  add(key: string, atMs: number, nanoSeconds: number): number {
    const before = this.#last.get(key);
    const passedMs = before ? atMs - before.atMs : 0;
    if (before && passedMs < 1000) return before.nanoCores;
    const nanoCores = before ? Math.max(Math.round(((nanoSeconds - before.nanoSeconds) / passedMs) * 1000), 0) : 0;
    this.#last.set(key, { atMs, nanoSeconds, nanoCores });
    return nanoCores;
  }
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#last.keys()) if (!keys.has(key)) this.#last.delete(key);
  }
}
