// A test bed: the real API server over the memory store, one real kubelet, a simulated machine, virtual time.

import { CountingActivity } from "../base/activity.ts";
import { silentLog } from "../base/log.ts";
import type { Log } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import { SeededRandom } from "../base/random.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import { createApiServer } from "../apiserver/api-server.ts";
import { plainKeys } from "../apiserver/testing.laws.ts";
import type { Client } from "../client/client.ts";
import { createClient } from "../client/client.ts";
import { hostZlib } from "../host/zlib.ts";
import { builtinKinds } from "../kinds/all.ts";
import { eventKind } from "../kinds/core/event.ts";
import { podKind } from "../kinds/core/pod.ts";
import type { Event, Pod } from "../kinds/core/types.gen.ts";
import { KindRegistry } from "../object/kind-registry.ts";
import type { ContainerRuntime } from "../kubelet/container-runtime.ts";
import type { Kubelet } from "../kubelet/kubelet.ts";
import { createKubelet } from "../kubelet/kubelet.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { SimulatedNode, SimulatedNodeOptions } from "./simulated-node.ts";
import { createSimulatedNode } from "./simulated-node.ts";
import { VirtualClock } from "./virtual-clock.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class KubeletBed implements AsyncDisposable {
  readonly activity = new CountingActivity();
  readonly clock = new VirtualClock({ startMs: Date.parse("2026-01-01T00:00:00Z"), activity: this.activity, turn });
  readonly random = new SeededRandom(7);
  readonly warnings: string[] = [];
  readonly store = new MemoryStore({ clock: this.clock });
  readonly client: Client;
  readonly node: SimulatedNode;
  kubelet!: Kubelet;
  readonly #api: ApiServer;

  private constructor(api: (bed: KubeletBed) => ApiServer, options: Partial<SimulatedNodeOptions>) {
    this.#api = api(this);
    this.client = createClient(this.#api.exchange, {
      user: { name: "admin", groups: ["system:masters"] },
      decoded: true,
      activity: this.activity,
    });
    this.node = createSimulatedNode(this, { name: "node-1", podCidr: "10.244.1.0/24", ...options });
    this.kubelet = this.newKubelet();
  }

  static async start(options: Partial<SimulatedNodeOptions> = {}): Promise<KubeletBed> {
    const bed = new KubeletBed(
      (self) =>
        createApiServer({
          store: self.store,
          clock: self.clock,
          random: self.random,
          log: silentLog,
          metrics: noMetrics,
          activity: self.activity,
          kinds: new KindRegistry(builtinKinds),
          tokenKeys: plainKeys,
          serviceCidr: "10.96.0.0/16",
          nodePortRange: "30000-32767",
          clusterDomain: "cluster.local",
          issuer: "https://kubernetes.default.svc.cluster.local",
          yieldNow: turn,
        }),
      options,
    );
    await bed.#api.start();
    for (const name of ["default", "kube-system", "kube-node-lease"]) {
      await bed.client
        .request("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } })
        .catch(() => undefined);
    }
    await bed.client.request("POST", "/api/v1/namespaces/default/serviceaccounts", {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default" },
    });
    await bed.kubelet.start();
    await bed.clock.settled().catch(() => undefined);
    return bed;
  }

  /** Put between the kubelet and its runtime; applies to the next kubelet. */
  wrapRuntime: (runtime: ContainerRuntime) => ContainerRuntime = (runtime) => runtime;

  newKubelet(): Kubelet {
    const log: Log = {
      ...silentLog,
      warn: (message, fields) => void this.warnings.push(`${message} ${JSON.stringify(fields)}`),
      error: (message, fields) => void this.warnings.push(`${message} ${JSON.stringify(fields)}`),
      child: () => log,
    };
    const user = { name: "system:node:node-1", groups: ["system:nodes", "system:authenticated"] };
    return createKubelet({
      client: createClient(this.#api.exchange, { user, decoded: true, activity: this.activity, userAgent: "kubelet" }),
      clock: this.clock,
      random: this.random,
      log,
      metrics: noMetrics,
      activity: this.activity,
      ...this.node,
      runtime: this.wrapRuntime(this.node.runtime),
      nodeName: "node-1",
      nodeAddresses: ["192.0.2.11"],
      dirs: { root: "/var/lib/kubelet", podLogs: "/var/log/pods", containerLogs: "/var/log/containers" },
      clusterDns: ["10.96.0.10"],
      clusterDomain: "cluster.local",
      apiServerClientName: "kube-apiserver-kubelet-client",
      zlib: hostZlib,
    });
  }

  /** Stops the kubelet without touching what runs, and starts another. */
  async restartKubelet(): Promise<void> {
    await this.kubelet[Symbol.asyncDispose]();
    this.kubelet = this.newKubelet();
    await this.kubelet.start();
  }

  async create(spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): Promise<Pod> {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "default", ...metadata },
      spec: { nodeName: "node-1", automountServiceAccountToken: false, ...spec },
    };
    return await this.client.of(podKind, "default").create(pod as unknown as Pod);
  }
  async pod(name = "web"): Promise<Pod> {
    return await this.client.of(podKind, "default").get(name);
  }
  async exists(name = "web"): Promise<boolean> {
    return (await this.client.of(podKind, "default").list()).items.some((pod) => pod.metadata?.name === name);
  }
  /** Moves time until the pod is so. */
  async until(condition: (pod: Pod) => boolean | undefined, withinMs = 60_000, name = "web"): Promise<Pod> {
    await this.clock
      .until(async () => condition(await this.pod(name)) === true, withinMs)
      .catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify((await this.pod(name)).status, undefined, 1)}\n${this.warnings.join("\n")}`);
      });
    return await this.pod(name);
  }
  async events(): Promise<readonly Event[]> {
    await this.clock.advance(0);
    return (await this.client.of(eventKind, "default").list()).items as readonly Event[];
  }
  async eventTexts(): Promise<readonly string[]> {
    return (await this.events()).map((event) => `${event.type} ${event.reason}: ${event.message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kubelet[Symbol.asyncDispose]();
    await this.#api[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}
