// The loop around the decision: follows the cluster, takes the next pod, decides, and binds; what finds no node says why.

import type { Activity } from "../base/activity.ts";
import { CancelledError } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { formatTime } from "../base/clock.ts";
import { Lifetime } from "../base/lifetime.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import { podCondition } from "../kinds/core/pod-readiness.ts";
import { podKind } from "../kinds/core/pod.ts";
import type { Pod } from "../kinds/core/types.gen.ts";
import { StatusError } from "../object/status.ts";
import type { Cause } from "../wire/exchange.ts";
import { followCluster } from "./follow-cluster.ts";
import { defaultSchedulerName } from "./is-waiting.ts";
import type { Filter } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";
import { planPreemption } from "./preemption.ts";
import { describeRefusals, schedule } from "./schedule.ts";
import type { NodeRefusal } from "./schedule.ts";
import type { QueuedPod } from "./scheduling-queue.ts";
import { SchedulingQueue } from "./scheduling-queue.ts";
import type { ClusterCache } from "./snapshot.ts";

export interface SchedulerDeps {
  /** Speaks as `system:kube-scheduler`. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
  /** A turn of the event loop: a long queue is worked through in slices. */
  readonly yieldNow: () => Promise<void>;
  /** Pods with this spec.schedulerName are ours. Default "default-scheduler". */
  readonly name?: string;
}

/** Decisions go on for so long before others get their turn. */
const sliceMs = 10;

/** Starts at once; decides when it has read the cluster once. */
export function createScheduler(deps: SchedulerDeps): AsyncDisposable {
  return new Scheduler(deps);
}

class Scheduler implements AsyncDisposable {
  readonly #deps: SchedulerDeps;
  readonly #name: string;
  readonly #lifetime = new Lifetime();
  readonly #recorder: EventRecorder;
  readonly #cache: ClusterCache;
  readonly #queue: SchedulingQueue;
  readonly #bindings = new Set<Promise<void>>();
  readonly #observeAttempt: (value: number, labels?: Readonly<Record<string, string>>) => void;
  #loop: Promise<void> | undefined;
  #ready = false;
  #start = 0;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
    this.#name = deps.name ?? defaultSchedulerName;
    this.#observeAttempt = deps.metrics.histogram(
      "scheduler_scheduling_attempt_duration_seconds",
      "Scheduling attempt latency in seconds (scheduling algorithm + binding)",
    );
    this.#recorder = this.#lifetime.use(createEventRecorder({ ...deps, component: this.#name }));
    const informers = this.#lifetime.use(new InformerSet(deps.client, deps));
    this.#queue = this.#lifetime.use(new SchedulingQueue(deps.clock, () => this.#wake()));
    this.#cache = followCluster(informers, this.#queue, this.#name, (handler) => this.#lifetime.use(handler));
    informers.start();
    void informers.synced().then(() => {
      this.#ready = true;
      this.#wake();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ready = false;
    this.#queue[Symbol.dispose]();
    await this.#loop;
    await Promise.all(this.#bindings);
    await this.#lifetime[Symbol.asyncDispose]();
  }

  #wake(): void {
    if (this.#ready) this.#loop ??= this.#work().finally(() => (this.#loop = undefined));
  }

  async #work(): Promise<void> {
    using _ = this.#deps.activity.begin("scheduler");
    await Promise.resolve();
    let sliceBegan = this.#deps.clock.monotonicMs();
    let decided = 0;
    for (let next = this.#queue.take(); next !== undefined; next = this.#queue.take()) {
      this.#decide(next);
      // A virtual clock does not move while we decide, so slices are counted too.
      if (++decided % 64 === 0 || this.#deps.clock.monotonicMs() - sliceBegan >= sliceMs) {
        await this.#deps.yieldNow();
        sliceBegan = this.#deps.clock.monotonicMs();
      }
    }
  }

  #decide(queued: QueuedPod): void {
    const { pod } = queued;
    const began = this.#deps.clock.monotonicMs();
    const verdict = schedule(pod, this.#cache, this.#deps.random, this.#start);
    if (verdict.type === "fits") {
      const count = this.#cache.nodes.length;
      this.#start = count === 0 ? 0 : (this.#start + verdict.examined) % count;
      this.#cache.assume(pod, verdict.node);
      this.#track(this.#bind(queued, verdict.node, began));
      return;
    }
    this.#observeAttempt((this.#deps.clock.monotonicMs() - began) / 1000, { result: "unschedulable", profile: this.#name });
    const refusedBy = new Set<Filter>([...verdict.refusals.values()].map((refusal) => refusal.filter));
    const plan = this.#cache.nodes.length === 0 ? undefined : planPreemption(pod, this.#cache, verdict.refusals);
    this.#queue.rest(queued, refusedBy);
    if (plan?.type === "victims") {
      this.#cache.nominate(pod, plan.node);
      this.#track(this.#preempt(queued, plan.node, plan.victims, verdict.refusals));
      return;
    }
    const message = describeRefusals(this.#cache.nodes.length, verdict.refusals, plan?.message ?? "");
    this.#track(this.#report(pod, "Unschedulable", message, ""));
  }

  #track(work: Promise<void>): void {
    const held = this.#deps.activity.begin("scheduler writes");
    const tracked = work
      .catch((error: unknown) => {
        if (!(error instanceof CancelledError)) this.#deps.log.warn("the scheduler could not write", { error: String(error) });
      })
      .finally(() => {
        held[Symbol.dispose]();
        this.#bindings.delete(tracked);
      });
    this.#bindings.add(tracked);
  }

  async #bind(queued: QueuedPod, node: string, began: number): Promise<void> {
    const { pod } = queued.pod;
    const name = pod.metadata?.name ?? "";
    const namespace = pod.metadata?.namespace ?? "";
    const binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, uid: pod.metadata?.uid },
      target: { kind: "Node", name: node },
    };
    try {
      await this.#deps.client
        .of(podKind, namespace)
        .create(binding as unknown as Pod, { subresource: "binding", name, cause: this.#cause(pod, "bind") });
    } catch (error) {
      this.#cache.forget(queued.pod.uid);
      if (error instanceof StatusError && error.reason === "NotFound") return;
      this.#deps.log.info("a binding was refused", { pod: queued.pod.key, node, error: String(error) });
      // Bound by somebody else: the watch will say so, and takes it out of the queue.
      this.#queue.retry(queued);
      await this.#report(queued.pod, "SchedulerError", (error as Error).message, undefined);
      return;
    }
    this.#observeAttempt((this.#deps.clock.monotonicMs() - began) / 1000, { result: "scheduled", profile: this.#name });
    this.#recorder.record(withKind(pod), "Normal", "Scheduled", `Successfully assigned ${queued.pod.key} to ${node}`);
  }

  async #preempt(queued: QueuedPod, node: string, victims: readonly PodInfo[], refusals: ReadonlyMap<string, NodeRefusal>): Promise<void> {
    const { pod } = queued;
    for (const victim of victims) {
      if (victim.terminating) continue;
      await this.#mark(victim.pod, {
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: `${this.#name}: preempting to accommodate a higher priority pod`,
      });
      await this.#delete(victim);
      this.#recorder.record(withKind(victim.pod), "Normal", "Preempted", `Preempted by pod ${pod.uid} on node ${node}`);
    }
    await this.#report(pod, "Unschedulable", describeRefusals(this.#cache.nodes.length, refusals), node);
  }

  async #delete(victim: PodInfo): Promise<void> {
    try {
      await this.#deps.client
        .of(podKind, victim.namespace)
        .delete(victim.pod.metadata?.name ?? "", { preconditions: { uid: victim.uid }, cause: this.#cause(victim.pod, "preempt") });
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== "NotFound") throw error;
    }
  }

  /** Tells why the pod has no node: an event each time, the condition when it differs. `nominated`: the node it is promised. */
  async #report(pod: PodInfo, reason: "Unschedulable" | "SchedulerError", message: string, nominated: string | undefined): Promise<void> {
    this.#recorder.record(withKind(pod.pod), "Warning", "FailedScheduling", message);
    const present = podCondition(pod.pod, "PodScheduled");
    const promised = pod.pod.status?.nominatedNodeName ?? "";
    const same = present?.status === "False" && present.reason === reason && present.message === message;
    if (same && (nominated === undefined || nominated === "" || nominated === promised)) return;
    await this.#mark(pod.pod, { type: "PodScheduled", status: "False", reason, message }, nominated === "" ? undefined : nominated);
  }

  async #mark(
    pod: Pod,
    condition: { readonly type: string; readonly status: string; readonly reason: string; readonly message: string },
    nominatedNodeName?: string,
  ): Promise<void> {
    const present = podCondition(pod, condition.type);
    const lastTransitionTime = present?.status === condition.status ? present.lastTransitionTime : formatTime(this.#deps.clock.now());
    const generation = pod.metadata?.generation;
    const full = { ...condition, lastTransitionTime, ...(generation !== undefined && { observedGeneration: generation }) };
    const patch = {
      metadata: { uid: pod.metadata?.uid },
      status: { conditions: [full], ...(nominatedNodeName !== undefined && { nominatedNodeName }) },
    };
    try {
      await this.#deps.client
        .of(podKind, pod.metadata?.namespace ?? "")
        .patch(pod.metadata?.name ?? "", "strategic", patch, { subresource: "status", cause: this.#cause(pod, condition.type) });
    } catch (error) {
      if (!(error instanceof StatusError) || (error.reason !== "NotFound" && error.reason !== "Conflict")) throw error;
    }
  }

  #cause(pod: Pod, rule: string): Cause {
    const revision = pod.metadata?.resourceVersion;
    return {
      actor: this.#name,
      object: `Pod ${pod.metadata?.namespace ?? ""}/${pod.metadata?.name ?? ""}`,
      ...(revision !== undefined && { revision }),
      rule,
    };
  }
}

/** Objects out of a list state no kind; events need one. */
const withKind = (pod: Pod): Pod => ({ ...pod, apiVersion: "v1", kind: "Pod" });
