// The test images do what the examples want of them, run by containerd and reached over the pod network.

import { createSocket } from "node:dgram";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as packet from "dns-packet";
import { hostProbeDial } from "../../src/host/node/probe-dial.ts";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { logOf, removePod, runPod, until } from "./pods-by-hand.ts";
import type { PodByHand } from "./pods-by-hand.ts";
import { RealNode } from "./real-node.ts";

const never = new AbortController().signal;
let node: RealNode;

beforeAll(async () => {
  node = await RealNode.start(["busybox", "nginx", "redis", "gb-frontend", "demo-game"]);
});
afterAll(async () => {
  await node?.[Symbol.asyncDispose]();
  await node?.removeFiles();
});

async function page(pod: PodByHand, port: number): Promise<string> {
  await until(() =>
    hostProbeDial.tcp(pod.ip, port, never).then(
      () => true,
      () => undefined,
    ),
  );
  const answer = await hostProbeDial.http({ scheme: "http", host: pod.ip, port, target: "/", headers: [] }, never);
  expect(answer.status).toBe(200);
  return new TextDecoder().decode(answer.body);
}

async function sh(pod: PodByHand, script: string): Promise<{ code: number; out: string }> {
  const { exitCode, stdout } = await node.runtime.execSync(pod.container, ["sh", "-c", `${script} 2>&1`], 10);
  return { code: exitCode, out: new TextDecoder().decode(stdout) };
}

describe("images", () => {
  test.each([
    ["nginx:1.14.2", "Welcome to nginx!"],
    ["k8s.gcr.io/nginx-slim:0.8", "Welcome to nginx!"],
    ["gcr.io/google_samples/gb-frontend:v3", "Guestbook"],
  ])("%s serves its page and stops gracefully", async (image, title) => {
    await node.runtime.pullImage(image, undefined, undefined);
    const pod = await runPod(node, { name: "web", image });
    expect(await page(pod, 80)).toContain(`<title>${title}</title>`);
    await logOf(pod, /"GET \/ HTTP\/1.1" 200/);
    expect((await sh(pod, "ls /etc/nginx")).out).toContain("nginx.conf");
    await node.runtime.stopContainer(pod.container, 10);
    expect(await node.runtime.containerStatus(pod.container)).toMatchObject({ state: "exited", exitCode: 0, reason: "Completed" });
    await removePod(node, pod);
  });

  test("redis answers and has a shell", async () => {
    await node.runtime.pullImage("redis", undefined, undefined);
    const pod = await runPod(node, { name: "redis", image: "redis" });
    await until(async () => ((await sh(pod, "redis-cli ping")).out === "PONG\n" ? true : undefined));
    expect((await sh(pod, "redis-cli set a b && redis-cli get a && pwd")).out).toBe("OK\nb\n/data\n");
    await hostProbeDial.tcp(pod.ip, 6379, never);
    await removePod(node, pod);
  });

  test("the demo game tells its configuration, serves it, and ends when asked", async () => {
    await node.runtime.pullImage("game.example/demo-game", undefined, undefined);
    const env = [{ name: "PLAYER_INITIAL_LIVES", value: "3" }];
    const pod = await runPod(node, { name: "game", image: "game.example/demo-game", container: { env } });
    expect(await logOf(pod, /interface/)).toMatch(/stdout F lives: 3\n.*interface: unset/);
    expect(await page(pod, 8080)).toContain("lives: 3");
    await node.runtime.stopContainer(pod.container, 10);
    expect(await node.runtime.containerStatus(pod.container)).toMatchObject({ state: "exited", exitCode: 0 });
    await removePod(node, pod);
  });
});

describe("busybox", () => {
  test("nslookup waits for a service as the init containers of the examples do", async () => {
    await node.runtime.pullImage("busybox:1.28", undefined, undefined);
    // The bridge is there once a pod is: its address is the range's first.
    const first = await runPod(node, { name: "first", image: "busybox:1.28", command: ["sleep", "600"] });
    const gateway = first.ip.replace(/\d+$/, "1");
    const names = new Map<string, string>();
    const asked: string[] = [];
    const server = createSocket("udp4");
    server.on("message", (message, peer) => {
      const query = packet.decode(message);
      const question = query.questions![0]!;
      asked.push(`${question.type} ${question.name}`);
      const address = names.get(question.name);
      const answers = address !== undefined && question.type === "A" ? [{ type: "A" as const, name: question.name, data: address }] : [];
      const flags = packet.AUTHORITATIVE_ANSWER | (address === undefined ? 3 : 0);
      server.send(packet.encode({ type: "response", id: query.id!, flags, questions: query.questions!, answers }), peer.port, peer.address);
    });
    await new Promise<void>((resolve) => server.bind(53, gateway, resolve));
    try {
      const service = "myservice.default.svc.cluster.local";
      const pod = await runPod(node, {
        name: "waiting",
        image: "busybox:1.28",
        command: ["sh", "-c", `until nslookup ${service}; do echo waiting for myservice; sleep 0.2; done; echo found; sleep 600`],
        dns: { servers: [gateway], searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"], options: ["ndots:5"] },
      });
      await logOf(pod, /waiting for myservice/);
      expect(await readFile(join(pod.config.logDirectory, "main/0.log"), "utf8")).not.toContain("found");
      // A service has an A record and no AAAA record.
      names.set(service, "10.96.7.7");
      expect(await logOf(pod, /F found/)).toContain("Address: 10.96.7.7");
      expect(asked).toContain(`A ${service}`);
      expect(await sh(pod, "nslookup nothing.default.svc.cluster.local")).toMatchObject({ code: 1 });
      names.set("first.example", first.ip);
      expect((await sh(pod, "nslookup first.example")).code).toBe(0);
      await sh(first, "echo page > /tmp/index.html; httpd -p 80 -h /tmp");
      expect(await sh(pod, "wget -qO- -T 5 http://first.example/")).toEqual({ code: 0, out: "page\n" });
      expect(await sh(pod, "wget -q -O - --timeout=5 http://first.example/")).toEqual({ code: 0, out: "page\n" });
      expect((await sh(pod, "wget -q -T 1 -O- http://192.0.2.123/")).code).not.toBe(0);
      names.set(service, first.ip);
      expect(await sh(pod, "wget -qO- http://myservice")).toEqual({ code: 0, out: "page\n" });
      await removePod(node, pod);
    } finally {
      server.close();
    }
    await removePod(node, first);
  });
});
