// Files of a cluster on the machine: written whole, or not at all.

import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { LedgerFile } from "../../cluster/ledger-book.ts";
import type { MachineFiles } from "../../cluster/machine.ts";

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

export const machineFiles: MachineFiles & LedgerFile = {
  readText,
  read: readText,
  async writeText(path, text, mode = 0o644) {
    const temporary = `${path}.${randomBytes(4).toString("hex")}`;
    const file = await open(temporary, "wx", mode);
    try {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  },
  async append(path, line) {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a", 0o600);
    try {
      await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async makeDirectory(path, mode = 0o755) {
    await mkdir(path, { recursive: true, mode });
  },
  async list(path) {
    try {
      return (await readdir(path)).toSorted();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  async claim(path, text) {
    await mkdir(dirname(path), { recursive: true });
    try {
      const file = await open(path, "wx", 0o644);
      await file.writeFile(text);
      await file.close();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw error;
    }
  },
  async remove(path) {
    await rm(path, { force: true });
  },
  async removeEmptyDirectory(path) {
    await rmdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT" && error.code !== "ENOTEMPTY") throw error;
    });
  },
};
