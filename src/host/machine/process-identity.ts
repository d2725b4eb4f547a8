// A process named for ever: its id and its start time, since an id alone may be given to another.

import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as in /proc/PID/stat. */
  readonly startTime: string;
}

/** "PID START", as the supervisor writes it. */
export function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  const [pid, startTime] = (text ?? "").trim().split(" ");
  return pid === undefined || startTime === undefined || !/^[1-9][0-9]*$/.test(pid) ? undefined : { pid: Number(pid), startTime };
}

/** False for a process that ended, is a zombie, or is another with the same id. */
export function isAlive(identity: ProcessIdentity | undefined): identity is ProcessIdentity {
  if (identity === undefined) return false;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${identity.pid}/stat`, "utf8");
  } catch {
    return false; // no such process any more
  }
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] !== "Z" && fields[19] === identity.startTime;
}

/** Sends a signal if the process is still the same one. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** True once it is gone; false when it still runs after `withinMs`. */
export async function hasEnded(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (const deadline = performance.now() + withinMs; isAlive(identity);) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
