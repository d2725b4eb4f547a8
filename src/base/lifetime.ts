// Who starts a thing stops it: a lifetime collects what was started and stops it in reverse order.

import { CancelledError } from "./assert.ts";

/** Disposing it twice waits for the same end. What fails to stop is thrown at the end, once everything has been stopped. */
export class Lifetime implements AsyncDisposable {
  readonly #stops: (() => void | Promise<void>)[] = [];
  readonly #controller = new AbortController();
  #ended: Promise<void> | undefined;

  /** Aborted when the lifetime ends, before anything is stopped. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Registers something to stop; returns it. */
  use<T extends Disposable | AsyncDisposable>(thing: T): T {
    this.defer(() => {
      if (Symbol.asyncDispose in thing) return Promise.resolve(thing[Symbol.asyncDispose]());
      (thing as Disposable)[Symbol.dispose]();
      return undefined;
    });
    return thing;
  }

  /** Registers a function to call at the end. */
  defer(stop: () => void | Promise<void>): void {
    this.#stops.push(stop);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  async #end(): Promise<void> {
    this.#controller.abort(new CancelledError("stopped"));
    const failures: unknown[] = [];
    for (const stop of this.#stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "some parts did not stop cleanly");
  }
}
