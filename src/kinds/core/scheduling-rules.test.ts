// Tolerations, node affinity, ports: what scheduler, controllers and kubelet ask of a pod.

import { expect, test } from "vitest";
import { matchesNode, matchesNodeSelectorTerm, preferredNodeScore } from "./node-affinity.ts";
import { hostPortsConflict, hostPortsOf, targetPortOf } from "./pod-ports.ts";
import { isPodAvailable, withCondition } from "./pod-readiness.ts";
import { evictionTimeMs, softTaintCount, toleratesTaint, untoleratedTaint } from "./tolerations.ts";
import type { Node, NodeSelectorRequirement, Pod, PodCondition, Taint, Toleration } from "./types.gen.ts";

const taint: Taint = { key: "dedicated", value: "db", effect: "NoSchedule" };

test.each<[Toleration, boolean]>([
  [{ key: "dedicated", operator: "Equal", value: "db", effect: "NoSchedule" }, true],
  [{ key: "dedicated", value: "db" }, true],
  [{ key: "dedicated", value: "web" }, false],
  [{ key: "dedicated", operator: "Exists" }, true],
  [{ key: "other", operator: "Exists" }, false],
  [{ operator: "Exists" }, true],
  [{ operator: "Exists", effect: "NoExecute" }, false],
  [{ key: "dedicated", value: "db", effect: "NoExecute" }, false],
])("toleration %j of dedicated=db:NoSchedule: %s", (toleration, expected) => {
  expect(toleratesTaint(toleration, taint)).toBe(expected);
});

test("numeric tolerations compare whole numbers only", () => {
  const level = (value: string): Taint => ({ key: "level", value, effect: "NoSchedule" });
  const below = (value: string): Toleration => ({ key: "level", operator: "Lt", value });
  expect(toleratesTaint(below("10"), level("9"))).toBe(true);
  expect(toleratesTaint(below("10"), level("10"))).toBe(false);
  expect(toleratesTaint({ ...below("10"), operator: "Gt" }, level("11"))).toBe(true);
  expect(toleratesTaint(below("ten"), level("9"))).toBe(false);
  expect(toleratesTaint(below("10"), level("007"))).toBe(false);
});

test("the first taint that nothing bears, and soft taints counted", () => {
  const soft: Taint = { key: "soft", effect: "PreferNoSchedule" };
  expect(untoleratedTaint([soft, taint], [], ["NoSchedule", "NoExecute"])).toBe(taint);
  expect(untoleratedTaint([soft, taint], [{ operator: "Exists" }], ["NoSchedule"])).toBeUndefined();
  expect(softTaintCount([soft, taint], undefined)).toBe(1);
  expect(softTaintCount([soft, taint], [{ key: "soft", operator: "Exists" }])).toBe(0);
});

test("when NoExecute taints drive a pod away", () => {
  const gone: Taint = { key: "node.kubernetes.io/unreachable", effect: "NoExecute", timeAdded: "2026-03-01T12:00:00Z" };
  const at = Date.parse(gone.timeAdded!);
  const time = (...tolerations: Toleration[]): number =>
    evictionTimeMs([gone, taint], { spec: { containers: [], tolerations } }, at + 5000);
  expect(time()).toBe(0);
  expect(time({ key: gone.key, operator: "Exists" })).toBe(Number.POSITIVE_INFINITY);
  expect(time({ key: gone.key, operator: "Exists", tolerationSeconds: 300 })).toBe(at + 300_000);
  expect(time({ operator: "Exists", tolerationSeconds: 60 }, { key: gone.key, operator: "Exists", tolerationSeconds: 300 })).toBe(
    at + 60_000,
  );
  expect(time({ operator: "Exists", tolerationSeconds: 0 })).toBe(0);
});

const node: Node = { metadata: { name: "n1", labels: { zone: "a", cores: "8" } } };
const expression = (key: string, operator: NodeSelectorRequirement["operator"], ...values: string[]): NodeSelectorRequirement => ({
  key,
  operator,
  values,
});

test.each<[NodeSelectorRequirement, boolean]>([
  [expression("zone", "In", "a", "b"), true],
  [expression("zone", "In", "b"), false],
  [expression("none", "In", ""), false],
  [expression("zone", "NotIn", "b"), true],
  [expression("none", "NotIn", "b"), true],
  [expression("zone", "Exists"), true],
  [expression("none", "DoesNotExist"), true],
  [expression("cores", "Gt", "7"), true],
  [expression("cores", "Gt", "8"), false],
  [expression("cores", "Lt", "16"), true],
  [expression("zone", "Lt", "16"), false],
])("requirement %j: %s", (requirement, expected) => {
  expect(matchesNodeSelectorTerm({ matchExpressions: [requirement] }, node)).toBe(expected);
});

test("terms are alternatives, an empty one matches nothing, fields are the node's name", () => {
  const pod = (...nodeSelectorTerms: object[]): Pod["spec"] => ({
    containers: [],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  const pin = (...values: string[]): object => ({ matchFields: [{ key: "metadata.name", operator: "In", values }] });
  expect(matchesNode({ containers: [], nodeSelector: { zone: "a" } }, node)).toBe(true);
  expect(matchesNode({ containers: [], nodeSelector: { zone: "b" } }, node)).toBe(false);
  expect(matchesNode(pod({}), node)).toBe(false);
  expect(matchesNode(pod({}, pin("n1")), node)).toBe(true);
  expect(matchesNode(pod(pin("n2")), node)).toBe(false);
});

test("preferences add their weights", () => {
  const preferred = [
    { weight: 10, preference: { matchExpressions: [expression("zone", "In", "a")] } },
    { weight: 5, preference: { matchExpressions: [expression("zone", "In", "b")] } },
    { weight: 1, preference: {} },
  ];
  const pod: Pod = { spec: { containers: [], affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } } };
  expect(preferredNodeScore(pod, node)).toBe(11);
});

test("a service's target port in a pod", () => {
  const pod: Pod = {
    spec: {
      containers: [
        {
          name: "a",
          ports: [
            { name: "dns", containerPort: 53, protocol: "UDP" },
            { name: "dns-tcp", containerPort: 53 },
          ],
        },
      ],
      initContainers: [
        { name: "once", ports: [{ name: "gone", containerPort: 1 }] },
        { name: "beside", restartPolicy: "Always", ports: [{ name: "metrics", containerPort: 9153 }] },
      ],
    },
  };
  expect(targetPortOf(pod, { port: 80 })).toBe(80);
  expect(targetPortOf(pod, { port: 80, targetPort: 8080 })).toBe(8080);
  expect(targetPortOf(pod, { port: 53, targetPort: "dns", protocol: "UDP" })).toBe(53);
  expect(targetPortOf(pod, { port: 53, targetPort: "dns", protocol: "TCP" })).toBeUndefined();
  expect(targetPortOf(pod, { port: 80, targetPort: "metrics" })).toBe(9153);
  expect(targetPortOf(pod, { port: 80, targetPort: "gone" })).toBeUndefined();
});

test("ports that a pod takes on its node", () => {
  const pod: Pod = {
    spec: {
      containers: [
        {
          name: "a",
          ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }, { containerPort: 82, hostPort: 82, hostIP: "192.0.2.1" }],
        },
      ],
    },
  };
  const [every, one] = hostPortsOf(pod);
  expect([every, one]).toEqual([
    { hostIP: "0.0.0.0", protocol: "TCP", port: 8080 },
    { hostIP: "192.0.2.1", protocol: "TCP", port: 82 },
  ]);
  expect(hostPortsOf({ ...pod, status: { phase: "Succeeded" } })).toEqual([]);
  expect(hostPortsConflict(one!, { ...one!, hostIP: "0.0.0.0" })).toBe(true);
  expect(hostPortsConflict(one!, { ...one!, hostIP: "192.0.2.2" })).toBe(false);
  expect(hostPortsConflict(one!, { ...one!, protocol: "UDP" })).toBe(false);
});

test("availability is readiness that has lasted", () => {
  const pod = (lastTransitionTime?: string): Pod => ({
    status: { conditions: [{ type: "Ready", status: "True", ...(lastTransitionTime && { lastTransitionTime }) }] },
  });
  const at = Date.parse("2026-03-01T12:00:00Z");
  expect(isPodAvailable(pod("2026-03-01T12:00:00Z"), 10, at + 9999)).toBe(false);
  expect(isPodAvailable(pod("2026-03-01T12:00:00Z"), 10, at + 10_000)).toBe(true);
  expect(isPodAvailable(pod(), 10, at)).toBe(false);
  expect(isPodAvailable(pod(), 0, at)).toBe(true);
  expect(isPodAvailable({}, 0, at)).toBe(false);
});

test("a condition keeps its time while its status stays, and the list while nothing changes", () => {
  const before: PodCondition[] = [{ type: "Ready", status: "True", lastTransitionTime: "then", reason: "A" }];
  expect(withCondition(before, { type: "Ready", status: "True", lastTransitionTime: "now", reason: "A" })).toBe(before);
  expect(withCondition(before, { type: "Ready", status: "True", lastTransitionTime: "now", reason: "B" })).toEqual([
    { ...before[0], reason: "B" },
  ]);
  expect(withCondition(before, { type: "Ready", status: "False", lastTransitionTime: "now" })).toEqual([
    { type: "Ready", status: "False", lastTransitionTime: "now" },
  ]);
  expect(withCondition(before, { type: "Other", status: "True", lastTransitionTime: "now" })).toHaveLength(2);
  expect(withCondition(undefined, { type: "Other", status: "True" })).toHaveLength(1);
});
