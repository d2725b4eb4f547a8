// A whole cluster inside a process: `await using cluster = await Cluster.start({ nodes: 3 })`. API server, controllers, scheduler
// and kubelets are the real ones; containers are simulated; time is virtual unless asked otherwise. No root, no ports, no files.

import { CountingActivity, counted } from "../base/activity.ts";
import { encodeBase64Text } from "../base/base64.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import { type Log, silentLog } from "../base/log.ts";
import { noMetrics } from "../base/metrics.ts";
import { type Random, SeededRandom } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { formatKubeconfig, mergeEntry, parseKubeconfig } from "../client/kubeconfig.ts";
import { clusterLayout, type ClusterLayout } from "../cluster/layout.ts";
import type { KeyPair } from "../cluster/keys.ts";
import { adminLeaf, apiServerLeaf } from "../cluster/pki.ts";
import { defaultClusterName } from "../cluster/node-preparation/node-names.ts";
import { realClock } from "../host/clock.ts";
import { type HttpServer, serve } from "../host/http-server.ts";
import { hostKeys } from "../host/keys.ts";
import { hostTokenKeys } from "../host/token-keys.ts";
import { hostZlib } from "../host/zlib.ts";
import type { ApiObject } from "../object/kind.ts";
import { type SimulatedCluster, startSimulatedNodes } from "../sim/simulated-cluster.ts";
import type { SimulatedNode } from "../sim/simulated-node.ts";
import type { SimulatedRuntimeOptions } from "../sim/simulated-runtime.ts";
import { VirtualClock } from "../sim/virtual-clock.ts";
import { MemoryStore } from "../store/memory-store.ts";
import { parseYamlDocuments } from "../wire/yaml.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

export interface ClusterOptions extends Omit<SimulatedRuntimeOptions, "podCidr"> {
  /** Default 1. */
  readonly nodes?: number;
  /** Default "virtual": time moves only by `clock.advance` and `until`. */
  readonly clock?: "virtual" | "real";
  /** The same seed gives the same names, choices and order. Default 1. */
  readonly seed?: number;
  /** Default: silent. */
  readonly log?: Log;
}

/** When virtual time begins: the same in every run. */
const virtualStartMs = Date.UTC(2026, 0, 1);
const certificateLifeMs = 24 * 3600 * 1000;
/** A person's tests have no more rights than they need: all of them. */
const adminUser: UserInfo = { name: "timonier-admin", groups: ["system:masters", "system:authenticated"] };
const fieldManager = "timonier-test";
const realSettleLimitMs = 30_000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Cluster implements AsyncDisposable {
  /** Reads and writes as an administrator; objects are frozen. */
  readonly client: Client;
  /** Answers any request of the API, in this process. */
  readonly exchange: Exchange;
  readonly #clock: Clock & Partial<VirtualClock>;
  readonly #virtual: VirtualClock | undefined;
  readonly #activity: CountingActivity;
  readonly #lifetime: Lifetime;
  readonly #plane: ControlPlane;
  readonly #simulated: SimulatedCluster;
  readonly #layout: ClusterLayout;
  readonly #ca: KeyPair;
  readonly #log: Log;
  #listener: Promise<{ server: HttpServer; admin: KeyPair }> | undefined;

  private constructor(parts: {
    clock: Clock;
    virtual: VirtualClock | undefined;
    activity: CountingActivity;
    lifetime: Lifetime;
    plane: ControlPlane;
    simulated: SimulatedCluster;
    layout: ClusterLayout;
    ca: KeyPair;
    log: Log;
  }) {
    this.#clock = parts.clock;
    this.#virtual = parts.virtual;
    this.#activity = parts.activity;
    this.#lifetime = parts.lifetime;
    this.#plane = parts.plane;
    this.#simulated = parts.simulated;
    this.#layout = parts.layout;
    this.#ca = parts.ca;
    this.#log = parts.log;
    this.exchange = parts.plane.exchange;
    this.client = parts.plane.clientFor(adminUser);
  }

  /** Resolves when the API answers and every node has registered; what follows from that settles later. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const lifetime = new Lifetime();
    const activity = new CountingActivity();
    const log = options.log ?? silentLog;
    const random: Random = new SeededRandom(options.seed ?? 1);
    const virtual = options.clock === "real" ? undefined : new VirtualClock({ startMs: virtualStartMs, activity, turn });
    const clock = virtual ?? realClock();
    const layout = clusterLayout(defaultClusterName, 0);
    const [ca, tokenKey] = await Promise.all([hostKeys.createCa("timonier-ca", certificateLifeMs), hostKeys.createTokenKey()]);
    const simulated: { current: SimulatedCluster | undefined } = { current: undefined };
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
          dialKubelet: (node) => simulated.current?.kubelet(node.name),
          yieldNow: () => counted(activity, "a slice of long work", turn),
        }),
      );
      await plane.startComponents();
      simulated.current = lifetime.use(
        await startSimulatedNodes(
          { clientFor: (user) => plane.clientFor(user), clock, random, log, activity, layout, zlib: hostZlib },
          { ...options, count: options.nodes ?? 1 },
        ),
      );
      const cluster = new Cluster({ clock, virtual, activity, lifetime, plane, simulated: simulated.current, layout, ca, log });
      return cluster;
    } catch (error) {
      await lifetime[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Moves virtual time; with a real clock only `now` and `monotonicMs` work. */
  get clock(): Clock & { advance(durationMs: number): Promise<void> } {
    const clock = this.#clock;
    const virtual = this.#virtual;
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, callback) => clock.after(delayMs, callback),
      advance: async (durationMs) => {
        if (!virtual) throw new Error("this cluster runs on the real clock, which nobody can advance");
        await virtual.advance(durationMs);
      },
    };
  }

  /** The simulated machines, by node name: kill containers, disconnect runtimes, read logs. */
  get nodes(): ReadonlyMap<string, SimulatedNode> {
    return this.#simulated.nodes;
  }

  /** A client with another identity, for tests of authorization. */
  as(user: UserInfo): Client {
    return this.#plane.clientFor({ ...user, groups: [...user.groups, "system:authenticated"] });
  }

  /**
   * Server-side apply of YAML (any number of documents) or of objects; namespaced ones without a namespace go to `default`.
   * @returns the objects as the server has them now. @throws StatusError as the server refused
   */
  async apply(manifests: string | ApiObject | readonly ApiObject[]): Promise<ApiObject[]> {
    const objects =
      typeof manifests === "string" ? readManifests(manifests) : Array.isArray(manifests) ? manifests : [manifests as ApiObject];
    const applied: ApiObject[] = [];
    for (const object of objects as readonly ApiObject[]) {
      const kind = this.#plane.kindOf(object);
      const api = this.client.of(kind, kind.namespaced ? (object.metadata?.namespace ?? "default") : "");
      applied.push(await api.patch(object.metadata?.name ?? "", "apply", object, { fieldManager, force: true, fieldValidation: "Strict" }));
    }
    return applied;
  }

  /** Resolves when nothing has anything left to do at the present time. */
  async settled(): Promise<void> {
    if (this.#virtual) {
      await this.#virtual.settled();
      return;
    }
    for (const deadline = performance.now() + realSettleLimitMs; ;) {
      let quiet = 0;
      for (let seen = this.#activity.changes; quiet < 3 && this.#activity.count === 0; quiet++) {
        await turn();
        if (this.#activity.changes !== seen) break;
        seen = this.#activity.changes;
      }
      if (quiet === 3) return;
      if (performance.now() > deadline) {
        throw new Error(`the cluster does not settle; busy: ${[...this.#activity.busy().keys()].join(", ")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /**
   * Moves time until the condition holds. `within` is in milliseconds of the cluster's time, 5 minutes by default.
   * @throws Error when it does not
   */
  async until(condition: () => boolean | Promise<boolean>, options: { readonly within?: number } = {}): Promise<void> {
    const withinMs = options.within ?? 300_000;
    if (this.#virtual) {
      await this.#virtual.until(condition, withinMs);
      return;
    }
    for (const deadline = performance.now() + withinMs; !(await condition());) {
      if (performance.now() > deadline) throw new Error(`condition not met within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Opens a TLS listener on a free loopback port, once, and returns the text of a kubeconfig that leads there. */
  async kubeconfig(): Promise<string> {
    const { server, admin } = await (this.#listener ??= this.#listen());
    const entry = {
      name: this.#layout.context,
      cluster: {
        server: `https://127.0.0.1:${server.port}`,
        "certificate-authority-data": encodeBase64Text(this.#ca.certificatePem),
      },
      user: {
        "client-certificate-data": encodeBase64Text(admin.certificatePem),
        "client-key-data": encodeBase64Text(admin.keyPem),
      },
    };
    return formatKubeconfig(mergeEntry(parseKubeconfig(""), entry, "always"));
  }

  async #listen(): Promise<{ server: HttpServer; admin: KeyPair }> {
    const names = apiServerLeaf({ addresses: [], hostname: "localhost", clusterDomain: this.#layout.clusterDomain });
    const [serving, admin] = await Promise.all([
      hostKeys.issue({ ...names, ca: this.#ca, validForMs: certificateLifeMs }),
      hostKeys.issue({ ...adminLeaf, ca: this.#ca, validForMs: certificateLifeMs }),
    ]);
    const server = await serve(this.exchange, {
      host: "127.0.0.1",
      port: 0,
      tls: { certPem: serving.certificatePem, keyPem: serving.keyPem, clientCaPem: this.#ca.certificatePem },
      log: this.#log,
    });
    this.#lifetime.use(server);
    return { server, admin };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#lifetime[Symbol.asyncDispose]();
  }
}

function readManifests(yaml: string): ApiObject[] {
  return parseYamlDocuments(yaml)
    .map((document) => document.value as ApiObject | null)
    .filter((object) => object !== null);
}
