// What everything that works on pods shares: the effects, and the node's own facts.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Pod, Service } from "../kinds/core/types.gen.ts";
import type { Cgroups } from "./cgroups.ts";
import type { ContainerRuntime } from "./container-runtime.ts";
import type { ReferencedObjects } from "./containers/environment.ts";
import type { NodeFiles } from "./files.ts";
import type { HostInfo } from "./host-info.ts";
import type { ImagePuller } from "./images/image-puller.ts";
import type { PodEvents } from "./pod-events.ts";
import type { ProbeDial } from "./probe-dial.ts";
import type { Prober } from "./probes/prober.ts";
import type { ClusterDns } from "./sandbox/dns.ts";
import type { PodVerdict } from "./status/pod-status.ts";
import type { StatusWriter } from "./status/status-writer.ts";
import type { TokenCache } from "./volumes/token-cache.ts";
import type { Volumes } from "./volumes/volumes.ts";

export interface KubeletDirs {
  /** "/var/lib/kubelet" */
  readonly root: string;
  /** "/var/log/pods" */
  readonly podLogs: string;
  /** "/var/log/containers": one link per container, where log collectors look. */
  readonly containerLogs: string;
}

/** What pods may know of their node; filled in before the first pod runs. */
export interface NodeView {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly allocatable: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
}

export interface PodDeps {
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
  readonly cgroups: Cgroups;
  readonly hostInfo: HostInfo;
  readonly dial: ProbeDial;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
  readonly events: PodEvents;
  readonly objects: ReferencedObjects;
  readonly services: () => readonly Service[];
  readonly puller: ImagePuller;
  readonly prober: Prober;
  readonly volumes: Volumes;
  readonly tokens: TokenCache;
  readonly statuses: StatusWriter;
  readonly node: () => NodeView;
  readonly dirs: KubeletDirs;
  /** Parent of all pods' control groups: "/kubepods". */
  readonly cgroupRoot: string;
  readonly clusterDns: ClusterDns;
  /** Why the pod may not run here, if so. */
  readonly admit: (pod: Pod) => PodVerdict | undefined;
}
