// Makes sure that a container's image is on the node, by its pull policy, with back-off and the events that people know.

import type { Clock } from "../../base/clock.ts";
import type { Container as ApiContainer, Pod, Secret } from "../../kinds/core/types.gen.ts";
import { formatDuration } from "../../lang/duration.ts";
import type { ContainerRuntime, Image, SandboxConfig } from "../container-runtime.ts";
import { RuntimeError } from "../container-runtime.ts";
import type { PodEvents } from "../pod-events.ts";
import { matchingCredentials } from "./credentials.ts";
import { untilAborted } from "../until-aborted.ts";
import { parseImage, withDefaultTag } from "./reference.ts";

/** Why a container waits for its image: reason and message of its status. */
export class ImageError extends Error {
  override readonly name = "ImageError";
  readonly reason: "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName" | "ImageInspectError";
  /** When trying again makes sense. */
  readonly retryAtMs?: number;
  constructor(reason: ImageError["reason"], message: string, retryAtMs?: number) {
    super(message);
    this.reason = reason;
    if (retryAtMs !== undefined) this.retryAtMs = retryAtMs;
  }
}

export interface ReadyImage {
  readonly ref: string;
  readonly image?: Image;
}

const firstBackoffMs = 10_000;
const maxBackoffMs = 300_000;
/** Pulls of different images that run at once. */
const maxParallelPulls = 5;

export interface PullerDeps {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly events: PodEvents;
}

export class ImagePuller {
  readonly #deps: PullerDeps;
  readonly #backoff = new Map<string, { delayMs: number; untilMs: number; error: string }>();
  readonly #underWay = new Map<string, Promise<string>>();
  #running = 0;
  readonly #queue: (() => void)[] = [];

  constructor(deps: PullerDeps) {
    this.#deps = deps;
  }

  /** @throws ImageError */
  async ensure(
    pod: Pod,
    container: ApiContainer,
    secrets: readonly Secret[],
    sandbox: SandboxConfig,
    signal: AbortSignal,
  ): Promise<ReadyImage> {
    const { runtime, events, clock } = this.#deps;
    const name = container.image ?? "";
    const image = withDefaultTag(name);
    if (image === undefined) {
      const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`;
      events.container(pod, container, "Warning", "InspectFailed", message);
      throw new ImageError("InvalidImageName", message);
    }
    const policy = container.imagePullPolicy ?? (image.endsWith(":latest") ? "Always" : "IfNotPresent");
    let present: Image | undefined;
    try {
      present = await runtime.imageStatus(image, signal);
    } catch (error) {
      const message = `Failed to inspect image "${image}": ${(error as Error).message}`;
      events.container(pod, container, "Warning", "InspectFailed", message);
      throw new ImageError("ImageInspectError", message);
    }
    if (policy !== "Always" && present) {
      events.container(pod, container, "Normal", "Pulled", `Container image "${name}" already present on machine`);
      return { ref: present.id, image: present };
    }
    if (policy === "Never") {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      events.container(pod, container, "Warning", "ErrImageNeverPull", message);
      throw new ImageError("ErrImageNeverPull", message);
    }
    const key = `${pod.metadata!.uid}_${image}`;
    const held = this.#backoff.get(key);
    if (held && clock.monotonicMs() < held.untilMs) {
      events.container(pod, container, "Normal", "BackOff", `Back-off pulling image "${name}"`);
      const retryAtMs = clock.now() + held.untilMs - clock.monotonicMs();
      throw new ImageError("ImagePullBackOff", `Back-off pulling image "${name}": ErrImagePull: ${held.error}`, retryAtMs);
    }
    return await this.#pull(pod, container, image, secrets, sandbox, key, signal);
  }

  async #pull(
    pod: Pod,
    container: ApiContainer,
    image: string,
    secrets: readonly Secret[],
    sandbox: SandboxConfig,
    key: string,
    signal: AbortSignal,
  ): Promise<ReadyImage> {
    const { runtime, clock, events } = this.#deps;
    const name = container.image ?? "";
    events.container(pod, container, "Normal", "Pulling", `Pulling image "${name}"`);
    const beganMs = clock.monotonicMs();
    try {
      const { ref, pullingMs } = await this.#pullOnce(image, secrets, sandbox, signal);
      const totalMs = clock.monotonicMs() - beganMs;
      const pulled = await runtime.imageStatus(image, signal);
      const size = pulled ? ` Image size: ${pulled.sizeBytes} bytes.` : "";
      const took = `${goDuration(pullingMs)} (${goDuration(totalMs)} including waiting)`;
      events.container(pod, container, "Normal", "Pulled", `Successfully pulled image "${name}" in ${took}.${size}`);
      this.#backoff.delete(key);
      return { ref: pulled?.id ?? ref, ...(pulled && { image: pulled }) };
    } catch (error) {
      if (signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const before = this.#backoff.get(key);
      const delayMs =
        before && clock.monotonicMs() - before.untilMs < 2 * maxBackoffMs ? Math.min(before.delayMs * 2, maxBackoffMs) : firstBackoffMs;
      this.#backoff.set(key, { delayMs, untilMs: clock.monotonicMs() + delayMs, error: message });
      events.container(pod, container, "Warning", "Failed", `Failed to pull image "${name}": ${message}`);
      throw new ImageError("ErrImagePull", message, clock.now() + delayMs);
    }
  }

  /** Two containers that want the same image with the same credentials share one pull. */
  async #pullOnce(
    image: string,
    secrets: readonly Secret[],
    sandbox: SandboxConfig,
    signal: AbortSignal,
  ): Promise<{ ref: string; pullingMs: number }> {
    const credentials = matchingCredentials(secrets, parseImage(image)!);
    const key = JSON.stringify([image, credentials]);
    let beganMs = this.#deps.clock.monotonicMs();
    let pull = this.#underWay.get(key);
    if (!pull) {
      pull = this.#withSlot(async () => {
        beganMs = this.#deps.clock.monotonicMs();
        return await this.#tryCredentials(image, credentials, sandbox);
      });
      this.#underWay.set(key, pull);
      const forget = (): void => void this.#underWay.delete(key);
      pull.then(forget, forget);
    }
    // Whoever gives up leaves the pull to the others, and to its own next try.
    const ref = await untilAborted(pull, signal);
    return { ref, pullingMs: this.#deps.clock.monotonicMs() - beganMs };
  }

  async #tryCredentials(image: string, credentials: ReturnType<typeof matchingCredentials>, sandbox: SandboxConfig): Promise<string> {
    if (credentials.length === 0) return await this.#deps.runtime.pullImage(image, undefined, sandbox);
    let failure: unknown;
    for (const auth of credentials) {
      try {
        return await this.#deps.runtime.pullImage(image, auth, sandbox);
      } catch (error) {
        failure = error;
        if (error instanceof RuntimeError && error.code === "not-found") break;
      }
    }
    throw failure;
  }

  async #withSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= maxParallelPulls) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#queue.shift()?.();
    }
  }

  /** Forgets the back-offs of a pod that is gone. */
  forget(uid: string): void {
    for (const key of this.#backoff.keys()) if (key.startsWith(`${uid}_`)) this.#backoff.delete(key);
  }
}

/** Rounded to milliseconds, as the events show it. */
const goDuration = (ms: number): string => formatDuration(Math.round(ms));
