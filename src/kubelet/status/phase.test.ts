import { describe, expect, test } from "vitest";
import type { ContainerStatus, Pod } from "../../kinds/core/types.gen.ts";
import { podConditions } from "./conditions.ts";
import { podPhase } from "./phase.ts";
import { sameJson, statusPatch } from "./pod-status.ts";

type States = Readonly<Record<string, "running" | "waiting" | "crashed" | "ok" | "failed">>;

function statusOf(name: string, kind: States[string]): ContainerStatus {
  const base = { name, image: "", imageID: "", ready: kind === "running", restartCount: 0, started: kind === "running" };
  const ended = (exitCode: number) => ({ terminated: { exitCode } });
  switch (kind!) {
    case "running":
      return { ...base, state: { running: {} } };
    case "waiting":
      return { ...base, state: { waiting: { reason: "ContainerCreating" } } };
    case "crashed":
      return { ...base, state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: ended(1) };
    case "ok":
      return { ...base, state: ended(0) };
    case "failed":
      return { ...base, state: ended(1) };
  }
}
const statuses = (app: States, init: States = {}) => ({
  app: Object.entries(app).map(([name, kind]) => statusOf(name, kind)),
  init: Object.entries(init).map(([name, kind]) => statusOf(name, kind)),
});
const podOf = (restartPolicy: string, app: States, init: States = {}): Pod =>
  ({
    metadata: { uid: "u" },
    spec: {
      restartPolicy,
      containers: Object.keys(app).map((name) => ({ name })),
      initContainers: Object.keys(init).map((name) => ({ name })),
    },
  }) as unknown as Pod;

describe("phase", () => {
  test.each([
    ["Always", { a: "waiting" }, {}, "Pending"],
    ["Always", { a: "running", b: "waiting" }, {}, "Pending"],
    ["Always", { a: "running", b: "running" }, {}, "Running"],
    ["Always", { a: "crashed" }, {}, "Running"],
    ["Always", { a: "ok" }, {}, "Running"],
    ["Always", { a: "failed" }, {}, "Running"],
    ["OnFailure", { a: "ok" }, {}, "Succeeded"],
    ["OnFailure", { a: "failed" }, {}, "Running"],
    ["OnFailure", { a: "ok", b: "failed" }, {}, "Running"],
    ["Never", { a: "ok", b: "ok" }, {}, "Succeeded"],
    ["Never", { a: "ok", b: "failed" }, {}, "Failed"],
    ["Never", { a: "running", b: "failed" }, {}, "Running"],
    ["Always", { a: "waiting" }, { i: "running" }, "Pending"],
    ["Always", { a: "waiting" }, { i: "crashed" }, "Pending"],
    ["Never", { a: "waiting" }, { i: "failed" }, "Failed"],
    ["OnFailure", { a: "waiting" }, { i: "failed" }, "Pending"],
  ] as const)("%s %j init %j: %s", (policy, app, init, phase) => {
    expect(podPhase(podOf(policy, app, init), statuses(app, init), false)).toBe(phase);
  });
  test.each([
    [{ a: "ok" }, "Succeeded"],
    [{ a: "failed" }, "Failed"],
    [{ a: "ok", b: "failed" }, "Failed"],
    [{ a: "waiting" }, "Failed"],
  ] as const)("ended for good, %j: %s", (app, phase) => {
    expect(podPhase(podOf("Always", app), statuses(app), true)).toBe(phase);
  });
});

describe("conditions", () => {
  const of = (pod: Pod, app: States, nowMs = 0) =>
    podConditions({ pod, statuses: statuses(app), phase: "Running", sandboxReady: true, nowMs });
  test("name the containers that are not ready, in the order of the pod", () => {
    const app = { a: "running", b: "crashed", c: "failed" } as const;
    expect(of(podOf("Always", app), app).find((one) => one.type === "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [b c]",
    });
  });
  test("keep their time while they keep their status, and other people's conditions", () => {
    const app = { a: "running" } as const;
    const pod = podOf("Always", app);
    const first = of(pod, app, 1000);
    const foreign = { type: "example.com/x", status: "True" } as const;
    const second = of({ ...pod, status: { conditions: [...first, foreign] } }, app, 90_000);
    expect(second).toEqual([...first, foreign]);
  });
});

describe("the status patch", () => {
  const pod = {
    metadata: { uid: "u" },
    status: {
      phase: "Pending",
      reason: "X",
      podIPs: [{ ip: "1" }],
      conditions: [
        { type: "Ready", status: "False", reason: "R" },
        { type: "other", status: "True" },
      ],
    },
  } as unknown as Pod;
  test("says only what changed, removes what is gone, leaves others' conditions alone", () => {
    expect(statusPatch(pod, { phase: "Running", podIPs: [{ ip: "2" }], conditions: [{ type: "Ready", status: "True" }] })).toEqual({
      metadata: { uid: "u" },
      status: {
        phase: "Running",
        reason: null,
        podIPs: [{ ip: "2" }, { $patch: "replace" }],
        conditions: [{ type: "Ready", status: "True", reason: null, message: null }],
      },
    });
  });
  test("is none when nothing differs", () => {
    expect(
      statusPatch(pod, {
        phase: "Pending",
        reason: "X",
        podIPs: [{ ip: "1" }],
        conditions: [{ type: "Ready", status: "False", reason: "R" }],
      }),
    ).toBeUndefined();
  });
  test("equality does not mind order of keys or undefined", () => {
    expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(sameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
    expect(sameJson({ a: 0 }, {})).toBe(false);
  });
});
