// The one engine behind every controller: it watches, queues keys, asks for a decision, carries it out as the controller's
// own account, and asks again. It keeps nothing that it could not lose: killed between any two writes and started again,
// a controller reaches the same end.

import type { Activity } from "../base/activity.ts";
import { CancelledError } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { InformerSet } from "../client/informer-set.ts";
import { WorkQueue } from "../client/work-queue.ts";
import type { ApiObject, Kind } from "../object/kind.ts";
import { StatusError } from "../object/status.ts";
import type { Controller } from "./controller.ts";
import { DecisionRunner } from "./decision-runner.ts";
import { OwnWrites } from "./staleness.ts";
import { InformerView } from "./view.ts";

export interface EngineDeps {
  /** Speaks as the controller's own account. */
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly activity: Activity;
}

const defaultConcurrency = 5;

/** Runs the controller until disposed. Its informers are asked for at once and started by whoever owns the set. */
export function runController(controller: Controller, deps: EngineDeps): AsyncDisposable {
  return new ControllerRun(controller, deps);
}

class ControllerRun implements AsyncDisposable {
  readonly #controller: Controller;
  readonly #deps: EngineDeps;
  readonly #view: InformerView;
  readonly #queue: WorkQueue;
  readonly #runner: DecisionRunner;
  readonly #ownWrites: OwnWrites;
  /** Keys whose own writes the informers do not show yet. */
  readonly #parked = new Set<string>();
  readonly #handlers: Disposable[] = [];
  readonly #countRetry: (labels: Readonly<Record<string, string>>) => void;
  #stopped = false;

  constructor(controller: Controller, deps: EngineDeps) {
    this.#controller = controller;
    this.#deps = deps;
    this.#view = new InformerView(deps.informers);
    const kinds = new Set(controller.watches.map((watch) => watch.kind as Kind));
    this.#ownWrites = new OwnWrites(deps.informers, kinds);
    this.#runner = new DecisionRunner(controller.name, deps, (key, outcome) => this.#ownWrites.wrote(key, outcome));
    this.#countRetry = deps.metrics.counter("workqueue_retries_total", "Total number of retries handled by workqueue");
    this.#queue = new WorkQueue((key) => this.#process(key), deps, {
      name: controller.name,
      concurrency: controller.concurrency ?? defaultConcurrency,
    });
    for (const { kind, name, keys } of controller.indexes ?? []) deps.informers.of(kind).addIndex(name, keys);
    for (const watch of controller.watches) {
      const add = (object: ApiObject): void => {
        for (const key of watch.keys(object, this.#view)) this.#queue.add(key);
      };
      this.#handlers.push(
        deps.informers.of(watch.kind as Kind<ApiObject>).handle({
          added: add,
          updated: (object, old) => {
            add(old);
            add(object);
          },
          deleted: add,
          progressed: () => this.#unpark(),
        }),
      );
    }
    void this.#begin([...kinds]);
  }

  /** Decisions begin when every watched kind has been read once: a missing object is then really missing. */
  async #begin(kinds: readonly Kind[]): Promise<void> {
    await Promise.all(kinds.map((kind) => this.#deps.informers.of(kind).synced));
    if (this.#stopped) return;
    for (const key of this.#controller.initialKeys ?? []) this.#queue.add(key);
    this.#queue.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#runner.stop();
    for (const handler of this.#handlers) handler[Symbol.dispose]();
    await this.#queue[Symbol.asyncDispose]();
  }

  #unpark(): void {
    for (const key of this.#parked) {
      if (!this.#ownWrites.seen(key)) continue;
      this.#parked.delete(key);
      this.#queue.add(key);
    }
  }

  async #process(key: string): Promise<void> {
    if (!this.#ownWrites.seen(key)) {
      this.#parked.add(key);
      return;
    }
    try {
      const observed: unknown = await this.#controller.observe?.(this.#deps.client, key, this.#view);
      if (this.#stopped) return;
      const decision = this.#controller.decide(this.#view, key, this.#deps.clock.now(), observed);
      const requeueAfterMs = await this.#runner.carryOut(key, decision);
      this.#queue.forget(key);
      if (requeueAfterMs !== undefined) this.#queue.addAfter(key, requeueAfterMs);
    } catch (error) {
      if (this.#stopped || error instanceof CancelledError) return;
      this.#countRetry({ name: this.#controller.name });
      const delayMs = this.#queue.retry(key);
      const fields = { controller: this.#controller.name, key, retryInMs: delayMs, error: String(error) };
      if (error instanceof StatusError && error.reason === "Conflict") this.#deps.log.debug("the object changed meanwhile", fields);
      else this.#deps.log.warn("the decision could not be carried out", fields);
    }
  }
}
