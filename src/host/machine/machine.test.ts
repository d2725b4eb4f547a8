import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterLayout } from "../../cluster/layout.ts";
import { machineFiles } from "./machine-files.ts";
import { hasEnded, isAlive, parseIdentity, signal } from "./process-identity.ts";
import { createSupervision } from "./supervision.ts";
import { undoOnHost } from "./undo.ts";

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "timonier-machine-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("files of a cluster", () => {
  it("are written whole with their mode, appended durably, and claimed once", async () => {
    const path = join(directory, "a/secret.key");
    await machineFiles.makeDirectory(join(directory, "a"), 0o700);
    await machineFiles.writeText(path, "one", 0o600);
    expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual(["one", 0o600]);
    await machineFiles.append(join(directory, "b/ledger"), "x\n");
    await machineFiles.append(join(directory, "b/ledger"), "y\n");
    expect(await machineFiles.read(join(directory, "b/ledger"))).toBe("x\ny\n");
    expect(await machineFiles.claim(join(directory, "slot"), "me")).toBe(true);
    expect(await machineFiles.claim(join(directory, "slot"), "you")).toBe(false);
    expect(await machineFiles.readText(join(directory, "none"))).toBeUndefined();
    expect(await machineFiles.list(join(directory, "a"))).toEqual(["secret.key"]);
  });
});

describe("a process's identity", () => {
  it("holds for that process alone, and ends with it", async () => {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
    const identity = parseIdentity(`${child.pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`)!;
    expect(isAlive(identity)).toBe(true);
    expect(isAlive({ ...identity, startTime: "1" })).toBe(false);
    signal({ ...identity, startTime: "1" }, "SIGKILL");
    expect(isAlive(identity)).toBe(true);
    signal(identity, "SIGKILL");
    expect(await hasEnded(identity, 2000)).toBe(true);
  });

  it("is none in a damaged file", () => {
    expect(parseIdentity(undefined)).toBeUndefined();
    expect(parseIdentity("")).toBeUndefined();
    expect(parseIdentity("-1 5")).toBeUndefined();
  });
});

describe("the supervisor", () => {
  const launcher = join(import.meta.dirname, "../../../bin/timonier");
  const base = clusterLayout("supervised", 7);
  const layout = () => ({
    ...base,
    names: { ...base.names, runDir: join(directory, "run"), dataDir: join(directory, "data") },
  });
  const running = async (supervision: ReturnType<typeof createSupervision>, name: string, other?: number): Promise<number> => {
    for (let tries = 0; tries < 200; tries++) {
      const state = (await supervision.states(layout())).find((candidate) => candidate.name === name);
      if (state?.pid !== undefined && state.pid !== other) return state.pid;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${name} does not run`);
  };

  it("starts services again, survives nothing it started, and is succeeded by one that adopts them", async () => {
    const supervision = createSupervision(launcher);
    await supervision.ensure(layout(), [{ name: "sleeper", command: "exec sleep 300" }]);
    const first = await running(supervision, "sleeper");
    process.kill(first, "SIGKILL");
    const second = await running(supervision, "sleeper", first);

    const supervisor = parseIdentity(readFileSync(join(layout().names.runDir, "supervisor.pid"), "utf8"))!;
    signal(supervisor, "SIGKILL");
    expect(await hasEnded(supervisor, 2000)).toBe(true);
    expect(await running(supervision, "sleeper")).toBe(second);
    expect(await supervision.isSupervised(layout())).toBe(false);

    await supervision.ensure(layout(), [
      { name: "sleeper", command: "exec sleep 300" },
      { name: "another", command: "exec sleep 300" },
    ]);
    await running(supervision, "another");
    expect(await running(supervision, "sleeper")).toBe(second);
    process.kill(second, "SIGKILL");
    await running(supervision, "sleeper", second);

    await supervision.stop(layout(), "sleeper", 2000);
    await supervision.stop(layout(), "another", 2000);
    await supervision.stopSupervisor(layout());
    expect(await supervision.isSupervised(layout())).toBe(false);
    expect(readFileSync(join(layout().names.dataDir, "log/supervisor.log"), "utf8")).toContain("sleeper (pid");
  }, 20_000);
});

describe("undoing", () => {
  it("removes a directory that is there, and one that is not", async () => {
    const path = join(directory, "tree");
    await machineFiles.makeDirectory(join(path, "deep"));
    writeFileSync(join(path, "deep/file"), "x");
    await undoOnHost({ type: "directory", path });
    await undoOnHost({ type: "directory", path });
    expect(await machineFiles.list(path)).toEqual([]);
  });
});
