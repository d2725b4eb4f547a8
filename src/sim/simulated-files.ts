// A node's file system in memory: directories, files, links, mounts. As much of POSIX as the kubelet uses.

import { onAbort } from "../base/on-abort.ts";
import type { Clock } from "../base/clock.ts";
import { Channel } from "../base/channel.ts";
import type { FileStat, FilesystemSpace, NodeFiles, OpenFile } from "../kubelet/files.ts";

interface Entry {
  type: "file" | "directory" | "symlink";
  bytes: Uint8Array;
  target: string;
  mode: number;
  uid: number;
  gid: number;
  modifiedAtMs: number;
  readonly inode: number;
}

const maxLinks = 40;

export class SimulatedFiles implements NodeFiles {
  readonly #clock: Pick<Clock, "now">;
  readonly #entries = new Map<string, Entry>();
  readonly #mounts = new Set<string>();
  readonly #watchers = new Map<string, Set<Channel<void>>>();
  #nextInode = 1;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#entries.set("/", this.#fresh("directory", 0o755));
  }

  #fresh(type: Entry["type"], mode: number): Entry {
    return { type, bytes: new Uint8Array(), target: "", mode, uid: 0, gid: 0, modifiedAtMs: this.#clock.now(), inode: this.#nextInode++ };
  }

  /** The path with links followed; the last part too when `last`. It need not exist. */
  #resolve(path: string, last: boolean): string {
    let at = "";
    let parts = split(path);
    for (let links = 0; parts.length > 0;) {
      const [part, ...rest] = parts as [string, ...string[]];
      parts = rest;
      const next = `${at}/${part}`;
      const entry = this.#entries.get(next);
      if (entry?.type === "symlink" && (rest.length > 0 || last)) {
        if (++links > maxLinks) throw new Error(`ELOOP: too many symbolic links, '${path}'`);
        parts = [...split(entry.target), ...rest];
        if (entry.target.startsWith("/")) at = "";
        continue;
      }
      if (part === "..") at = parentOf(at);
      else at = next;
    }
    return at === "" ? "/" : at;
  }

  #children(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    return [...this.#entries.keys()].filter((key) => key !== "/" && key.startsWith(prefix));
  }

  #touched(path: string): void {
    for (const watcher of this.#watchers.get(path) ?? []) watcher.push(undefined);
  }

  async mkdir(path: string, mode: number): Promise<void> {
    let at = "";
    const parts = split(path);
    for (const [index, part] of parts.entries()) {
      at = this.#resolve(`${at}/${part}`, true);
      const entry = this.#entries.get(at);
      if (!entry) this.#entries.set(at, this.#fresh("directory", index === parts.length - 1 ? mode : 0o755));
      else if (entry.type !== "directory") throw new Error(`ENOTDIR: not a directory, mkdir '${path}'`);
    }
  }

  async writeFile(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode: number; readonly uid?: number; readonly gid?: number },
  ): Promise<void> {
    const real = this.#resolve(path, false);
    if (this.#entries.get(parentOf(real) || "/")?.type !== "directory")
      throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    if (this.#entries.get(real)?.type === "directory") throw new Error(`EISDIR: illegal operation on a directory, open '${path}'`);
    this.#entries.set(real, { ...this.#fresh("file", options.mode), bytes, uid: options.uid ?? 0, gid: options.gid ?? 0 });
    this.#touched(real);
  }

  /** Adds to the end of a file, and makes it when it is not there: how a container writes its log. */
  append(path: string, bytes: Uint8Array): void {
    const real = this.#resolve(path, true);
    const entry = this.#entries.get(real) ?? this.#fresh("file", 0o640);
    const joined = new Uint8Array(entry.bytes.length + bytes.length);
    joined.set(entry.bytes);
    joined.set(bytes, entry.bytes.length);
    entry.bytes = joined;
    this.#entries.set(real, entry);
    this.#touched(real);
  }

  async readFile(path: string, options?: { readonly limitBytes?: number; readonly fromEnd?: boolean }): Promise<Uint8Array | undefined> {
    const entry = this.#entries.get(this.#resolve(path, true));
    if (entry?.type !== "file") return undefined;
    const limit = options?.limitBytes ?? Infinity;
    if (entry.bytes.length <= limit) return entry.bytes;
    return options?.fromEnd ? entry.bytes.slice(-limit) : entry.bytes.slice(0, limit);
  }

  async symlink(target: string, path: string): Promise<void> {
    const real = this.#resolve(path, false);
    if (this.#entries.has(real)) throw new Error(`EEXIST: file already exists, symlink '${path}'`);
    this.#entries.set(real, { ...this.#fresh("symlink", 0o777), target });
  }

  async readLink(path: string): Promise<string | undefined> {
    const entry = this.#entries.get(this.#resolve(path, false));
    return entry?.type === "symlink" ? entry.target : undefined;
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#resolve(from, false);
    const target = this.#resolve(to, false);
    const entry = this.#entries.get(source);
    if (!entry) throw new Error(`ENOENT: no such file or directory, rename '${from}'`);
    if (this.#entries.get(target)?.type === "directory") throw new Error(`EISDIR: illegal operation on a directory, rename '${to}'`);
    for (const child of this.#children(source)) {
      this.#entries.set(target + child.slice(source.length), this.#entries.get(child)!);
      this.#entries.delete(child);
    }
    this.#entries.set(target, entry);
    this.#entries.delete(source);
    this.#touched(target);
  }

  async realPath(path: string): Promise<string | undefined> {
    const real = this.#resolve(path, true);
    return this.#entries.has(real) ? real : undefined;
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return this.#statOf(this.#resolve(path, true));
  }
  async lstat(path: string): Promise<FileStat | undefined> {
    return this.#statOf(this.#resolve(path, false));
  }
  #statOf(real: string): FileStat | undefined {
    const entry = this.#entries.get(real);
    if (!entry) return undefined;
    const { type, mode, uid, gid, modifiedAtMs, inode } = entry;
    return { type, sizeBytes: entry.bytes.length, mode, uid, gid, modifiedAtMs, identity: String(inode) };
  }

  async list(path: string): Promise<readonly string[]> {
    const real = this.#resolve(path, true);
    const names = this.#children(real).map((child) => child.slice(real === "/" ? 1 : real.length + 1));
    return names.filter((name) => !name.includes("/")).toSorted();
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#existing(path).mode = mode;
  }
  async chown(path: string, uid: number, gid: number): Promise<void> {
    Object.assign(this.#existing(path), { uid, gid });
  }
  #existing(path: string): Entry {
    const entry = this.#entries.get(this.#resolve(path, true));
    if (!entry) throw new Error(`ENOENT: no such file or directory, '${path}'`);
    return entry;
  }

  async remove(path: string): Promise<void> {
    const real = this.#resolve(path, false);
    if ([...this.#mounts].some((mount) => mount === real || mount.startsWith(`${real}/`)))
      throw new Error(`EBUSY: resource busy or locked, rm '${path}'`);
    for (const child of this.#children(real)) this.#entries.delete(child);
    this.#entries.delete(real);
    this.#touched(real);
  }

  async giveToGroup(path: string, gid: number, options: { readonly onRootMismatch: boolean; readonly readonly: boolean }): Promise<void> {
    const real = this.#resolve(path, true);
    const root = this.#existing(path);
    if (options.onRootMismatch && root.gid === gid && (root.mode & 0o2000) !== 0) return;
    for (const each of [real, ...this.#children(real)]) {
      const entry = this.#entries.get(each)!;
      entry.gid = gid;
      if (entry.type === "symlink") continue;
      entry.mode |= (options.readonly ? 0o440 : 0o660) | (entry.type === "directory" ? 0o2110 : 0);
    }
  }

  async mountTmpfs(path: string): Promise<void> {
    this.#mounts.add(this.#resolve(path, true));
  }
  async unmount(path: string): Promise<void> {
    const real = this.#resolve(path, true);
    if (!this.#mounts.delete(real)) return;
    for (const child of this.#children(real)) this.#entries.delete(child);
  }
  async isMountPoint(path: string): Promise<boolean> {
    return this.#mounts.has(this.#resolve(path, true));
  }
  async mountsBelow(path: string): Promise<readonly string[]> {
    const real = this.#resolve(path, true);
    return [...this.#mounts].filter((mount) => mount.startsWith(`${real}/`)).toSorted((a, b) => b.length - a.length);
  }

  async usage(path: string): Promise<{ readonly usedBytes: number; readonly inodesUsed: number }> {
    const below = this.#children(this.#resolve(path, true)).map((child) => this.#entries.get(child)!);
    return { usedBytes: below.reduce((sum, entry) => sum + entry.bytes.length, 0), inodesUsed: below.length };
  }
  async space(): Promise<FilesystemSpace> {
    const gibi = 2 ** 30;
    return { capacityBytes: 100 * gibi, availableBytes: 80 * gibi, inodes: 6_553_600, inodesFree: 6_000_000 };
  }

  async open(path: string): Promise<OpenFile | undefined> {
    const entry = this.#entries.get(this.#resolve(path, true));
    if (entry?.type !== "file") return undefined;
    return {
      identity: String(entry.inode),
      sizeBytes: async () => entry.bytes.length,
      read: async (position, length) => entry.bytes.slice(position, position + length),
      [Symbol.asyncDispose]: async () => {},
    };
  }

  async *changes(path: string, signal: AbortSignal): AsyncIterable<void> {
    const real = this.#resolve(path, true);
    const channel = new Channel<void>(1);
    const watchers = this.#watchers.get(real) ?? new Set();
    this.#watchers.set(real, watchers.add(channel));
    using _ = onAbort(signal, () => channel.close());
    try {
      yield* channel;
    } finally {
      watchers.delete(channel);
      if (watchers.size === 0) this.#watchers.delete(real);
    }
  }
}

const split = (path: string): string[] => path.split("/").filter((part) => part !== "" && part !== ".");
const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
