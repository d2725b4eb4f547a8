// Hints that something changed in the runtime, from the best source that it has: containerd's events, CRI's own event stream,
// or looking every second. The stream never ends by itself: it reconnects, and says "connected" so that its reader lists anew.

import { Channel } from "../../base/channel.ts";
import type { Clock } from "../../base/clock.ts";
import { pause, sleep } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { ContainerRuntime, RuntimeHint } from "../../kubelet/container-runtime.ts";
import { RuntimeError } from "../../kubelet/container-runtime.ts";
import type { ContainerdEvent } from "./containerd-events.ts";
import { subscribe } from "./containerd-events.ts";
import type { CriClient } from "./cri-client.ts";
import { isServiceError, isUnimplemented } from "./grpc-channel.ts";

/** Unread hints beyond this are dropped; the reader is told to list anew instead. */
const maxWaitingHints = 4096;
/** CRI's status follows containerd's event 40 to 70 ms later: look this often, and no longer than `settleLimitMs`. */
const settleStepMs = 20;
const settleLimitMs = 2_000;
const pollMs = 1_000;
const firstRetryMs = 50;
const lastRetryMs = 300;

type Runtime = Pick<ContainerRuntime, "status" | "containerStatus" | "sandboxStatus" | "listContainers" | "listSandboxes">;

export interface HintDeps {
  readonly client: CriClient;
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
}

export async function* watchHints(deps: HintDeps, signal: AbortSignal): AsyncGenerator<RuntimeHint, void> {
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  const source = new HintSource(deps, ended);
  const running = source.run();
  try {
    for await (const hint of source.hints) {
      yield hint;
      if (source.hints.size === 0 && source.takeOverflow()) yield { type: "connected" };
    }
  } finally {
    stop.abort();
    await running;
  }
}

type Source = "containerd" | "cri" | "poll";

class HintSource {
  readonly hints = new Channel<RuntimeHint>(maxWaitingHints);
  readonly #deps: HintDeps;
  readonly #signal: AbortSignal;
  readonly #settling = new Map<string, Promise<void>>();
  #source: Source = "containerd";
  #overflow = false;

  constructor(deps: HintDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  takeOverflow(): boolean {
    const overflow = this.#overflow;
    this.#overflow = false;
    return overflow;
  }

  #hint(hint: RuntimeHint): void {
    if (!this.hints.push(hint)) this.#overflow = true;
  }

  async run(): Promise<void> {
    const { clock, log } = this.#deps;
    let retryMs = firstRetryMs;
    let connected = false;
    const onConnected = (): void => {
      connected = true;
      retryMs = firstRetryMs;
      this.#hint({ type: "connected" });
    };
    try {
      while (!this.#signal.aborted) {
        try {
          await this.#follow(onConnected);
        } catch (error) {
          if (this.#signal.aborted) break;
          if (isUnimplemented(error) && this.#source !== "poll") {
            this.#source = this.#source === "containerd" ? "cri" : "poll";
            continue;
          }
          // Anything but a runtime that is away is our own fault, and must be seen.
          if (!isServiceError(error) && !(error instanceof RuntimeError)) throw error;
          log.info("events of the container runtime interrupted", { error: error.message });
        }
        if (connected) this.#hint({ type: "disconnected" });
        connected = false;
        await pause(clock, retryMs, this.#signal);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
      }
      await Promise.all(this.#settling.values());
      this.hints.close();
    } catch (error) {
      this.hints.close(error);
    }
  }

  /** Follows the present source until it breaks; calls `onConnected` once the runtime answers while the source is open. */
  async #follow(onConnected: () => void): Promise<void> {
    const { runtime } = this.#deps;
    if (this.#source === "poll") return await this.#poll(onConnected);
    const broken = new AbortController();
    const signal = AbortSignal.any([this.#signal, broken.signal]);
    const following = this.#source === "containerd" ? this.#followContainerd(signal) : this.#followCri(signal);
    const greeting = this.#answers(runtime, signal).then((answers) => {
      if (answers) onConnected();
    });
    try {
      await following;
    } finally {
      broken.abort();
      await greeting;
    }
    return undefined;
  }

  /** Asks until CRI answers: containerd's socket is there before its CRI plugin is ready. */
  async #answers(runtime: Runtime, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await runtime.status(signal);
        return true;
      } catch (error) {
        if (!signal.aborted && !(error instanceof RuntimeError)) throw error;
        await pause(this.#deps.clock, settleStepMs, signal);
      }
    }
    return false;
  }

  async #followContainerd(signal: AbortSignal): Promise<void> {
    for await (const event of subscribe(this.#deps.client.channel, signal)) this.#take(event);
  }

  #take(event: ContainerdEvent): void {
    switch (event.type) {
      case "start":
        this.#hint({ type: "container-started", containerId: event.id });
        break;
      case "oom":
        this.#hint({ type: "oom", containerId: event.id });
        break;
      case "delete":
        this.#hint({ type: "container-removed", containerId: event.id });
        break;
      case "exit":
        this.#settle(event.id, { exitCode: event.exitCode, atMs: event.atMs });
        break;
    }
  }

  async #followCri(signal: AbortSignal): Promise<void> {
    for await (const event of this.#deps.client.containerEvents(signal)) {
      const id = event.container_id;
      if (event.container_event_type === "CONTAINER_STARTED_EVENT") this.#hint({ type: "container-started", containerId: id });
      else if (event.container_event_type === "CONTAINER_DELETED_EVENT") this.#hint({ type: "container-removed", containerId: id });
      else if (event.container_event_type === "CONTAINER_STOPPED_EVENT") this.#settle(id, {});
    }
  }

  /** Passes an exit on once CRI's status shows it, so that the reader sees the truth when it looks. */
  #settle(id: string, known: { exitCode?: number; atMs?: number }): void {
    if (this.#settling.has(id)) return;
    const settled = this.#whenSettled(id)
      .then((type) =>
        this.#hint(
          type === "sandbox" ? { type: "sandbox-exited", sandboxId: id } : { type: "container-exited", containerId: id, ...known },
        ),
      )
      .catch(() => undefined) // the signal: nobody reads any more
      .finally(() => this.#settling.delete(id));
    this.#settling.set(id, settled);
  }

  async #whenSettled(id: string): Promise<"container" | "sandbox"> {
    const { clock, runtime } = this.#deps;
    const limit = clock.monotonicMs() + settleLimitMs;
    let type: "container" | "sandbox" = "container";
    do {
      try {
        if (type === "container" && (await runtime.containerStatus(id, this.#signal)).state === "exited") return type;
        if (type === "sandbox" && (await runtime.sandboxStatus(id, this.#signal)).state === "not-ready") return type;
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        if (error.code !== "not-found" || type === "sandbox") return type;
        type = "sandbox";
        continue;
      }
      await sleep(clock, settleStepMs, this.#signal);
    } while (clock.monotonicMs() < limit);
    return type;
  }

  async #poll(onConnected: () => void): Promise<void> {
    const { clock, runtime } = this.#deps;
    let before: ReadonlyMap<string, string> | undefined;
    for (;;) {
      const [containers, sandboxes] = await Promise.all([
        runtime.listContainers(undefined, this.#signal),
        runtime.listSandboxes(undefined, this.#signal),
      ]);
      const sandboxIds = new Set(sandboxes.map((sandbox) => sandbox.id));
      const now = new Map([...containers, ...sandboxes].map((item) => [item.id, item.state as string]));
      if (before === undefined) onConnected();
      else for (const hint of compare(before, now, sandboxIds)) this.#hint(hint);
      before = now;
      await sleep(clock, pollMs, this.#signal);
    }
  }
}

/** What two looks at the runtime (id to state) differ by. */
export function compare(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  sandboxIds: ReadonlySet<string>,
): readonly RuntimeHint[] {
  const hints: RuntimeHint[] = [];
  for (const [id, state] of now) {
    if (before.get(id) === state) continue;
    if (sandboxIds.has(id)) {
      if (state === "not-ready") hints.push({ type: "sandbox-exited", sandboxId: id });
    } else if (state === "running") hints.push({ type: "container-started", containerId: id });
    else if (state === "exited") hints.push({ type: "container-exited", containerId: id });
  }
  for (const id of before.keys()) if (!now.has(id)) hints.push({ type: "container-removed", containerId: id });
  return hints;
}
