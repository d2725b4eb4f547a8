// Keeps the node's packet filter equal to the cluster's services: informers mark what changed, one worker writes all that is
// marked in one transaction. When the kernel refuses, everything is written anew from what should stand.

import type { Activity } from "../base/activity.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { InformerSet } from "../client/informer-set.ts";
import { WorkQueue } from "../client/work-queue.ts";
import { serviceKind } from "../kinds/core/service.ts";
import { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { StandingElements } from "./changes.ts";
import { affinityTimeouts, type Elements, elementsOf } from "./elements.ts";
import type { PacketFilter, StaleFlow } from "./packet-filter.ts";
import { renderTable, type RulesetOptions } from "./ruleset.ts";
import { type Frontend, serviceFrontends } from "./service-frontends.ts";
import { staleFlows } from "./stale-flows.ts";

export interface ProxyDeps {
  readonly informers: InformerSet;
  readonly packetFilter: PacketFilter;
  readonly clock: Clock;
  readonly activity: Activity;
  readonly log: Log;
  readonly nodeName: string;
  readonly ruleset: Omit<RulesetOptions, "affinityTimeouts">;
}

export interface Proxy extends AsyncDisposable {
  /** Resolves when the first full set of rules stands in the kernel. */
  start(): Promise<void>;
}

const serviceNameLabel = "kubernetes.io/service-name";
const byService = "service";
const onlyKey = "rules";

const serviceKeyOf = (slice: EndpointSlice): string | undefined => {
  const name = slice.metadata?.labels?.[serviceNameLabel];
  return name === undefined ? undefined : `${slice.metadata?.namespace}/${name}`;
};

export function createProxy(deps: ProxyDeps): Proxy {
  const { informers, packetFilter, log, nodeName } = deps;
  const services = informers.of(serviceKind);
  const slices = informers.of(endpointSliceKind);
  slices.addIndex(byService, (slice) => [serviceKeyOf(slice) ?? ""]);
  const standing = new StandingElements();
  const frontends = new Map<string, readonly Frontend[]>();
  const dirty = new Set<string>();
  let timeouts: readonly number[] = [];
  let isLoaded = false;
  let isStarted = false;
  let markLoaded: () => void = () => {};
  const loaded = new Promise<void>((resolve) => (markLoaded = resolve));
  const queue = new WorkQueue(sync, deps, { name: "proxy", baseDelayMs: 100, maxDelayMs: 30_000 });

  const mark = (service: string | undefined): void => {
    if (service === undefined) return;
    dirty.add(service);
    queue.add(onlyKey);
  };
  const markService = (service: { readonly metadata?: { readonly namespace?: string; readonly name?: string } }): void =>
    mark(`${service.metadata?.namespace}/${service.metadata?.name}`);
  const markSlice = (slice: EndpointSlice): void => mark(serviceKeyOf(slice));
  const subscriptions = [
    services.handle({ added: markService, updated: markService, deleted: markService }),
    slices.handle({
      added: markSlice,
      updated: (slice, old) => {
        markSlice(slice);
        markSlice(old);
      },
      deleted: markSlice,
    }),
  ];

  /** Recomputes the marked services. Returns their new elements and the flows whose backend is gone. */
  function recompute(): { changed: Map<string, Elements>; stale: StaleFlow[] } {
    const changed = new Map<string, Elements>();
    const stale: StaleFlow[] = [];
    for (const key of dirty) {
      const [namespace, name] = key.split("/") as [string, string];
      const service = services.get(namespace, name);
      const wanted = service ? serviceFrontends(service, slices.byIndex(byService, key), nodeName) : [];
      stale.push(...staleFlows(frontends.get(key) ?? [], wanted));
      if (wanted.length === 0) frontends.delete(key);
      else frontends.set(key, wanted);
      changed.set(key, elementsOf(wanted));
    }
    dirty.clear();
    return { changed, stale };
  }

  async function sync(): Promise<void> {
    const { changed, stale } = recompute();
    const script = standing.change(deps.ruleset.table, changed);
    const wantedTimeouts = affinityTimeouts([...frontends.values()].flat());
    const needsTable = !isLoaded || wantedTimeouts.join() !== timeouts.join();
    try {
      if (needsTable) {
        timeouts = wantedTimeouts;
        await packetFilter.apply(renderTable({ ...deps.ruleset, affinityTimeouts: wantedTimeouts }) + standing.all(deps.ruleset.table));
      } else if (script !== "") await packetFilter.apply(script);
      isLoaded = true;
      markLoaded();
      queue.forget(onlyKey);
    } catch (error) {
      isLoaded = false;
      const retryMs = queue.retry(onlyKey);
      log.error("service rules were refused; loading all of them again", { error: String(error), retryMs });
      return;
    }
    if (stale.length > 0) {
      await packetFilter.forget(stale).catch((error: unknown) => log.warn("old flows could not be forgotten", { error: String(error) }));
    }
  }

  return {
    async start() {
      if (isStarted) return loaded;
      isStarted = true;
      await Promise.all([services.synced, slices.synced]);
      queue.add(onlyKey);
      queue.start();
      return loaded;
    },
    async [Symbol.asyncDispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
      await queue[Symbol.asyncDispose]();
    },
  };
}
