// Every process of a cluster is killed in turn: containers live on, Services go on answering, and all heals by itself.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readMounts } from "../../src/host/node/mount-table.ts";
import type { ClusterLayout } from "../../src/cluster/layout.ts";
import type { ConfigMap, Pod, Service } from "../../src/kinds/core/types.gen.ts";
import { containerOf, isReady, outputOf, podOf, RealCluster, until } from "./real-cluster.ts";

let cluster: RealCluster;
let layout: ClusterLayout;
let address: string;

beforeAll(async () => {
  cluster = await RealCluster.start("e2e-survival", { recipes: ["busybox", "whoami"] });
  layout = await cluster.layout();
  const web = podOf("web", { image: "test.example/whoami:1", command: undefined });
  await cluster.create({ ...web, metadata: { ...web.metadata, labels: { role: "web" } } });
  await cluster.startPod("steady", { command: ["sh", "-c", "i=0; while :; do echo tick $i; i=$((i + 1)); sleep 0.2; done"] });
  await cluster.untilPod("web", isReady);
  const service: Service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web" },
    spec: { selector: { role: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
  };
  address = (await cluster.create(service)).spec!.clusterIP!;
  await until(() => answers());
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

async function answers(): Promise<boolean> {
  const response = await fetch(`http://${address}/cgi-bin/index.cgi`, {
    signal: AbortSignal.timeout(2000),
    headers: { connection: "close" },
  });
  return (await response.text()).includes("hostname: web");
}

/** "pid start-time" of a container's first process, by its control group. */
async function processOf(name: string): Promise<string> {
  const pod = await cluster.pod(name);
  const id = containerOf(pod)!.containerID!.replace("containerd://", "");
  const roots = (await readMounts()).filter(
    ({ fsType, superOptions }) => fsType === "cgroup2" || (fsType === "cgroup" && superOptions.includes("memory")),
  );
  for (const { mountPoint } of roots) {
    const group = join(
      mountPoint,
      layout.names.cgroupRoot,
      pod.status!.qosClass === "BestEffort" ? "besteffort" : "burstable",
      `pod${pod.metadata!.uid}`,
      id,
    );
    const [pid] = (await readFile(join(group, "cgroup.procs"), "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
    if (pid === undefined) continue;
    const line = await readFile(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${line.slice(line.lastIndexOf(")") + 2).split(" ")[19]}`;
  }
  throw new Error(`${name} has no process`);
}

/** Asks the Service all the time while `work` runs. @returns how many questions got no answer */
async function failuresDuring(work: () => Promise<void>): Promise<number> {
  let failures = 0;
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      if (!(await answers().catch(() => false))) failures++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await work();
  isOver = true;
  await asking;
  return failures;
}

let created = 0;
/** A pod made now runs, and can be spoken to. */
async function isWell(): Promise<void> {
  const name = `after-${++created}`;
  await until(() => cluster.create(podOf(name, {})));
  await cluster.untilPod(name, isReady, 60_000);
  expect(await cluster.sh(name, "wget -q -T 5 -O - http://web/cgi-bin/index.cgi")).toContain("hostname: web");
  outputOf(await cluster.kubectl(["delete", "pod", name, "--now"]));
}

test.each(["server", "agent", "containerd"] as const)("kill -9 of %s", async (component) => {
  const before = await Promise.all([processOf("steady"), processOf("web")]);
  const pid = await cluster.pidOf(component);
  const failures = await failuresDuring(async () => {
    process.kill(pid, "SIGKILL");
    await until(async () => (await cluster.pidOf(component)) !== pid);
    await until(async () => (await cluster.kubectl(["get", "--raw", "/readyz"])).code === 0);
    await isWell();
  });
  expect(failures).toBe(0);
  expect(await Promise.all([processOf("steady"), processOf("web")])).toEqual(before);
  for (const name of ["steady", "web"]) expect(containerOf(await cluster.pod(name))?.restartCount).toBe(0);
  expect(await cluster.sh("steady", "echo spoken")).toBe("spoken\n");
});

test("kill -9 of the supervisor stops nothing; up finds all of it running and looks after it again", async () => {
  const before = await Promise.all([processOf("steady"), cluster.pidOf("server"), cluster.pidOf("agent"), cluster.pidOf("containerd")]);
  process.kill(await cluster.pidOf("supervisor"), "SIGKILL");
  await isWell();
  outputOf(await cluster.up());
  expect(await Promise.all([processOf("steady"), cluster.pidOf("server"), cluster.pidOf("agent"), cluster.pidOf("containerd")])).toEqual(
    before,
  );
  const server = await cluster.pidOf("server");
  process.kill(server, "SIGKILL");
  await until(async () => (await cluster.pidOf("server")) !== server);
  await isWell();
});

test("an acknowledged write is there after kill -9 of the server", async () => {
  const client = await cluster.client();
  const acknowledged: string[] = [];
  let isOver = false;
  const writing = Array.from({ length: 8 }, async (_, writer) => {
    for (let number = 0; !isOver; number++) {
      const name = `write-${writer}-${number}`;
      const object: ConfigMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { x: "y".repeat(500) } };
      await client.request("POST", "/api/v1/namespaces/default/configmaps", object).then(
        () => acknowledged.push(name),
        () => new Promise((resolve) => setTimeout(resolve, 20)),
      );
    }
  });
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const pid = await cluster.pidOf("server");
    process.kill(pid, "SIGKILL");
    await until(async () => (await cluster.pidOf("server")) !== pid);
    await until(async () => await client.request("GET", "/readyz").then(() => true));
  }
  isOver = true;
  await Promise.all(writing);
  const { items } = await client.request<{ items: ConfigMap[] }>("GET", "/api/v1/namespaces/default/configmaps");
  const there = new Set(items.map((item) => item.metadata!.name));
  expect(acknowledged.length).toBeGreaterThan(50);
  expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
  await client.request("DELETE", "/api/v1/namespaces/default/configmaps");
});

test("a container that dies while nobody looks is seen and started again", async () => {
  await cluster.startPod("mortal", {});
  for (const component of ["agent", "containerd"] as const) {
    const before = containerOf(await cluster.pod("mortal"))!.restartCount!;
    const victim = Number((await processOf("mortal")).split(" ")[0]);
    process.kill(await cluster.pidOf(component), "SIGKILL");
    process.kill(victim, "SIGKILL");
    const back = await cluster.untilPod("mortal", (pod: Pod) => isReady(pod) && containerOf(pod)!.restartCount! > before, 60_000);
    expect(containerOf(back)?.lastState?.terminated?.exitCode, component).toBe(137);
  }
});
