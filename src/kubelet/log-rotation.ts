// Logs of containers do not fill the disk: a full one is renamed, the runtime opens a new one, the oldest goes.

import type { NodeFiles } from "./files.ts";

/** Kubernetes' defaults: 10 MiB a file, five files. */
export const maxLogBytes = 10 * 1024 * 1024;
const maxLogFiles = 5;

/** Returns whether the log was rotated. */
export async function rotateLog(files: NodeFiles, path: string, nowMs: number, reopen: () => Promise<void>): Promise<boolean> {
  const stat = await files.stat(path);
  if (!stat || stat.sizeBytes <= maxLogBytes) return false;
  const slash = path.lastIndexOf("/");
  const [directory, name] = [path.slice(0, slash), path.slice(slash + 1)];
  // "0.log.20260102-030405": by name, the oldest sorts first.
  const rotated = (await files.list(directory)).filter((candidate) => candidate.startsWith(`${name}.`));
  for (const old of rotated.slice(0, Math.max(rotated.length - (maxLogFiles - 2), 0))) await files.remove(`${directory}/${old}`);
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
  const aside = `${path}.${stamp}`;
  await files.rename(path, aside);
  try {
    await reopen();
  } catch (error) {
    // The runtime still writes into the renamed file: it gets its name back, and another try later.
    await files.rename(aside, path);
    throw error;
  }
  return true;
}
