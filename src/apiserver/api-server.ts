// The API server as one thing: put together, started, asked through its Exchange, stopped.

import { Lifetime } from "../base/lifetime.ts";
import type { Timer } from "../base/clock.ts";
import type { Exchange } from "../wire/exchange.ts";
import { ClusterAuthorizer } from "./authz/authorizer.ts";
import { bootstrapObjects } from "./authz/policy/bootstrap.ts";
import type { ApiServerDeps } from "./deps.ts";
import { createPipeline } from "./pipeline.ts";
import { poolsOf } from "./registry/pools.ts";
import { Resources } from "./resources.ts";
import type { Server } from "./server.ts";
import { ClusterIndexes } from "./watch/cluster-indexes.ts";
import { StoreFeed } from "./watch/store-feed.ts";

/** History is kept this long at least, and asked to be forgotten this often. */
const compactionEveryMs = 5 * 60_000;

export interface ApiServer extends AsyncDisposable {
  readonly exchange: Exchange;
  /** Loads what is stored, follows it, and makes sure that the default objects are there. */
  start(): Promise<void>;
  ready(): boolean;
  /** Everything up to this revision has reached the watches. */
  revision(): number;
}

export function createApiServer(deps: ApiServerDeps): ApiServer {
  const lifetime = new Lifetime();
  // A wrong range is told when the server is made, not at the first Service.
  poolsOf(deps);
  const feed = new StoreFeed(deps);
  const indexes = new ClusterIndexes(feed);
  let bootstrapped = false;
  const server: Server = {
    deps,
    feed,
    indexes,
    stopping: lifetime.signal,
    resources: new Resources(deps.kinds),
    authorizer: new ClusterAuthorizer(feed, indexes, deps.authorization),
    checks: [
      { name: "etcd", ready: () => feed.loaded },
      { name: "informer-sync", ready: () => feed.loaded },
      { name: "poststarthook/rbac/bootstrap-roles", ready: () => bootstrapped },
      { name: "poststarthook/start-system-namespaces-controller", ready: () => bootstrapped },
      { name: "shutdown", ready: () => !lifetime.signal.aborted },
    ],
  };
  const exchange: Exchange = createPipeline(server);

  const start = async (): Promise<void> => {
    await feed.load();
    const followed = feed.follow(lifetime.signal);
    lifetime.defer(() => followed);
    lifetime.use(scheduleCompaction(deps));
    await bootstrapObjects(exchange, lifetime.signal);
    bootstrapped = true;
  };

  return {
    exchange,
    start,
    ready: () => server.checks.every((check) => check.ready()),
    revision: () => feed.revision,
    [Symbol.asyncDispose]: () => lifetime[Symbol.asyncDispose](),
  };

  /** Every five minutes, what is older than the last such moment may be forgotten. */
  function scheduleCompaction({ clock, store, log }: ApiServerDeps): Disposable {
    let keepFrom = store.revision();
    let timer: Timer;
    const again = (): void => {
      timer = clock.after(compactionEveryMs, () => {
        const revision = keepFrom;
        keepFrom = store.revision();
        store
          .compact(revision)
          .then(() => feed.forget(revision))
          .then(() => feed.verify())
          .catch((error: unknown) => {
            if (!lifetime.signal.aborted) log.warn("compaction failed", { revision, error: String(error) });
          });
        again();
      });
    };
    again();
    return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
  }
}
