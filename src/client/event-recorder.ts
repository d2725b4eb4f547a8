// Tells people what happened to an object: core/v1 Events, written in the background so that nobody waits for them.

import type { Activity } from "../base/activity.ts";
import { CancelledError } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { formatTime, pause } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { randomInt } from "../base/random.ts";
import type { ApiObject } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import type { Client } from "./client.ts";
import type { EventDraft, ObjectReference } from "./event-correlation.ts";
import { EventCorrelator } from "./event-correlation.ts";

export interface EventRecorder extends AsyncDisposable {
  /**
   * Notes an event about an object that states its apiVersion and kind, or about a reference to one. Returns at once.
   * `reason` is one word in UpperCamelCase, `message` is for people.
   */
  record(regarding: ApiObject | ObjectReference, type: "Normal" | "Warning", reason: string, message: string): void;
}

export interface EventRecorderDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly activity: Activity;
  /** "deployment-controller", "kubelet": source.component and reportingComponent. */
  readonly component: string;
  /** Node name: source.host and reportingInstance. */
  readonly host?: string;
}

/** Events that wait to be written; more are dropped, and the log says so. */
const maxWaiting = 1000;
/** How often an event is tried again when the server cannot be reached, and how long after. */
const maxAttempts = 12;
const retryDelayMs = 10_000;
/** Longest message that the API takes. */
const maxMessageLength = 1024;

export function createEventRecorder(deps: EventRecorderDeps): EventRecorder {
  return new BackgroundRecorder(deps);
}

/** The reference by which an event, or anybody, names an object. */
function referenceTo(object: ApiObject): ObjectReference {
  const { metadata } = object;
  return {
    ...(object.kind !== undefined && { kind: object.kind }),
    ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
    ...(metadata?.name !== undefined && { name: metadata.name }),
    ...(metadata?.uid !== undefined && { uid: metadata.uid }),
    ...(object.apiVersion !== undefined && { apiVersion: object.apiVersion }),
    ...(metadata?.resourceVersion !== undefined && { resourceVersion: metadata.resourceVersion }),
  };
}

class BackgroundRecorder implements EventRecorder {
  readonly #deps: EventRecorderDeps;
  readonly #correlator = new EventCorrelator();
  readonly #waiting: { readonly draft: EventDraft; attempts: number }[] = [];
  readonly #stop = new AbortController();
  #writing: Promise<void> | undefined;

  constructor(deps: EventRecorderDeps) {
    this.#deps = deps;
  }

  record(regarding: ApiObject | ObjectReference, type: "Normal" | "Warning", reason: string, message: string): void {
    if (this.#stop.signal.aborted) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#deps.log.warn("too many events wait to be written: one is dropped", { reason, message });
      return;
    }
    const reference = "metadata" in regarding ? referenceTo(regarding) : (regarding as ObjectReference);
    const shortened = message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 3)}...` : message;
    this.#waiting.push({
      draft: { regarding: reference, type, reason, message: shortened },
      attempts: 0,
    });
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new CancelledError("event recorder stopped"));
    await this.#writing;
  }

  async #write(): Promise<void> {
    let held = this.#deps.activity.begin("events");
    try {
      for (let next = this.#waiting[0]; next !== undefined && !this.#stop.signal.aborted; next = this.#waiting[0]) {
        if (await this.#tryWrite(next)) {
          this.#waiting.shift();
          continue;
        }
        // The server cannot be reached. Waiting for time is no activity.
        held[Symbol.dispose]();
        await pause(this.#deps.clock, retryDelayMs * this.#deps.random.next(), this.#stop.signal);
        held = this.#deps.activity.begin("events");
      }
    } finally {
      held[Symbol.dispose]();
    }
  }

  /** False when it should be tried again. */
  async #tryWrite(next: { readonly draft: EventDraft; attempts: number }): Promise<boolean> {
    try {
      await this.#writeOne(next.draft);
    } catch (error) {
      next.attempts++;
      if (!(error instanceof StatusError) && next.attempts < maxAttempts) return false;
      this.#deps.log.debug("event not written", { reason: next.draft.reason, error: String(error) });
    }
    return true;
  }

  async #writeOne(draft: EventDraft): Promise<void> {
    const now = this.#deps.clock.now();
    const verdict = this.#correlator.correlate(draft, now);
    if (verdict.type === "drop") return;
    // Events about objects of the cluster live in "default".
    const namespace = draft.regarding.namespace || "default";
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
    let count = 1;
    let firstAtMs = now;
    if (verdict.type === "count") {
      ({ count, firstAtMs } = verdict);
      try {
        await this.#deps.client.request(
          "PATCH",
          `${path}/${encodeURIComponent(verdict.name)}`,
          { count, lastTimestamp: formatTime(now), message: verdict.message },
          { contentType: "application/merge-patch+json" },
        );
        return;
      } catch (error) {
        // It expired meanwhile, or somebody deleted it: it starts again, with its history.
        if (!(error instanceof StatusError) || error.reason !== "NotFound") throw error;
      }
    }
    const name = `${draft.regarding.name ?? "unknown"}.${uniqueHex(now, this.#deps.random)}`;
    await this.#deps.client.request("POST", path, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: draft.regarding,
      reason: draft.reason,
      message: verdict.message,
      source: { component: this.#deps.component, ...(this.#deps.host !== undefined && { host: this.#deps.host }) },
      firstTimestamp: formatTime(firstAtMs),
      lastTimestamp: formatTime(now),
      count,
      type: draft.type,
      reportingComponent: this.#deps.component,
      reportingInstance: this.#deps.host ?? "",
    });
    this.#correlator.written(verdict.key, name, count, firstAtMs);
  }
}

/** Nanoseconds in hexadecimal, as event names end; what the clock does not resolve is drawn. */
function uniqueHex(nowMs: number, random: Random): string {
  return (BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(randomInt(random, 1_000_000))).toString(16);
}
