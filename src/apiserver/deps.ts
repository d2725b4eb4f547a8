// Everything that the API server needs from outside. No default, no global: the composition root gives it all.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { KindRegistry } from "../object/kind-registry.ts";
import type { Store } from "../store/store.ts";
import type { Exchange } from "../wire/exchange.ts";
import type { TokenKeys } from "./authn/token-keys.ts";
import type { NodeAddress } from "./connect/kubelet-address.ts";

/** Everything that an API server needs of the outside. */
export interface ApiServerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
  readonly kinds: KindRegistry;
  readonly tokenKeys: TokenKeys;
  /** An Exchange to a node's kubelet as the API server's own identity; undefined when the node cannot be reached. */
  readonly dialKubelet?: (node: NodeAddress) => Exchange | undefined;
  /** An Exchange to some address and port in the cluster's network, for `services/proxy` and `pods/proxy`. */
  readonly dialCluster?: (target: { readonly scheme: "http" | "https"; readonly host: string; readonly port: number }) => Exchange;
  /** "10.96.0.0/16": a list by family, joined with a comma. */
  readonly serviceCidr: string;
  /** "30000-32767" */
  readonly nodePortRange: string;
  /** "cluster.local" */
  readonly clusterDomain: string;
  /** Issuer of service-account tokens and their default audience: "https://kubernetes.default.svc.cluster.local". */
  readonly issuer: string;
  readonly authorization?: AuthorizationOptions;
  /** A macrotask turn: long work is sliced with it so that the event loop is never held for long. */
  readonly yieldNow: () => Promise<void>;
  /** The text of /metrics; absent: the path is not served. */
  readonly renderMetrics?: () => Promise<string>;
  /** `gitVersion` of /version. Default "v1.36.0+timonier". */
  readonly version?: string;
}

export interface AuthorizationOptions {
  /** Everything is allowed to everybody who is authenticated: tests of what lies behind authorization. Default false. */
  readonly alwaysAllow?: boolean;
}
