import { describe, expect, test } from "vitest";
import type { ContainerStatus, Pod } from "../kinds/core/types.gen.ts";
import { podKind } from "../kinds/core/pod.ts";
import { KubeletBed } from "./kubelet-bed.laws.ts";

const app = (pod: Pod, name = "app"): ContainerStatus | undefined =>
  [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((status) => status.name === name);
const condition = (pod: Pod, type: string) => pod.status?.conditions?.find((candidate) => candidate.type === type);
const running = (pod: Pod): boolean => pod.status?.phase === "Running" && app(pod)?.state?.running !== undefined;
const script = (behaviour: object, name = "app") => ({ annotations: { [`simulation.timonier.io/${name}`]: JSON.stringify(behaviour) } });
const nginx = { name: "app", image: "nginx:1.14.2" };

describe("node", () => {
  test("registers, is Ready, renews its lease", async () => {
    await using bed = await KubeletBed.start();
    const node = await bed.client.request<any>("GET", "/api/v1/nodes/node-1");
    expect(node.metadata.labels).toMatchObject({
      "kubernetes.io/hostname": "node-1",
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
    });
    expect(node.status.conditions.map((one: any) => `${one.type}=${one.status} ${one.reason}`)).toEqual([
      "MemoryPressure=False KubeletHasSufficientMemory",
      "DiskPressure=False KubeletHasNoDiskPressure",
      "PIDPressure=False KubeletHasSufficientPID",
      "Ready=True KubeletReady",
    ]);
    expect(node.status.capacity).toMatchObject({ cpu: "4", pods: "110" });
    const lease = async () =>
      (await bed.client.request<any>("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1")).spec.renewTime;
    const first = await lease();
    await bed.clock.advance(10_000);
    expect(await lease()).not.toBe(first);
  });

  test("says NotReady when the runtime stays away, and runs on when it is back", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    const before = await bed.until(running);
    bed.node.runtime.disconnect();
    const ready = async () =>
      (await bed.client.request<any>("GET", "/api/v1/nodes/node-1")).status.conditions.find((one: any) => one.type === "Ready");
    // One that comes back soon costs nothing.
    await bed.clock.advance(25_000);
    expect((await ready()).status).toBe("True");
    await bed.clock.until(async () => (await ready()).status === "False", 20_000);
    expect((await ready()).message).toBe("[container runtime is down]");
    bed.node.runtime.reconnect();
    await bed.clock.until(async () => (await ready()).status === "True", 20_000);
    expect(app(await bed.pod())!.containerID).toBe(app(before)!.containerID);
  });
});

describe("a pod's life", () => {
  test("runs with all that its status should say", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    const pod = await bed.until(running);
    expect(app(pod)).toMatchObject({ ready: true, started: true, restartCount: 0, image: "nginx:1.14.2" });
    expect(app(pod)!.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
    expect(pod.status).toMatchObject({
      hostIP: "192.0.2.11",
      podIP: "10.244.1.2",
      podIPs: [{ ip: "10.244.1.2" }],
      qosClass: "BestEffort",
      startTime: "2026-01-01T00:00:00Z",
    });
    expect(pod.status!.conditions!.map((one) => `${one.type}=${one.status}`).toSorted()).toEqual([
      "ContainersReady=True",
      "Initialized=True",
      "PodReadyToStartContainers=True",
      "PodScheduled=True",
      "Ready=True",
    ]);
    expect(await bed.eventTexts()).toEqual(
      expect.arrayContaining([
        `Normal Pulling: Pulling image "nginx:1.14.2"`,
        expect.stringMatching(
          /^Normal Pulled: Successfully pulled image "nginx:1\.14\.2" in .*s \(.*s including waiting\)\. Image size: \d+ bytes\.$/,
        ),
        "Normal Created: Container created",
        "Normal Started: Container started",
      ]),
    );
    expect((await bed.events()).find((event) => event.reason === "Started")!.involvedObject.fieldPath).toBe("spec.containers{app}");
    expect(bed.warnings).toEqual([]);
  });

  test("a quiet pod writes nothing more", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    const version = (await bed.until(running)).metadata!.resourceVersion;
    await bed.clock.advance(10 * 60_000);
    expect((await bed.pod()).metadata!.resourceVersion).toBe(version);
  });

  test.each([
    ["Never", 0, "Succeeded", "Completed"],
    ["Never", 3, "Failed", "Error"],
    ["OnFailure", 0, "Succeeded", "Completed"],
  ] as const)("restartPolicy %s, exit %i: %s", async (restartPolicy, exitCode, phase, reason) => {
    await using bed = await KubeletBed.start();
    await bed.create({ restartPolicy, containers: [nginx] }, script({ exitAfterMs: 2000, exitCode, message: "bye" }));
    const pod = await bed.until((one) => one.status?.phase === phase);
    expect(app(pod)).toMatchObject({
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode, reason, message: "bye", startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:02Z" } },
    });
    expect(condition(pod, "Ready")).toMatchObject({ status: "False", reason: phase === "Succeeded" ? "PodCompleted" : "PodFailed" });
    await bed.clock.advance(120_000);
    expect((await bed.node.runtime.listSandboxes()).map((sandbox) => sandbox.state)).toEqual(["not-ready"]);
    expect((await bed.pod()).status!.podIP).toBe("10.244.1.2");
    expect(await bed.node.files.list(`/var/lib/kubelet/pods`)).toEqual([]);
  });

  test("a container that crashes restarts at once, then after 10, 20, 40 s", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ exitAfterMs: 1000, exitCode: 1 }));
    const startedAt = async (count: number): Promise<number> => {
      await bed.until((pod) => app(pod)?.restartCount === count && app(pod)?.state?.running !== undefined, 120_000);
      return bed.clock.monotonicMs();
    };
    const times = [await startedAt(0), await startedAt(1), await startedAt(2), await startedAt(3), await startedAt(4)];
    expect(times.slice(1).map((time, index) => time - times[index]!)).toEqual([1000, 11_000, 21_000, 41_000]);
    const waiting = await bed.until((pod) => app(pod)?.state?.waiting !== undefined);
    const { uid } = waiting.metadata!;
    expect(app(waiting)).toMatchObject({
      state: { waiting: { reason: "CrashLoopBackOff", message: `back-off 1m20s restarting failed container=app pod=web_default(${uid})` } },
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
      restartCount: 4,
      ready: false,
    });
    expect(waiting.status!.phase).toBe("Running");
    expect(condition(waiting, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [app]",
    });
    expect(await bed.eventTexts()).toContain(`Warning BackOff: Back-off restarting failed container app in pod web_default(${uid})`);
    // Only the present and the last run are kept.
    expect(await bed.node.runtime.listContainers()).toHaveLength(2);
  });

  test("the back-off survives a restart of the kubelet", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ exitAfterMs: 1000, exitCode: 1 }));
    await bed.until((pod) => app(pod)?.restartCount === 2 && app(pod)?.state?.waiting?.reason === "CrashLoopBackOff", 120_000);
    const begin = bed.clock.monotonicMs();
    await bed.restartKubelet();
    await bed.until((pod) => app(pod)?.restartCount === 3, 120_000);
    expect(bed.clock.monotonicMs() - begin).toBe(20_000);
  });

  test("OOMKilled shows as the reason", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ restartPolicy: "Never", containers: [nginx] }, script({ exitAfterMs: 10, reason: "OOMKilled" }));
    const pod = await bed.until((one) => one.status?.phase === "Failed");
    expect(app(pod)!.state!.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  test("init containers run in order, a sidecar stays", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({
      initContainers: [
        { name: "one", image: "busybox:1.28", command: ["sleep", "5"] },
        { name: "side", image: "proxy:1", restartPolicy: "Always" },
        { name: "two", image: "busybox:1.28", command: ["sleep", "5"] },
      ],
      containers: [nginx],
    });
    const early = await bed.until((pod) => app(pod, "one")?.state?.running !== undefined);
    expect(app(early)!.state).toEqual({ waiting: { reason: "PodInitializing" } });
    expect(app(early, "two")!.state).toEqual({ waiting: { reason: "PodInitializing" } });
    expect(condition(early, "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [one side two]",
    });
    expect(early.status!.phase).toBe("Pending");
    const pod = await bed.until(running);
    expect(bed.clock.monotonicMs()).toBe(10_000);
    expect(app(pod, "one")).toMatchObject({ ready: true, started: false, state: { terminated: { exitCode: 0, reason: "Completed" } } });
    expect(app(pod, "side")).toMatchObject({ ready: true, started: true, state: { running: {} } });
    expect(condition(pod, "Initialized")!.status).toBe("True");
  });

  test("a failed init container ends a pod that never restarts", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({
      restartPolicy: "Never",
      initContainers: [{ name: "init", image: "busybox:1.28", command: ["false"] }],
      containers: [nginx],
    });
    const pod = await bed.until((one) => one.status?.phase === "Failed");
    expect(app(pod)!.state).toEqual({ waiting: { reason: "PodInitializing" } });
    await bed.clock.advance(300_000);
    expect(bed.node.runtime.calls.filter((call) => call.startsWith("runSandbox"))).toHaveLength(1);
  });

  test("a dead sandbox is replaced; containers get a new address and count a restart", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    await bed.until(running);
    const [sandbox] = await bed.node.runtime.listSandboxes();
    bed.node.runtime.killSandbox(sandbox!.id);
    const pod = await bed.until((one) => app(one)?.restartCount === 1 && running(one));
    expect(pod.status!.podIP).toBe("10.244.1.3");
    expect(app(pod)!.lastState!.terminated!.exitCode).toBe(137);
  });

  test("a process that dies is seen by its event, without waiting", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    await bed.until(running);
    const at = bed.clock.monotonicMs();
    const [container] = await bed.node.runtime.listContainers();
    bed.node.runtime.killContainer(container!.id, 9);
    await bed.until((pod) => app(pod)?.restartCount === 1);
    expect(bed.clock.monotonicMs()).toBe(at);
  });

  test("activeDeadlineSeconds fails the pod", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ activeDeadlineSeconds: 30, containers: [nginx] });
    const pod = await bed.until((one) => one.status?.phase === "Failed");
    expect(bed.clock.monotonicMs()).toBe(30_000);
    expect(pod.status).toMatchObject({
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
    await bed.clock.advance(1000);
    expect((await bed.node.runtime.listContainers({ state: "running" })).length).toBe(0);
  });
});

describe("deletion", () => {
  test("sends the stop signal, waits, and removes the object when nothing runs", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ stopAfterMs: 4000 }));
    await bed.until(running);
    await bed.client.of(podKind, "default").delete("web");
    await bed.clock.advance(3000);
    expect((await bed.pod()).metadata!.deletionTimestamp).toBeDefined();
    await bed.clock.until(async () => !(await bed.exists()), 10_000);
    expect(bed.clock.monotonicMs()).toBe(4000);
    expect(await bed.eventTexts()).toContain("Normal Killing: Stopping container app");
    await bed.clock.advance(0);
    expect(await bed.node.runtime.listSandboxes()).toEqual([]);
    expect(await bed.node.runtime.listContainers()).toEqual([]);
    expect(await bed.node.files.list("/var/log/pods")).toEqual([]);
    expect(await bed.node.files.list("/var/log/containers")).toEqual([]);
    expect(await bed.node.files.list("/var/lib/kubelet/pods")).toEqual([]);
    expect(bed.node.cgroups.groups.size).toBe(0);
  });

  test("kills what ignores the signal after the grace period; a shorter one takes over", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ terminationGracePeriodSeconds: 60, containers: [nginx] }, script({ stopAfterMs: 1e9 }));
    await bed.until(running);
    await bed.client.of(podKind, "default").delete("web");
    await bed.clock.advance(5000);
    expect(await bed.exists()).toBe(true);
    await bed.client.of(podKind, "default").delete("web", { gracePeriodSeconds: 10 });
    await bed.clock.until(async () => !(await bed.exists()), 60_000);
    expect(bed.clock.monotonicMs()).toBeLessThanOrEqual(16_000);
  });

  test("goes on where a dead kubelet stopped", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] }, script({ stopAfterMs: 1e9 }));
    await bed.until(running);
    await bed.client.of(podKind, "default").delete("web");
    await bed.clock.advance(10_000);
    await bed.restartKubelet();
    await bed.clock.until(async () => !(await bed.exists()), 60_000);
    expect(bed.clock.monotonicMs()).toBe(30_000);
  });

  test("runs preStop before the signal", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [{ ...nginx, lifecycle: { preStop: { sleep: { seconds: 7 } } } }] });
    await bed.until(running);
    await bed.client.of(podKind, "default").delete("web");
    await bed.clock.until(async () => !(await bed.exists()), 60_000);
    expect(bed.clock.monotonicMs()).toBe(7000);
  });

  test("a pod that was deleted while no kubelet ran is taken away", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [nginx] });
    await bed.until(running);
    await bed.kubelet[Symbol.asyncDispose]();
    await bed.client.of(podKind, "default").delete("web", { gracePeriodSeconds: 0 });
    expect(await bed.node.runtime.listContainers({ state: "running" })).toHaveLength(1);
    bed.kubelet = bed.newKubelet();
    await bed.kubelet.start();
    await bed.clock.advance(1000);
    expect(await bed.node.runtime.listContainers()).toEqual([]);
    expect(await bed.node.runtime.listSandboxes()).toEqual([]);
  });
});

describe("adoption", () => {
  test("a kubelet that starts anew leaves what runs alone", async () => {
    await using bed = await KubeletBed.start();
    await bed.create({ containers: [{ ...nginx, readinessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 5 } }] });
    const before = await bed.until((pod) => app(pod)?.ready);
    await bed.restartKubelet();
    await bed.clock.advance(0);
    bed.node.runtime.calls.length = 0;
    await bed.clock.advance(120_000);
    const after = await bed.pod();
    expect(app(after)).toEqual(app(before));
    expect(condition(after, "Ready")).toEqual(condition(before, "Ready"));
    expect(bed.node.runtime.calls.some((call) => /^(create|start|stop|remove|run)/.test(call))).toBe(false);
  });
});
