// What the kubelet's API works with.

import type { Clock } from "../../base/clock.ts";
import type { Lifetime } from "../../base/lifetime.ts";
import type { Log } from "../../base/log.ts";
import type { Client } from "../../client/client.ts";
import type { Lister } from "../../client/lister.ts";
import type { Pod } from "../../kinds/core/types.gen.ts";
import type { Zlib } from "../../wire/spdy.ts";
import type { ContainerRuntime } from "../container-runtime.ts";
import type { NodeFiles } from "../files.ts";
import type { HostInfo } from "../host-info.ts";
import type { KubeletDirs } from "../pod-deps.ts";
import type { PodSet } from "../pod-set.ts";

export interface ServerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
  readonly hostInfo: HostInfo;
  readonly nodeName: string;
  readonly dirs: KubeletDirs;
  readonly apiServerClientName: string;
  readonly zlib: Zlib;
  readonly pods: Lister<Pod>;
  readonly podSet: PodSet;
  /** Ends what the server holds open. */
  readonly lifetime: Lifetime;
}
