import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

it("ends a process whose store is committing, where process.exit would wait for ever", async () => {
  const directory = await mkdtemp(join(tmpdir(), "timonier-end-"));
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "end-process.crash.ts"), directory], {
    stdio: "ignore",
  });
  const limit = setTimeout(() => child.kill("SIGTERM"), 15_000);
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  clearTimeout(limit);
  await rm(directory, { recursive: true, force: true });
  expect([code, signal]).toEqual([null, "SIGKILL"]);
});
