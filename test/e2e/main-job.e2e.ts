// The main job as README.md tells it, under the default name: up, use, up again, down and up, delete, and nothing is left.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatKubeconfig, parseKubeconfig } from "../../src/client/kubeconfig.ts";
import { containerOf, isReady, launcher, outputOf, podOf, RealCluster, run, until } from "./real-cluster.ts";
import { takeTraces, type Traces } from "./traces.ts";

const words = ["/var/lib/timonier/", "/run/timonier/", "--name timonier "];
const otherContext = formatKubeconfig({
  ...parseKubeconfig(""),
  clusters: [{ name: "other", cluster: { server: "https://192.0.2.9:6443" } }],
  users: [{ name: "other", user: { token: "t" } }],
  contexts: [{ name: "other", context: { cluster: "other", user: "other" } }],
  "current-context": "other",
});

let before: Traces;
let cluster: RealCluster;
let inotifyInstances: string;
const inotifyFile = "/proc/sys/fs/inotify/max_user_instances";

beforeAll(async () => {
  // A value that `up` has to raise, so that `delete` has something to put back.
  inotifyInstances = (await readFile(inotifyFile, "utf8")).trim();
  if (Number(inotifyInstances) >= 8192) await writeFile(inotifyFile, "1024");
  before = await takeTraces(words);
  cluster = await RealCluster.start("timonier", { recipes: ["busybox", "nginx", "whoami"], kubeconfig: otherContext });
});
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await writeFile(inotifyFile, inotifyInstances);
});

const kubectl = async (...line: string[]): Promise<string> => outputOf(await cluster.timonier("kubectl", ...line));

describe("the main job", () => {
  test("up says what it does and gives a Ready cluster and a context", async () => {
    console.info(`up took ${Math.round(cluster.upMs)} ms`);
    expect(cluster.upMs).toBeLessThan(20_000);
    const config = parseKubeconfig(await readFile(cluster.kubeconfig, "utf8"));
    expect(config["current-context"]).toBe("timonier");
    expect(config.contexts.map(({ name }) => name)).toEqual(["other", "timonier"]);
    const status = await cluster.timonier("status", "-o", "json");
    expect(JSON.parse(outputOf(status))).toMatchObject({ name: "timonier", apiServer: "ready", nodes: [{ ready: true }] });
  });

  test("the README's commands, as written", async () => {
    expect(await kubectl("apply", "-f", "examples/deployment.yaml")).toBe(
      "deployment.apps/nginx-deployment created\nservice/nginx created\n",
    );
    const { nodeAddress } = await cluster.config();
    await until(async () => (await kubectl("get", "pods", "-o", "wide")).match(/ 1\/1 +Running /g)?.length === 3);
    const page = await until(async () => {
      const got = await run(["curl", "-sS", "--max-time", "3", `http://${nodeAddress}:30007/`]);
      return got.code === 0 ? got.out : undefined;
    });
    expect(page).toContain("Welcome to nginx!");
  });

  test("how long a pod takes", async () => {
    await cluster.startPod("warm", {});
    const startedAt = performance.now();
    await cluster.create(podOf("timed", {}));
    await cluster.untilPod("timed", isReady);
    const tookMs = performance.now() - startedAt;
    console.info(`a pod runs and is Ready ${Math.round(tookMs)} ms after its creation`);
    expect(tookMs).toBeLessThan(10_000);
  });

  test("up again says that it runs, and changes nothing", async () => {
    const pids = await Promise.all((["server", "agent", "containerd", "supervisor"] as const).map((name) => cluster.pidOf(name)));
    const again = outputOf(await cluster.up());
    expect(again).toContain("runs already");
    expect(await Promise.all((["server", "agent", "containerd", "supervisor"] as const).map((name) => cluster.pidOf(name)))).toEqual(pids);
    const other = await cluster.up("--store", "memory");
    expect([other.code, other.err]).toEqual([1, expect.stringContaining("was made with --store lmdb, which cannot change")]);
  });

  test("down stops everything and keeps the data; up brings pods back under the same identity", async () => {
    const pod = await cluster.startPod(
      "returning",
      { command: ["sh", "-c", "date >>/data/log; exec sleep 3600"], volumeMounts: [{ name: "data", mountPath: "/data" }] },
      { volumes: [{ name: "data", emptyDir: {} }] },
    );
    outputOf(await cluster.timonier("down"));
    expect((await takeTraces(words)).processes).toEqual([]);
    const stopped = await cluster.timonier("status");
    expect(stopped.code).toBe(3);
    outputOf(await cluster.up());
    const back = await cluster.untilPod(
      "returning",
      (candidate) => isReady(candidate) && (containerOf(candidate)?.restartCount ?? 0) === 1,
    );
    expect(back.metadata?.uid).toBe(pod.metadata?.uid);
    expect((await cluster.sh("returning", "cat /data/log")).trim().split("\n")).toHaveLength(2);
    const { nodeAddress } = await cluster.config();
    await until(async () => (await fetch(`http://${nodeAddress}:30007/`)).ok);
  });

  test("delete takes everything back, other contexts stay, and deleting again is no error", async () => {
    // A host port makes rules outside our own table.
    await cluster.startPod("hostport", {
      image: "test.example/whoami:1",
      command: undefined,
      ports: [{ containerPort: 8080, hostPort: 18_090 }],
    });
    outputOf(await cluster.timonier("delete"));
    expect(await takeTraces(words)).toEqual(before);
    const config = parseKubeconfig(await readFile(cluster.kubeconfig, "utf8"));
    expect([config.contexts.map(({ name }) => name), config["current-context"]]).toEqual([["other"], "other"]);
    expect(outputOf(await cluster.timonier("delete"))).toContain("There is no cluster named timonier");
    const gone = await cluster.timonier("status");
    expect(gone.code).toBe(1);
  });

  test("delete works when containerd is dead, and when everything was killed", async () => {
    for (const victims of [["containerd"], ["supervisor", "agent", "server", "containerd"]] as const) {
      outputOf(await cluster.up());
      await cluster.startPod("orphan", {
        image: "test.example/whoami:1",
        command: undefined,
        ports: [{ containerPort: 8080, hostPort: 18_090 }],
      });
      // The supervisor first, or it would start the others again.
      process.kill(await cluster.pidOf("supervisor"), "SIGKILL");
      for (const name of victims) if (name !== "supervisor") process.kill(await cluster.pidOf(name), "SIGKILL");
      outputOf(await cluster.timonier("delete"));
      expect(await takeTraces(words), `killed: ${victims.join(", ")}`).toEqual(before);
    }
  });

  test("refuses what it cannot do, and says what to do instead", async () => {
    const badName = await run([launcher, "up", "--name", "Not_A_Name"]);
    expect([badName.code, badName.err]).toEqual([1, expect.stringContaining("no cluster name")]);
    const noFile = await run([launcher, "up", "--registries", "/no/such/file"]);
    expect([noFile.code, noFile.err]).toEqual([1, expect.stringContaining("there is no file /no/such/file")]);
    const noCluster = await run([launcher, "down", "--name", "never-made"]);
    expect([noCluster.code, noCluster.err]).toEqual([1, expect.stringContaining("there is no cluster named never-made")]);
  });
});

test("a lost kubeconfig is written again by up", async () => {
  outputOf(await cluster.up());
  await rm(cluster.kubeconfig);
  outputOf(await cluster.up());
  expect(parseKubeconfig(await readFile(cluster.kubeconfig, "utf8"))["current-context"]).toBe("timonier");
  expect(await readFile(join("/var/lib/timonier", "cluster.json"), "utf8")).toContain('"timonier"');
});
