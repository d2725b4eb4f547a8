// The kubelet's NodeFiles on a real machine: node:fs, mount(8) and inotify.

import { randomBytes } from "node:crypto";
import { constants, watch } from "node:fs";
import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { FileStat, FilesystemSpace, FileType, NodeFiles, OpenFile } from "../../kubelet/files.ts";
import { mountsBelow, readMounts } from "./mount-table.ts";
import { runProgram } from "../run-program.ts";
import { giveToGroup, usage } from "./tree.ts";

/** How often a file is looked at where it cannot be watched. */
const pollMs = 500;

export const hostFiles: NodeFiles = {
  async mkdir(path, mode) {
    const first = await fs.mkdir(path, { recursive: true, mode });
    if (first === undefined) return;
    // The umask took bits away from everything that was just made.
    for (let made = path; made.length >= first.length; made = dirname(made)) await fs.chmod(made, mode);
  },

  async writeFile(path, bytes, options) {
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
    try {
      const file = await fs.open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
      try {
        await file.writeFile(bytes);
        if (options.uid !== undefined || options.gid !== undefined) {
          const own = await file.stat();
          await file.chown(options.uid ?? own.uid, options.gid ?? own.gid);
        }
        await file.chmod(options.mode);
      } finally {
        await file.close();
      }
      await fs.rename(temporary, path);
    } catch (error) {
      await fs.rm(temporary, { force: true });
      throw error;
    }
  },

  async readFile(path, options = {}) {
    const file = await openOrAbsent(path);
    if (file === undefined) return undefined;
    try {
      const { limitBytes, fromEnd } = options;
      if (limitBytes === undefined) return bytesOf(await file.readFile());
      const { size } = await file.stat();
      const start = fromEnd ? Math.max(0, size - limitBytes) : 0;
      return await readFully(file, start, limitBytes);
    } finally {
      await file.close();
    }
  },

  symlink: (target, path) => fs.symlink(target, path),
  readLink: (path) => absentAs(undefined, fs.readlink(path), ["ENOENT", "ENOTDIR", "EINVAL"]),
  rename: (from, to) => fs.rename(from, to),
  realPath: (path) => absentAs(undefined, fs.realpath(path)),
  stat: async (path) => await absentAs(undefined, fs.stat(path).then(describe)),
  lstat: async (path) => await absentAs(undefined, fs.lstat(path).then(describe)),
  list: async (path) => (await absentAs<string[], string[]>([], fs.readdir(path))).toSorted(),
  chmod: (path, mode) => fs.chmod(path, mode),
  chown: (path, uid, gid) => fs.lchown(path, uid, gid),

  async remove(path) {
    const mounted = [...(await mountsBelow(path)), ...((await isMountPoint(path)) ? [path] : [])];
    // Deleting what is mounted would delete somebody's data: the caller unmounts first.
    if (mounted.length > 0) throw new Error(`cannot remove ${path}: still mounted: ${mounted.join(", ")}`);
    await fs.rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  },

  giveToGroup,

  async mountTmpfs(path, options) {
    const settings = [
      ...(options.sizeBytes === undefined ? [] : [`size=${options.sizeBytes}`]),
      ...(options.mode === undefined ? [] : [`mode=${options.mode.toString(8)}`]),
    ];
    await runProgram("mount", ["-t", "tmpfs", ...(settings.length > 0 ? ["-o", settings.join(",")] : []), "tmpfs", path]);
  },

  async unmount(path) {
    while (await isMountPoint(path)) {
      try {
        await runProgram("umount", [path]);
      } catch (error) {
        if (await isMountPoint(path)) throw error;
      }
    }
  },

  isMountPoint,
  mountsBelow,
  usage,

  async space(path): Promise<FilesystemSpace> {
    const { bsize, blocks, bavail, files, ffree } = await fs.statfs(path);
    return { capacityBytes: blocks * bsize, availableBytes: bavail * bsize, inodes: files, inodesFree: ffree };
  },

  async open(path): Promise<OpenFile | undefined> {
    const file = await openOrAbsent(path);
    if (file === undefined) return undefined;
    const identity = identify(await file.stat());
    return {
      identity,
      sizeBytes: async () => (await file.stat()).size,
      read: (position, length) => readFully(file, position, length),
      [Symbol.asyncDispose]: () => file.close(),
    };
  },

  changes,
};

async function isMountPoint(path: string): Promise<boolean> {
  const real = await absentAs(undefined, fs.realpath(path));
  return real !== undefined && (await readMounts()).some((entry) => entry.mountPoint === real);
}

async function absentAs<T, D>(substitute: D, promise: Promise<T>, codes: readonly string[] = ["ENOENT", "ENOTDIR"]): Promise<T | D> {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? "")) return substitute;
    throw error;
  }
}

function openOrAbsent(path: string): Promise<fs.FileHandle | undefined> {
  return absentAs(undefined, fs.open(path, "r"));
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

async function readFully(file: fs.FileHandle, position: number, length: number): Promise<Uint8Array> {
  // A file may be much shorter than what is asked for: never take memory for the asked length at once.
  const { size } = await file.stat();
  // Files of /proc and /sys say 0 and have content.
  const buffer = new Uint8Array(size === 0 ? Math.min(length, 1 << 20) : Math.max(0, Math.min(length, size - position)));
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

const identify = (stats: Stats): string => `${stats.dev}:${stats.ino}`;

function describe(stats: Stats): FileStat {
  return {
    type: typeOf(stats),
    sizeBytes: stats.size,
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    modifiedAtMs: stats.mtimeMs,
    identity: identify(stats),
  };
}

function typeOf(stats: Stats): FileType {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isSocket()) return "socket";
  if (stats.isFIFO()) return "fifo";
  return stats.isBlockDevice() ? "block-device" : "char-device";
}

/**
 * The directory is watched, not the file, so that a rotated log's successor is seen; where it cannot be watched (no inotify
 * instances left, not there yet) hints come every half second.
 */
async function* changes(path: string, signal: AbortSignal): AsyncGenerator<void, void> {
  const name = basename(path);
  let wake: (() => void) | undefined;
  let changed = false;
  const notify = (): void => {
    changed = true;
    wake?.();
  };
  const stop = new AbortController();
  const close = (): void => {
    stop.abort();
    wake?.();
  };
  signal.addEventListener("abort", close, { once: true });
  let watching = false;
  const start = (): void => {
    try {
      const watcher = watch(dirname(path), { signal: stop.signal });
      watching = true;
      watcher.on("change", (_event, file) => {
        if (file === null || file === name) notify();
      });
      watcher.on("error", () => {
        watching = false;
        notify();
      });
      watcher.on("close", () => (watching = false));
    } catch {
      watching = false; // polled below
    }
  };
  try {
    while (!signal.aborted) {
      if (!watching) start();
      if (!changed) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (!watching) timer = setTimeout(notify, pollMs);
        });
        wake = undefined;
        clearTimeout(timer);
      }
      if (signal.aborted) return;
      changed = false;
      yield;
    }
  } finally {
    signal.removeEventListener("abort", close);
    stop.abort();
  }
}
