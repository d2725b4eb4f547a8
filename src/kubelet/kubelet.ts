// The kubelet: registers its node and makes the pods bound to it run. This file only puts the parts together.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { createInformer } from "../client/informer.ts";
import type { Lister } from "../client/lister.ts";
import { podKind } from "../kinds/core/pod.ts";
import { serviceKind } from "../kinds/core/service.ts";
import type { Pod, Service } from "../kinds/core/types.gen.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { Cgroups } from "./cgroups.ts";
import type { ContainerRuntime } from "./container-runtime.ts";
import type { NodeFiles } from "./files.ts";
import type { HostInfo } from "./host-info.ts";
import { ImagePuller } from "./images/image-puller.ts";
import { admitPod } from "./node/admission.ts";
import { NodeAgent } from "./node/node-agent.ts";
import { nodeAllocatable } from "./node/node-status.ts";
import { ObjectReader } from "./object-reader.ts";
import type { KubeletDirs, NodeView, PodDeps } from "./pod-deps.ts";
import { PodEvents } from "./pod-events.ts";
import { PodSet } from "./pod-set.ts";
import type { ProbeDial } from "./probe-dial.ts";
import { Prober } from "./probes/prober.ts";
import type { ClusterDns } from "./sandbox/dns.ts";
import { createKubeletServer } from "./server/server.ts";
import type { Zlib } from "../wire/spdy.ts";
import { StatusWriter } from "./status/status-writer.ts";
import { TokenCache } from "./volumes/token-cache.ts";
import { Volumes } from "./volumes/volumes.ts";

/** Everything that a kubelet needs of its cluster and its machine. */
export interface KubeletDeps {
  /** Acts as system:node:NAME. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
  readonly cgroups: Cgroups;
  readonly hostInfo: HostInfo;
  readonly probeDial: ProbeDial;
  readonly nodeName: string;
  /** IP addresses of the node, the preferred family first. */
  readonly nodeAddresses: readonly string[];
  readonly dirs: KubeletDirs;
  /** Addresses of the cluster's DNS and its domain ("cluster.local"). */
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** Default 110. */
  readonly maxPods?: number;
  /** Port of the kubelet's API, as the Node tells it. Default 10250. */
  readonly port?: number;
  /** Further labels of the Node, and taints that it is registered with. */
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly nodeTaints?: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  }[];
  /** Parent of all pods' control groups. Default "/kubepods". */
  readonly cgroupRoot?: string;
  /** Common name of the client certificate with which the API server calls; its calls need no further authorization. */
  readonly apiServerClientName: string;
  /** Compression of SPDY headers. */
  readonly zlib: Zlib;
  /** Informers that the process shares (kubelet, proxy, DNS). Absent: the kubelet makes its own. */
  readonly services?: Lister<Service>;
}

/** Disposing it stops looking after the pods; their containers run on. */
export interface Kubelet extends AsyncDisposable {
  /** The kubelet's HTTPS API. */
  readonly exchange: Exchange;
  /** Resolves when the node is registered and its pods are being looked after. */
  start(): Promise<void>;
}

export function createKubelet(deps: KubeletDeps): Kubelet {
  const { client, clock, random, log, activity, runtime, files, cgroups, hostInfo, nodeName } = deps;
  const lifetime = new Lifetime();
  const recorder = lifetime.use(createEventRecorder({ client, clock, random, log, activity, component: "kubelet", host: nodeName }));
  const events = new PodEvents(recorder);
  const informerDeps = { clock, random, log, activity };
  const pods = createInformer<Pod>(client.of(podKind, ""), informerDeps, { fieldSelector: `spec.nodeName=${nodeName}` });
  lifetime.use(pods);
  const ownServices = deps.services ? undefined : lifetime.use(createInformer<Service>(client.of(serviceKind, ""), informerDeps));
  const services: Lister<Service> = deps.services ?? ownServices!;
  const statuses = lifetime.use(new StatusWriter({ client, clock, log, activity, nodeName }));
  const agent = new NodeAgent({
    client,
    clock,
    random,
    log,
    activity,
    recorder,
    runtime,
    files,
    hostInfo,
    name: nodeName,
    addresses: [
      ...deps.nodeAddresses.map((address) => ({ type: "InternalIP" as const, address })),
      { type: "Hostname" as const, address: nodeName },
    ],
    labels: deps.nodeLabels ?? {},
    taints: deps.nodeTaints ?? [],
    maxPods: deps.maxPods ?? 110,
    port: deps.port ?? 10250,
    root: deps.dirs.root,
  });
  let view: NodeView = { name: nodeName, addresses: deps.nodeAddresses, allocatable: {}, memoryBytes: 0 };
  const prober = new Prober({ runtime, dial: deps.probeDial, clock, random, activity, events, changed: (uid) => podSet.wake(uid) });
  lifetime.use(prober);
  const podDeps: PodDeps = {
    runtime,
    files,
    cgroups,
    hostInfo,
    dial: deps.probeDial,
    clock,
    random,
    log,
    activity,
    events,
    objects: new ObjectReader(client, clock),
    services: () => services.list(),
    puller: new ImagePuller({ runtime, clock, events }),
    prober,
    volumes: new Volumes({ files, clock, random, root: deps.dirs.root }),
    tokens: new TokenCache(client, clock, log),
    statuses,
    node: () => view,
    dirs: deps.dirs,
    cgroupRoot: deps.cgroupRoot ?? "/kubepods",
    clusterDns: { servers: deps.clusterDns, domain: deps.clusterDomain } satisfies ClusterDns,
    admit: (pod) =>
      admitPod(
        pod,
        agent.node,
        podSet.holding().filter((other) => other.metadata!.uid !== pod.metadata!.uid),
        view.allocatable,
      ),
  };
  const podSet = new PodSet(podDeps, pods);
  lifetime.use(podSet);

  const background = (work: Promise<void>): void => {
    const ended = work.catch((error: unknown) => log.error("a part of the kubelet stopped", { error: String(error) }));
    lifetime.defer(() => ended);
  };
  const start = async (): Promise<void> => {
    const { signal } = lifetime;
    await files.mkdir(deps.dirs.root, 0o750);
    await files.mkdir(`${deps.dirs.root}/pods`, 0o750);
    await files.mkdir(deps.dirs.podLogs, 0o755);
    const inputs = await agent.inputs();
    view = { ...view, allocatable: nodeAllocatable(inputs), memoryBytes: inputs.facts.memoryBytes };
    pods.start();
    ownServices?.start();
    await agent.register(signal);
    background(agent.keepLease(signal));
    background(agent.keepStatus(signal));
    await Promise.all([pods.synced, ownServices?.synced]);
    await podSet.begin(signal);
    background(podSet.followHints(signal, () => agent.lookAgain()));
    background(podSet.keepHouse(signal));
  };

  return {
    exchange: createKubeletServer({ ...deps, pods, podSet, lifetime }),
    start,
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}
