import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { lockFile } from "./command-lock.ts";

const directory = mkdtempSync(join(tmpdir(), "timonier-lock-"));
const path = join(directory, "lock");
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe.runIf(process.platform === "linux")("the lock of commands", () => {
  it("lets one work at a time, tells the others, and leaves no file", async () => {
    let atWork = 0;
    let most = 0;
    let told = 0;
    const command = async (): Promise<void> => {
      await using _lock = await lockFile(path, () => told++);
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setTimeout(resolve, 150));
      atWork--;
    };
    await Promise.all([command(), command(), command(), command()]);
    expect(most).toBe(1);
    expect(told).toBeGreaterThan(0);
    expect(existsSync(path)).toBe(false);
  });

  it("says why it cannot", async () => {
    await expect(lockFile("/proc/nothing/lock", () => undefined)).rejects.toThrow("/proc/nothing/lock cannot be locked");
  });
});
