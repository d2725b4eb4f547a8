// A disk that is full must still let things be deleted, and LMDB needs free pages even for that. So a small file is kept in
// reserve and given up when the disk is full; once there is room again it is put back and writing goes on.

import { rmSync } from "node:fs";
import { open, statfs } from "node:fs/promises";
import { dirname } from "node:path";

export class DiskReserve {
  readonly #path: string;
  readonly #sizeBytes: number;

  constructor(path: string, sizeBytes: number) {
    this.#path = path;
    this.#sizeBytes = sizeBytes;
  }

  /** Takes the space; false when there is not twice as much free (then nothing is taken). */
  async fill(): Promise<boolean> {
    if ((await this.freeBytes()) < 2 * this.#sizeBytes) return false;
    const file = await open(this.#path, "w", 0o600);
    try {
      const chunk = Buffer.alloc(Math.min(this.#sizeBytes, 1024 * 1024), 1);
      for (let left = this.#sizeBytes; left > 0; left -= chunk.length) await file.write(chunk, 0, Math.min(left, chunk.length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      this.release();
      return false;
    } finally {
      await file.close();
    }
    return true;
  }

  /** What this process may still write to the disk. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    return bavail * bsize;
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}
