// What is mounted where, from /proc/self/mountinfo (described in proc(5)).

import { readFile } from "node:fs/promises";

export interface MountEntry {
  readonly mountPoint: string;
  readonly fsType: string;
  /** Mounts under it are passed on to mount namespaces that share it. */
  readonly shared: boolean;
  /** Options of the file system: "rw,cpu,cpuacct". */
  readonly superOptions: string;
}

/** In mount order: of two entries with one mount point, the later one is on top. */
export function parseMountInfo(text: string): readonly MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split("\n")) {
    const fields = line.split(" ");
    const dash = fields.indexOf("-", 6);
    if (dash < 0) continue;
    entries.push({
      mountPoint: unescape(fields[4]!),
      fsType: fields[dash + 1]!,
      shared: fields.slice(6, dash).some((field) => field.startsWith("shared:")),
      superOptions: fields[dash + 3] ?? "",
    });
  }
  return entries;
}

/** Blanks, tabs, newlines and backslashes are written as octal escapes. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_match, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export async function readMounts(): Promise<readonly MountEntry[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Mount points strictly below a directory, deepest first. */
export async function mountsBelow(directory: string): Promise<readonly string[]> {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  const points = (await readMounts()).map((entry) => entry.mountPoint).filter((point) => point.startsWith(prefix));
  return points.toSorted((left, right) => right.split("/").length - left.split("/").length || right.localeCompare(left));
}
