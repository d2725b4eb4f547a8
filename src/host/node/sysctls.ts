// Reads and writes kernel settings under /proc/sys.

import { readFile, writeFile } from "node:fs/promises";
import type { WantedSysctl } from "../../cluster/node-preparation/sysctls.ts";

export interface SysctlChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

const fileOf = (name: string): string => `/proc/sys/${name.replaceAll(".", "/")}`;

/** What would have to change. @throws Error when a setting is missing that is not optional */
export async function neededSysctls(wanted: readonly WantedSysctl[]): Promise<readonly SysctlChange[]> {
  const changes: SysctlChange[] = [];
  for (const { name, value, atLeast, optional } of wanted) {
    let before: string;
    try {
      before = (await readFile(fileOf(name), "utf8")).trim();
    } catch (error) {
      if (optional && (error as NodeJS.ErrnoException).code === "ENOENT") continue;
      throw error;
    }
    if (atLeast ? Number(before) >= Number(value) : before === value) continue;
    changes.push({ name, before, after: value });
  }
  return changes;
}

export async function writeSysctl(name: string, value: string): Promise<void> {
  await writeFile(fileOf(name), value, { flag: "r+" });
}
