// One command at a time changes the clusters of a machine: two `up` at once would start two supervisors, and claim the same slot.
// The kernel holds the lock, through flock(1) (Debian's util-linux, always there), so that a killed command leaves no stale one.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";

/**
 * Locks the file, makes sure that it is still the one with that name (its last holder removed it), says so, and holds it until
 * standard input ends: when we say so, or when we are gone.
 */
const hold = 'while :; do exec 9>>"$1" && flock 9 || exit 1; [ "$1" -ef /proc/self/fd/9 ] && break; done; echo held; exec cat';
const tellAfterMs = 300;

/**
 * Waits its turn, and then holds the file until it is disposed of. Where there is no flock(1) (no real containers run there either)
 * nothing is held.
 * @param onWait called once when somebody else holds it
 * @throws Error when the file cannot be made
 */
export async function lockFile(path: string, onWait: () => void): Promise<AsyncDisposable> {
  if (process.platform !== "linux") return { [Symbol.asyncDispose]: async () => undefined };
  // A session of its own: Ctrl-C in the terminal must not let the lock go before we do.
  const holder = spawn("/bin/sh", ["-c", hold, "sh", path], { stdio: ["pipe", "pipe", "pipe"], detached: true });
  const ended = once(holder, "exit");
  let problem = "";
  holder.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
  const told = setTimeout(onWait, tellAfterMs);
  try {
    const isHeld = await Promise.race([once(holder.stdout, "data").then(() => true), ended.then(() => false)]);
    if (!isHeld) throw new Error(`${path} cannot be locked: ${problem.trim()}`);
  } finally {
    clearTimeout(told);
  }
  return {
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true });
      holder.stdin.end();
      await ended;
    },
  };
}
