// Keeps the Node object and its lease: registration, status on change and every five minutes, a heartbeat every ten seconds.

import { linkedAbort } from "../../base/on-abort.ts";
import type { Activity } from "../../base/activity.ts";
import type { Clock } from "../../base/clock.ts";
import { formatMicroTime, pause, sleep } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { leaseKind } from "../../kinds/coordination/lease.ts";
import type { Lease } from "../../kinds/coordination/types.gen.ts";
import { nodeKind } from "../../kinds/core/node.ts";
import type { Node, NodeStatus } from "../../kinds/core/types.gen.ts";
import { StatusError } from "../../object/status.ts";
import type { ContainerRuntime, Image, RuntimeStatus, RuntimeVersion } from "../container-runtime.ts";
import type { NodeFiles } from "../files.ts";
import type { HostInfo } from "../host-info.ts";
import { sameJson } from "../status/pod-status.ts";
import type { NodeInputs } from "./node-status.ts";
import { nodeLabels, nodeStatus } from "./node-status.ts";

export interface NodeAgentDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
  readonly recorder: Pick<EventRecorder, "record">;
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
  readonly hostInfo: HostInfo;
  readonly name: string;
  readonly addresses: NodeInputs["addresses"];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly {
    readonly key: string;
    readonly value?: string;
    readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  }[];
  readonly maxPods: number;
  readonly port: number;
  readonly root: string;
}

const leaseSeconds = 40;
const heartbeatMs = 10_000;
/** How often the machine is looked at, and how often an unchanged status is written anyway. */
const lookMs = 10_000;
const reportMs = 300_000;
/** A runtime that has not answered for this long is down; Kubernetes waits as long. */
const runtimeGoneMs = 30_000;
const retryMs = 1000;

/** By condition: the reason of its event when it turns False, and when True. */
const conditionEvents: Readonly<Record<string, readonly [string, string]>> = {
  MemoryPressure: ["NodeHasSufficientMemory", "NodeHasInsufficientMemory"],
  DiskPressure: ["NodeHasNoDiskPressure", "NodeHasDiskPressure"],
  PIDPressure: ["NodeHasSufficientPID", "NodeHasInsufficientPID"],
  Ready: ["NodeNotReady", "NodeReady"],
};

export class NodeAgent {
  readonly #deps: NodeAgentDeps;
  #written: Node | undefined;
  /** The status as we last sent it; the server writes quantities its own way ("16Gi"). */
  #said: NodeStatus | undefined;
  #reportedAtMs = -Infinity;
  #lookAgain: (() => void) | undefined;
  #answers: { version?: RuntimeVersion; runtime?: RuntimeStatus; images: readonly Image[] } = { images: [] };
  #answeredAtMs = 0;

  constructor(deps: NodeAgentDeps) {
    this.#deps = deps;
  }

  /** The Node as last written or read. */
  get node(): Node | undefined {
    return this.#written;
  }

  /** The runtime came, went, or got images: look now. */
  lookAgain(): void {
    this.#lookAgain?.();
  }

  async inputs(): Promise<NodeInputs> {
    const deps = this.#deps;
    await this.#askRuntime();
    return {
      name: deps.name,
      addresses: deps.addresses,
      facts: await deps.hostInfo.facts(),
      load: await deps.hostInfo.load(),
      disk: await deps.files.space(deps.root),
      ...this.#answers,
      maxPods: deps.maxPods,
      port: deps.port,
      nowMs: deps.clock.now(),
    };
  }

  async #askRuntime(): Promise<void> {
    const { runtime, log, clock } = this.#deps;
    try {
      const [version, status, images] = await Promise.all([runtime.version(), runtime.status(), runtime.listImages()]);
      this.#answers = { version, runtime: status, images };
      this.#answeredAtMs = clock.monotonicMs();
    } catch (error) {
      log.warn("the container runtime does not answer", { error: String(error) });
      // One that is started again in time costs the node's pods nothing: containers live on meanwhile.
      if (this.#answers.runtime && clock.monotonicMs() - this.#answeredAtMs < runtimeGoneMs) return;
      this.#answers = { images: this.#answers.images, ...(this.#answers.version && { version: this.#answers.version }) };
    }
  }

  /** Creates the Node, or takes over the one of the same name. Tries until it works or the signal aborts. */
  async register(signal: AbortSignal): Promise<void> {
    const { clock, log, activity } = this.#deps;
    for (let delayMs = 200; ; delayMs = Math.min(delayMs * 2, 7000)) {
      try {
        using _ = activity.begin("kubelet registers its node");
        await this.#registerOnce();
        return;
      } catch (error) {
        log.warn("cannot register the node yet", { node: this.#deps.name, error: String(error) });
      }
      await sleep(clock, delayMs, signal);
    }
  }

  async #registerOnce(): Promise<void> {
    const { client, name, recorder } = this.#deps;
    const inputs = await this.inputs();
    const api = client.of(nodeKind);
    const wanted: Node = {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: { ...nodeLabels(inputs), ...this.#deps.labels },
        annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      },
      spec: this.#deps.taints.length > 0 ? { taints: this.#deps.taints } : {},
      status: nodeStatus(inputs, undefined),
    };
    try {
      this.#written = await api.create(wanted, { cause: this.#cause("register") });
      this.#reportedAtMs = this.#deps.clock.monotonicMs();
      this.#tellConditions(undefined, wanted.status!);
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === "AlreadyExists")) throw error;
      const existing = await api.get(name);
      const labels = { ...nodeLabels(inputs), ...this.#deps.labels };
      const stale = Object.entries(labels).some(([key, value]) => existing.metadata?.labels?.[key] !== value);
      this.#written = stale ? await api.patch(name, "strategic", { metadata: { labels } }, { cause: this.#cause("register") }) : existing;
      await this.#report(inputs);
    }
    recorder.record(this.#reference(), "Normal", "Starting", "Starting kubelet.");
  }

  /** A kubelet's events name its node by name where the uid stands: kubectl looks for them so. */
  #reference(): { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string } {
    const { name } = this.#deps;
    return { apiVersion: "v1", kind: "Node", name, uid: name };
  }

  /** One event for each condition that is another than it was. */
  #tellConditions(before: NodeStatus | undefined, after: NodeStatus): void {
    const { name, recorder } = this.#deps;
    const statusOf = (status: NodeStatus | undefined, type: string): string | undefined =>
      status?.conditions?.find((condition) => condition.type === type)?.status;
    for (const [type, [whenFalse, whenTrue]] of Object.entries(conditionEvents)) {
      const is = statusOf(after, type);
      if (is === statusOf(before, type)) continue;
      const reason = is === "True" ? whenTrue : whenFalse;
      recorder.record(this.#reference(), "Normal", reason, `Node ${name} status is now: ${reason}`);
    }
  }

  /** Until the signal aborts. */
  async keepStatus(signal: AbortSignal): Promise<void> {
    const { clock, log, activity } = this.#deps;
    while (!signal.aborted) {
      await this.#nextLook(clock, signal);
      if (signal.aborted) return;
      try {
        using _ = activity.begin("kubelet reports its node");
        await this.#report(await this.inputs());
      } catch (error) {
        log.warn("cannot report the node's status yet", { error: String(error) });
      }
    }
  }

  async #nextLook(clock: Clock, signal: AbortSignal): Promise<void> {
    using woken = linkedAbort(signal);
    this.#lookAgain = () => woken.abort(new Error("woken"));
    await pause(clock, lookMs, woken.signal);
    this.#lookAgain = undefined;
  }

  async #report(inputs: NodeInputs): Promise<void> {
    const { client, clock, name } = this.#deps;
    const old = this.#written;
    const status = nodeStatus(inputs, old);
    const due = clock.monotonicMs() - this.#reportedAtMs >= reportMs;
    if (!due && this.#said && sameJson(withoutHeartbeats(this.#said), withoutHeartbeats(status))) return;
    try {
      this.#written = await client
        .of(nodeKind)
        .patch(
          name,
          "strategic",
          { status: { ...status, addresses: [...status.addresses!, { $patch: "replace" }] } },
          { subresource: "status", cause: this.#cause("report-status") },
        );
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === "NotFound")) throw error;
      // Somebody deleted the Node while its kubelet lives: it comes back.
      await this.#registerOnce();
      return;
    }
    this.#said = status;
    this.#reportedAtMs = clock.monotonicMs();
    this.#tellConditions(old?.status, status);
  }

  /** Until the signal aborts. */
  async keepLease(signal: AbortSignal): Promise<void> {
    const { clock, log, activity } = this.#deps;
    let lease: Lease | undefined;
    let delayMs = 0;
    while (!signal.aborted) {
      try {
        using _ = activity.begin("kubelet renews its lease");
        lease = await this.#renew(lease);
        delayMs = heartbeatMs;
      } catch (error) {
        lease = undefined;
        delayMs = retryMs;
        log.warn("cannot renew the node's lease yet", { error: String(error) });
      }
      // A stop ends the wait.
      await pause(clock, delayMs, signal);
    }
  }

  async #renew(last: Lease | undefined): Promise<Lease> {
    const { client, clock, name } = this.#deps;
    const api = client.of(leaseKind, "kube-node-lease");
    const renewTime = formatMicroTime(clock.now());
    const spec = { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime };
    const cause = this.#cause("heartbeat");
    let current = last;
    if (!current) {
      try {
        current = await api.get(name);
      } catch (error) {
        if (!(error instanceof StatusError && error.reason === "NotFound")) throw error;
        const owner = this.#written && { apiVersion: "v1", kind: "Node", name, uid: this.#written.metadata!.uid! };
        return await api.create(
          {
            apiVersion: "coordination.k8s.io/v1",
            kind: "Lease",
            metadata: { name, namespace: "kube-node-lease", ...(owner && { ownerReferences: [owner] }) },
            spec,
          },
          { cause },
        );
      }
    }
    return await api.update({ ...current, spec: { ...current.spec, ...spec } }, { cause });
  }

  #cause(rule: string) {
    return { actor: "kubelet", object: `nodes/${this.#deps.name}`, rule };
  }
}

/** What the kubelet writes; the rest of a Node's status is others'. */
const withoutHeartbeats = (status: NodeStatus): NodeStatus => ({
  ...status,
  conditions: (status.conditions ?? []).map((condition) => ({ ...condition, lastHeartbeatTime: undefined })),
});
