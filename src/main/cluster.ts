// A whole cluster inside a process: `await using cluster = await Cluster.start({ nodes: 3 })`. API server, controllers, scheduler
// and kubelets are the real ones; containers are simulated; time is virtual unless asked otherwise. No root, no ports, no files.

import { CountingActivity, counted } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import { type Log, silentLog } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import { SeededRandom } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { KeyPair } from "../cluster/keys.ts";
import { clusterLayout, type ClusterLayout } from "../cluster/layout.ts";
import { defaultClusterName } from "../cluster/node-preparation/node-names.ts";
import { realClock } from "../host/clock.ts";
import { hostKeys } from "../host/keys/keys.ts";
import { hostTokenKeys } from "../host/keys/token-keys.ts";
import { hostZlib } from "../host/zlib.ts";
import { podKind } from "../kinds/core/pod.ts";
import type { ApiObject } from "../object/kind.ts";
import { type NodeOptions, SimulatedCluster, type SimulatedClusterOptions } from "../sim/simulated-cluster.ts";
import type { SimulatedMachine } from "../sim/simulated-machine.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import { parseYamlDocuments } from "../wire/yaml.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import type { Interpose } from "./interpose.ts";
import { certificateLifeMs, listenOnLoopback } from "./loopback-listener.ts";
import { type ClusterTime, realTime, virtualTime } from "./cluster-time.ts";

export interface ClusterOptions extends SimulatedClusterOptions {
  /** Default 1. Zero is allowed: pods stay Pending until `addNode`. */
  readonly nodes?: number;
  /** Default "virtual": time moves only by `clock.advance` and `until`. */
  readonly clock?: "virtual" | "real";
  /** With virtual time, the same seed and the same calls give the same names, uids, addresses and order. Default 1. */
  readonly seed?: number;
  /** Default: silent. */
  readonly log?: Log;
  /**
   * Stands between every component (controllers, scheduler, kubelets, this object's own client) and the API server, for tests of
   * what happens when requests or answers are lost: throw instead of asking, or after it.
   */
  readonly interpose?: Interpose;
}

/** When virtual time begins: the same in every run. */
const virtualStartMs = Date.UTC(2026, 0, 1);
/** A person's tests have no more rights than they need: all of them. */
const adminUser: UserInfo = { name: "timonier-admin", groups: ["system:masters", "system:authenticated"] };
const fieldManager = "timonier-test";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Parts {
  readonly time: ClusterTime;
  readonly lifetime: Lifetime;
  readonly plane: ControlPlane;
  readonly simulated: SimulatedCluster;
  readonly layout: ClusterLayout;
  readonly ca: KeyPair;
  readonly log: Log;
}

/**
 * A Kubernetes cluster of its own in this process. Several live side by side without knowing of each other. Dispose it
 * (`await using`) and nothing of it is left: no timer, no socket, no watch.
 */
export class Cluster implements AsyncDisposable {
  /** Reads and writes as an administrator; objects are frozen. */
  readonly client: Client;
  /** Answers any request of the API, in this process. */
  readonly exchange: Exchange;
  readonly #parts: Parts;
  #kubeconfig: Promise<string> | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.exchange = parts.plane.exchange;
    this.client = parts.plane.clientFor(adminUser);
  }

  /** Resolves when every node is registered and what every new cluster does of itself is done. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const count = options.nodes ?? 1;
    if (!Number.isInteger(count) || count < 0 || count > 250) throw new RangeError(`nodes must be a number from 0 to 250, not ${count}`);
    const lifetime = new Lifetime();
    const activity = new CountingActivity();
    const log = options.log ?? silentLog;
    const random = new SeededRandom(options.seed ?? 1);
    const virtual = options.clock === "real" ? undefined : new VirtualClock({ startMs: virtualStartMs, activity, turn });
    const clock: Clock = virtual ?? realClock();
    const time = virtual ? virtualTime(virtual) : realTime(clock, activity, turn);
    const layout = clusterLayout(defaultClusterName, 0);
    const [ca, tokenKey] = await Promise.all([hostKeys.createCa("timonier-ca", certificateLifeMs), hostKeys.createTokenKey()]);
    const machines: { current: SimulatedCluster | undefined } = { current: undefined };
    try {
      const plane = lifetime.use(
        await startControlPlane({
          layout,
          store: lifetime.use(new MemoryStore({ clock, activity })),
          clock,
          random,
          log,
          metrics: noMetrics,
          activity,
          tokenKeys: hostTokenKeys([tokenKey]),
          caPem: ca.certificatePem,
          address: "192.0.2.1",
          port: layout.ports.api,
          dialKubelet: (node) => machines.current?.kubelet(node.name),
          yieldNow: () => counted(activity, "a slice of long work", turn),
          ...(options.interpose && { interpose: options.interpose }),
        }),
      );
      await plane.startComponents();
      const simulated = lifetime.use(
        new SimulatedCluster({ clientFor: (user) => plane.clientFor(user), clock, random, log, activity, layout, zlib: hostZlib }, options),
      );
      machines.current = simulated;
      for (let number = 0; number < count; number++) await simulated.add();
      const cluster = new Cluster({ time, lifetime, plane, simulated, layout, ca, log });
      await cluster.settled();
      return cluster;
    } catch (error) {
      await lifetime[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The cluster's time. `advance` (milliseconds) moves virtual time past every timer on the way; a real clock cannot be moved. */
  get clock(): Clock & { advance(durationMs: number): Promise<void> } {
    return this.#parts.time.clock;
  }

  /** The simulated machines, by node name: kill containers, cut the network, stop a kubelet, read files. */
  get nodes(): ReadonlyMap<string, SimulatedMachine> {
    return this.#parts.simulated.machines;
  }

  /** Adds a machine. Resolves when its node is registered. */
  addNode(options: NodeOptions = {}): Promise<SimulatedMachine> {
    return this.#parts.simulated.add(options);
  }

  /** Ends controllers and scheduler wherever they stand, as a crash would; the API server and the nodes go on. */
  stopControllers(): Promise<void> {
    return this.#parts.plane.stopComponents();
  }

  /** Starts controllers and scheduler again, unless they run. */
  startControllers(): Promise<void> {
    return this.#parts.plane.startComponents();
  }

  /** A client with another identity, for tests of authorization: a user's name, or a user with groups. */
  as(user: string | { readonly name: string; readonly groups?: readonly string[]; readonly extra?: UserInfo["extra"] }): Client {
    const given = typeof user === "string" ? { name: user } : user;
    const groups = new Set([...(given.groups ?? []), ...impliedGroups(given.name), "system:authenticated"]);
    return this.#parts.plane.clientFor({ ...given, groups: [...groups] });
  }

  /**
   * Server-side apply of YAML (any number of documents, Lists included) or of objects; namespaced ones without a namespace go to
   * `default`. @returns the objects as the server has them now. @throws StatusError as the server refused
   */
  async apply(manifests: string | ApiObject | readonly ApiObject[]): Promise<ApiObject[]> {
    const applied: ApiObject[] = [];
    for (const object of objectsOf(manifests)) {
      const kind = this.#parts.plane.kindOf(object);
      const api = this.client.of(kind, kind.namespaced ? (object.metadata?.namespace ?? "default") : "");
      const name = object.metadata?.name;
      if (!name) throw new Error(`a ${object.kind} without metadata.name cannot be applied: give it a name, or create it through client`);
      applied.push(await api.patch(name, "apply", object, { fieldManager, force: true, fieldValidation: "Strict" }));
    }
    return applied;
  }

  /**
   * What a pod's container has logged. @param options.container may be left out when the pod has one
   * @throws StatusError when there is no such pod or its node does not answer
   */
  async logs(
    pod: string,
    options: { readonly namespace?: string; readonly container?: string; readonly previous?: boolean } = {},
  ): Promise<string> {
    const query = new URLSearchParams({
      ...(options.container && { container: options.container }),
      ...(options.previous && { previous: "true" }),
    });
    const path = `/api/v1/namespaces/${options.namespace ?? "default"}/pods/${pod}/log?${query.toString()}`;
    return (await this.client.request<string | undefined>("GET", path)) ?? "";
  }

  /** Runs a command in a pod's container, as its simulation answers it. @throws Error when the pod has no such running container */
  async exec(
    pod: string,
    command: readonly string[],
    options: { readonly namespace?: string; readonly container?: string } = {},
  ): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number }> {
    const { metadata, spec } = await this.client.of(podKind, options.namespace ?? "default").get(pod);
    const container = options.container ?? spec?.containers[0]?.name ?? "";
    const runtime = this.nodes.get(spec?.nodeName ?? "")?.runtime;
    const id = runtime?.findContainer({ podUid: metadata?.uid ?? "", container });
    if (!runtime || id === undefined)
      throw new Error(`container ${container} of pod ${pod} does not run: wait for it, \`await cluster.settled()\``);
    const { stdout, stderr, exitCode } = await runtime.execSync(id, command);
    const decoder = new TextDecoder();
    return { stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), exitCode };
  }

  /**
   * Resolves when nothing has anything left to do at the present time.
   * @throws Error when something is under way that only time can end (a slow pull, a graceful stop): advance the clock
   */
  settled(): Promise<void> {
    return this.#parts.time.settled();
  }

  /**
   * Moves time until the condition holds. `within` is in milliseconds of the cluster's time, 5 minutes by default.
   * @throws Error when it does not, naming what is still under way
   */
  until(condition: () => boolean | Promise<boolean>, options: { readonly within?: number } = {}): Promise<void> {
    return this.#parts.time.until(condition, options.within ?? 300_000);
  }

  /** Opens a TLS listener on a free loopback port, once, and returns the text of a kubeconfig that leads there as administrator. */
  kubeconfig(): Promise<string> {
    const { lifetime, layout, ca, log } = this.#parts;
    return (this.#kubeconfig ??= listenOnLoopback({ exchange: this.exchange, lifetime, layout, ca, log }));
  }

  /** Ends everything. Doing it twice does nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.lifetime[Symbol.asyncDispose]();
  }
}

/** The groups that the server's own authenticators would add. */
function impliedGroups(name: string): string[] {
  const [, , namespace] = name.startsWith("system:serviceaccount:") ? name.split(":") : [];
  return namespace === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

function objectsOf(manifests: string | ApiObject | readonly ApiObject[]): ApiObject[] {
  const given: unknown[] = typeof manifests === "string" ? parseYamlDocuments(manifests).map(({ value }) => value) : [manifests].flat();
  return given.flatMap((object) => {
    if (object === null) return [];
    const { kind, items } = object as { readonly kind?: string; readonly items?: readonly ApiObject[] };
    return kind === "List" && items ? items : [object as ApiObject];
  });
}
