// What every stage and handler of one API server shares.

import type { ApiServerDeps } from "./deps.ts";
import type { Authorizer } from "./authz/attributes.ts";
import type { Resources } from "./resources.ts";
import type { ClusterIndexes } from "./watch/cluster-indexes.ts";
import type { StoreFeed } from "./watch/store-feed.ts";

export interface Server {
  readonly deps: ApiServerDeps;
  readonly feed: StoreFeed;
  readonly resources: Resources;
  readonly authorizer: Authorizer;
  readonly indexes: ClusterIndexes;
  /** Aborted when the server stops: watches and joined connections end with it. */
  readonly stopping: AbortSignal;
  /** Named conditions of readiness, in the order of /readyz?verbose. */
  readonly checks: readonly { readonly name: string; readonly ready: () => boolean }[];
}
