// Listening to an AbortSignal that hundreds share. A process's stop signal is heard by every watch, sleep and request of a
// component; each signal gets one real listener here, which calls the others. So the platform's warning about too many
// listeners keeps its meaning: somebody forgot to stop listening.

const listenersOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back once when the signal aborts, at once when it already has. Dispose to hear nothing more. */
export function onAbort(signal: AbortSignal, callback: () => void): Disposable {
  if (signal.aborted) {
    callback();
    return { [Symbol.dispose]() {} };
  }
  const listeners = listenersOf.get(signal) ?? listen(signal);
  // Its own function, so that one callback given twice is called twice and stops once.
  const listener = (): void => callback();
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

/** An abort of one's own that also comes when somebody else's does. */
export interface LinkedAbort extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
}

/**
 * Aborts by itself when one of the signals does, with its reason. Dispose it when what it guards is over: it then hears nothing
 * more. `AbortSignal.any` cannot be disposed, and a signal as old as its process remembers every signal made from it.
 */
export function linkedAbort(...signals: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController();
  const listening = signals.map((signal) => onAbort(signal, () => controller.abort(signal.reason)));
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    [Symbol.dispose]() {
      for (const one of listening) one[Symbol.dispose]();
    },
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listenersOf.set(signal, listeners);
  const tellAll = (): void => {
    listenersOf.delete(signal);
    for (const listener of listeners) listener();
  };
  signal.addEventListener("abort", tellAll, { once: true });
  return listeners;
}
