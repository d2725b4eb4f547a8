// The life of a component's process: start, run, and stop in order when it is asked to.

import type { Log } from "../base/log.ts";
import { endProcess } from "./end-process.ts";

/** Stopping takes at most this long; then the process ends all the same. */
const stopLimitMs = 8000;

/**
 * Starts the component and keeps it until SIGTERM or SIGINT. A bug or a failed start ends the process, loudly; the supervisor
 * starts it again.
 */
export async function runUntilSignal(log: Log, start: () => Promise<AsyncDisposable>): Promise<void> {
  const fatal = (what: string) => (error: unknown) => {
    log.error(what, { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    endProcess();
  };
  process.on("uncaughtException", fatal("uncaught error"));
  process.on("unhandledRejection", fatal("unhandled rejection"));
  const asked = new Promise<string>((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => resolve(name));
  });
  let component: AsyncDisposable;
  try {
    // Asked to end while it still starts, it just ends: everything here survives a crash at any point.
    const first = await Promise.race([start(), asked]);
    if (typeof first === "string") endProcess();
    component = first;
  } catch (error) {
    fatal("could not start")(error);
    return;
  }
  const signalName = await asked;
  log.info("stopping", { signal: signalName });
  setTimeout(() => fatal("did not stop in time")(new Error(`still running ${stopLimitMs} ms after ${signalName}`)), stopLimitMs).unref();
  await component[Symbol.asyncDispose]();
  process.exit(0);
}
