// One machine of a simulated cluster: what a kubelet stands on, the kubelet itself, and the cable between them and the cluster.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createClient } from "../client/client.ts";
import type { ClusterLayout } from "../cluster/layout.ts";
import { agentsGroup, kubeletClientLeaf } from "../cluster/pki.ts";
import { createKubelet, type Kubelet, type KubeletDeps } from "../kubelet/kubelet.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import type { Zlib } from "../wire/spdy.ts";
import { createSimulatedNode, type SimulatedNode } from "./simulated-node.ts";
import type { SimulatedRuntimeOptions } from "./simulated-runtime.ts";

export interface SimulatedMachineDeps {
  readonly clientFor: (user: UserInfo) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
  readonly layout: ClusterLayout;
  readonly zlib: Zlib;
}

export interface MachineOptions {
  /** Default 4. */
  readonly cpus?: number;
  /** Default 16 GiB. */
  readonly memoryBytes?: number;
  /** Default 110. */
  readonly maxPods?: number;
  /** Labels and taints that the node registers with. */
  readonly labels?: KubeletDeps["nodeLabels"];
  readonly taints?: KubeletDeps["nodeTaints"];
}

export interface SimulatedMachineOptions extends MachineOptions, SimulatedRuntimeOptions {
  readonly name: string;
  readonly address: string;
}

export class SimulatedMachine implements AsyncDisposable {
  readonly name: string;
  /** Of the node itself; pods have addresses in `podCidr`. */
  readonly address: string;
  readonly podCidr: string;
  /** Containers, images, files, control groups: everything that outlives a kubelet. */
  readonly runtime: SimulatedNode["runtime"];
  readonly files: SimulatedNode["files"];
  readonly cgroups: SimulatedNode["cgroups"];
  readonly #deps: SimulatedMachineDeps;
  readonly #options: SimulatedMachineOptions;
  readonly #node: SimulatedNode;
  #cut = new AbortController();
  #connected = true;
  #running: { readonly kubelet: Kubelet; readonly lifetime: Lifetime } | undefined;

  constructor(deps: SimulatedMachineDeps, options: SimulatedMachineOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#node = createSimulatedNode(deps, options);
    this.name = options.name;
    this.address = options.address;
    this.podCidr = options.podCidr;
    this.runtime = this.#node.runtime;
    this.files = this.#node.files;
    this.cgroups = this.#node.cgroups;
  }

  /** Pulls the network cable: the kubelet and its containers run on, nothing gets in or out. */
  disconnect(): void {
    this.#connected = false;
    this.#cut.abort(unreachable());
  }

  reconnect(): void {
    if (this.#connected) return;
    this.#connected = true;
    this.#cut = new AbortController();
  }

  /** Starts a kubelet over what is there, unless one runs. Resolves when it is registered and looks after its pods. */
  async startKubelet(): Promise<void> {
    if (this.#running) return;
    const lifetime = new Lifetime();
    const kubelet = lifetime.use(this.#createKubelet(lifetime.signal));
    this.#running = { kubelet, lifetime };
    await kubelet.start();
  }

  /** Ends the kubelet wherever it stands; containers run on. */
  async stopKubelet(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.lifetime[Symbol.asyncDispose]();
  }

  /** The kubelet's API as the API server reaches it, which a kubelet knows by its certificate; undefined when it cannot. */
  get kubeletExchange(): Exchange | undefined {
    const running = this.#running;
    if (!running || !this.#connected) return undefined;
    const user: UserInfo = { name: kubeletClientLeaf.commonName, groups: ["system:masters", "system:authenticated"] };
    return (request, signal) =>
      running.kubelet.exchange({ ...request, peer: { address: "", user } }, AbortSignal.any([signal, this.#cut.signal]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stopKubelet();
  }

  #createKubelet(signal: AbortSignal): Kubelet {
    const { clock, random, activity, layout, zlib, log } = this.#deps;
    return createKubelet({
      ...this.#node,
      client: this.#client(signal),
      clock,
      random,
      activity,
      log: log.child({ node: this.name }),
      metrics: noMetrics,
      nodeName: this.name,
      nodeAddresses: [this.address],
      nodeLabels: this.#options.labels ?? {},
      nodeTaints: this.#options.taints ?? [],
      ...(this.#options.maxPods !== undefined && { maxPods: this.#options.maxPods }),
      dirs: { root: "/var/lib/kubelet", podLogs: "/var/log/pods", containerLogs: "/var/log/containers" },
      clusterDns: [layout.dnsAddress],
      clusterDomain: layout.clusterDomain,
      apiServerClientName: kubeletClientLeaf.commonName,
      zlib,
    });
  }

  /** Speaks as the node, through the cable. */
  #client(signal: AbortSignal): Client {
    const user: UserInfo = { name: `system:node:${this.name}`, groups: ["system:nodes", agentsGroup, "system:authenticated"] };
    const { exchange } = this.#deps.clientFor(user);
    const throughCable: Exchange = async (request, requestSignal) => {
      if (!this.#connected) throw unreachable();
      // Only a watch lasts long enough to be cut off; everything else is answered at this very instant.
      if (request.method !== "GET" || !request.target.includes("watch=")) return await exchange(request, requestSignal);
      return await exchange(request, AbortSignal.any([requestSignal, this.#cut.signal]));
    };
    return createClient(throughCable, { user, decoded: true, userAgent: "kubelet", activity: this.#deps.activity, signal });
  }
}

const unreachable = (): Error => new Error("dial tcp 192.0.2.1:6443: connect: no route to host");
