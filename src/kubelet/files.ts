// The node's file system, as far as the kubelet needs it: pod directories, volumes, logs. Primitive operations only; what
// a volume looks like is decided in volumes/. All paths are absolute. The host implements it with node:fs and mount(8), a
// simulated node in memory.

export type FileType = "file" | "directory" | "symlink" | "socket" | "fifo" | "char-device" | "block-device";

export interface FileStat {
  readonly type: FileType;
  readonly sizeBytes: number;
  /** Permission bits with setuid, setgid and sticky: 0o1777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly modifiedAtMs: number;
  /** Same text: same file (device and inode). A rotated log gets another. */
  readonly identity: string;
}

/** A file held open: it stays readable when it is renamed or removed meanwhile. */
export interface OpenFile extends AsyncDisposable {
  readonly identity: string;
  sizeBytes(): Promise<number>;
  /** Up to `length` bytes from `position`; fewer, or none, at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
}

export interface FilesystemSpace {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Everything that fails for another reason than a stated one throws the system's error with its code. */
export interface NodeFiles {
  /** Creates a directory with its missing parents. `mode` is set whatever the umask; an existing directory is left as it is. */
  mkdir(path: string, mode: number): Promise<void>;
  /**
   * Writes a file whole: readers see the old bytes or the new ones, never a part (temporary file, rename). Missing parent
   * directories are an error. Absent owners mean the process's own.
   */
  writeFile(
    path: string,
    bytes: Uint8Array,
    options: { readonly mode: number; readonly uid?: number; readonly gid?: number },
  ): Promise<void>;
  /** Undefined when there is none. `fromEnd` returns the last bytes instead of the first ones when it is longer. */
  readFile(path: string, options?: { readonly limitBytes?: number; readonly fromEnd?: boolean }): Promise<Uint8Array | undefined>;
  /** Makes `path` a symbolic link to `target`; fails when `path` exists. */
  symlink(target: string, path: string): Promise<void>;
  /** Undefined when there is no symbolic link. */
  readLink(path: string): Promise<string | undefined>;
  /** Replaces what is at `to`, if it is no directory. */
  rename(from: string, to: string): Promise<void>;
  /** The path with every symbolic link followed; undefined when it does not exist. */
  realPath(path: string): Promise<string | undefined>;
  /** Follows symbolic links. Undefined when there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Does not follow the last symbolic link. */
  lstat(path: string): Promise<FileStat | undefined>;
  /** Names in a directory, sorted; empty when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  /** Removes a file or a whole tree; nothing happens when it is absent. Never follows links, never crosses a mount point. */
  remove(path: string): Promise<void>;

  /**
   * Gives a volume to a group (fsGroup): every file gets the group and group read/write, directories also setgid and
   * execute. With `onRootMismatch`, nothing is done when the root has them already.
   */
  giveToGroup(path: string, gid: number, options: { readonly onRootMismatch: boolean; readonly readonly: boolean }): Promise<void>;

  mountTmpfs(path: string, options: { readonly sizeBytes?: number; readonly mode?: number }): Promise<void>;
  /** Nothing happens when nothing is mounted there. */
  unmount(path: string): Promise<void>;
  isMountPoint(path: string): Promise<boolean>;
  /** Mount points strictly below a directory, deepest first. */
  mountsBelow(path: string): Promise<readonly string[]>;

  /** Bytes and inodes used below a path, not crossing mount points. */
  usage(path: string): Promise<{ readonly usedBytes: number; readonly inodesUsed: number }>;
  /** The file system that holds the path. */
  space(path: string): Promise<FilesystemSpace>;

  /** Undefined when there is none. */
  open(path: string): Promise<OpenFile | undefined>;
  /** Yields whenever the file (or what is created under its name) may have changed; hints, until the signal aborts. */
  changes(path: string, signal: AbortSignal): AsyncIterable<void>;
}
