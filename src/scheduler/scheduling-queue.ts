// Pods that wait for a node. Active ones are tried in order of priority; one that found no node rests until something happens
// that may help it, and then for its back-off; it is tried anyway after five minutes.
//
//   active ──no node──▶ unschedulable ──a helpful event, or 5 min──▶ backing off ──1 s, 2 s, ... 10 s──▶ active

import type { Clock, Timer } from "../base/clock.ts";
import type { ClusterEvent, Filter } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";

export interface QueuedPod {
  pod: PodInfo;
  attempts: number;
  /** When it joined the queue, in monotonic milliseconds: the order within one priority. */
  readonly sinceMs: number;
  readonly order: number;
  lastTriedAtMs: number;
  /** Filters that refused it last time. */
  refusedBy: ReadonlySet<Filter>;
}

const firstBackoffMs = 1_000;
const longestBackoffMs = 10_000;
const longestRestMs = 300_000;

export class SchedulingQueue implements Disposable {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #active = new Map<string, QueuedPod>();
  readonly #backingOff = new Map<string, { readonly queued: QueuedPod; readonly timer: Timer }>();
  readonly #unschedulable = new Map<string, { readonly queued: QueuedPod; readonly timer: Timer }>();
  #order = 0;

  /** `wake` is called when a pod became active. */
  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** A new pod, or a new version of a waiting one. A change of the pod itself is worth a try. */
  set(pod: PodInfo, helps: boolean): void {
    const present = this.#find(pod.uid);
    if (present === undefined) {
      this.#activate({
        pod,
        attempts: 0,
        sinceMs: this.#clock.monotonicMs(),
        order: this.#order++,
        lastTriedAtMs: 0,
        refusedBy: new Set(),
      });
      return;
    }
    present.pod = pod;
    if (helps && this.#unschedulable.has(pod.uid)) this.#release(pod.uid);
  }

  delete(uid: string): void {
    this.#active.delete(uid);
    this.#drop(this.#backingOff, uid);
    this.#drop(this.#unschedulable, uid);
  }

  has(uid: string): boolean {
    return this.#find(uid) !== undefined;
  }

  /** The most important active pod, the longest waiting among equals. */
  take(): QueuedPod | undefined {
    let first: QueuedPod | undefined;
    for (const queued of this.#active.values()) if (first === undefined || isBefore(queued, first)) first = queued;
    if (first === undefined) return undefined;
    this.#active.delete(first.pod.uid);
    first.attempts++;
    first.lastTriedAtMs = this.#clock.monotonicMs();
    return first;
  }

  /** No node would do: it rests until an event that one of its refusing filters waits for. */
  rest(queued: QueuedPod, refusedBy: ReadonlySet<Filter>): void {
    queued.refusedBy = refusedBy;
    const { uid } = queued.pod;
    const timer = this.#clock.after(longestRestMs, () => this.#release(uid));
    this.#unschedulable.set(uid, { queued, timer });
  }

  /** Something went wrong that is not the pod's fault: it is tried again after its back-off. */
  retry(queued: QueuedPod): void {
    const { uid } = queued.pod;
    const delayMs = queued.lastTriedAtMs + backoffMs(queued.attempts) - this.#clock.monotonicMs();
    if (delayMs <= 0) {
      this.#activate(queued);
      return;
    }
    const timer = this.#clock.after(delayMs, () => {
      this.#backingOff.delete(uid);
      this.#activate(queued);
    });
    this.#backingOff.set(uid, { queued, timer });
  }

  /** Lets those resting pods go on that the event may help. */
  happened(event: ClusterEvent): void {
    for (const [uid, { queued }] of this.#unschedulable) {
      if (queued.refusedBy.size === 0 || [...queued.refusedBy].some((filter) => filter.events.has(event))) this.#release(uid);
    }
  }

  [Symbol.dispose](): void {
    for (const { timer } of [...this.#backingOff.values(), ...this.#unschedulable.values()]) timer[Symbol.dispose]();
    this.#active.clear();
    this.#backingOff.clear();
    this.#unschedulable.clear();
  }

  #find(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backingOff.get(uid)?.queued ?? this.#unschedulable.get(uid)?.queued;
  }

  #release(uid: string): void {
    const resting = this.#unschedulable.get(uid);
    if (resting === undefined) return;
    this.#drop(this.#unschedulable, uid);
    this.retry(resting.queued);
  }

  #drop(from: Map<string, { readonly timer: Timer }>, uid: string): void {
    from.get(uid)?.timer[Symbol.dispose]();
    from.delete(uid);
  }

  #activate(queued: QueuedPod): void {
    this.#active.set(queued.pod.uid, queued);
    this.#wake();
  }
}

const isBefore = (a: QueuedPod, b: QueuedPod): boolean =>
  a.pod.priority !== b.pod.priority ? a.pod.priority > b.pod.priority : a.order < b.order;

export const backoffMs = (attempts: number): number => Math.min(firstBackoffMs * 2 ** Math.max(0, attempts - 1), longestBackoffMs);
