// Writes statuses of pods, one write at a time for each pod, always the newest; and takes a pod out of the API once nothing
// of it runs any more.

import type { Activity } from "../../base/activity.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Client } from "../../client/client.ts";
import { compareResourceVersions } from "../../client/resource-version.ts";
import { podKind } from "../../kinds/core/pod.ts";
import type { Pod, PodStatus } from "../../kinds/core/types.gen.ts";
import { StatusError } from "../../object/status.ts";
import { statusPatch } from "./pod-status.ts";

export interface StatusWriterDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly activity: Activity;
  readonly nodeName: string;
}

const retryMs = 1000;
const maxRetryMs = 30_000;

interface Entry {
  pod: Pod;
  wanted?: PodStatus;
  /** After the status: delete the object. */
  finish: boolean;
  /** The newest version that a write was answered with. */
  written?: Pod;
  running?: Promise<void>;
  timer?: Timer;
  failures: number;
  gone: boolean;
}

export class StatusWriter {
  readonly #deps: StatusWriterDeps;
  readonly #entries = new Map<string, Entry>();
  #stopped = false;

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps;
  }

  /** The pod as the informer or our own last write shows it, whichever is newer. */
  newest(pod: Pod): Pod {
    const written = this.#entries.get(pod.metadata!.uid!)?.written;
    if (!written) return pod;
    return compareResourceVersions(written.metadata?.resourceVersion ?? "", pod.metadata?.resourceVersion ?? "") > 0 ? written : pod;
  }

  /** Returns at once. */
  publish(pod: Pod, status: PodStatus): void {
    const entry = this.#entry(pod);
    entry.wanted = status;
    this.#start(entry);
  }

  /** Writes what waits, then deletes the object with grace 0. Resolves when it is gone, or has been taken over by others. */
  async finish(pod: Pod): Promise<void> {
    const entry = this.#entry(pod);
    entry.finish = true;
    this.#start(entry);
    while (entry.running) await entry.running;
  }

  /** Resolves when what was published is written or waits for a retry. */
  async flush(uid: string): Promise<void> {
    await this.#entries.get(uid)?.running;
  }

  isGone(uid: string): boolean {
    return this.#entries.get(uid)?.gone ?? false;
  }

  forget(uid: string): void {
    this.#entries.get(uid)?.timer?.[Symbol.dispose]();
    this.#entries.delete(uid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    for (const entry of this.#entries.values()) entry.timer?.[Symbol.dispose]();
    await Promise.allSettled([...this.#entries.values()].map((entry) => Promise.resolve(entry.running)));
  }

  #entry(pod: Pod): Entry {
    const uid = pod.metadata!.uid!;
    let entry = this.#entries.get(uid);
    if (!entry) this.#entries.set(uid, (entry = { pod, finish: false, failures: 0, gone: false }));
    else entry.pod = this.newest(pod);
    return entry;
  }

  #start(entry: Entry): void {
    if (entry.running || this.#stopped) return;
    entry.timer?.[Symbol.dispose]();
    entry.running = this.#run(entry).finally(() => {
      entry.running = undefined;
    });
  }

  async #run(entry: Entry): Promise<void> {
    using _ = this.#deps.activity.begin(`kubelet writes status of ${entry.pod.metadata!.namespace}/${entry.pod.metadata!.name}`);
    while (!this.#stopped && !entry.gone && (entry.wanted || entry.finish)) {
      const wanted = entry.wanted;
      entry.wanted = undefined;
      try {
        if (wanted) await this.#write(entry, wanted);
        else await this.#delete(entry);
        entry.failures = 0;
      } catch (error) {
        if (await this.#isGone(entry, error)) {
          entry.gone = true;
          return;
        }
        this.#deps.log.warn("cannot write a pod's status yet", { pod: entry.pod.metadata!.name, error: String(error) });
        entry.wanted ??= wanted;
        const delayMs = Math.min(retryMs * 2 ** entry.failures++, maxRetryMs);
        entry.timer = this.#deps.clock.after(delayMs, () => this.#start(entry));
        return;
      }
    }
  }

  /** Deleted meanwhile, or replaced by another pod of the same name (then the uid in our write does not fit). */
  async #isGone(entry: Entry, error: unknown): Promise<boolean> {
    if (!(error instanceof StatusError)) return false;
    if (error.reason === "NotFound") return true;
    if (error.reason !== "Conflict" && error.reason !== "Invalid") return false;
    const { name, namespace, uid } = entry.pod.metadata!;
    try {
      return (await this.#deps.client.of(podKind, namespace).get(name!)).metadata?.uid !== uid;
    } catch (second) {
      return second instanceof StatusError && second.reason === "NotFound";
    }
  }

  async #write(entry: Entry, wanted: PodStatus): Promise<void> {
    const base = this.newest(entry.pod);
    const patch = statusPatch(base, wanted);
    if (!patch) return;
    const api = this.#deps.client.of(podKind, base.metadata!.namespace);
    const cause = { actor: "kubelet", object: `pods/${base.metadata!.namespace}/${base.metadata!.name}`, rule: "report-status" };
    entry.written = (await api.patch(base.metadata!.name!, "strategic", patch, { subresource: "status", cause })) as Pod;
  }

  async #delete(entry: Entry): Promise<void> {
    const { name, namespace, uid } = entry.pod.metadata!;
    await this.#deps.client.of(podKind, namespace).delete(name!, {
      gracePeriodSeconds: 0,
      preconditions: { uid: uid! },
      cause: { actor: "kubelet", object: `pods/${namespace}/${name}`, rule: "containers-gone" },
    });
    entry.finish = false;
    // Finalizers may keep the object; our part of it is done.
    entry.gone = true;
  }
}
