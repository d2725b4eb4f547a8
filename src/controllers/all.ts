// All controllers, started together over one set of informers; each writes as its own account.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import type { UserInfo } from "../wire/exchange.ts";
import { controllersUser, controllerUser } from "./accounts.ts";
import { clusterRoleAggregationController } from "./cluster-role-aggregation/cluster-role-aggregation.ts";
import type { Controller } from "./controller.ts";
import { deploymentController } from "./deployment/deployment.ts";
import { endpointsController } from "./endpoints/endpoints.ts";
import { endpointSliceController } from "./endpointslice/endpointslice.ts";
import { endpointSliceMirroringController } from "./endpointslice-mirroring/endpointslice-mirroring.ts";
import type { EngineDeps } from "./engine.ts";
import { runController } from "./engine.ts";
import { garbageCollectorName, runGarbageCollector } from "./garbage-collector/garbage-collector.ts";
import { kubernetesServiceController } from "./kubernetes-service/kubernetes-service.ts";
import type { ApiServerPlace } from "./kubernetes-service/kubernetes-service.ts";
import { namespaceController } from "./namespace/namespace.ts";
import type { PodRange } from "./node-ipam/node-ipam.ts";
import { nodeIpamController } from "./node-ipam/node-ipam.ts";
import { nodeLifecycleController } from "./node-lifecycle/node-lifecycle.ts";
import { taintEvictionController } from "./node-lifecycle/taint-eviction.ts";
import { podGcController } from "./pod-gc/pod-gc.ts";
import { replicaSetController } from "./replicaset/replicaset.ts";
import { rootCaController } from "./root-ca/root-ca.ts";
import { serviceAccountController } from "./serviceaccount/serviceaccount.ts";

export interface ControllersDeps {
  /** A client that speaks as this identity; its disposal is the caller's. */
  readonly clientFor: (user: UserInfo) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
  /** PEM certificates by which pods verify the API server. */
  readonly rootCaPem: string;
  /** Where the API servers are; absent: somebody else writes the `kubernetes` Service. */
  readonly apiServer?: ApiServerPlace;
  /** Address ranges of pods, one a family; empty: nodes come with their own. */
  readonly podRanges: readonly PodRange[];
}

/** Starts every controller. They begin to decide when their informers have read everything once. */
export function startControllers(deps: ControllersDeps): AsyncDisposable {
  const lifetime = new Lifetime();
  const informers = lifetime.use(new InformerSet(deps.clientFor(controllersUser), deps));
  const engineDeps = (name: string, user: UserInfo): EngineDeps => {
    const client = deps.clientFor(user);
    const log = deps.log.child({ controller: name });
    const recorder: EventRecorder = lifetime.use(createEventRecorder({ ...deps, client, log, component: componentOf(name) }));
    return { ...deps, client, recorder, informers, log };
  };
  for (const controller of controllersOf(deps)) {
    lifetime.use(runController(controller, engineDeps(controller.name, controllerUser(controller.account ?? controller.name))));
  }
  lifetime.use(runGarbageCollector(engineDeps(garbageCollectorName, controllerUser(garbageCollectorName))));
  informers.start();
  return lifetime;
}

/** Every controller that runs on the engine. */
function controllersOf(deps: Pick<ControllersDeps, "clock" | "rootCaPem" | "podRanges" | "apiServer">): readonly Controller[] {
  const monotonicMs = (): number => deps.clock.monotonicMs();
  return [
    deploymentController,
    replicaSetController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    namespaceController,
    serviceAccountController,
    rootCaController(deps.rootCaPem),
    nodeLifecycleController(monotonicMs),
    taintEvictionController(monotonicMs),
    podGcController(monotonicMs),
    clusterRoleAggregationController,
    ...(deps.apiServer !== undefined ? [kubernetesServiceController(deps.apiServer)] : []),
    ...(deps.podRanges.length > 0 ? [nodeIpamController(deps.podRanges)] : []),
  ];
}

/** Events name node controllers as people know them. */
const componentOf = (name: string): string => (name === "node-ipam-controller" ? "cidrAllocator" : name);
