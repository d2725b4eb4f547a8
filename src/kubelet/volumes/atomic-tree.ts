// Files of a volume that change all at once. Each version lies whole in a directory of its own; the link `..data` names the
// present one and is swapped by a rename; the names that the container reads are links through it. A reader that holds the
// old version keeps it, and nobody sees half of one.

import type { NodeFiles } from "../files.ts";

export interface TreeFile {
  readonly bytes: Uint8Array;
  readonly mode: number;
}
/** Relative paths ("a", "dir/b") and their contents. */
export type TreePayload = ReadonlyMap<string, TreeFile>;

const dataLink = "..data";
const newDataLink = "..data_tmp";

/** Brings the directory to the payload. Returns false when it was there already. `stamp` names the version and is unique. */
export async function writeTree(
  files: NodeFiles,
  directory: string,
  payload: TreePayload,
  stamp: string,
  finish?: (versionDirectory: string) => Promise<void>,
): Promise<boolean> {
  const current = await files.readLink(`${directory}/${dataLink}`);
  if (current !== undefined && (await holds(files, `${directory}/${current}`, payload))) return false;
  const version = `..${stamp}`;
  await files.mkdir(`${directory}/${version}`, 0o755);
  for (const [path, file] of payload) {
    const slash = path.lastIndexOf("/");
    if (slash > 0) await files.mkdir(`${directory}/${version}/${path.slice(0, slash)}`, 0o755);
    await files.writeFile(`${directory}/${version}/${path}`, file.bytes, { mode: file.mode });
  }
  await finish?.(`${directory}/${version}`);
  await files.remove(`${directory}/${newDataLink}`);
  await files.symlink(version, `${directory}/${newDataLink}`);
  await files.rename(`${directory}/${newDataLink}`, `${directory}/${dataLink}`);

  const visible = new Set([...payload.keys()].map((path) => path.split("/")[0]!));
  for (const name of visible) {
    if ((await files.readLink(`${directory}/${name}`)) === undefined) await files.symlink(`${dataLink}/${name}`, `${directory}/${name}`);
  }
  for (const name of await files.list(directory)) {
    const isOurs = name === dataLink || name === version;
    if (isOurs || visible.has(name)) continue;
    await files.remove(`${directory}/${name}`);
  }
  return true;
}

async function holds(files: NodeFiles, directory: string, payload: TreePayload): Promise<boolean> {
  const present = await filesBelow(files, directory, "");
  if (present.length !== payload.size) return false;
  for (const path of present) {
    const wanted = payload.get(path);
    if (!wanted) return false;
    const bytes = await files.readFile(`${directory}/${path}`);
    if (!bytes || bytes.length !== wanted.bytes.length || !bytes.every((byte, index) => byte === wanted.bytes[index])) return false;
  }
  return true;
}

async function filesBelow(files: NodeFiles, directory: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await files.list(directory)) {
    const stat = await files.lstat(`${directory}/${name}`);
    if (stat?.type === "directory") found.push(...(await filesBelow(files, `${directory}/${name}`, `${prefix}${name}/`)));
    else found.push(prefix + name);
  }
  return found;
}

/** "2026_11_23_12_00_00.0123456789": when the version was written, and a number that makes it unique. */
export function versionStamp(nowMs: number, unique: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replace(/[-:T]/g, "_");
  return `${time}.${String(unique).padStart(10, "0")}`;
}
