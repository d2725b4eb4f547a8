// Waiting that can be given up although the work goes on.

import { onAbort } from "../base/on-abort.ts";

/** The work's outcome, or the signal's reason when it aborts first. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const listening = onAbort(signal, () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted")));
    const done = (): void => listening[Symbol.dispose]();
    work.then(resolve, reject).then(done, done);
  });
}
