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
