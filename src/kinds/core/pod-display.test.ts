import { expect, test } from "vitest";
import { renderTable } from "../../object/table.ts";
import { podKind } from "./pod.ts";
import type { Pod, PodStatus } from "./types.gen.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

const pod = (status: PodStatus, over: Partial<Pod> = {}): Pod => ({
  metadata: { name: "web", creationTimestamp: "2026-03-01T11:00:00Z" },
  spec: { containers: [{ name: "a" }, { name: "b" }] },
  status,
  ...over,
});
const cells = (object: Pod): readonly unknown[] => renderTable(podKind, [object], { now }).rows[0]!.cells;
const running = (name: string, ready = true, restartCount = 0) => ({
  name,
  ready,
  restartCount,
  image: "x",
  imageID: "",
  state: { running: {} },
});
const waiting = (name: string, reason: string) => ({
  name,
  ready: false,
  restartCount: 0,
  image: "x",
  imageID: "",
  state: { waiting: { reason } },
});
const ended = (name: string, exitCode: number, reason?: string, signal?: number) => ({
  name,
  ready: false,
  restartCount: 0,
  image: "x",
  imageID: "",
  state: { terminated: { exitCode, ...(reason && { reason }), ...(signal && { signal }) } },
});

test("columns are those of kubectl get pods -o wide", () => {
  const definitions = renderTable(podKind, [], { now }).columnDefinitions;
  expect(definitions.map(({ name, priority }) => (priority === 1 ? `(${name})` : name))).toEqual([
    "Name",
    "Ready",
    "Status",
    "Restarts",
    "Age",
    "(IP)",
    "(Node)",
    "(Nominated Node)",
    "(Readiness Gates)",
  ]);
});

test("a running pod", () => {
  const object = pod({
    phase: "Running",
    podIPs: [{ ip: "10.244.0.7" }],
    containerStatuses: [
      running("a"),
      { ...running("b", true, 2), lastState: { terminated: { exitCode: 1, finishedAt: "2026-03-01T11:55:00Z" } } },
    ],
  });
  expect(cells(object)).toEqual(["web", "2/2", "Running", "2 (5m ago)", "60m", "10.244.0.7", "<none>", "<none>", "<none>"]);
});

const status = (object: Pod): string => `${String(cells(object)[1])} ${String(cells(object)[2])}`;

test.each<[string, Pod, string]>([
  ["nothing observed yet", pod({ phase: "Pending" }), "0/2 Pending"],
  [
    "waiting for a gate",
    pod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }),
    "0/2 SchedulingGated",
  ],
  [
    "being created",
    pod({ phase: "Pending", containerStatuses: [waiting("a", "ContainerCreating"), waiting("b", "ContainerCreating")] }),
    "0/2 ContainerCreating",
  ],
  [
    "the first container's trouble wins",
    pod({ phase: "Running", containerStatuses: [waiting("a", "CrashLoopBackOff"), waiting("b", "ErrImagePull")] }),
    "0/2 CrashLoopBackOff",
  ],
  ["evicted", pod({ phase: "Failed", reason: "Evicted" }), "0/2 Evicted"],
  ["completed", pod({ phase: "Succeeded", containerStatuses: [ended("a", 0, "Completed"), ended("b", 0, "Completed")] }), "0/2 Completed"],
  [
    "one completed, one runs",
    pod({
      phase: "Running",
      conditions: [{ type: "Ready", status: "False" }],
      containerStatuses: [ended("a", 0, "Completed"), running("b")],
    }),
    "1/2 NotReady",
  ],
  [
    "one completed, the pod is ready",
    pod({
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [ended("a", 0, "Completed"), running("b")],
    }),
    "1/2 Running",
  ],
  ["ended without a reason", pod({ phase: "Failed", containerStatuses: [ended("a", 3), ended("b", 0, "Completed")] }), "0/2 ExitCode:3"],
  ["killed by a signal", pod({ phase: "Failed", containerStatuses: [ended("a", 137, undefined, 9)] }), "0/2 Signal:9"],
  [
    "deleted",
    pod(
      { phase: "Running", containerStatuses: [running("a"), running("b")] },
      { metadata: { name: "web", deletionTimestamp: "2026-03-01T12:00:10Z" } },
    ),
    "2/2 Terminating",
  ],
  [
    "deleted on a lost node",
    pod({ phase: "Running", reason: "NodeLost" }, { metadata: { name: "web", deletionTimestamp: "2026-03-01T12:00:10Z" } }),
    "0/2 Unknown",
  ],
  [
    "deleted after it completed",
    pod(
      { phase: "Succeeded", containerStatuses: [ended("a", 0, "Completed")] },
      { metadata: { name: "web", deletionTimestamp: "2026-03-01T12:00:10Z" } },
    ),
    "0/2 Completed",
  ],
])("%s", (_, object, expected) => {
  expect(status(object)).toBe(expected);
});

const withInit = { spec: { containers: [{ name: "a" }], initContainers: [{ name: "i" }, { name: "j" }] } };

test.each<[string, Pod, string]>([
  [
    "the first init container runs",
    pod({ phase: "Pending", initContainerStatuses: [running("i"), waiting("j", "PodInitializing")] }, withInit),
    "0/1 Init:0/2",
  ],
  [
    "the second init container runs",
    pod({ phase: "Pending", initContainerStatuses: [ended("i", 0, "Completed"), running("j")] }, withInit),
    "0/1 Init:1/2",
  ],
  [
    "an init container crashes",
    pod({ phase: "Pending", initContainerStatuses: [waiting("i", "CrashLoopBackOff")] }, withInit),
    "0/1 Init:CrashLoopBackOff",
  ],
  ["an init container failed", pod({ phase: "Pending", initContainerStatuses: [ended("i", 1, "Error")] }, withInit), "0/1 Init:Error"],
  ["an init container failed silently", pod({ phase: "Pending", initContainerStatuses: [ended("i", 7)] }, withInit), "0/1 Init:ExitCode:7"],
  [
    "initialized",
    pod(
      { phase: "Pending", initContainerStatuses: [ended("i", 0), ended("j", 0)], containerStatuses: [waiting("a", "PodInitializing")] },
      withInit,
    ),
    "0/1 PodInitializing",
  ],
])("%s", (_, object, expected) => {
  expect(status(object)).toBe(expected);
});

test("sidecars count among the containers, and their restarts after initialization", () => {
  const spec = { containers: [{ name: "a" }], initContainers: [{ name: "once" }, { name: "beside", restartPolicy: "Always" as const }] };
  const object = pod(
    {
      phase: "Running",
      initContainerStatuses: [
        { ...ended("once", 0), restartCount: 4 },
        { ...running("beside", true, 1), started: true },
      ],
      containerStatuses: [running("a", true, 2)],
    },
    { spec },
  );
  expect(cells(object).slice(1, 4)).toEqual(["2/2", "Running", "3"]);
});

test("readiness gates, node and nomination", () => {
  const spec = { containers: [{ name: "a" }], nodeName: "n1", readinessGates: [{ conditionType: "x/one" }, { conditionType: "x/two" }] };
  const object = pod(
    { phase: "Running", podIP: "10.0.0.1", nominatedNodeName: "n2", conditions: [{ type: "x/one", status: "True" }] },
    { spec },
  );
  expect(cells(object).slice(5)).toEqual(["10.0.0.1", "n1", "n2", "1/2"]);
});
