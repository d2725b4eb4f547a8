// Runs the probes of running containers on the clock and remembers what they found. A result that changes wakes the pod's
// worker, which decides what follows. One schedule per (container run, probe).

import type { Activity } from "../../base/activity.ts";
import type { Timer } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Container as ApiContainer, Pod, Probe } from "../../kinds/core/types.gen.ts";
import { isSidecar } from "../decide/restart.ts";
import type { ObservedPod } from "../observed.ts";
import { isRunning, latestRun, liveSandbox } from "../observed.ts";
import type { PodEvents } from "../pod-events.ts";
import type { ProbeRunnerDeps, ProbeTarget } from "./probe-runner.ts";
import { runProbe } from "./probe-runner.ts";
import type { ProbeState } from "./probe-state.ts";
import { initialProbeState, stepProbe } from "./probe-state.ts";

export type ProbeType = "startup" | "liveness" | "readiness";
const probeTypes: readonly ProbeType[] = ["startup", "liveness", "readiness"];
const title: Readonly<Record<ProbeType, string>> = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" };
/** A try that went wrong by itself is repeated this often before it counts for nothing. */
const maxTries = 3;

export interface ProberDeps extends ProbeRunnerDeps {
  readonly random: Random;
  readonly activity: Activity;
  readonly events: PodEvents;
  /** A result of a container of this pod changed. */
  readonly changed: (uid: string) => void;
}

interface Schedule {
  readonly uid: string;
  readonly type: ProbeType;
  readonly probe: Probe;
  target: ProbeTarget;
  state: ProbeState;
  /** The first try comes no sooner: the container's start and the initial delay. */
  readonly notBeforeMs: number;
  timer?: Timer;
  readonly stop: AbortController;
}

export class Prober {
  readonly #deps: ProberDeps;
  readonly #startedAtMs: number;
  /** By container id and probe type. */
  readonly #schedules = new Map<string, Schedule>();

  constructor(deps: ProberDeps) {
    this.#deps = deps;
    this.#startedAtMs = deps.clock.monotonicMs();
  }

  /**
   * Brings the schedules of one pod in line with what runs. `readyBefore`: was this run ready when the pod's status was last
   * written? A kubelet that starts anew believes it until it has probed. `terminating`: only readiness is still of interest.
   */
  sync(pod: Pod, observed: ObservedPod, podIp: string, readyBefore: (containerId: string) => boolean, terminating: boolean): void {
    const uid = pod.metadata!.uid!;
    const wanted = new Set<string>();
    const sandbox = liveSandbox(observed);
    const containers = [...(pod.spec!.initContainers ?? []).filter(isSidecar), ...(pod.spec!.containers ?? [])];
    for (const container of containers) {
      const run = latestRun(observed, container.name);
      if (!run || !isRunning(run) || run.sandboxId !== sandbox?.id) continue;
      for (const type of probeTypes) {
        const probe = probeOf(container, type);
        if (!probe || (terminating && type !== "readiness")) continue;
        const key = `${run.status.id}/${type}`;
        wanted.add(key);
        const target = { pod, container, containerId: run.status.id, podIp };
        const known = this.#schedules.get(key);
        if (known) known.target = target;
        else this.#add(key, uid, type, probe, target, run.status.startedAtMs, readyBefore(run.status.id));
      }
    }
    for (const [key, schedule] of this.#schedules) if (schedule.uid === uid && !wanted.has(key)) this.#remove(key, schedule);
  }

  /** Has the run passed its startup probe, or has it none? */
  started(containerId: string): boolean {
    const schedule = this.#schedules.get(`${containerId}/startup`);
    return !schedule || schedule.state.result === "success";
  }

  ready(containerId: string): boolean {
    const schedule = this.#schedules.get(`${containerId}/readiness`);
    return !schedule || schedule.state.result === "success";
  }

  /** Which probe has given the run up? */
  failed(containerId: string): "startup" | "liveness" | undefined {
    if (this.#schedules.get(`${containerId}/startup`)?.state.result === "failure") return "startup";
    if (this.#schedules.get(`${containerId}/liveness`)?.state.result === "failure") return "liveness";
    return undefined;
  }

  /** The failed probe's own grace period, if it has one. */
  graceSeconds(containerId: string, type: "startup" | "liveness"): number | undefined {
    return this.#schedules.get(`${containerId}/${type}`)?.probe.terminationGracePeriodSeconds;
  }

  forget(uid: string): void {
    for (const [key, schedule] of this.#schedules) if (schedule.uid === uid) this.#remove(key, schedule);
  }

  [Symbol.dispose](): void {
    for (const [key, schedule] of this.#schedules) this.#remove(key, schedule);
  }

  #add(key: string, uid: string, type: ProbeType, probe: Probe, target: ProbeTarget, startedAtMs: number, readyBefore: boolean): void {
    const { clock, random } = this.#deps;
    const state = initialProbeState(type, readyBefore);
    const notBeforeMs = startedAtMs + (probe.initialDelaySeconds ?? 0) * 1000;
    const schedule: Schedule = { uid, type, probe, target, state, notBeforeMs, stop: new AbortController() };
    this.#schedules.set(key, schedule);
    const periodMs = periodOf(probe);
    const dueInMs = Math.max(notBeforeMs - clock.now(), 0);
    // A kubelet that has just started spreads the probes of what it adopts.
    const young = clock.monotonicMs() - this.#startedAtMs < periodMs;
    this.#arm(schedule, dueInMs + (young && clock.now() - startedAtMs > periodMs ? random.next() * periodMs : 0));
  }

  #remove(key: string, schedule: Schedule): void {
    this.#schedules.delete(key);
    schedule.timer?.[Symbol.dispose]();
    schedule.stop.abort(new Error("probe stopped"));
  }

  #arm(schedule: Schedule, delayMs: number): void {
    if (schedule.stop.signal.aborted) return;
    schedule.timer = this.#deps.clock.after(delayMs, () => void this.#run(schedule));
  }

  async #run(schedule: Schedule): Promise<void> {
    using _ = this.#deps.activity.begin(`kubelet probes ${schedule.target.pod.metadata!.name}/${schedule.target.container.name}`);
    const { type, stop } = schedule;
    const id = schedule.target.containerId;
    // Liveness and readiness wait for the startup probe; it wakes them.
    if (type !== "startup" && !this.started(id)) return;
    if (type === "startup" && schedule.state.result === "success") return;
    let outcome = await runProbe(this.#deps, schedule.probe, schedule.target, stop.signal);
    for (let tries = 1; outcome.result === "error" && tries < maxTries && !stop.signal.aborted; tries++) {
      outcome = await runProbe(this.#deps, schedule.probe, schedule.target, stop.signal);
    }
    if (stop.signal.aborted) return;
    this.#tell(schedule, outcome.result, outcome.output);
    if (outcome.result !== "error") {
      const before = schedule.state.result;
      schedule.state = stepProbe(schedule.state, type, schedule.probe, outcome.result !== "failure");
      if (schedule.state.result !== before) {
        if (type === "startup" && schedule.state.result === "success") this.#wakeOthers(id);
        this.#deps.changed(schedule.uid);
      }
    }
    const settled =
      (type !== "readiness" && schedule.state.result === "failure") || (type === "startup" && schedule.state.result === "success");
    if (!settled) this.#arm(schedule, periodOf(schedule.probe));
  }

  #wakeOthers(containerId: string): void {
    for (const type of ["liveness", "readiness"] as const) {
      const schedule = this.#schedules.get(`${containerId}/${type}`);
      if (!schedule) continue;
      schedule.timer?.[Symbol.dispose]();
      this.#arm(schedule, Math.max(schedule.notBeforeMs - this.#deps.clock.now(), 0));
    }
  }

  #tell(schedule: Schedule, result: string, output: string): void {
    const { pod, container } = schedule.target;
    const { events } = this.#deps;
    if (result === "failure") events.container(pod, container, "Warning", "Unhealthy", `${title[schedule.type]} probe failed: ${output}`);
    else if (result === "error") {
      events.container(
        pod,
        container,
        "Warning",
        "Unhealthy",
        `${title[schedule.type]} probe errored and resulted in unknown state: ${output}`,
      );
    } else if (result === "warning")
      events.container(pod, container, "Warning", "ProbeWarning", `${title[schedule.type]} probe warning: ${output}`);
  }
}

const probeOf = (container: ApiContainer, type: ProbeType): Probe | undefined =>
  type === "startup" ? container.startupProbe : type === "liveness" ? container.livenessProbe : container.readinessProbe;

const periodOf = (probe: Probe): number => Math.max(probe.periodSeconds ?? 10, 1) * 1000;
