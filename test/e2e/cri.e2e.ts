// The node's lower half on the real machine: containerd prepared by us, spoken to over CRI, from an empty directory to a pod
// that runs, talks, dies and leaves nothing behind.

import { createServer } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxImage } from "../../src/cluster/node-preparation/containerd-config.ts";
import { hostProbeDial } from "../../src/host/node/probe-dial.ts";
import type { RuntimeHint } from "../../src/kubelet/container-runtime.ts";
import { RuntimeError } from "../../src/kubelet/container-runtime.ts";
import { logOf, pidOf, removePod, runPod, until } from "./pods-by-hand.ts";
import { RealNode } from "./real-node.ts";

const never = new AbortController().signal;
let node: RealNode;

beforeAll(async () => {
  node = await RealNode.start(["busybox", "whoami"]);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await node?.removeFiles();
});

async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of bytes) all += decoder.decode(chunk, { stream: true });
  return all;
}

/** What is said up to `end`. */
async function first(bytes: AsyncIterable<Uint8Array>, end: string): Promise<string> {
  let said = "";
  for await (const chunk of bytes) {
    said += new TextDecoder().decode(chunk);
    if (said.endsWith(end)) break;
  }
  return said;
}

describe("a prepared node", () => {
  test("answers as a ready runtime with a network and has the sandbox image", async () => {
    const version = await node.runtime.version();
    expect(version.runtimeName).toBe("containerd");
    expect(version.runtimeApiVersion).toBe("v1");
    const { conditions } = await node.runtime.status();
    expect(conditions).toMatchObject([
      { type: "RuntimeReady", status: true },
      { type: "NetworkReady", status: true },
    ]);
    expect(await node.runtime.imageStatus(sandboxImage)).toMatchObject({ repoTags: [sandboxImage], pinned: true });
  });

  test("pulls through a mirror and tells a missing image from a bad name", async () => {
    expect(await node.runtime.imageStatus("busybox:1.28")).toBeUndefined();
    const id = await node.runtime.pullImage("busybox:1.28", undefined, undefined);
    const image = await node.runtime.imageStatus("busybox:1.28");
    expect(id).toContain("sha256:");
    expect(image).toMatchObject({ id, repoTags: ["docker.io/library/busybox:1.28"], pinned: false });
    expect(image!.sizeBytes).toBeGreaterThan(500_000);
    await node.runtime.pullImage("test.example/whoami:1", undefined, undefined);
    await expect(node.runtime.pullImage("busybox:none", undefined, undefined)).rejects.toMatchObject({ code: "not-found" });
    await expect(node.runtime.pullImage("Not:A:Name", undefined, undefined)).rejects.toMatchObject({ code: "invalid" });
    const filesystems = await node.runtime.imageFilesystems();
    expect(filesystems[0]!.mountpoint).toContain(node.names.containerdRoot);
  });

  test("runs a pod: address, log, limits, exec, end of input, exit code, terminal", async () => {
    const pod = await runPod(node, {
      name: "talker",
      image: "busybox:1.28",
      command: ["sh", "-c", "echo out-$GREETING; echo err >&2; exec sleep 600"],
    });
    const status = await node.runtime.sandboxStatus(pod.sandbox);
    expect(status).toMatchObject({ state: "ready", metadata: { name: "talker", namespace: "default" } });
    expect(status.ips).toHaveLength(1);
    const container = await node.runtime.containerStatus(pod.container);
    expect(container).toMatchObject({ state: "running", exitCode: 0, finishedAtMs: 0 });
    expect(Math.abs(Date.now() - container.startedAtMs)).toBeLessThan(10_000);
    expect(container.imageRef).toContain("docker.io/library/busybox@sha256:");
    const log = await logOf(pod, /\n.*\n/);
    expect(log).toMatch(/^\S+ stdout F out-bonjour$/m);
    expect(log).toMatch(/^\S+ stderr F err$/m);
    expect(container.logPath).toBe(join(pod.config.logDirectory, "main/0.log"));

    const sync = await node.runtime.execSync(pod.container, ["sh", "-c", "echo a; echo b >&2; exit 3"], 5);
    expect(sync.exitCode).toBe(3);
    expect(new TextDecoder().decode(sync.stdout)).toBe("a\n");
    expect(new TextDecoder().decode(sync.stderr)).toBe("b\n");
    await expect(node.runtime.execSync(pod.container, ["sleep", "5"], 1)).rejects.toMatchObject({ code: "timeout" });
    await expect(node.runtime.execSync(pod.container, ["no-such-program"], 5)).rejects.toThrow("executable file not found");

    const options = { tty: false, stdin: true, stdout: true, stderr: true };
    await using session = await node.runtime.exec(pod.container, { ...options, command: ["sh", "-c", "wc -c; echo e >&2; exit 7"] }, never);
    const output = Promise.all([text(session.stdout), text(session.stderr)]);
    await session.stdin!.write(new Uint8Array(200_000));
    session.stdin!.end();
    expect(await session.exit).toBe(7);
    expect(await output).toEqual(["200000\n", "e\n"]);

    const command = ["sh", "-c", "stty size; read x; stty size; exit 0"];
    await using terminal = await node.runtime.exec(pod.container, { ...options, tty: true, stderr: false, command }, never);
    terminal.resize(91, 33);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const shown = text(terminal.stdout);
    await terminal.stdin!.write(new TextEncoder().encode("go\n"));
    expect(await terminal.exit).toBe(0);
    expect(await shown).toContain("33 91");

    await using missing = await node.runtime.exec(pod.container, { ...options, stdin: false, command: ["nope"] }, never);
    await expect(missing.exit).rejects.toThrow("executable file not found");

    const usage = await node.cgroups.usage(pod.config.cgroupParent);
    expect(usage!.memoryWorkingSetBytes).toBeGreaterThan(0);
    const [stats] = await node.runtime.listContainerStats({ id: pod.container });
    expect(stats).toMatchObject({ id: pod.container, metadata: { name: "main" } });
    await node.runtime.updateContainerResources(pod.container, { memoryLimitBytes: 32 << 20 });
    await removePod(node, pod);
    await node.runtime.stopSandbox(pod.sandbox);
    await node.runtime.removeSandbox(pod.sandbox);
    await expect(node.runtime.sandboxStatus(pod.sandbox)).rejects.toBeInstanceOf(RuntimeError);
    await expect(node.runtime.containerStatus(pod.container)).rejects.toMatchObject({ code: "not-found" });
  });

  test("attaches to a running container's input and output", async () => {
    const pod = await runPod(node, {
      name: "attached",
      image: "busybox:1.28",
      command: ["sh", "-c", "while read line; do echo got $line; done; exit 4"],
      container: { stdin: true },
    });
    await using session = await node.runtime.attach(pod.container, { tty: false, stdin: true, stdout: true, stderr: true }, never);
    const said = first(session.stdout, "got two\n");
    await session.stdin!.write(new TextEncoder().encode("one\ntwo\n"));
    const log = await logOf(pod, /got two/);
    expect(log).toContain("stdout F got one");
    expect(await said).toBe("got one\ngot two\n");
    await removePod(node, pod);
  });

  test("reaches a server in a pod: by address, by port-forward, with the runtime's words when nobody listens", async () => {
    const pod = await runPod(node, { name: "server", image: "test.example/whoami:1" });
    const { ip } = pod;
    await until(() =>
      hostProbeDial.tcp(ip, 8080, never).then(
        () => true,
        () => undefined,
      ),
    );
    const request = { scheme: "http", host: ip, port: 8080, target: "/cgi-bin/index.cgi", headers: [] } as const;
    const answer = await hostProbeDial.http(request, never);
    expect(answer.status).toBe(200);
    expect(new TextDecoder().decode(answer.body)).toContain("hostname: server");

    await using forward = await node.runtime.portForward(pod.sandbox, never);
    for (let turn = 0; turn < 3; turn++) {
      const connection = await forward.connect(8080);
      await connection.write(new TextEncoder().encode("GET /cgi-bin/index.cgi HTTP/1.0\r\n\r\n"));
      expect(await text(connection.incoming)).toContain("hostname: server");
      connection.end();
      await connection.closed;
    }
    // A busy runtime's refusal may come after the stream stands: whoever reads gets it then.
    const refused = (async () => await text((await forward.connect(9)).incoming))();
    await expect(refused).rejects.toThrow("connection refused");
    await expect(hostProbeDial.tcp(ip, 9, never)).rejects.toThrow("connect: connection refused");
    await removePod(node, pod);
  });

  test("tells a death within milliseconds, and its status is true by then", async () => {
    const pod = await runPod(node, { name: "mortal", image: "busybox:1.28", command: ["sleep", "600"] });
    const stop = new AbortController();
    const hints: RuntimeHint[] = [];
    const following = (async () => {
      for await (const hint of node.runtime.events(stop.signal)) hints.push(hint);
    })();
    await until(async () => hints.find((hint) => hint.type === "connected"));
    const killedAt = Date.now();
    process.kill(await pidOf(node, pod), "SIGKILL");
    const exited = await until(async () => hints.find((hint) => hint.type === "container-exited"));
    expect(Date.now() - killedAt).toBeLessThan(500);
    expect(exited).toMatchObject({ containerId: pod.container, exitCode: 137 });
    expect(await node.runtime.containerStatus(pod.container)).toMatchObject({ state: "exited", exitCode: 137, reason: "Error" });

    await node.endContainerd("SIGKILL");
    await until(async () => hints.find((hint) => hint.type === "disconnected"));
    await expect(node.runtime.version()).rejects.toMatchObject({ code: "unavailable" });
    hints.length = 0;
    node.startContainerd();
    await until(async () => hints.find((hint) => hint.type === "connected"));
    stop.abort();
    await following;
    await removePod(node, pod);
  });

  test("containers outlive containerd", async () => {
    const pod = await runPod(node, {
      name: "survivor",
      image: "busybox:1.28",
      command: ["sh", "-c", "while sleep 0.1; do echo tick; done"],
    });
    const pid = await pidOf(node, pod);
    await node.endContainerd("SIGKILL");
    expect(await readFile(`/proc/${pid}/comm`, "utf8")).toBe("sh\n");
    const startedAt = performance.now();
    node.startContainerd();
    const status = await until(() => node.runtime.containerStatus(pod.container).catch(() => undefined));
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(status.state).toBe("running");
    expect(await pidOf(node, pod)).toBe(pid);
    expect((await node.runtime.execSync(pod.container, ["true"], 5)).exitCode).toBe(0);
    await removePod(node, pod);
  });

  test("probes follow no redirect and keep repeated headers", async () => {
    const seen: string[][] = [];
    const server = createServer((request, response) => {
      seen.push(request.rawHeaders);
      response.writeHead(302, { location: "http://192.0.2.1/" }).end("moved");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    const headers = [
      { name: "X-One", value: "1" },
      { name: "X-One", value: "2" },
      { name: "Host", value: "virtual.example" },
    ];
    const answer = await hostProbeDial.http({ scheme: "http", host: "127.0.0.1", port, target: "/a?b", headers }, never);
    expect(answer).toMatchObject({ status: 302, headers: { location: "http://192.0.2.1/" } });
    expect(seen[0]).toEqual(["X-One", "1", "X-One", "2", "Host", "virtual.example", "Connection", "close"]);
    server.close();
  });

  test("leaves nothing behind", async () => {
    const forgotten = await runPod(node, { name: "forgotten", image: "busybox:1.28", command: ["sleep", "600"] });
    const pid = await pidOf(node, forgotten);
    expect((await node.leftovers()).length).toBeGreaterThan(0);
    await node[Symbol.asyncDispose]();
    expect(await node.leftovers()).toEqual([]);
    expect(await readdir("/proc")).not.toContain(String(pid));
  });
});
