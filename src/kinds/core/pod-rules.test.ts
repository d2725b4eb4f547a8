import { expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { decodeObject } from "../../object/decode.ts";
import { applyDefaults } from "../../object/defaults.ts";
import type { Draft, RuleContext } from "../../object/kind.ts";
import { deploymentKind } from "../apps/deployment.ts";
import { defaultPullPolicy } from "./pod-defaults.ts";
import { podRules, podSubresources } from "./pod-rules.ts";
import { podKind } from "./pod.ts";
import type { Pod, PodSpec } from "./types.gen.ts";

const context: RuleContext<Pod> = {
  now: 0,
  random: new SeededRandom(1),
  user: { name: "ann", groups: [] },
  subresource: "",
  dryRun: false,
  lookup: () => undefined,
  allocate: { take: () => Promise.resolve(undefined), release: () => undefined },
};
const schema = podKind.versions[0]!.schema;

/** As the server does: decode, prepare, defaults of the schema, defaults of the whole. */
async function created(spec: unknown, more: object = {}): Promise<Draft<Pod>> {
  const { object } = decodeObject<Pod>(schema, { metadata: { name: "p" }, spec, ...more }, { unknownFields: "strict" });
  await podRules.prepareCreate!(object, context);
  applyDefaults(schema, object);
  podRules.default!(object);
  return object;
}

test("what a minimal pod gets", async () => {
  const { spec, status } = await created({ containers: [{ name: "a", image: "nginx:1.14.2", ports: [{ containerPort: 80 }] }] });
  expect(spec).toEqual({
    containers: [
      {
        name: "a",
        image: "nginx:1.14.2",
        imagePullPolicy: "IfNotPresent",
        ports: [{ containerPort: 80, protocol: "TCP" }],
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
      },
    ],
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  expect(status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
});

test("a creator cannot set status, and written values are no defaults", async () => {
  const pod = await created(
    {
      containers: [{ name: "a", imagePullPolicy: "Never" }],
      terminationGracePeriodSeconds: 0,
      enableServiceLinks: false,
      restartPolicy: "Never",
    },
    { status: { phase: "Running", podIP: "1.2.3.4" } },
  );
  expect(pod.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
  expect(pod.spec).toMatchObject({ terminationGracePeriodSeconds: 0, enableServiceLinks: false, restartPolicy: "Never" });
  expect(pod.spec!.containers[0]!.imagePullPolicy).toBe("Never");
});

test("pull policy by tag", () => {
  const images = [
    "nginx",
    "nginx:latest",
    "nginx:1",
    "host:5000/nginx",
    "host:5000/nginx:2",
    "nginx@sha256:abc",
    "nginx:latest@sha256:abc",
  ];
  expect(images.map(defaultPullPolicy)).toEqual(["Always", "Always", "IfNotPresent", "Always", "IfNotPresent", "IfNotPresent", "Always"]);
});

test("probes, environment and volumes", async () => {
  const pod = await created({
    containers: [
      {
        name: "a",
        image: "x:1",
        livenessProbe: { httpGet: { port: 8080 }, timeoutSeconds: 0 },
        readinessProbe: { grpc: { port: 1 }, periodSeconds: 3 },
        lifecycle: { preStop: { httpGet: { port: "web", scheme: "HTTPS" } } },
        env: [
          { name: "N", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "C", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
        ],
      },
    ],
    volumes: [
      { name: "none" },
      { name: "c", configMap: { name: "c" } },
      { name: "s", secret: { secretName: "s", defaultMode: 0 } },
      { name: "d", downwardAPI: {} },
      { name: "p", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
      { name: "h", hostPath: { path: "/x" } },
      { name: "i", image: { reference: "img" } },
    ],
  });
  const [container] = pod.spec!.containers;
  expect(container!.livenessProbe).toEqual({
    httpGet: { path: "/", port: 8080, scheme: "HTTP" },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  expect(container!.readinessProbe).toEqual({
    grpc: { port: 1, service: "" },
    timeoutSeconds: 1,
    periodSeconds: 3,
    successThreshold: 1,
    failureThreshold: 3,
  });
  expect(container!.lifecycle).toEqual({ preStop: { httpGet: { path: "/", port: "web", scheme: "HTTPS" } } });
  expect(container!.env![0]!.valueFrom).toEqual({ fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } });
  expect(container!.env![1]!.valueFrom).toEqual({ resourceFieldRef: { resource: "limits.cpu", divisor: "0" } });
  expect(pod.spec!.volumes).toEqual([
    { name: "none", emptyDir: {} },
    { name: "c", configMap: { name: "c", defaultMode: 420 } },
    { name: "s", secret: { secretName: "s", defaultMode: 0 } },
    { name: "d", downwardAPI: { defaultMode: 420 } },
    { name: "p", projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }] } },
    { name: "h", hostPath: { path: "/x", type: "" } },
    { name: "i", image: { reference: "img", pullPolicy: "Always" } },
  ]);
});

test("limits become requests, and the whole pod's follow its containers'", async () => {
  const one = await created({ containers: [{ name: "a", resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m" } } }] });
  expect(one.spec!.containers[0]!.resources).toEqual({ limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "500m", memory: "1Gi" } });
  expect(one.status!.qosClass).toBe("Burstable");
  const whole = await created({
    containers: [
      { name: "a", resources: { requests: { cpu: "250m" } } },
      { name: "b", resources: { requests: { cpu: "250m" } } },
    ],
    resources: { limits: { cpu: "2", memory: "1Gi" } },
  });
  expect(whole.spec!.resources).toEqual({ limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "500m", memory: "1Gi" } });
});

test("on the host's network ports are the host's", async () => {
  const pod = await created({
    hostNetwork: true,
    containers: [{ name: "a", ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }] }],
  });
  expect(pod.spec!.containers[0]!.ports!.map((port) => port.hostPort)).toEqual([80, 81]);
});

test("a template gets the defaults of the struct, not those of a pod", () => {
  const template = {
    spec: { hostNetwork: true, containers: [{ name: "a", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } }] },
  };
  const { schema: of } = deploymentKind.versions[0]!;
  const { object } = decodeObject<{ spec: { template: { spec: PodSpec } } }>(
    of,
    { spec: { selector: {}, template } },
    { unknownFields: "strict" },
  );
  applyDefaults(of, object);
  const { spec } = object.spec.template;
  expect(spec.enableServiceLinks).toBeUndefined();
  expect(spec.containers[0]!.resources).toEqual({ limits: { cpu: "1" } });
  expect(spec.containers[0]!.ports).toEqual([{ containerPort: 80, protocol: "TCP" }]);
  expect(spec.containers[0]!.imagePullPolicy).toBe("Always");
  expect(object.spec).toMatchObject({
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
  });
});

test("both names of the service account, both forms of the address", async () => {
  expect((await created({ containers: [], serviceAccount: "old" })).spec).toMatchObject({
    serviceAccount: "old",
    serviceAccountName: "old",
  });
  expect((await created({ containers: [], serviceAccount: "old", serviceAccountName: "new" })).spec).toMatchObject({
    serviceAccount: "new",
    serviceAccountName: "new",
  });
  const status = (value: object): unknown => {
    const draft = { status: value };
    applyDefaults(schema, draft);
    return draft.status;
  };
  expect(status({ podIP: "10.0.0.1" })).toEqual({ podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }] });
  expect(status({ podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] })).toEqual({
    podIP: "10.0.0.1",
    podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
  });
});

test("scheduling gates and match label keys are written out once", async () => {
  const labels = { app: "web", hash: "1" };
  const term = { topologyKey: "zone", labelSelector: {}, matchLabelKeys: ["hash"], mismatchLabelKeys: ["app", "absent"] };
  const pod = await created(
    {
      containers: [],
      schedulingGates: [{ name: "wait" }],
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: {}, matchLabelKeys: ["hash"] },
      ],
    },
    { metadata: { name: "p", labels } },
  );
  expect(pod.status!.conditions).toMatchObject([{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }]);
  expect(pod.spec!.affinity!.podAffinity!.requiredDuringSchedulingIgnoredDuringExecution![0]!.labelSelector!.matchExpressions).toEqual([
    { key: "hash", operator: "In", values: ["1"] },
    { key: "app", operator: "NotIn", values: ["web"] },
  ]);
  expect(pod.spec!.topologySpreadConstraints![0]!.labelSelector!.matchExpressions).toEqual([
    { key: "hash", operator: "In", values: ["1"] },
  ]);
});

test("grace: none for who does not run, else asked, else the pod's own", () => {
  const grace = (spec: object, requested?: number, phase?: string): number =>
    podRules.deletionGraceSeconds!({ spec: { containers: [], ...spec }, status: { phase } } as Pod, requested, context);
  expect(grace({ terminationGracePeriodSeconds: 30 })).toBe(0);
  expect(grace({ nodeName: "n", terminationGracePeriodSeconds: 45 })).toBe(45);
  expect(grace({ nodeName: "n", terminationGracePeriodSeconds: 45 }, 5)).toBe(5);
  expect(grace({ nodeName: "n", terminationGracePeriodSeconds: 45 }, 0)).toBe(0);
  expect(grace({ nodeName: "n" })).toBe(30);
  expect(grace({ nodeName: "n", terminationGracePeriodSeconds: -1 })).toBe(1);
  expect(grace({ nodeName: "n" }, undefined, "Succeeded")).toBe(0);
});

test("each view changes its own part alone", () => {
  const old: Pod = {
    metadata: { name: "p", labels: { a: "1" }, ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: "u" }] },
    spec: { nodeName: "n", containers: [{ name: "a", image: "one", resources: { requests: { cpu: "1" } } }] },
    status: { phase: "Pending", qosClass: "Burstable" },
  };
  const wanted = (): Draft<Pod> => ({
    metadata: { name: "p", labels: { a: "2" } },
    spec: {
      nodeName: "other",
      containers: [{ name: "a", image: "two", resources: { requests: { cpu: "2" } } }],
      ephemeralContainers: [{ name: "debug" }],
    },
    status: { phase: "Running", qosClass: "BestEffort" },
  });
  const view = (name: string): Draft<Pod> => {
    const subresource = podSubresources.find((one) => one.name === name);
    if (subresource?.type !== "view") throw new Error(`no view ${name}`);
    const draft = wanted();
    subresource.prepareUpdate(draft, old, context);
    return draft;
  };
  expect(view("status")).toEqual({
    metadata: { ...old.metadata, labels: { a: "2" } },
    spec: old.spec,
    status: { phase: "Running", qosClass: "Burstable" },
  });
  expect(view("ephemeralcontainers")).toEqual({ ...old, spec: { ...old.spec, ephemeralContainers: [{ name: "debug" }] } });
  expect(view("resize")).toEqual({
    ...old,
    spec: { nodeName: "n", containers: [{ name: "a", image: "one", resources: { requests: { cpu: "2" } } }] },
  });
  const updated = wanted();
  void podRules.prepareUpdate!(updated, old, context);
  expect(updated).toEqual({ ...wanted(), status: old.status });
});
