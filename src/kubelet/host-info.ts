// What the kubelet reports about the machine that it runs on.

import type { DnsConfig } from "./container-runtime.ts";

export interface HostFacts {
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  /** `uname -r` */
  readonly kernelVersion: string;
  /** "Debian GNU/Linux 12 (bookworm)" */
  readonly osImage: string;
  /** As Go names it: "linux". */
  readonly operatingSystem: string;
  /** As Go names it: "amd64", "arm64". */
  readonly architecture: string;
  readonly hostname: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly swapBytes: number;
}

/** What changes from moment to moment. */
export interface HostLoad {
  readonly timestampMs: number;
  readonly cpuNanoSeconds: number;
  readonly memoryAvailableBytes: number;
  readonly memoryUsageBytes: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryRssBytes: number;
  readonly processes: number;
  readonly maxProcesses: number;
  readonly startedAtMs: number;
}

export interface HostInfo {
  facts(): Promise<HostFacts>;
  load(): Promise<HostLoad>;
  /** The resolvers of the host's own /etc/resolv.conf (or of the file it was told to use), read anew. */
  resolvers(): Promise<DnsConfig>;
  /** The host's /etc/hosts, for pods on its network; "" when there is none. */
  hostsFile(): Promise<string>;
}
