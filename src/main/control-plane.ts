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
import type { ClusterLayout } from "../cluster/layout.ts";

import { startControllers } from "../controllers/all.ts";
import { builtinKinds } from "../kinds/all.ts";
import { KindRegistry } from "../object/kind-registry.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import type { Store } from "../store/store.ts";
import type { Exchange, UserInfo } from "../wire/exchange.ts";

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
  readonly yieldNow: () => Promise<void>;
}

export interface ControlPlane extends AsyncDisposable {
  readonly exchange: Exchange;
  /** An in-process client with this identity. */
  clientFor(user: UserInfo): Client;
  /** The kind of an object by its apiVersion and kind. @throws StatusError when the server does not serve it */
  kindOf(object: ApiObject): Kind;
  /** Starts controllers and scheduler and applies what every cluster contains; the API server answers already. */
  startComponents(): Promise<void>;
}

/** Makes what every cluster contains. */
const bootstrapUser: UserInfo = { name: "system:timonier:bootstrap", groups: ["system:masters", "system:authenticated"] };
const schedulerUser: UserInfo = { name: "system:kube-scheduler", groups: ["system:authenticated"] };
/** Each node gets a /24 of the pods' range. */
const nodePrefixLength = 24;

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
  const clientFor = (user: UserInfo): Client =>
    createClient(server.exchange, { user, decoded: true, userAgent: user.name, activity, signal: lifetime.signal });
  return {
    exchange: server.exchange,
    clientFor,
    kindOf,
    async startComponents() {
      lifetime.use(
        startControllers({
          ...deps,
          clientFor,
          rootCaPem: deps.caPem,
          apiServer: { addresses: [deps.address], port: deps.port, clusterIp: layout.kubernetesAddress },
          podRanges: [{ cidr: layout.podCidr, nodePrefixLength }],
        }),
      );
      lifetime.use(createScheduler({ ...deps, client: clientFor(schedulerUser) }));
      await applyObjects(clientFor(bootstrapUser), kindOf, bootstrapObjects(layout));
    },
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };
}

/** Applies each object as the field manager "timonier", mending what somebody changed. */
async function applyObjects(client: Client, kindOf: ControlPlane["kindOf"], objects: readonly Manifest[]): Promise<void> {
  for (const object of objects) {
    const api = client.of(kindOf(object), object.metadata?.namespace);
    await api.patch(object.metadata!.name!, "apply", object, { fieldManager: "timonier", force: true });
  }
}
