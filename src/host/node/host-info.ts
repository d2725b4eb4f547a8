// The kubelet's HostInfo from /proc, /sys and /etc.

import { readFile } from "node:fs/promises";
import * as os from "node:os";
import type { DnsConfig } from "../../kubelet/container-runtime.ts";
import type { HostFacts, HostInfo, HostLoad } from "../../kubelet/host-info.ts";

/** systemd-resolved's stub listens on the host's loopback, which no pod reaches; the real servers stand in its other file. */
const stubResolver = "127.0.0.53";
const resolvedFile = "/run/systemd/resolve/resolv.conf";
/** The unit of /proc/stat on every Linux that Node.js runs on. */
const ticksPerSecond = 100;
const goArchitectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

export interface HostInfoOptions {
  /** Instead of /etc/resolv.conf. */
  readonly resolvConf?: string;
}

export function createHostInfo(options: HostInfoOptions = {}): HostInfo {
  return {
    async facts(): Promise<HostFacts> {
      const [machineId, systemUuid, bootId, release, memory] = await Promise.all([
        readLine("/etc/machine-id"),
        readLine("/sys/class/dmi/id/product_uuid"),
        readLine("/proc/sys/kernel/random/boot_id"),
        readOr("/etc/os-release"),
        meminfo(),
      ]);
      return {
        machineId,
        systemUuid: systemUuid || machineId,
        bootId,
        kernelVersion: os.release(),
        osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? os.type(),
        operatingSystem: os.platform(),
        architecture: goArchitectures[os.arch()] ?? os.arch(),
        hostname: os.hostname(),
        cpus: os.cpus().length,
        memoryBytes: memory("MemTotal"),
        swapBytes: memory("SwapTotal"),
      };
    },

    async load(): Promise<HostLoad> {
      const [stat, memory, loadavg, pidMax, threadsMax] = await Promise.all([
        readFile("/proc/stat", "utf8"),
        meminfo(),
        readLine("/proc/loadavg"),
        readLine("/proc/sys/kernel/pid_max"),
        readLine("/proc/sys/kernel/threads-max"),
      ]);
      const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] =
        /^cpu +(.*)$/m.exec(stat)?.[1]?.split(" ").map(Number) ?? [];
      const usage = memory("MemTotal") - memory("MemFree");
      // As Kubernetes counts it: what cannot be dropped at once.
      const workingSet = Math.max(0, usage - memory("Inactive(file)"));
      return {
        timestampMs: Date.now(),
        cpuNanoSeconds: ((user + nice + system + irq + softirq + steal) * 1e9) / ticksPerSecond,
        memoryAvailableBytes: memory("MemTotal") - workingSet,
        memoryUsageBytes: usage,
        memoryWorkingSetBytes: workingSet,
        memoryRssBytes: memory("AnonPages"),
        processes: Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0),
        maxProcesses: Math.min(Number(pidMax || Infinity), Number(threadsMax || Infinity)),
        startedAtMs: Number(/^btime (\d+)$/m.exec(stat)?.[1] ?? 0) * 1000,
      };
    },

    async resolvers(): Promise<DnsConfig> {
      const config = parseResolvConf(await readOr(options.resolvConf ?? "/etc/resolv.conf"));
      if (options.resolvConf !== undefined || !config.servers.includes(stubResolver)) return config;
      const real = parseResolvConf(await readOr(resolvedFile));
      return real.servers.length > 0 ? real : config;
    },

    hostsFile: () => readOr("/etc/hosts"),
  };
}

/** As resolv.conf(5) has it: of `search` and `domain` the last one counts. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    if (keyword === "search") searches = values;
    if (keyword === "domain") searches = values.slice(0, 1);
    if (keyword === "options") options.push(...values);
  }
  return { servers, searches: searches.filter((domain) => domain !== "."), options };
}

async function readOr(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (["ENOENT", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return "";
    throw error;
  }
}

async function readLine(path: string): Promise<string> {
  return (await readOr(path)).trim();
}

async function meminfo(): Promise<(name: string) => number> {
  const text = await readFile("/proc/meminfo", "utf8");
  const table = new Map([...text.matchAll(/^(\S+): +(\d+) kB$/gm)].map(([, name, kib]) => [name!, Number(kib) * 1024]));
  return (name) => table.get(name) ?? 0;
}
