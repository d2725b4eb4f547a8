// How the LMDB store lies on disk, and how a new one comes into being.
//
//   current  key                      → record of the present version
//   undo     key, NUL, revision       → record of the version that this revision replaced; one zero byte when there was none
//   log      revision                 → the keys that this revision changed
//   expiry   time, key                → nothing; the keys that go away by themselves, earliest first
//   meta     format, cluster, revision, compacted
//
// A version is written once, into `current`; what a later revision replaces moves to `undo`. The state at an old revision is
// `current` with everything since then undone, so history costs nothing until it is asked for, and compaction deletes it.

import { mkdir, open as openFile, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { open } from "lmdb";
import type { Database, RootDatabase } from "lmdb";
import { crc32c } from "../../store/crc32c.ts";
import { getInteger, setInteger } from "../../store/record.ts";
import { CorruptRecordError } from "../../store/store.ts";

const dataFile = "data.mdb";
const format = "timonier-store-1";
/** Marks in `undo` that there was no version before. */
export const absent = Buffer.from([0]);

export type Table = Database<Buffer, Buffer>;
export interface Tables {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly current: Table;
  readonly undo: Table;
  readonly log: Table;
  readonly expiry: Table;
  readonly meta: Table;
}

/** Opens the store in `directory`, creating it first when there is none. Throws when it belongs to another cluster. */
export async function openTables(directory: string, clusterId: string): Promise<Tables> {
  if (!(await hasStore(directory))) await create(directory, clusterId);
  const tables = openIn(directory);
  try {
    const found = tables.meta.get(metaKey("format"))?.toString();
    if (found !== format)
      throw new Error(
        `the store in ${directory} has the format ${found ?? "(none)"}, this version reads ${format}: use the version that wrote it`,
      );
    const owner = tables.meta.get(metaKey("cluster"))?.toString();
    if (owner !== clusterId)
      throw new Error(
        `the store in ${directory} belongs to the cluster ${owner ?? "(none)"}, not to ${clusterId}: put back the directory of ${clusterId}`,
      );
    return tables;
  } catch (error) {
    await tables.root.close();
    throw error;
  }
}

async function hasStore(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).includes(dataFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** A power cut during the first writes must not leave half a store: it is made aside, synced, and put in place at once. */
async function create(directory: string, clusterId: string): Promise<void> {
  const aside = `${directory}.new`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const tables = openIn(aside);
  await tables.root.transaction(() => {
    tables.meta.putSync(metaKey("format"), Buffer.from(format));
    tables.meta.putSync(metaKey("cluster"), Buffer.from(clusterId));
    tables.meta.putSync(metaKey("revision"), integerBytes(1));
    tables.meta.putSync(metaKey("compacted"), integerBytes(1));
  });
  await tables.root.close();
  await rm(join(aside, `${dataFile}-lock`), { force: true });
  await sync(join(aside, dataFile));
  await sync(aside);
  await rename(aside, directory);
  await sync(dirname(directory));
}

async function sync(path: string): Promise<void> {
  const file = await openFile(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function openIn(directory: string): Tables {
  const binary = { encoding: "binary", keyEncoding: "binary" } as const;
  const root = open<Buffer, Buffer>({
    ...binary,
    path: join(directory, dataFile),
    // With the binding's default a commit whose sync failed would stay readable.
    overlappingSync: false,
    // We share commits ourselves; the binding's own way leaves a rejected promise of a failed commit to nobody.
    eventTurnBatching: false,
    maxDbs: 8,
    permissionsMode: 0o600,
  } as Parameters<typeof open>[0]) as RootDatabase<Buffer, Buffer>;
  const table = (name: string): Table => root.openDB({ ...binary, name }) as Table;
  return { root, current: table("current"), undo: table("undo"), log: table("log"), expiry: table("expiry"), meta: table("meta") };
}

export const metaKey = (name: "format" | "cluster" | "revision" | "compacted"): Buffer => Buffer.from(name);

export function integerBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  setInteger(new DataView(bytes.buffer, bytes.byteOffset), 0, value);
  return bytes;
}

export function integerOf(bytes: Buffer, offset = 0): number {
  return getInteger(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset);
}

export function undoKey(keyBytes: Buffer, revision: number): Buffer {
  const bytes = Buffer.allocUnsafe(keyBytes.length + 9);
  keyBytes.copy(bytes);
  bytes[keyBytes.length] = 0;
  setInteger(new DataView(bytes.buffer, bytes.byteOffset), keyBytes.length + 1, revision);
  return bytes;
}

/** The key and the revision in a key of `undo`. */
export function undoParts(bytes: Buffer): { keyBytes: Buffer; revision: number } {
  return { keyBytes: bytes.subarray(0, bytes.length - 9), revision: integerOf(bytes, bytes.length - 8) };
}

export function expiryKey(atMs: number, keyBytes: Buffer): Buffer {
  return Buffer.concat([integerBytes(atMs), keyBytes]);
}

/** A change as `log` keeps it: put or delete, key, and a delete's cause. */
export type LoggedChange = readonly ["p", string] | readonly ["d", string] | readonly ["d", string, string];

export function encodeLogged(changes: readonly LoggedChange[]): Buffer {
  const json = Buffer.from(JSON.stringify(changes));
  const bytes = Buffer.allocUnsafe(json.length + 4);
  bytes.writeUInt32BE(crc32c(json));
  json.copy(bytes, 4);
  return bytes;
}

/** @throws CorruptRecordError */
export function decodeLogged(bytes: Buffer, revision: number): LoggedChange[] {
  const json = bytes.subarray(4);
  if (bytes.length < 4 || bytes.readUInt32BE() !== crc32c(json)) {
    throw new CorruptRecordError(`the stored log of revision ${revision} is damaged: its checksum does not match`);
  }
  return JSON.parse(json.toString()) as LoggedChange[];
}
