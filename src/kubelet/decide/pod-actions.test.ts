import { describe, expect, test } from "vitest";
import type { Container as ApiContainer, Pod } from "../../kinds/core/types.gen.ts";
import type { ContainerState, SandboxStatus } from "../container-runtime.ts";
import { containerHash } from "../labels.ts";
import type { ObservedContainer, ObservedPod } from "../observed.ts";
import type { PodActions } from "./pod-actions.ts";
import { decidePodActions } from "./pod-actions.ts";

const nowMs = 1_000_000;

function podOf(spec: Partial<NonNullable<Pod["spec"]>>, status: Pod["status"] = {}): Pod {
  return {
    metadata: { name: "web", namespace: "default", uid: "u1" },
    spec: { containers: [{ name: "app", image: "a" } as ApiContainer], ...spec } as Pod["spec"],
    status,
  } as Pod;
}

const sandbox = (attempt = 0, state: SandboxStatus["state"] = "ready", ips = ["10.0.0.1"]): SandboxStatus => ({
  id: `s${attempt}`,
  metadata: { name: "web", namespace: "default", uid: "u1", attempt },
  state,
  createdAtMs: attempt,
  labels: {},
  annotations: {},
  runtimeHandler: "",
  ips,
});

interface RunOptions {
  readonly exitCode?: number;
  readonly attempt?: number;
  readonly sandboxId?: string;
  readonly backoffMs?: number;
  readonly finishedAtMs?: number;
  readonly createdAtMs?: number;
  readonly hash?: string;
}

function run(name: string, state: ContainerState, options: RunOptions = {}): ObservedContainer {
  const attempt = options.attempt ?? 0;
  const image = name === "app" ? "a" : name;
  return {
    name,
    sandboxId: options.sandboxId ?? "s0",
    notes: {
      hash: options.hash ?? containerHash({ name, image } as ApiContainer),
      restartCount: attempt,
      terminationMessagePath: "",
      terminationMessagePolicy: "File",
      terminationMessageFile: "",
      backoffMs: options.backoffMs ?? 0,
    },
    status: {
      id: `${name}-${attempt}`,
      metadata: { name, attempt },
      state,
      createdAtMs: options.createdAtMs ?? nowMs - 2000,
      startedAtMs: options.createdAtMs ?? nowMs - 2000,
      finishedAtMs: options.finishedAtMs ?? nowMs - 1000,
      exitCode: options.exitCode ?? 0,
      image: "",
      imageRef: "",
      reason: "",
      message: "",
      labels: {},
      annotations: {},
      logPath: "",
    },
  };
}

const observed = (sandboxes: readonly SandboxStatus[], containers: readonly ObservedContainer[] = []): ObservedPod => ({
  uid: "u1",
  namespace: "default",
  name: "web",
  sandboxes,
  containers,
});

const decide = (pod: Pod, seen: ObservedPod, probes: { started?: boolean; failed?: "startup" | "liveness" } = {}): PodActions =>
  decidePodActions({ pod, observed: seen, nowMs, started: () => probes.started ?? true, failedProbe: () => probes.failed });

const starts = (actions: PodActions) => actions.start.map((start) => `${start.container.name}#${start.attempt} (${start.backoffMs})`);

describe("the sandbox", () => {
  test("none: make one", () => {
    expect(decide(podOf({}), observed([]))).toMatchObject({ killPod: false, createSandbox: 0, start: [] });
  });
  test("dead: make the next one, whatever policy lets a container run again", () => {
    const dead = observed([sandbox(3, "not-ready")], [run("app", "exited", { sandboxId: "s3", exitCode: 137 })]);
    expect(decide(podOf({ restartPolicy: "Always" }), dead)).toMatchObject({ createSandbox: 4 });
    expect(decide(podOf({ restartPolicy: "OnFailure" }), dead)).toMatchObject({ createSandbox: 4 });
    expect(decide(podOf({ restartPolicy: "Never" }), dead).createSandbox).toBeUndefined();
  });
  test("dead after success: over", () => {
    const done = observed([sandbox(0, "not-ready")], [run("app", "exited", { exitCode: 0 })]);
    expect(decide(podOf({ restartPolicy: "OnFailure" }), done)).toMatchObject({ killPod: true });
    expect(decide(podOf({ restartPolicy: "OnFailure" }), done).createSandbox).toBeUndefined();
  });
  test("two that stand, or one without an address: replaced", () => {
    expect(decide(podOf({}), observed([sandbox(1), sandbox(0)]))).toMatchObject({ killPod: true, createSandbox: 2 });
    expect(decide(podOf({}), observed([sandbox(0, "ready", [])]))).toMatchObject({ killPod: true, createSandbox: 1 });
    expect(decide(podOf({ hostNetwork: true }), observed([sandbox(0, "ready", [])])).createSandbox).toBeUndefined();
  });
  test("a runtime without a trace of a failed start on a pod that never restarts: nothing was run yet, so it runs", () => {
    expect(decide(podOf({ restartPolicy: "Never" }), observed([sandbox(0, "not-ready")]))).toMatchObject({ createSandbox: 1 });
  });
});

describe("an app container", () => {
  test.each([
    ["Always", 0, ["app#1 (10000)"]],
    ["Always", 1, ["app#1 (10000)"]],
    ["OnFailure", 0, []],
    ["OnFailure", 1, ["app#1 (10000)"]],
    ["Never", 0, []],
    ["Never", 1, []],
  ] as const)("policy %s, exit %i", (restartPolicy, exitCode, wanted) => {
    const actions = decide(podOf({ restartPolicy }), observed([sandbox()], [run("app", "exited", { exitCode })]));
    expect(starts(actions)).toEqual(wanted);
    expect(actions.killPod).toBe(wanted.length === 0);
  });

  test("one of two over for good: the pod goes on", () => {
    const pod = podOf({
      restartPolicy: "Never",
      containers: [
        { name: "app", image: "a" },
        { name: "b", image: "b" },
      ] as ApiContainer[],
    });
    expect(decide(pod, observed([sandbox()], [run("app", "exited"), run("b", "running")]))).toMatchObject({ killPod: false, start: [] });
  });

  test("waits out its back-off, then starts with twice as much", () => {
    const pod = podOf({});
    const at = (finishedAtMs: number) =>
      decide(pod, observed([sandbox()], [run("app", "exited", { exitCode: 1, attempt: 2, backoffMs: 20_000, finishedAtMs })]));
    const early = at(nowMs - 19_999);
    expect(early).toMatchObject({ start: [], wakeAtMs: nowMs + 1, killPod: false });
    expect(early.waiting).toEqual([
      { name: "app", reason: "CrashLoopBackOff", message: "back-off 20s restarting failed container=app pod=web_default(u1)" },
    ]);
    expect(starts(at(nowMs - 20_000))).toEqual(["app#3 (40000)"]);
  });

  test("the back-off grows to five minutes and no further; ten minutes of life forgive it", () => {
    const pod = podOf({});
    const full = { exitCode: 1, attempt: 9, backoffMs: 300_000, finishedAtMs: nowMs - 300_000 };
    expect(starts(decide(pod, observed([sandbox()], [run("app", "exited", { ...full, createdAtMs: nowMs - 400_000 })])))).toEqual([
      "app#10 (300000)",
    ]);
    expect(
      starts(
        decide(pod, observed([sandbox()], [run("app", "exited", { ...full, finishedAtMs: nowMs - 1, createdAtMs: nowMs - 600_002 })])),
      ),
    ).toEqual(["app#10 (10000)"]);
  });

  test("a new image restarts it, other fields do not", () => {
    const actions = decide(
      podOf({ containers: [{ name: "app", image: "b" }] as ApiContainer[] }),
      observed([sandbox()], [run("app", "running")]),
    );
    expect(actions.kill.map((kill) => kill.message)).toEqual(["Container app definition changed, will be restarted"]);
    expect(
      decide(
        podOf({ containers: [{ name: "app", image: "a", workingDir: "/x" }] as ApiContainer[] }),
        observed([sandbox()], [run("app", "running")]),
      ).kill,
    ).toEqual([]);
  });

  test("a failed probe kills; whether it says 'will be restarted' is the policy's", () => {
    const alive = observed([sandbox()], [run("app", "running")]);
    expect(decide(podOf({}), alive, { failed: "liveness" }).kill[0]!.message).toBe(
      "Container app failed liveness probe, will be restarted",
    );
    expect(decide(podOf({ restartPolicy: "Never" }), alive, { failed: "startup" }).kill[0]!.message).toBe(
      "Container app failed startup probe",
    );
  });

  test("created and never started: another run takes its place", () => {
    expect(starts(decide(podOf({}), observed([sandbox()], [run("app", "created")])))).toEqual(["app#1 (0)"]);
  });

  test("what the runtime forgot, the status remembers", () => {
    const pod = podOf({}, { containerStatuses: [{ name: "app", containerID: "containerd://x", restartCount: 4 }] } as never);
    expect(starts(decide(pod, observed([sandbox()])))).toEqual(["app#5 (0)"]);
  });

  test("its own restart rules come before the pod's policy", () => {
    const container = {
      name: "app",
      image: "a",
      restartPolicy: "Never",
      restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
    } as ApiContainer;
    const pod = podOf({ restartPolicy: "Always", containers: [container] });
    expect(starts(decide(pod, observed([sandbox()], [run("app", "exited", { exitCode: 42 })])))).toEqual(["app#1 (10000)"]);
    expect(starts(decide(pod, observed([sandbox()], [run("app", "exited", { exitCode: 41 })])))).toEqual([]);
  });
});

describe("init containers", () => {
  const pod = (restartPolicy = "Always") =>
    podOf({
      restartPolicy: restartPolicy as "Always",
      initContainers: [
        { name: "one", image: "one" },
        { name: "side", image: "side", restartPolicy: "Always" },
        { name: "two", image: "two" },
      ] as ApiContainer[],
    });
  const one = run("one", "exited");
  const side = run("side", "running");
  const two = run("two", "exited");

  test("one after the other", () => {
    expect(starts(decide(pod(), observed([sandbox()])))).toEqual(["one#0 (0)"]);
    expect(starts(decide(pod(), observed([sandbox()], [run("one", "running")])))).toEqual([]);
    expect(starts(decide(pod(), observed([sandbox()], [one])))).toEqual(["side#0 (0)"]);
    expect(starts(decide(pod(), observed([sandbox()], [one, side]), { started: false }))).toEqual([]);
    expect(starts(decide(pod(), observed([sandbox()], [one, side])))).toEqual(["two#0 (0)"]);
    expect(starts(decide(pod(), observed([sandbox()], [one, side, two])))).toEqual(["app#0 (0)"]);
  });
  test("a failure is tried again with back-off, or ends a pod that never restarts", () => {
    const failed = run("one", "exited", { exitCode: 1, backoffMs: 10_000 });
    expect(decide(pod(), observed([sandbox()], [failed])).waiting[0]!.reason).toBe("CrashLoopBackOff");
    expect(decide(pod("Never"), observed([sandbox()], [failed]))).toMatchObject({ killPod: true, start: [] });
    expect(decide(pod("Never"), observed([sandbox(0, "not-ready")], [failed])).createSandbox).toBeUndefined();
  });
  test("all run anew in a new sandbox", () => {
    const old = (container: ObservedContainer): ObservedContainer => ({ ...container, sandboxId: "s-old" });
    expect(starts(decide(pod(), observed([sandbox(1)], [old(one), old(two)])))).toEqual(["one#1 (0)"]);
  });
  test("once the app ran they are not looked for; a dead sidecar comes back", () => {
    expect(starts(decide(pod(), observed([sandbox()], [run("app", "running")])))).toEqual(["side#0 (0)"]);
    expect(starts(decide(pod(), observed([sandbox()], [run("app", "running"), run("side", "exited", { exitCode: 0 })])))).toEqual([
      "side#1 (10000)",
    ]);
  });
  test("apps over: sidecars end with the pod", () => {
    expect(decide(pod("Never"), observed([sandbox()], [run("app", "exited"), side, one, two]))).toMatchObject({ killPod: true, start: [] });
  });
});
