// The kubelet's Cgroups on a real machine. Version 1 has one directory per hierarchy, version 2 one in all; a hybrid machine is
// used as version 1, and its unified tree is only cleaned up, because runc makes directories there too.

import { constants } from "node:fs";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import type { CgroupLimits, Cgroups, CgroupUsage } from "../../kubelet/cgroups.ts";
import type { MountEntry } from "./mount-table.ts";
import { readMounts } from "./mount-table.ts";

/** Killed processes leave their group a moment later. */
const removeTries = 50;
const removeStepMs = 20;

interface Trees {
  /** Controller name -> mount point of its hierarchy, version 1. */
  readonly controllers: ReadonlyMap<string, string>;
  /** Every version 1 hierarchy once. */
  readonly hierarchies: readonly string[];
  readonly unified?: string;
}

function treesOf(mounts: readonly MountEntry[]): Trees {
  const controllers = new Map<string, string>();
  const hierarchies = new Set<string>();
  let unified: string | undefined;
  for (const { fsType, mountPoint, superOptions } of mounts) {
    if (fsType === "cgroup2") unified ??= mountPoint;
    if (fsType !== "cgroup") continue;
    hierarchies.add(mountPoint);
    for (const option of superOptions.split(",")) if (!controllers.has(option)) controllers.set(option, mountPoint);
  }
  return { controllers, hierarchies: [...hierarchies], unified };
}

/** Finds out what the machine has, and whether we may write it. */
export async function openCgroups(): Promise<Cgroups> {
  const trees = treesOf(await readMounts());
  const memory = trees.controllers.get("memory");
  if (memory !== undefined) return (await writable(memory)) ? new CgroupsV1(trees) : noCgroups;
  if (trees.unified !== undefined && (await writable(trees.unified))) return new CgroupsV2(trees.unified);
  return noCgroups;
}

async function writable(directory: string): Promise<boolean> {
  return await fs.access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
}

const noCgroups: Cgroups = {
  version: "none",
  ensure: async () => undefined,
  remove: async () => undefined,
  list: async () => [],
  usage: async () => undefined,
};

class CgroupsV1 implements Cgroups {
  readonly version = 1;
  readonly #trees: Trees;

  constructor(trees: Trees) {
    this.#trees = trees;
  }

  async ensure(path: string, limits: CgroupLimits): Promise<void> {
    check(path);
    await Promise.all(this.#trees.hierarchies.map((hierarchy) => fs.mkdir(join(hierarchy, path), { recursive: true })));
    const write = async (controller: string, file: string, value: number | undefined): Promise<void> => {
      const hierarchy = this.#trees.controllers.get(controller);
      if (hierarchy !== undefined && value !== undefined) await writeValue(join(hierarchy, path, file), value);
    };
    await write("cpu", "cpu.shares", limits.cpuShares);
    await write("cpu", "cpu.cfs_period_us", limits.cpuPeriod);
    await write("cpu", "cpu.cfs_quota_us", limits.cpuQuota);
    await write("memory", "memory.limit_in_bytes", limits.memoryBytes);
    const pids = this.#trees.controllers.get("pids");
    if (pids !== undefined && limits.pidsMax !== undefined) {
      await writeValue(join(pids, path, "pids.max"), limits.pidsMax < 0 ? "max" : limits.pidsMax);
    }
  }

  async remove(path: string): Promise<void> {
    check(path);
    const { hierarchies, unified } = this.#trees;
    const roots = unified === undefined ? hierarchies : [...hierarchies, unified];
    await removeGroups(roots.map((root) => join(root, path)));
  }

  async list(path: string): Promise<readonly string[]> {
    check(path, true);
    const names = await Promise.all(this.#trees.hierarchies.map((hierarchy) => directories(join(hierarchy, path))));
    return [...new Set(names.flat())].toSorted();
  }

  async usage(path: string): Promise<CgroupUsage | undefined> {
    check(path, true);
    const at = (controller: string, file: string): string => join(this.#trees.controllers.get(controller) ?? "/nonexistent", path, file);
    const [cpu, memory, stat, pids] = await Promise.all([
      readNumber(at("cpuacct", "cpuacct.usage")),
      readNumber(at("memory", "memory.usage_in_bytes")),
      readTable(at("memory", "memory.stat")),
      readNumber(at("pids", "pids.current")),
    ]);
    if (memory === undefined || stat === undefined) return undefined;
    return {
      timestampMs: Date.now(),
      cpuNanoSeconds: cpu ?? 0,
      memoryUsageBytes: memory,
      memoryWorkingSetBytes: Math.max(0, memory - (stat.get("total_inactive_file") ?? 0)),
      memoryRssBytes: stat.get("total_rss") ?? 0,
      processes: pids,
    };
  }
}

/** Exported for tests on hybrid machines, where the unified tree has no controllers. */
export class CgroupsV2 implements Cgroups {
  readonly version = 2;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async ensure(path: string, limits: CgroupLimits): Promise<void> {
    check(path);
    const available = (await readText(join(this.#root, "cgroup.controllers")))?.trim().split(" ") ?? [];
    const wanted = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"].filter((name) => available.includes(name));
    let directory = this.#root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      // A group has a controller when its parent passes it on.
      const passed = (await readText(join(directory, "cgroup.subtree_control")))?.trim().split(" ") ?? [];
      const missing = wanted.filter((controller) => !passed.includes(controller));
      if (missing.length > 0) await writeValue(join(directory, "cgroup.subtree_control"), missing.map((name) => `+${name}`).join(" "));
      directory = join(directory, name);
      await fs.mkdir(directory, { recursive: true });
    }
    const { cpuShares, cpuQuota, cpuPeriod, memoryBytes, pidsMax } = limits;
    if (cpuShares !== undefined) await writeValue(join(directory, "cpu.weight"), cpuWeight(cpuShares));
    if (cpuQuota !== undefined) {
      await writeValue(join(directory, "cpu.max"), `${cpuQuota < 0 ? "max" : cpuQuota} ${cpuPeriod ?? 100_000}`);
    }
    if (memoryBytes !== undefined) await writeValue(join(directory, "memory.max"), memoryBytes < 0 ? "max" : memoryBytes);
    if (pidsMax !== undefined) await writeValue(join(directory, "pids.max"), pidsMax < 0 ? "max" : pidsMax);
  }

  async remove(path: string): Promise<void> {
    check(path);
    await removeGroups([join(this.#root, path)]);
  }

  async list(path: string): Promise<readonly string[]> {
    check(path, true);
    return (await directories(join(this.#root, path))).toSorted();
  }

  async usage(path: string): Promise<CgroupUsage | undefined> {
    check(path, true);
    const directory = join(this.#root, path);
    const [cpu, memory, stat, pids] = await Promise.all([
      readTable(join(directory, "cpu.stat")),
      readNumber(join(directory, "memory.current")),
      readTable(join(directory, "memory.stat")),
      readNumber(join(directory, "pids.current")),
    ]);
    if (memory === undefined || stat === undefined) return undefined;
    return {
      timestampMs: Date.now(),
      cpuNanoSeconds: (cpu?.get("usage_usec") ?? 0) * 1000,
      memoryUsageBytes: memory,
      memoryWorkingSetBytes: Math.max(0, memory - (stat.get("inactive_file") ?? 0)),
      memoryRssBytes: stat.get("anon") ?? 0,
      processes: pids,
    };
  }
}

/** Version 1's shares (2 to 262144) on version 2's scale (1 to 10000), by the formula that runc and Kubernetes settled on (KEP-2254). */
export function cpuWeight(shares: number): number {
  return Math.floor(1 + ((Math.min(Math.max(shares, 2), 262_144) - 2) * 9999) / 262_142);
}

function check(path: string, allowRoot = false): void {
  if (!path.startsWith("/") || (path === "/" && !allowRoot) || path.split("/").includes("..")) {
    throw new RangeError(`${JSON.stringify(path)} is no path of a control group of ours`);
  }
}

async function orAbsent<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    // ENODEV: the group vanished between opening and reading.
    if (["ENOENT", "ENODEV", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

const readText = (path: string): Promise<string | undefined> => orAbsent(fs.readFile(path, "utf8"));

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : Number(text);
}

/** Files of "name value" lines. */
async function readTable(path: string): Promise<ReadonlyMap<string, number> | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  return new Map(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([name, value]) => [name!, Number(value)]),
  );
}

async function writeValue(path: string, value: number | string): Promise<void> {
  try {
    await fs.writeFile(path, String(value), { flag: "r+" });
  } catch (error) {
    throw new Error(`cannot write ${value} to ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function directories(path: string): Promise<string[]> {
  const entries = (await orAbsent(fs.readdir(path, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** A group and all below it, the deepest first. */
async function groupsOf(path: string): Promise<string[]> {
  const below = await Promise.all((await directories(path)).map((name) => groupsOf(join(path, name))));
  return [...below.flat(), path];
}

async function removeGroups(paths: readonly string[]): Promise<void> {
  let left = paths;
  for (let attempt = 0; ; attempt++) {
    const failures = (await Promise.all(left.map(async (path) => ({ path, error: await removeTree(path) })))).filter(({ error }) => error);
    if (failures.length === 0) return;
    if (attempt === removeTries) throw failures[0]!.error;
    left = failures.map(({ path }) => path);
    await new Promise((resolve) => setTimeout(resolve, removeStepMs));
  }
}

/** Undefined when nothing is left of it. */
async function removeTree(root: string): Promise<Error | undefined> {
  for (const group of await groupsOf(root)) {
    const processes = (await readText(join(group, "cgroup.procs"))) ?? "";
    for (const pid of processes.split("\n").filter((line) => line !== "" && line !== "0")) kill(Number(pid));
    try {
      await orAbsent(fs.rmdir(group));
    } catch (error) {
      return error as Error;
    }
  }
  return undefined;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
