// A control plane for tests: the real API server over the memory store, all controllers and the scheduler as their own
// accounts, and pods that start and stop at once, all on a virtual clock. It can kill its controllers after any write.

import { CountingActivity } from "../base/activity.ts";
import { CancelledError } from "../base/assert.ts";
import { sleep, type Clock } from "../base/clock.ts";
import { silentLog, type Log } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import { SeededRandom } from "../base/random.ts";
import { createApiServer, type ApiServer } from "../apiserver/api-server.ts";
import { plainKeys } from "../apiserver/testing.laws.ts";
import { createClient, type Client } from "../client/client.ts";
import { createInformer, type Informer } from "../client/informer.ts";
import { builtinKinds } from "../kinds/all.ts";
import { nodeKind } from "../kinds/core/node.ts";
import { podKind } from "../kinds/core/pod.ts";
import type { Node, Pod } from "../kinds/core/types.gen.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import { KindRegistry } from "../object/kind-registry.ts";
import { StatusError } from "../object/status.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { DecodedStream, type Exchange, type UserInfo, type WatchEvent } from "../wire/exchange.ts";
import { startControllers } from "./all.ts";

const admin: UserInfo = { name: "admin", groups: ["system:masters"] };
const schedulerUser: UserInfo = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface ControlPlaneOptions {
  readonly seed?: number;
  /** Kill controllers and scheduler after this many of their writes, again and again. */
  readonly killAfterWrites?: number;
  /** Pods never become ready. */
  readonly unready?: (pod: Pod) => boolean;
  /** Pods stay as they are: no node acts. */
  readonly noNodes?: boolean;
  readonly decoded?: boolean;
  /** How late the controllers hear of changes under this path. */
  readonly watchLagMs?: (target: string) => number;
}

export class ControlPlane implements AsyncDisposable {
  readonly activity = new CountingActivity();
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly store: MemoryStore;
  readonly api: ApiServer;
  readonly client: Client;
  readonly warnings: string[] = [];
  /** How often the controllers were killed. */
  kills = 0;
  readonly #options: ControlPlaneOptions;
  #life: Life | undefined;
  #pods: Informer<Pod> | undefined;
  #nodeLife = new AbortController();

  private constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.clock = new VirtualClock({ startMs: Date.UTC(2026, 0, 1), activity: this.activity, turn });
    this.random = new SeededRandom(options.seed ?? 1);
    this.store = new MemoryStore({ clock: this.clock });
    this.api = createApiServer({
      store: this.store,
      clock: this.clock,
      random: this.random,
      log: silentLog,
      metrics: noMetrics,
      activity: this.activity,
      kinds: new KindRegistry(builtinKinds),
      tokenKeys: plainKeys,
      serviceCidr: "10.96.0.0/16",
      nodePortRange: "30000-32767",
      clusterDomain: "cluster.local",
      issuer: "https://kubernetes.default.svc.cluster.local",
      yieldNow: turn,
    });
    this.client = createClient(this.api.exchange, { user: admin, decoded: true, userAgent: "test" });
  }

  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const plane = new ControlPlane(options);
    await plane.api.start();
    plane.#startLife();
    if (options.noNodes !== true) plane.#startNodes();
    await plane.settled();
    return plane;
  }

  /** Runs to rest at the present time, however often the controllers are killed on the way. */
  async settled(): Promise<void> {
    for (;;) {
      const life = this.#life;
      await this.clock.settled().catch((error: unknown) => {
        if (life?.dead !== true) throw error;
      });
      if (life?.dead !== true) return;
      await this.#revive();
    }
  }

  /** Lets time pass in steps, reviving what was killed. */
  async advance(durationMs: number, stepMs = 1000): Promise<void> {
    for (let left = durationMs; left > 0; left -= stepMs) {
      await this.clock.advance(Math.min(stepMs, left));
      await this.settled();
    }
  }

  async addNodes(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const node = await this.client.of(nodeKind).create({ metadata: { name, labels: { "kubernetes.io/hostname": name } } } as Node);
      await this.heartbeat(node.metadata?.name ?? "");
    }
    await this.settled();
  }

  /** A ready status of the node, as its kubelet would write it. */
  async heartbeat(name: string): Promise<void> {
    const at = new Date(this.clock.now()).toISOString().replace(/\.\d+/, "");
    const status = {
      capacity: { cpu: "4", memory: "8Gi", pods: "110" },
      allocatable: { cpu: "4", memory: "8Gi", pods: "110" },
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "", lastHeartbeatTime: at, lastTransitionTime: at }],
    };
    await this.client.of(nodeKind).patch(name, "merge", { status }, { subresource: "status" });
  }

  async list<T extends ApiObject>(kind: Kind<T>, namespace = "default"): Promise<readonly T[]> {
    return (await this.client.of(kind, namespace).list()).items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#life?.end();
    this.#nodeLife.abort(new CancelledError("test is over"));
    await this.#pods?.[Symbol.asyncDispose]();
    await this.api[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }

  #startLife(): void {
    this.#life = new Life(this, this.#options);
  }

  async #revive(): Promise<void> {
    this.kills++;
    await this.#life?.end();
    this.#startLife();
  }

  /** Bound pods run and are ready at once; deleted ones end at once. */
  #startNodes(): void {
    this.#pods = createInformer(this.client.of(podKind), {
      clock: this.clock,
      random: this.random,
      log: silentLog,
      activity: this.activity,
    });
    const act = (pod: Pod): void => {
      const end = this.activity.begin("node acts");
      void this.#actOn(pod).finally(() => end[Symbol.dispose]());
    };
    this.#pods.handle({ added: act, updated: act });
    this.#pods.start();
  }

  async #actOn(pod: Pod): Promise<void> {
    const name = pod.metadata?.name ?? "";
    const api = this.client.of(podKind, pod.metadata?.namespace ?? "");
    const node = pod.spec?.nodeName ?? "";
    if (node === "" || this.#nodeLife.signal.aborted) return;
    const alive = await this.#nodeIsReady(node);
    if (!alive) return;
    try {
      if (pod.metadata?.deletionTimestamp !== undefined) {
        await api.delete(name, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid! } });
        return;
      }
      if (pod.status?.phase === "Running") return;
      const at = new Date(this.clock.now()).toISOString().replace(/\.\d+/, "");
      const ready = this.#options.unready?.(pod) === true ? "False" : "True";
      const index = Number.parseInt(pod.metadata?.uid?.slice(0, 4) ?? "0", 16) % 250;
      const ip = `10.244.${this.random.next() < 0.5 ? 1 : 2}.${index + 1}`;
      const conditions = ["Initialized", "ContainersReady", "Ready"].map((type) => ({
        type,
        status: type === "Initialized" ? "True" : ready,
        lastTransitionTime: at,
      }));
      const patch = { status: { phase: "Running", podIP: ip, podIPs: [{ ip }], startTime: at, conditions } };
      await api.patch(name, "strategic", patch, { subresource: "status" });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  async #nodeIsReady(name: string): Promise<boolean> {
    try {
      const node = await this.client.of(nodeKind).get(name);
      return node.status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
    } catch {
      return false;
    }
  }
}

/** The same events, each this much later. */
async function* late(events: AsyncIterable<WatchEvent>, clock: Clock, lagMs: number, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  for await (const event of events) {
    await sleep(clock, lagMs, signal);
    yield event;
  }
}

/** One life of the controllers and the scheduler, until they are killed. */
class Life {
  dead = false;
  readonly #parts: AsyncDisposable[];
  readonly #stop = new AbortController();

  constructor(plane: ControlPlane, options: ControlPlaneOptions) {
    let writes = 0;
    const exchange: Exchange = async (request, signal) => {
      if (this.dead) throw new CancelledError("killed");
      const writing = request.method !== "GET" && !request.target.includes("/events");
      const response = await plane.api.exchange(request, signal);
      if (writing && response.status < 400 && ++writes >= (options.killAfterWrites ?? Infinity)) {
        // The write is done, but whoever wrote it never hears so.
        this.dead = true;
        this.#stop.abort(new CancelledError("killed"));
        throw new CancelledError("killed");
      }
      const lagMs = request.method === "GET" ? (options.watchLagMs?.(request.target) ?? 0) : 0;
      if (lagMs === 0 || !(response.body instanceof DecodedStream)) return response;
      return { ...response, body: new DecodedStream(late(response.body.events, plane.clock, lagMs, signal)) };
    };
    const note = (message: string, fields: unknown): void => {
      if (!this.dead) plane.warnings.push(`${message} ${JSON.stringify(fields)}`);
    };
    const log: Log = {
      ...silentLog,
      warn: note,
      error: note,
      child: () => log,
    };
    const { clock, random, activity } = plane;
    const deps = { clock, random, log, metrics: noMetrics, activity };
    const clientFor = (user: UserInfo): Client =>
      createClient(exchange, { user, decoded: options.decoded ?? true, activity, signal: this.#stop.signal, userAgent: user.name });
    this.#parts = [
      startControllers({
        ...deps,
        clientFor,
        rootCaPem: "-----BEGIN CERTIFICATE-----\n",
        apiServer: { addresses: ["192.0.2.1"], port: 6443, clusterIp: "10.96.0.1" },
        podRanges: [{ cidr: "10.244.0.0/16", nodePrefixLength: 24 }],
      }),
      createScheduler({ ...deps, client: clientFor(schedulerUser), yieldNow: turn }),
    ];
  }

  async end(): Promise<void> {
    this.dead = true;
    this.#stop.abort(new CancelledError("stopped"));
    for (const part of this.#parts) await part[Symbol.asyncDispose]();
  }
}

/** In an order that names, which are drawn, do not decide. */
export const sorted = <T>(list: readonly T[]): T[] => list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
/** A deployment `web` of containers with this image; `extra` goes into its spec. */
export const deployment = (replicas: number, image = "nginx:1", extra: Record<string, unknown> = {}) =>
  ({
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image, ports: [{ containerPort: 80 }] }] } },
      ...extra,
    },
  }) as any;
/** The service in front of it. */
export const service = {
  metadata: { name: "web", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 80 }] },
} as any;
