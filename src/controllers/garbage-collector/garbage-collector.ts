// Deletes what nobody owns any more. It follows every kind that discovery names, custom ones included, finds each object's
// dependents by an index of owner uids, and asks the API itself before it believes that an owner is gone.

import type { Timer } from "../../base/clock.ts";
import type { Informer } from "../../client/informer.ts";
import { WorkQueue } from "../../client/work-queue.ts";
import type { ApiObject, Kind, OwnerReference } from "../../object/kind.ts";
import { apiVersionOf } from "../../object/kind.ts";
import { StatusError } from "../../object/status.ts";
import { DecisionRunner } from "../decision-runner.ts";
import { discoverKinds } from "../discovered-kinds.ts";
import type { EngineDeps } from "../engine.ts";
import type { Item, OwnerFact } from "./garbage-decision.ts";
import { decideGarbage, foreground, orphan } from "./garbage-decision.ts";

export const garbageCollectorName = "generic-garbage-collector";
/** How often discovery is read again. */
const discoveryPeriodMs = 30_000;
/** Most uids remembered as gone; the oldest is forgotten, which costs one more question to the API. */
const maxAbsent = 500;
const workers = 20;
/** Events expire by themselves and come in masses. */
const isIgnored = (kind: Kind<ApiObject>): boolean => kind.plural === "events";

export function runGarbageCollector(deps: EngineDeps): AsyncDisposable {
  return new GarbageCollector(deps);
}

class GarbageCollector implements AsyncDisposable {
  readonly #deps: EngineDeps;
  readonly #queue: WorkQueue;
  readonly #runner: DecisionRunner;
  readonly #informers = new Map<string, { readonly kind: Kind<ApiObject>; readonly informer: Informer<ApiObject> }>();
  readonly #handlers: Disposable[] = [];
  /** The kind under which each uid is known. */
  readonly #kindOf = new Map<string, Kind<ApiObject>>();
  readonly #absent = new Set<string>();
  #timer: Timer | undefined;
  #stopped = false;
  #started = false;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
    this.#runner = new DecisionRunner(garbageCollectorName, deps, () => undefined);
    this.#queue = new WorkQueue((uid) => this.#process(uid), deps, { name: garbageCollectorName, concurrency: workers });
    void this.#discover();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#runner.stop();
    for (const handler of this.#handlers) handler[Symbol.dispose]();
    await this.#queue[Symbol.asyncDispose]();
  }

  /** Follows the kinds that are new. Nothing is judged before each of them has been read once. */
  async #discover(): Promise<void> {
    try {
      const { kinds, failures } = await discoverKinds(this.#deps.client, ["list", "watch", "delete"]);
      if (this.#stopped) return;
      for (const failure of failures) this.#deps.log.warn("garbage collection does not see a group", { failure });
      for (const kind of kinds) if (!isIgnored(kind)) this.#follow(kind);
      await Promise.all([...this.#informers.values()].map(({ informer }) => informer.synced));
      if (!this.#stopped && !this.#started) {
        this.#started = true;
        this.#queue.start();
      }
    } catch (error) {
      if (this.#stopped) return;
      this.#deps.log.warn("discovery failed; garbage collection tries again", { error: String(error) });
    }
    if (this.#stopped) return;
    const delayMs = this.#started ? discoveryPeriodMs : 1_000;
    this.#timer = this.#deps.clock.after(delayMs, () => {
      void this.#discover();
    });
  }

  #follow(kind: Kind<ApiObject>): void {
    const name = `${kind.plural}.${kind.group}`;
    if (this.#informers.has(name)) return;
    const informer = this.#deps.informers.of(kind);
    informer.addIndex("uid", (object) => [object.metadata?.uid ?? ""]);
    informer.addIndex("owner-uid", (object) => (object.metadata?.ownerReferences ?? []).map((reference) => reference.uid));
    this.#informers.set(name, { kind, informer });
    this.#handlers.push(
      informer.handle({
        added: (object) => this.#saw(kind, object),
        updated: (object) => this.#saw(kind, object),
        deleted: (object) => this.#lost(object),
      }),
    );
  }

  #saw(kind: Kind<ApiObject>, object: ApiObject): void {
    const uid = object.metadata?.uid ?? "";
    this.#kindOf.set(uid, kind);
    if (object.metadata?.deletionTimestamp !== undefined) {
      const finalizers = object.metadata.finalizers ?? [];
      if (finalizers.includes(foreground) || finalizers.includes(orphan)) this.#queue.add(uid);
      if (finalizers.includes(foreground))
        for (const { object: dependent } of this.#dependentsOf(uid)) this.#queue.add(dependent.metadata?.uid ?? "");
      return;
    }
    const doubtful = object.metadata?.ownerReferences?.some((reference) => {
      const owner = this.#find(reference.uid)?.object;
      return owner === undefined || owner.metadata?.deletionTimestamp !== undefined;
    });
    if (doubtful === true) this.#queue.add(uid);
  }

  #lost(object: ApiObject): void {
    const uid = object.metadata?.uid ?? "";
    this.#kindOf.delete(uid);
    this.#remember(uid);
    for (const { object: dependent } of this.#dependentsOf(uid)) this.#queue.add(dependent.metadata?.uid ?? "");
    // An owner in foreground deletion may have waited for this one.
    for (const reference of object.metadata?.ownerReferences ?? []) if (this.#kindOf.has(reference.uid)) this.#queue.add(reference.uid);
  }

  #remember(uid: string): void {
    this.#absent.add(uid);
    if (this.#absent.size > maxAbsent) this.#absent.delete(this.#absent.values().next().value!);
  }

  #find(uid: string): Item | undefined {
    const kind = this.#kindOf.get(uid);
    const object = kind && this.#informers.get(`${kind.plural}.${kind.group}`)?.informer.byIndex("uid", uid)[0];
    return kind === undefined || object === undefined ? undefined : { kind, object };
  }

  #dependentsOf(uid: string): readonly Item[] {
    const dependents: Item[] = [];
    for (const { kind, informer } of this.#informers.values()) {
      for (const object of informer.byIndex("owner-uid", uid)) dependents.push({ kind, object });
    }
    return dependents;
  }

  async #process(uid: string): Promise<void> {
    const item = this.#find(uid);
    if (item === undefined) return;
    try {
      const owners: OwnerFact[] = [];
      for (const reference of item.object.metadata?.ownerReferences ?? []) owners.push(await this.#judge(item, reference));
      if (this.#stopped) return;
      await this.#runner.carryOut(uid, decideGarbage(item, owners, this.#dependentsOf(uid)));
      this.#queue.forget(uid);
    } catch (error) {
      if (this.#stopped) return;
      const delayMs = this.#queue.retry(uid);
      this.#deps.log.debug("garbage not decided", { uid, retryInMs: delayMs, error: String(error) });
    }
  }

  async #judge(item: Item, reference: OwnerReference): Promise<OwnerFact> {
    const seen = this.#find(reference.uid)?.object;
    if (seen !== undefined) {
      // An owner in another namespace is none: uids are read with the namespace of the dependent.
      const ownerNamespace = seen.metadata?.namespace ?? "";
      if (ownerNamespace === "" || ownerNamespace === item.object.metadata?.namespace) return { reference, state: stateOf(seen) };
    } else if (this.#absent.has(reference.uid)) return { reference, state: "dangling" };
    const kind = [...this.#informers.values()].find(
      ({ kind: candidate }) => candidate.kind === reference.kind && sameGroup(candidate, reference.apiVersion),
    )?.kind;
    if (kind === undefined)
      throw new StatusError("NotFound", `no matches for kind "${reference.kind}" in version "${reference.apiVersion}"`);
    const namespace = item.object.metadata?.namespace ?? "";
    if (kind.namespaced && namespace === "") return { reference, state: "invalid" };
    const version = reference.apiVersion.slice(reference.apiVersion.indexOf("/") + 1);
    try {
      const owner = await this.#deps.client.of({ ...kind, storageVersion: version }, kind.namespaced ? namespace : "").get(reference.name);
      if (owner.metadata?.uid === reference.uid) return { reference, state: stateOf(owner) };
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== "NotFound") throw error;
    }
    if (seen === undefined) this.#remember(reference.uid);
    return { reference, state: "dangling" };
  }
}

const sameGroup = (kind: Kind<ApiObject>, apiVersion: string): boolean => {
  const slash = apiVersion.indexOf("/");
  return apiVersionOf(kind.group, "x") === apiVersionOf(slash < 0 ? "" : apiVersion.slice(0, slash), "x");
};

const stateOf = (owner: ApiObject): "solid" | "waiting" =>
  owner.metadata?.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(foreground) === true ? "waiting" : "solid";
