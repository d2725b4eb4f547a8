// Everything that a kubelet needs of a machine, in memory: `{...createSimulatedNode(...)}` goes straight into createKubelet.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import { randomUuid } from "../base/random.ts";
import type { CgroupLimits, Cgroups } from "../kubelet/cgroups.ts";
import type { DnsConfig } from "../kubelet/container-runtime.ts";
import type { HostFacts, HostInfo, HostLoad } from "../kubelet/host-info.ts";
import type { ProbeDial } from "../kubelet/probe-dial.ts";
import { SimulatedFiles } from "./simulated-files.ts";
import type { SimulatedRuntimeOptions } from "./simulated-runtime.ts";
import { SimulatedRuntime } from "./simulated-runtime.ts";

export interface SimulatedNodeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly activity?: Activity;
}

export interface SimulatedNodeOptions extends SimulatedRuntimeOptions {
  readonly name: string;
  /** Default 4. */
  readonly cpus?: number;
  /** Default 16 GiB. */
  readonly memoryBytes?: number;
}

export interface SimulatedNode {
  readonly runtime: SimulatedRuntime;
  readonly files: SimulatedFiles;
  readonly cgroups: SimulatedCgroups;
  readonly hostInfo: HostInfo;
  readonly probeDial: ProbeDial;
}

export function createSimulatedNode(deps: SimulatedNodeDeps, options: SimulatedNodeOptions): SimulatedNode {
  const files = new SimulatedFiles(deps.clock);
  const runtime = new SimulatedRuntime({ ...deps, files }, options);
  return { runtime, files, cgroups: new SimulatedCgroups(), hostInfo: simulatedHost(deps, options), probeDial: simulatedDial(runtime) };
}

/** Remembers groups and their limits. */
class SimulatedCgroups implements Cgroups {
  readonly version = 2;
  readonly groups = new Map<string, CgroupLimits>();

  async ensure(path: string, limits: CgroupLimits): Promise<void> {
    this.groups.set(path, limits);
  }
  async remove(path: string): Promise<void> {
    this.groups.delete(path);
  }
  async list(path: string): Promise<readonly string[]> {
    const below = [...this.groups.keys()]
      .filter((key) => key.startsWith(`${path}/`))
      .map((key) => key.slice(path.length + 1).split("/")[0]!);
    return [...new Set(below)];
  }
  async usage(): Promise<undefined> {
    return undefined;
  }
}

function simulatedHost({ clock, random }: SimulatedNodeDeps, options: SimulatedNodeOptions): HostInfo {
  const memoryBytes = options.memoryBytes ?? 16 * 2 ** 30;
  const startedAtMs = clock.now();
  const facts: HostFacts = {
    machineId: randomUuid(random).replaceAll("-", ""),
    systemUuid: randomUuid(random),
    bootId: randomUuid(random),
    kernelVersion: "6.12.0-simulated",
    osImage: "Timonier simulated node",
    operatingSystem: "linux",
    architecture: "amd64",
    hostname: options.name,
    cpus: options.cpus ?? 4,
    memoryBytes,
    swapBytes: 0,
  };
  const resolvers: DnsConfig = { servers: ["192.0.2.53"], searches: [], options: [] };
  return {
    facts: async () => facts,
    load: async (): Promise<HostLoad> => ({
      timestampMs: clock.now(),
      cpuNanoSeconds: (clock.now() - startedAtMs) * 1e5,
      memoryAvailableBytes: memoryBytes * 0.75,
      memoryUsageBytes: memoryBytes * 0.25,
      memoryWorkingSetBytes: memoryBytes * 0.25,
      memoryRssBytes: memoryBytes * 0.2,
      processes: 100,
      maxProcesses: 32_768,
      startedAtMs,
    }),
    resolvers: async () => resolvers,
    hostsFile: async () => `127.0.0.1\tlocalhost\n192.0.2.1\t${options.name}\n`,
  };
}

function simulatedDial(runtime: SimulatedRuntime): ProbeDial {
  const open = (host: string, port: number) => {
    const behaviours = runtime.behavioursAt(host);
    if (behaviours.length === 0 || behaviours.some((behaviour) => behaviour.closedPorts?.includes(port))) {
      throw new Error(`dial tcp ${host}:${port}: connect: connection refused`);
    }
    return behaviours;
  };
  return {
    http: async ({ host, port, target }) => {
      const behaviours = open(host, port);
      const key = `${port}${target.split("?")[0]}`;
      const status = behaviours
        .map((behaviour) => behaviour.http?.[key] ?? behaviour.http?.["*"])
        .find((candidate) => candidate !== undefined);
      return { status: status ?? 200, headers: {}, body: new Uint8Array() };
    },
    tcp: async (host, port) => void open(host, port),
    grpc: async (host, port) => {
      open(host, port);
      return "SERVING";
    },
  };
}
