// The kubelet's interfaces to its machine, on the real one: mounts, control groups, host ports, shared mounts, deaths by memory.

import { once } from "node:events";
import { spawn } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CgroupsV2, openCgroups } from "../../src/host/node/cgroups.ts";
import { hostFiles } from "../../src/host/node/files.ts";
import { readMounts } from "../../src/host/node/mount-table.ts";
import { hostProbeDial } from "../../src/host/node/probe-dial.ts";
import { runProgram } from "../../src/host/run-program.ts";
import type { RuntimeHint } from "../../src/kubelet/container-runtime.ts";
import { removePod, runPod, until } from "./pods-by-hand.ts";
import { RealNode } from "./real-node.ts";

const never = new AbortController().signal;

describe("mounts", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "timonier-mounts-"));
  });
  afterAll(async () => {
    for (const point of await hostFiles.mountsBelow(directory)) await hostFiles.unmount(point);
    await rm(directory, { recursive: true });
  });

  test("a tmpfs holds as much as it may, is no part of what is around it, and is never deleted through", async () => {
    const volume = join(directory, "pods/vol ume");
    const inner = join(volume, "inner");
    await hostFiles.mkdir(volume, 0o755);
    await hostFiles.mountTmpfs(volume, { sizeBytes: 1 << 20, mode: 0o1777 });
    await hostFiles.mkdir(inner, 0o700);
    await hostFiles.mountTmpfs(inner, {});
    expect(await hostFiles.isMountPoint(volume)).toBe(true);
    expect(await hostFiles.isMountPoint(directory)).toBe(false);
    expect((await hostFiles.stat(volume))!.mode).toBe(0o1777);
    expect(await hostFiles.mountsBelow(directory)).toEqual([inner, volume]);
    await expect(writeFile(join(volume, "big"), Buffer.alloc(2 << 20))).rejects.toThrow("ENOSPC");
    expect((await hostFiles.usage(directory)).usedBytes).toBeLessThan(1 << 20);
    expect((await hostFiles.usage(volume)).usedBytes).toBeGreaterThan(1 << 19);
    expect((await hostFiles.space(volume)).capacityBytes).toBe(1 << 20);
    await expect(hostFiles.remove(join(directory, "pods"))).rejects.toThrow("still mounted");
    expect(await hostFiles.list(volume)).toEqual(["big", "inner"]);
    await hostFiles.unmount(inner);
    await hostFiles.unmount(volume);
    await hostFiles.unmount(volume);
    await hostFiles.remove(join(directory, "pods"));
    expect(await hostFiles.list(directory)).toEqual([]);
  });
});

describe("control groups", () => {
  const root = `/timonier-e2e-groups-${process.pid}`;

  test("limits are the kernel's, and what still runs in a group goes with it", async () => {
    const cgroups = await openCgroups();
    expect(cgroups.version).not.toBe("none");
    const path = `${root}/burstable/pod1`;
    await cgroups.ensure(path, { cpuShares: 512, cpuQuota: 20_000, cpuPeriod: 100_000, memoryBytes: 64 << 20, pidsMax: 20 });
    await cgroups.ensure(path, { cpuQuota: -1, memoryBytes: 96 << 20, pidsMax: -1 });
    const at = (controller: string, file: string): Promise<string> =>
      readFile(join("/sys/fs/cgroup", cgroups.version === 1 ? controller : "", path, file), "utf8");
    expect(await at("memory", cgroups.version === 1 ? "memory.limit_in_bytes" : "memory.max")).toBe(`${96 << 20}\n`);
    expect(await at("pids", "pids.max")).toBe("max\n");
    expect(await at("cpu", cgroups.version === 1 ? "cpu.shares" : "cpu.weight")).toBe(cgroups.version === 1 ? "512\n" : "20\n");
    expect(await cgroups.list(root)).toEqual(["burstable"]);
    const child = spawn("sleep", ["600"]);
    const ended = once(child, "exit");
    const procs = join("/sys/fs/cgroup", cgroups.version === 1 ? "pids" : "", path, "cgroup.procs");
    await writeFile(procs, String(child.pid), { flag: "r+" });
    expect((await cgroups.usage(path))!.processes).toBe(1);
    await cgroups.remove(root);
    expect((await ended)[1]).toBe("SIGKILL");
    expect(await cgroups.usage(path)).toBeUndefined();
    await cgroups.remove(root);
    expect(await cgroups.list("/")).not.toContain(root.slice(1));
    await expect(cgroups.remove("/")).rejects.toThrow(RangeError);
    await expect(cgroups.ensure("/a/../b", {})).rejects.toThrow(RangeError);
  });
});

describe("the unified tree of control groups", () => {
  test("holds groups, and what runs in one goes with it", async () => {
    const unified = (await readMounts()).find(({ fsType }) => fsType === "cgroup2");
    expect(unified).toBeDefined();
    const cgroups = new CgroupsV2(unified!.mountPoint);
    const root = `/timonier-e2e-unified-${process.pid}`;
    await cgroups.ensure(`${root}/burstable/pod1`, {});
    expect(await cgroups.list(root)).toEqual(["burstable"]);
    const child = spawn("sleep", ["600"]);
    const ended = once(child, "exit");
    await writeFile(join(unified!.mountPoint, root, "burstable/pod1/cgroup.procs"), String(child.pid), { flag: "r+" });
    await cgroups.remove(root);
    expect((await ended)[1]).toBe("SIGKILL");
    expect(await cgroups.list("/")).not.toContain(root.slice(1));
  });
});

describe("pods", () => {
  let node: RealNode;
  beforeAll(async () => {
    node = await RealNode.start(["busybox", "whoami"]);
    await node.runtime.pullImage("busybox:1.28", undefined, undefined);
    await node.runtime.pullImage("test.example/whoami:1", undefined, undefined);
  });
  afterAll(async () => {
    await node?.[Symbol.asyncDispose]();
    await node?.removeFiles();
  });

  test("a host port leads to the pod and is free again afterwards", async () => {
    const server = createServer().listen(0);
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    server.close();
    const ports = [{ protocol: "TCP", containerPort: 8080, hostPort: port }] as const;
    const pod = await runPod(node, { name: "ported", image: "test.example/whoami:1", sandbox: { portMappings: ports } });
    const tcp = (): Promise<true | undefined> =>
      hostProbeDial.tcp("127.0.0.1", port, never).then(
        () => true,
        () => undefined,
      );
    await until(tcp);
    await removePod(node, pod);
    expect(await tcp()).toBeUndefined();
    expect(await runProgram("iptables-save", ["-t", "nat"])).not.toContain(pod.sandbox);
  });

  test("mounts made on the host later appear inside", async () => {
    const shared = join(node.names.kubeletDir, "late");
    await hostFiles.mkdir(join(shared, "sub"), 0o755);
    const mounts = [{ containerPath: "/late", hostPath: shared, readonly: false, propagation: "host-to-container" }] as const;
    const pod = await runPod(node, { name: "late", image: "busybox:1.28", command: ["sleep", "600"], container: { mounts } });
    await hostFiles.mountTmpfs(join(shared, "sub"), {});
    await writeFile(join(shared, "sub/file"), "seen");
    const { stdout } = await node.runtime.execSync(pod.container, ["cat", "/late/sub/file"], 5);
    expect(new TextDecoder().decode(stdout)).toBe("seen");
    await removePod(node, pod);
    await hostFiles.unmount(join(shared, "sub"));
  });

  test("a death by memory is told and named", async () => {
    const hints: RuntimeHint[] = [];
    const stop = new AbortController();
    const following = (async () => {
      for await (const hint of node.runtime.events(stop.signal)) hints.push(hint);
    })();
    await until(async () => hints.find((hint) => hint.type === "connected"));
    const command = ["sh", "-c", "x=a; while true; do x=$x$x; done"];
    const pod = await runPod(node, {
      name: "hungry",
      image: "busybox:1.28",
      command,
      container: { resources: { memoryLimitBytes: 8 << 20 } },
    });
    await until(async () => hints.find((hint) => hint.type === "container-exited"), 20_000);
    expect(hints.some((hint) => hint.type === "oom" && hint.containerId === pod.container)).toBe(true);
    expect(await node.runtime.containerStatus(pod.container)).toMatchObject({ state: "exited", exitCode: 137, reason: "OOMKilled" });
    stop.abort();
    await following;
    await removePod(node, pod);
  });

  test("a slow reader of much output holds the process, not our memory", async () => {
    const pod = await runPod(node, { name: "chatty", image: "busybox:1.28", command: ["sleep", "600"] });
    const options = { command: ["sh", "-c", "head -c 60000000 /dev/zero"], tty: false, stdin: false, stdout: true, stderr: false };
    await using session = await node.runtime.exec(pod.container, options, never);
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 << 20);
    let length = 0;
    for await (const chunk of session.stdout) length += chunk.length;
    expect(length).toBe(60_000_000);
    expect(await session.exit).toBe(0);
    await removePod(node, pod);
  });

  test("an exec ends with its signal", async () => {
    const pod = await runPod(node, { name: "cut", image: "busybox:1.28", command: ["sleep", "600"] });
    const stop = new AbortController();
    const options = { command: ["sleep", "600"], tty: false, stdin: false, stdout: true, stderr: false };
    await using session = await node.runtime.exec(pod.container, options, stop.signal);
    stop.abort();
    await expect(session.exit).rejects.toThrow("the session broke");
    await removePod(node, pod);
  });

  test("nothing of a pod stays: namespaces, sockets, interfaces", async () => {
    const netns = join(node.names.containerdState, "io.containerd.grpc.v1.cri/netns");
    expect(await hostFiles.list(netns)).toEqual([]);
    expect((await runProgram("ip", ["-o", "link", "show", "master", node.names.bridge])).trim()).toBe("");
    expect((await hostFiles.list(join(node.names.cniDataDir, node.names.networkName))).filter((name) => /^\d/.test(name))).toEqual([]);
    await node[Symbol.asyncDispose]();
    expect(await node.leftovers()).toEqual([]);
    expect(await runProgram("iptables-save", ["-t", "nat"])).not.toContain(":CNI-DN-");
    await expect(access(`/sys/class/net/${node.names.bridge}`)).rejects.toThrow("ENOENT");
  });
});
