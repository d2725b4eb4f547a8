// The three families of failure start here: a BugError says that Timonier itself is wrong and stops the component;
// StatusError (object/status.ts) is what a client sees; cancellation is an AbortSignal's reason.

/** A broken invariant: our own fault, never the user's. */
export class BugError extends Error {
  override readonly name = "BugError";
}

/** The reason that an AbortSignal of ours carries when a component is asked to stop. */
export class CancelledError extends Error {
  override readonly name = "CancelledError";
}

/** @throws BugError when `condition` is false. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BugError(message);
}

/** For the default branch of a switch over a closed union. @throws BugError */
export function unreachable(value: never): never {
  throw new BugError(`unreachable value: ${String(value)}`);
}
