// All pods of the node: one worker each, told by the informer what is wanted and by the runtime's hints when to look.

import { pause } from "../base/clock.ts";
import type { Informer } from "../client/informer.ts";
import type { Pod } from "../kinds/core/types.gen.ts";
import type { RuntimeHint } from "./container-runtime.ts";
import { ImageGarbage } from "./images/image-garbage.ts";
import type { PodIdentity } from "./observed.ts";
import { identityOf } from "./observed.ts";
import type { PodDeps } from "./pod-deps.ts";
import { rotateLog } from "./log-rotation.ts";
import { PodWorker } from "./pod-worker.ts";

/** The safety net beside events: everything is listed and compared this often. */
const housekeepingMs = 60_000;

export class PodSet {
  readonly #deps: PodDeps;
  readonly #pods: Informer<Pod>;
  readonly #workers = new Map<string, PodWorker>();
  readonly #imageGarbage: ImageGarbage;
  #handle: Disposable | undefined;

  constructor(deps: PodDeps, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#pods = pods;
    this.#imageGarbage = new ImageGarbage({ ...deps, root: deps.dirs.root });
  }

  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }
  workers(): IterableIterator<PodWorker> {
    return this.#workers.values();
  }
  /** By namespace and name; the newest when a pod of the same name is still ending. */
  find(namespace: string, name: string): PodWorker | undefined {
    const pod = this.#pods.get(namespace, name);
    const current = pod && this.#workers.get(pod.metadata!.uid!);
    if (current) return current;
    return [...this.#workers.values()].findLast((worker) => worker.identity.namespace === namespace && worker.identity.name === name);
  }

  /** Pods that hold resources now. */
  holding(): readonly Pod[] {
    return [...this.#workers.values()].filter((worker) => worker.holdsResources && worker.pod).map((worker) => worker.pod!);
  }

  /** Call when the informer has its first list: what the runtime has beyond it is nobody's. */
  async begin(signal: AbortSignal): Promise<void> {
    // Oldest first: what was admitted before keeps its place.
    const known = this.#pods.list().toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
    for (const pod of known) this.#update(pod);
    this.#handle = this.#pods.handle({
      added: (pod) => this.#update(pod),
      updated: (pod) => this.#update(pod),
      deleted: (pod) => this.#workers.get(pod.metadata!.uid!)?.podGone(pod),
    });
    await this.#housekeep(signal).catch((error: unknown) => this.#deps.log.warn("housekeeping failed", { error: String(error) }));
  }

  /** Until the signal aborts. */
  async keepHouse(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(this.#deps.clock, housekeepingMs, signal);
      if (signal.aborted) return;
      try {
        using _ = this.#deps.activity.begin("kubelet keeps house");
        await this.#housekeep(signal);
      } catch (error) {
        this.#deps.log.warn("housekeeping failed", { error: String(error) });
      }
    }
  }

  /** Follows the runtime's hints until the signal aborts. */
  async followHints(signal: AbortSignal, changed: () => void): Promise<void> {
    const { runtime, clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        for await (const hint of runtime.events(signal)) await this.#hint(hint, changed);
      } catch (error) {
        if (!signal.aborted) log.warn("the runtime's events broke off", { error: String(error) });
      }
      if (signal.aborted) return;
      this.wakeAll();
      await pause(clock, 1000, signal);
    }
  }

  wake(uid: string): void {
    this.#workers.get(uid)?.wake();
  }
  wakeAll(): void {
    for (const worker of this.#workers.values()) worker.wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#handle?.[Symbol.dispose]();
    await Promise.all([...this.#workers.values()].map((worker) => worker[Symbol.asyncDispose]()));
  }

  #update(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata!;
    this.#worker({ uid: uid!, namespace: namespace!, name: name! }).update(pod);
  }

  #worker(identity: PodIdentity): PodWorker {
    let worker = this.#workers.get(identity.uid);
    if (!worker) {
      worker = new PodWorker(this.#deps, identity, () => this.#workers.delete(identity.uid));
      this.#workers.set(identity.uid, worker);
    }
    return worker;
  }

  async #hint(hint: RuntimeHint, changed: () => void): Promise<void> {
    switch (hint.type) {
      case "connected":
      case "disconnected":
        changed();
        if (hint.type === "connected") this.wakeAll();
        return;
      case "sandbox-exited": {
        const owner = this.#ownerWhere((worker) => worker.observed?.sandboxes.some((sandbox) => sandbox.id === hint.sandboxId));
        owner?.wake();
        return;
      }
      case "container-exited":
      case "container-started":
      case "container-removed":
      case "oom": {
        const owner =
          this.#ownerWhere((worker) => worker.observed?.containers.some(({ status }) => status.id === hint.containerId)) ??
          (await this.#askOwner(hint.containerId));
        if (hint.type === "container-exited") owner?.exitTold(hint.containerId);
        else owner?.wake();
      }
    }
  }

  #ownerWhere(test: (worker: PodWorker) => boolean | undefined): PodWorker | undefined {
    for (const worker of this.#workers.values()) if (test(worker)) return worker;
    return undefined;
  }

  /** A container that no worker has seen yet. An exec'd process or a stranger's container has no owner here. */
  async #askOwner(containerId: string): Promise<PodWorker | undefined> {
    const [container] = await this.#deps.runtime.listContainers({ id: containerId });
    const identity = container && identityOf(container.labels);
    return identity && this.#workers.get(identity.uid);
  }

  /** Wakes workers whose pod is not as last seen; ends what nobody wants; removes what was left on disk. */
  async #housekeep(signal: AbortSignal): Promise<void> {
    const { runtime, files, volumes, cgroups, cgroupRoot, dirs } = this.#deps;
    const [sandboxes, containers] = await Promise.all([
      runtime.listSandboxes(undefined, signal),
      runtime.listContainers(undefined, signal),
    ]);
    const present = new Map<string, string[]>();
    for (const thing of [...sandboxes, ...containers]) {
      const identity = identityOf(thing.labels);
      if (!identity) continue;
      const seen = present.get(identity.uid);
      const text = `${thing.id}=${thing.state}`;
      if (seen) seen.push(text);
      else present.set(identity.uid, [text]);
      if (!this.#workers.has(identity.uid)) this.#worker(identity).wake();
    }
    for (const [uid, worker] of this.#workers) {
      const { observed } = worker;
      if (!observed) continue;
      const last = [
        ...observed.sandboxes.map((sandbox) => `${sandbox.id}=${sandbox.state}`),
        ...observed.containers.map(({ status }) => `${status.id}=${status.state}`),
      ];
      if (last.toSorted().join() !== (present.get(uid) ?? []).toSorted().join()) worker.wake();
    }
    const gone = (uid: string): boolean => !this.#workers.has(uid) && !present.has(uid);
    for (const uid of await files.list(`${dirs.root}/pods`)) if (gone(uid)) await volumes.tearDown(uid);
    for (const middle of ["", "/burstable", "/besteffort"]) {
      for (const name of await cgroups.list(cgroupRoot + middle)) {
        if (name.startsWith("pod") && gone(name.slice(3))) await cgroups.remove(`${cgroupRoot}${middle}/${name}`);
      }
    }
    for (const name of await files.list(dirs.podLogs)) {
      const uid = name.split("_")[2];
      if (uid !== undefined && gone(uid)) await files.remove(`${dirs.podLogs}/${name}`);
    }
    await this.#evictOverLimit();
    await this.#rotateLogs(signal);
    await this.#imageGarbage.collect();
  }

  async #rotateLogs(signal: AbortSignal): Promise<void> {
    const { runtime, files, clock, log } = this.#deps;
    for (const { observed } of this.#workers.values()) {
      for (const { status } of observed?.containers ?? []) {
        if (status.state !== "running") continue;
        try {
          await rotateLog(files, status.logPath, clock.now(), () => runtime.reopenContainerLog(status.id, signal));
        } catch (error) {
          log.warn("cannot rotate a log", { path: status.logPath, error: String(error) });
        }
      }
    }
  }

  /** emptyDir volumes that outgrew their sizeLimit. */
  async #evictOverLimit(): Promise<void> {
    for (const worker of this.#workers.values()) {
      const pod = worker.pod;
      if (!pod || !worker.holdsResources) continue;
      const [over] = await this.#deps.volumes.overLimit(pod);
      if (!over) continue;
      const message = `Usage of EmptyDir volume "${over.volume}" exceeds the limit "${over.limit}". `;
      this.#deps.events.pod(pod, "Warning", "Evicted", message);
      worker.fail({ reason: "Evicted", message });
    }
  }
}

const startOf = (pod: Pod): string => pod.status?.startTime ?? `~${pod.metadata?.creationTimestamp ?? ""}`;
