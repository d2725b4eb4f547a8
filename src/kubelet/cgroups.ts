// Control groups of pods. The host writes them under /sys/fs/cgroup (version 1: one directory in every hierarchy, version 2:
// one directory); where they cannot be written it says so and the kubelet goes on without limits of whole pods.

export interface CgroupLimits {
  /** Relative weight, 2 to 262144, as cgroup v1 counts it; version 2's weight is computed from it. */
  readonly cpuShares?: number;
  /** Microseconds of CPU per period; -1: no limit. */
  readonly cpuQuota?: number;
  readonly cpuPeriod?: number;
  /** -1: no limit. */
  readonly memoryBytes?: number;
  readonly pidsMax?: number;
}

export interface CgroupUsage {
  readonly timestampMs: number;
  readonly cpuNanoSeconds: number;
  readonly memoryWorkingSetBytes: number;
  readonly memoryUsageBytes: number;
  readonly memoryRssBytes: number;
  readonly processes?: number;
}

/** Paths are as the runtime takes them as `cgroupParent`: "/kubepods/burstable/pod1234". */
export interface Cgroups {
  /** "none" where control groups cannot be managed; the other methods then do nothing. */
  readonly version: 1 | 2 | "none";
  /** Creates the group with its missing parents and sets the limits; an existing group just gets the limits. */
  ensure(path: string, limits: CgroupLimits): Promise<void>;
  /** Removes an empty group with its empty children; nothing happens when it is absent. Processes left in it are killed first. */
  remove(path: string): Promise<void>;
  /** Names of the groups directly below. */
  list(path: string): Promise<readonly string[]>;
  /** Undefined when the group does not exist. */
  usage(path: string): Promise<CgroupUsage | undefined>;
}
