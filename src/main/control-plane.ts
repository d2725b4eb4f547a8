// API server, controllers and scheduler wired together over one store: the same parts in a server process and inside a test.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { ApiServerDeps } from "../apiserver/deps.ts";
import { createApiServer } from "../apiserver/api-server.ts";
import type { TokenKeys } from "../apiserver/authn/token-keys.ts";
import { type Client, createClient } from "../client/client.ts";
import type { Manifest } from "../cluster/bootstrap-objects.ts";
import { bootstrapObjects } from "../cluster/bootstrap-objects.ts";
import { type ClusterLayout, nodePodPrefixLength } from "../cluster/layout.ts";
import { startControllers } from "../controllers/all.ts";
import { builtinKinds } from "../kinds/all.ts";
import { KindRegistry } from "../object/kind-registry.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import type { Store } from "../store/store.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";
import type { Interpose } from "./interpose.ts";

export interface ControlPlaneDeps {
  readonly layout: ClusterLayout;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
  readonly tokenKeys: TokenKeys;
  /** By which pods verify the API server. */
  readonly caPem: string;
  /** Where clients outside the cluster reach the API server. */
  readonly address: string;
  readonly port: number;
  readonly dialKubelet: ApiServerDeps["dialKubelet"];
  readonly dialCluster?: ApiServerDeps["dialCluster"];
  readonly renderMetrics?: ApiServerDeps["renderMetrics"];
  /** A macrotask turn. */
  readonly yieldNow: () => Promise<void>;
  /** Stands between every in-process client and the API server: where a test loses requests and answers. */
  readonly interpose?: Interpose;
}

export interface ControlPlane extends AsyncDisposable {
  readonly exchange: Exchange;
  /** An in-process client with this identity. */
  clientFor(user: UserInfo): Client;
  /** The kind of an object by its apiVersion and kind. @throws StatusError when the server does not serve it */
  kindOf(object: ApiObject): Kind;
  /** Starts controllers and scheduler, unless they run, and applies what every cluster contains; the API server answers already. */
  startComponents(): Promise<void>;
  /** Ends controllers and scheduler wherever they stand; the API server goes on. */
  stopComponents(): Promise<void>;
}

/** Makes what every cluster contains. */
const bootstrapUser: UserInfo = { name: "system:timonier:bootstrap", groups: ["system:masters", "system:authenticated"] };
const schedulerUser: UserInfo = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
/** In-process requests that may follow each other within one turn of the event loop: a few milliseconds of work. */
const requestsPerTurn = 12;

/** Resolves when the API server answers. */
export async function startControlPlane(deps: ControlPlaneDeps): Promise<ControlPlane> {
  const { layout, activity } = deps;
  const lifetime = new Lifetime();
  const kinds = new KindRegistry(builtinKinds);
  const kindOf = (object: ApiObject): Kind => {
    const [version, group = ""] = (object.apiVersion ?? "").split("/").toReversed();
    const found = kinds.byKind(group, version!, object.kind ?? "");
    if (!found) throw new StatusError("NotFound", `no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
    return found;
  };
  const server = lifetime.use(
    createApiServer({
      ...deps,
      kinds,
      serviceCidr: layout.serviceCidr,
      nodePortRange: `${layout.nodePortRange.from}-${layout.nodePortRange.to}`,
      clusterDomain: layout.clusterDomain,
      issuer: `https://kubernetes.default.svc.${layout.clusterDomain}`,
    }),
  );
  await server.start();
  const exchange = breathing(server.exchange, deps.yieldNow);
  const interpose: Interpose = deps.interpose ?? ((_user, through) => through);
  const clientUntil = (signal: AbortSignal, user: UserInfo): Client =>
    createClient(interpose(user, exchange), { user, decoded: true, userAgent: user.name, activity, signal });
  const clientFor = (user: UserInfo): Client => clientUntil(lifetime.signal, user);
  let components: Lifetime | undefined;
  const stopComponents = async (): Promise<void> => {
    const running = components;
    components = undefined;
    await running?.[Symbol.asyncDispose]();
  };
  lifetime.defer(stopComponents);
  return {
    exchange: server.exchange,
    clientFor,
    kindOf,
    async startComponents() {
      if (components !== undefined) return;
      const running = (components = new Lifetime());
      const componentClient = (user: UserInfo): Client => clientUntil(running.signal, user);
      running.use(
        startControllers({
          ...deps,
          clientFor: componentClient,
          rootCaPem: deps.caPem,
          apiServer: { addresses: [deps.address], port: deps.port, clusterIp: layout.kubernetesAddress },
          podRanges: [{ cidr: layout.podCidr, nodePrefixLength: nodePodPrefixLength }],
        }),
      );
      running.use(createScheduler({ ...deps, client: componentClient(schedulerUser) }));
      await applyObjects(clientFor(bootstrapUser), kindOf, bootstrapObjects(layout));
    },
    stopComponents,
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}

/**
 * In one process requests follow from requests with no socket between them, so a burst of work would hold the event loop until
 * its end. Every so many of them wait for the loop's next turn: by count, not by time, so that a run repeats.
 */
function breathing(exchange: Exchange, yieldNow: () => Promise<void>): Exchange {
  let left = requestsPerTurn;
  let turn: Promise<void> | undefined;
  return async (request, signal) => {
    while (left === 0) {
      turn ??= yieldNow().then(() => {
        turn = undefined;
        left = requestsPerTurn;
      });
      await turn;
    }
    left--;
    return await exchange(request, signal);
  };
}

/** Applies each object as the field manager "timonier", mending what somebody changed. */
async function applyObjects(client: Client, kindOf: ControlPlane["kindOf"], objects: readonly Manifest[]): Promise<void> {
  for (const object of objects) {
    const api = client.of(kindOf(object), object.metadata?.namespace);
    await api.patch(object.metadata!.name!, "apply", object, { fieldManager: "timonier", force: true });
  }
}
