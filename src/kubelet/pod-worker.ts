// One pod's worker: looks, decides, acts, looks again. At most one step runs at a time; whoever learns something calls
// wake(). All that it remembers is convenience: a worker that starts anew finds its way from the pod and the runtime.
//
//   wake ─▶ observe ─▶ decide ─▶ act ─▶ observe ─▶ publish status ─▶ sleep until woken, or until something is due

import type { Timer } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import type { Pod } from "../kinds/core/types.gen.ts";
import type { HookMemory } from "./container-kill.ts";
import { killContainer } from "./container-kill.ts";
import { StartError, startContainer } from "./container-start.ts";
import { qosClass } from "./containers/resources.ts";
import type { PodActions, WaitingReason } from "./decide/pod-actions.ts";
import { decidePodActions } from "./decide/pod-actions.ts";
import type { ObservedPod, PodIdentity } from "./observed.ts";
import { latestRun, liveSandbox, mayRun, observePod, StatusCache } from "./observed.ts";
import type { PodDeps } from "./pod-deps.ts";
import { PodGround } from "./pod-ground.ts";
import { endPod, removeRuntimeTraces } from "./pod-end.ts";
import type { PodVerdict } from "./status/pod-status.ts";
import { podStatus } from "./status/pod-status.ts";
import { TerminationMessages } from "./status/termination-message.ts";
import { VolumesError } from "./volumes/volumes.ts";

/** A pod is looked at again after this long (plus up to half) even if nothing happened. */
const resyncMs = 60_000;
const retryMs = 10_000;
/** The runtime may report an exit later than its event told of it. */
const exitLagMs = 20;
const exitLagTries = 100;
/** Rounds of one step; a pod that still finds work after so many goes on in the next. */
const maxRounds = 20;

export class PodWorker {
  readonly identity: PodIdentity;
  readonly #deps: PodDeps;
  #pod: Pod | undefined;
  /** The object is gone from the API. */
  #gone = false;
  #woken = false;
  #running: Promise<void> | undefined;
  #timer: Timer | undefined;
  #wakeAtMs: number | undefined;
  #interrupt = new AbortController();
  #stopped = false;
  #done = false;
  #failed: PodVerdict | undefined;
  #admitted = false;
  readonly #waiting = new Map<string, WaitingReason & { retryAtMs: number }>();
  #backoffs: readonly WaitingReason[] = [];
  readonly #announced = new Set<string>();
  readonly #hooks: HookMemory = new Set();
  readonly #cache = new StatusCache();
  readonly #messages: TerminationMessages;
  readonly #ground: PodGround;
  /** Containers whose exit was announced but may not show yet. */
  readonly #exitsTold = new Set<string>();
  #observed: ObservedPod | undefined;
  readonly #onDone: () => void;

  constructor(deps: PodDeps, identity: PodIdentity, onDone: () => void) {
    this.#deps = deps;
    this.identity = identity;
    this.#onDone = onDone;
    this.#messages = new TerminationMessages(deps.files);
    this.#ground = new PodGround(deps);
  }

  /** What the runtime was last seen to have of this pod. */
  get observed(): ObservedPod | undefined {
    return this.#observed;
  }
  get pod(): Pod | undefined {
    return this.#pod && this.#deps.statuses.newest(this.#pod);
  }
  /** Counts against the node's resources. */
  get holdsResources(): boolean {
    return this.#admitted && !this.#failed && !this.#done;
  }

  update(pod: Pod): void {
    const before = this.#pod?.metadata;
    this.#pod = pod;
    const deletionChanged =
      pod.metadata!.deletionTimestamp !== before?.deletionTimestamp ||
      pod.metadata!.deletionGracePeriodSeconds !== before?.deletionGracePeriodSeconds;
    // Deletion does not wait for a pull, a hook or a longer grace period.
    if (pod.metadata!.deletionTimestamp !== undefined && deletionChanged) this.#interruptStep();
    this.wake();
  }

  podGone(last: Pod | undefined): void {
    if (last) this.#pod = last;
    this.#gone = true;
    this.#interruptStep();
    this.wake();
  }

  exitTold(containerId: string): void {
    this.#exitsTold.add(containerId);
    this.wake();
  }

  /** Ends the pod for good with this verdict (eviction). */
  fail(verdict: PodVerdict): void {
    this.#failed ??= verdict;
    this.wake();
  }

  wake(): void {
    this.#woken = true;
    if (!this.#running && !this.#stopped && !this.#done) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
        if (this.#woken) this.wake();
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#interruptStep();
    this.#timer?.[Symbol.dispose]();
    await this.#running;
  }

  #interruptStep(): void {
    this.#interrupt.abort(new Error("interrupted"));
    this.#interrupt = new AbortController();
  }

  async #run(): Promise<void> {
    const { activity, clock, log } = this.#deps;
    using _ = activity.begin(`kubelet syncs ${this.identity.namespace}/${this.identity.name}`);
    while (this.#woken && !this.#stopped && !this.#done) {
      this.#woken = false;
      this.#timer?.[Symbol.dispose]();
      this.#wakeAtMs = clock.now() + resyncMs + this.#deps.random.next() * (resyncMs / 2);
      const { signal } = this.#interrupt;
      try {
        await this.#step(signal);
      } catch (error) {
        if (!signal.aborted) {
          log.warn("a pod's step failed and is tried again", { ...this.identity, error: String(error) });
          this.#dueAt(clock.now() + retryMs);
        }
      }
    }
    if (this.#stopped || this.#done) return;
    this.#timer = clock.after(Math.max(this.#wakeAtMs! - clock.now(), 0), () => this.wake());
  }

  #dueAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs ?? Infinity, atMs);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { statuses } = this.#deps;
    let observed = await this.#observe(signal);
    const pod = this.pod;
    if (!pod) return await this.#endOrphan(observed, signal);
    if (this.#gone || pod.metadata!.deletionTimestamp !== undefined) return await this.#endDeleted(pod, observed, signal);
    const over = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    if (!over) this.#judge(pod, observed);
    if (over || this.#failed) {
      observed = await this.#endTerminal(pod, observed, signal);
      if (!over) this.#publish(observed, true);
      await statuses.flush(this.identity.uid);
      return;
    }
    this.#publish(observed, false);
    for (let round = 0; round < maxRounds; round++) {
      const current = this.pod!;
      const actions = this.#decide(current, observed);
      const acted = await this.#act(current, observed, actions, signal);
      if (!acted) return;
      observed = await this.#observe(signal);
      this.#publish(observed, false);
    }
    this.wake();
  }

  /** Admission and the deadline of the pod as a whole. */
  #judge(pod: Pod, observed: ObservedPod): void {
    if (!this.#admitted && !this.#failed) {
      const runsAlready = pod.status?.startTime !== undefined || observed.containers.length > 0;
      const refusal = runsAlready ? undefined : this.#deps.admit(pod);
      if (refusal) {
        this.#failed = refusal;
        this.#deps.events.pod(pod, "Warning", refusal.reason, refusal.message);
        return;
      }
      this.#admitted = true;
    }
    const deadline = pod.spec!.activeDeadlineSeconds;
    if (deadline === undefined || this.#failed || pod.status?.startTime === undefined) return;
    const endsAtMs = Date.parse(pod.status.startTime) + deadline * 1000;
    if (this.#deps.clock.now() >= endsAtMs) {
      const message = "Pod was active on the node longer than the specified deadline";
      this.#failed = { reason: "DeadlineExceeded", message };
      this.#deps.events.pod(pod, "Normal", "DeadlineExceeded", message);
    } else this.#dueAt(endsAtMs);
  }

  #decide(pod: Pod, observed: ObservedPod): PodActions {
    const { prober, clock, events } = this.#deps;
    const actions = decidePodActions({
      pod,
      observed,
      nowMs: clock.now(),
      started: (id) => prober.started(id),
      failedProbe: (id) => prober.failed(id),
    });
    if (actions.wakeAtMs !== undefined) this.#dueAt(actions.wakeAtMs);
    for (const waiting of actions.waiting) {
      const run = latestRun(observed, waiting.name)!.status.id;
      if (this.#announced.has(`backoff/${run}`)) continue;
      this.#announced.add(`backoff/${run}`);
      const container = [...(pod.spec!.initContainers ?? []), ...pod.spec!.containers].find(
        (candidate) => candidate.name === waiting.name,
      )!;
      const where = `pod ${pod.metadata!.name}_${pod.metadata!.namespace}(${pod.metadata!.uid})`;
      events.container(pod, container, "Warning", "BackOff", `Back-off restarting failed container ${waiting.name} in ${where}`);
    }
    const changed = JSON.stringify(this.#backoffs) !== JSON.stringify(actions.waiting);
    this.#backoffs = actions.waiting;
    if (changed) this.#publish(observed, false);
    return actions;
  }

  /** False when there was nothing to do, or nothing that can be done now. */
  async #act(pod: Pod, observed: ObservedPod, actions: PodActions, signal: AbortSignal): Promise<boolean> {
    if (actions.killPod) {
      const hadWork = mayRun(observed) || observed.sandboxes.some((sandbox) => sandbox.state === "ready");
      await this.#endTerminal(pod, observed, signal);
      if (actions.createSandbox === undefined) return hadWork;
    }
    const ground = await this.#prepareGround(pod, observed, actions, signal);
    if (ground === "failed") return false;
    if (actions.createSandbox !== undefined) return true;
    if (ground === "none") return false;

    let acted = false;
    for (const { target, message, reason } of actions.kill) {
      const probe = reason === "liveness-probe" ? "liveness" : reason === "startup-probe" ? "startup" : undefined;
      const graceSeconds =
        (probe && this.#deps.prober.graceSeconds(target.status.id, probe)) ?? pod.spec!.terminationGracePeriodSeconds ?? 30;
      await killContainer(this.#deps, pod, observed, target, { graceSeconds, message }, this.#hooks, signal);
      acted = true;
    }
    const nowMs = this.#deps.clock.now();
    const starts = actions.start.filter(({ container }) => {
      const waiting = this.#waiting.get(container.name);
      if (!waiting || waiting.retryAtMs <= nowMs) return true;
      this.#dueAt(waiting.retryAtMs);
      return false;
    });
    if (starts.length === 0) return acted;
    const sandbox = liveSandbox(observed)!;
    const pullSecrets = await this.#ground.pullSecrets(pod);
    const podIps = pod.spec!.hostNetwork === true ? this.#deps.node().addresses : sandbox.ips;
    for (const [index, start] of starts.entries()) {
      if (index > 0) this.#publish(await this.#observe(signal), false);
      const name = start.container.name;
      try {
        await startContainer(
          this.#deps,
          pod,
          start,
          { sandboxId: sandbox.id, sandbox: ground.sandbox, podIps, volumes: ground.volumes, pullSecrets },
          signal,
        );
        this.#waiting.delete(name);
        acted = true;
      } catch (error) {
        if (!(error instanceof StartError)) throw error;
        this.#waiting.set(name, { name, reason: error.reason, message: error.message, retryAtMs: error.retryAtMs });
        this.#dueAt(error.retryAtMs);
        this.#publish(await this.#observe(signal), false);
        // What comes after an init container waits for it.
        if (start.init) break;
      }
    }
    await this.#removeOldRuns(observed, signal);
    return acted;
  }

  async #prepareGround(pod: Pod, observed: ObservedPod, actions: PodActions, signal: AbortSignal) {
    const needed = actions.createSandbox !== undefined || actions.start.length > 0;
    try {
      const volumes = await this.#ground.volumes(pod, observed, needed);
      if (actions.createSandbox !== undefined) await this.#ground.createSandbox(pod, actions.createSandbox, signal);
      if (!needed && actions.kill.length === 0) return "none";
      return { sandbox: await this.#ground.sandboxConfig(pod, liveSandbox(observed)?.metadata.attempt ?? 0), volumes };
    } catch (error) {
      if (signal.aborted) throw error;
      const message = (error as Error).message;
      if (error instanceof VolumesError) {
        for (const failure of error.failures) {
          const text = `MountVolume.SetUp failed for volume "${failure.volume}" : ${failure.message}`;
          this.#deps.events.pod(pod, "Warning", "FailedMount", text);
        }
        this.#dueAt(this.#deps.clock.now() + this.#ground.nextVolumeRetryMs());
      } else {
        this.#deps.events.pod(pod, "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${message}`);
        this.#dueAt(this.#deps.clock.now() + retryMs);
      }
      this.#deps.log.info("a pod cannot be prepared yet", { ...this.identity, error: message });
      return "failed";
    }
  }

  /** The newest two runs of a container are kept: what it is, and what it was. */
  async #removeOldRuns(observed: ObservedPod, signal: AbortSignal): Promise<void> {
    const seen = new Map<string, number>();
    for (const container of observed.containers) {
      const count = (seen.get(container.name) ?? 0) + 1;
      seen.set(container.name, count);
      // A fresh run has been added since this observation: one old run stays beside it. What was created and never started
      // is left from a kubelet that died in between.
      const { state } = container.status;
      if ((count > 1 && state === "exited") || state === "created") await this.#deps.runtime.removeContainer(container.status.id, signal);
    }
    const used = new Set(observed.containers.map((container) => container.sandboxId));
    for (const sandbox of observed.sandboxes.slice(1)) {
      if (sandbox.state === "not-ready" && !used.has(sandbox.id)) await this.#deps.runtime.removeSandbox(sandbox.id, signal);
    }
  }

  async #endTerminal(pod: Pod, observed: ObservedPod, signal: AbortSignal): Promise<ObservedPod> {
    this.#deps.prober.sync(pod, observed, "", () => false, true);
    const graceSeconds = pod.spec!.terminationGracePeriodSeconds ?? 30;
    await endPod(this.#deps, pod, observed, { graceSeconds, announced: this.#announced }, this.#hooks, signal);
    const after = await this.#observe(signal);
    if (this.#failed || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") await this.#ground.tearDown(pod);
    return after;
  }

  async #endDeleted(pod: Pod, observed: ObservedPod, signal: AbortSignal): Promise<void> {
    const { clock, statuses } = this.#deps;
    this.#publish(observed, false);
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata!;
    const deadline = deletionTimestamp === undefined ? undefined : (Date.parse(deletionTimestamp) - clock.now()) / 1000;
    const wanted = deletionGracePeriodSeconds ?? pod.spec!.terminationGracePeriodSeconds ?? 30;
    const graceSeconds = deadline === undefined ? wanted : Math.min(Math.max(Math.ceil(deadline), 0), wanted);
    await endPod(this.#deps, pod, observed, { graceSeconds, announced: this.#announced }, this.#hooks, signal);
    let after = await this.#observe(signal);
    for (let tries = 0; mayRun(after) && tries < exitLagTries; tries++) {
      await sleep(clock, exitLagMs, signal);
      after = await this.#observe(signal);
    }
    if (mayRun(after)) throw new Error("containers still run after they were stopped");
    await this.#ground.tearDown(pod);
    if (!this.#gone) {
      this.#publish(after, true);
      await statuses.finish(pod);
      if (!this.#gone && !statuses.isGone(this.identity.uid)) {
        this.#dueAt(clock.now() + retryMs);
        return;
      }
    }
    await removeRuntimeTraces(this.#deps, this.identity, after, signal);
    this.#finish();
  }

  /** The runtime has it and nobody wants it: a pod that was deleted while no kubelet ran. */
  async #endOrphan(observed: ObservedPod, signal: AbortSignal): Promise<void> {
    for (const { status } of observed.containers) {
      if (status.state === "running" || status.state === "unknown") await this.#deps.runtime.stopContainer(status.id, 2, signal);
    }
    for (const sandbox of observed.sandboxes) await this.#deps.runtime.stopSandbox(sandbox.id, signal);
    await this.#ground.tearDownByUid(this.identity.uid);
    await removeRuntimeTraces(this.#deps, this.identity, observed, signal);
    this.#finish();
  }

  #finish(): void {
    const { uid } = this.identity;
    this.#done = true;
    this.#deps.prober.forget(uid);
    this.#deps.tokens.forget(uid);
    this.#deps.puller.forget(uid);
    this.#deps.statuses.forget(uid);
    this.#onDone();
  }

  async #observe(signal: AbortSignal): Promise<ObservedPod> {
    const { runtime, clock, prober } = this.#deps;
    const told = new Set(this.#exitsTold);
    let observed = await observePod(runtime, this.identity, this.#cache, signal);
    for (let tries = 0; tries < exitLagTries; tries++) {
      const late = observed.containers.some(({ status }) => status.state === "running" && told.has(status.id));
      if (!late) break;
      await sleep(clock, exitLagMs, signal);
      observed = await observePod(runtime, this.identity, this.#cache, signal);
    }
    for (const id of told) this.#exitsTold.delete(id);
    observed = await this.#messages.read(observed);
    this.#observed = observed;
    const pod = this.pod;
    if (pod) {
      const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
      const readyBefore = (id: string): boolean =>
        statuses.some((status) => status.ready === true && status.containerID === `containerd://${id}`);
      const terminating = this.#gone || pod.metadata!.deletionTimestamp !== undefined;
      const podIp = pod.spec!.hostNetwork === true ? (this.#deps.node().addresses[0] ?? "") : (liveSandbox(observed)?.ips[0] ?? "");
      prober.sync(pod, observed, podIp, readyBefore, terminating);
    }
    return observed;
  }

  #publish(observed: ObservedPod, terminal: boolean): void {
    const pod = this.pod;
    if (!pod || this.#gone) return;
    const { prober, clock, statuses } = this.#deps;
    const waiting = new Map<string, WaitingReason>(this.#waiting);
    for (const reason of this.#backoffs) waiting.set(reason.name, reason);
    const status = podStatus({
      pod,
      observed,
      waiting,
      started: (id) => prober.started(id),
      ready: (id) => prober.ready(id),
      terminal,
      nowMs: clock.now(),
      hostIps: this.#deps.node().addresses,
      qosClass: qosClass(pod),
      ...(this.#failed && { failed: this.#failed }),
    });
    statuses.publish(pod, status);
  }
}
