// Walks over a volume's whole tree: handing it to a group, measuring it. Neither follows links nor enters another mount.

import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { mountsBelow } from "./mount-table.ts";

const batchSize = 64;

/** Calls `visit` for the root and everything below it that is not another mount; a directory before its content. */
async function walk(root: string, visit: (path: string, stats: Stats) => void | Promise<void>): Promise<void> {
  const elsewhere = new Set(await mountsBelow(root));
  const waiting = [root];
  while (waiting.length > 0) {
    await Promise.all(
      waiting.splice(-batchSize).map(async (path) => {
        try {
          const stats = await fs.lstat(path);
          await visit(path, stats);
          if (!stats.isDirectory()) return;
          for (const name of await fs.readdir(path)) {
            const child = join(path, name);
            if (!elsewhere.has(child)) waiting.push(child);
          }
        } catch (error) {
          // Files come and go while containers write.
          if ((error as NodeJS.ErrnoException).code !== "ENOENT" || path === root) throw error;
        }
      }),
    );
  }
}

/** As Kubernetes' fsGroup: group read and write (read only for read-only volumes), on directories also setgid and execute. */
export async function giveToGroup(
  path: string,
  gid: number,
  options: { readonly onRootMismatch: boolean; readonly readonly: boolean },
): Promise<void> {
  const wanted = (stats: Stats): number => (options.readonly ? 0o440 : 0o660) | (stats.isDirectory() ? 0o2110 : 0);
  if (options.onRootMismatch) {
    const root = await fs.lstat(path);
    if (root.gid === gid && (root.mode & wanted(root)) === wanted(root)) return;
  }
  // The root last: were we interrupted, a later call with onRootMismatch must not believe that all is done.
  let rootStats: Stats | undefined;
  const give = async (target: string, stats: Stats): Promise<void> => {
    await fs.lchown(target, stats.uid, gid);
    if (!stats.isSymbolicLink()) await fs.chmod(target, (stats.mode & 0o7777) | wanted(stats));
  };
  await walk(path, (target, stats) => {
    if (target !== path) return give(target, stats);
    rootStats = stats;
    return undefined;
  });
  await give(path, rootStats!);
}

export async function usage(path: string): Promise<{ usedBytes: number; inodesUsed: number }> {
  const linked = new Set<string>();
  let usedBytes = 0;
  let inodesUsed = 0;
  await walk(path, (_target, stats) => {
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const identity = `${stats.dev}:${stats.ino}`;
      if (linked.has(identity)) return;
      linked.add(identity);
    }
    usedBytes += stats.blocks * 512;
    inodesUsed++;
  });
  return { usedBytes, inodesUsed };
}
