// Ending this process now, whatever it is at.

/**
 * Does not return. `process.exit` joins every thread first, and the store's writing thread waits for this one while a commit is
 * under way: the two would wait for each other for ever, and no supervisor would notice. Everything here survives a kill at any
 * point, so that is what it gets.
 */
export function endProcess(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered before the call above returns to JavaScript on Linux; elsewhere a moment later.
  for (;;);
}
