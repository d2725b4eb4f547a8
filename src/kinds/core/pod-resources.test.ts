import { expect, test } from "vitest";
import { podLimitList, podRequestList, podRequests, qosClassOf } from "./pod-resources.ts";
import type { Container, Pod, PodSpec } from "./types.gen.ts";

const asks = (cpu: string, memory?: string): Container => ({ name: cpu, resources: { requests: { cpu, ...(memory && { memory }) } } });
const named = (name: string, cpu: string): Container => ({ name, resources: { requests: { cpu } } });
const sidecar = (cpu: string): Container => ({ ...asks(cpu), restartPolicy: "Always" });
const pod = (spec: PodSpec): Pod => ({ spec });

test("containers add up, in whole numbers: thousandths of CPU, bytes of memory", () => {
  expect(podRequests(pod({ containers: [asks("250m", "1Mi"), asks("1.5", "1500k")] }))).toEqual({ cpu: 1750, memory: 2_548_576 });
});

test.each<[string, PodSpec, string]>([
  ["a large init container counts instead of the containers", { containers: [asks("1")], initContainers: [asks("3")] }, "3"],
  ["a small one does not count", { containers: [asks("2")], initContainers: [asks("1")] }, "2"],
  ["init containers run one after the other", { containers: [asks("1")], initContainers: [asks("2"), asks("2")] }, "2"],
  ["sidecars add to the containers", { containers: [asks("2")], initContainers: [sidecar("1")] }, "3"],
  ["and to the init containers after them", { containers: [asks("1")], initContainers: [sidecar("1"), asks("5")] }, "6"],
  ["but not to those before", { containers: [asks("1")], initContainers: [asks("5"), sidecar("1")] }, "5"],
  ["overhead adds to everything", { containers: [asks("1")], overhead: { cpu: "250m" } }, "1250m"],
  ["the pod's own level wins", { containers: [asks("1")], resources: { requests: { cpu: "4" } }, overhead: { cpu: "1" } }, "5"],
])("%s", (_, spec, expected) => {
  expect(podRequestList(pod(spec))["cpu"]).toBe(expected);
});

test("limits: overhead raises them but makes none", () => {
  const limited = { name: "a", resources: { limits: { cpu: "1" } } };
  expect(podLimitList(pod({ containers: [limited], overhead: { cpu: "100m", memory: "10Mi" } }))).toEqual({ cpu: "1100m" });
});

test("while a container is resized, the larger of wanted and granted counts", () => {
  const resized = (wanted: string, granted: string, infeasible = false): string | undefined =>
    podRequestList({
      spec: { containers: [named("a", wanted)] },
      status: {
        containerStatuses: [{ name: "a", image: "", imageID: "", ready: true, restartCount: 0, allocatedResources: { cpu: granted } }],
        ...(infeasible && { conditions: [{ type: "PodResizePending", status: "True", reason: "Infeasible" }] }),
      },
    })["cpu"];
  expect(resized("2", "1")).toBe("2");
  expect(resized("1", "2")).toBe("2");
  expect(resized("9", "2", true)).toBe("2");
});

const withResources = (...resources: Container["resources"][]): PodSpec => ({
  containers: resources.map((one, position) => ({ name: `c${position}`, resources: one })),
});
const full = { cpu: "1", memory: "1Gi" };

test.each<[string, PodSpec, string]>([
  ["nobody asks", withResources({}, undefined), "BestEffort"],
  ["only other resources", withResources({ requests: { "example.com/gpu": "1" } }), "BestEffort"],
  ["zero is nothing", withResources({ requests: { cpu: "0" } }), "BestEffort"],
  ["requests equal limits", withResources({ requests: full, limits: full }), "Guaranteed"],
  ["differently written", withResources({ requests: { cpu: "1000m", memory: "1024Mi" }, limits: full }), "Guaranteed"],
  ["smaller requests", withResources({ requests: { cpu: "500m", memory: "1Gi" }, limits: full }), "Burstable"],
  ["one container does not", withResources({ requests: full, limits: full }, {}), "Burstable"],
  ["memory is not limited", withResources({ requests: { cpu: "1" }, limits: { cpu: "1" } }), "Burstable"],
  ["an init container does not", { ...withResources({ requests: full, limits: full }), initContainers: [{ name: "i" }] }, "Burstable"],
  ["the pod as a whole", { ...withResources({}), resources: { requests: full, limits: full } }, "Guaranteed"],
])("%s: quality of service", (_, spec, expected) => {
  expect(qosClassOf(spec)).toBe(expected);
});
