import { describe, expect, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { changed, checkUpdateRow, noSubdomain, updateRefusals } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default", annotations: { note: "a" } },
  spec: {
    serviceAccountName: "default",
    nodeName: "n",
    activeDeadlineSeconds: 10,
    tolerations: [{ key: "a", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }],
    initContainers: [{ name: "setup", image: "busybox", imagePullPolicy: "Always" }],
    containers: [
      {
        name: "web",
        image: "nginx",
        imagePullPolicy: "Always",
        resources: { requests: { cpu: "1" }, limits: { cpu: "2", memory: "1Gi" } },
      },
    ],
  },
};
const only =
  "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n";
const appArmor = "container.apparmor.security.beta.kubernetes.io/web";
const mirror = "kubernetes.io/config.mirror";

const updates: readonly Row[] = [
  ["other images", { "spec.containers[0].image": "nginx:2", "spec.initContainers[0].image": "busybox:2" }],
  [
    "no image",
    { "spec.containers[0].image": undefined },
    "spec.containers[0].image: Required value",
    "spec.containers[0].image: Required value",
  ],
  [
    "one more container",
    { "spec.containers[1]": { name: "b", image: "c" } },
    "spec.containers: Forbidden: pod updates may not add or remove containers",
  ],
  [
    "one init container less",
    { "spec.initContainers": [] },
    "spec.initContainers: Forbidden: pod updates may not add or remove containers",
  ],
  ["another host name", { "spec.hostname": "h" }, `${only}+ hostname: "h"\n`],
  ["another node", { "spec.nodeName": "m" }, `${only}- nodeName: "n"\n+ nodeName: "m"\n`],
  ["a command", { "spec.containers[0].command": ["a"], "spec.containers[0].image": "nginx:2" }, `${only}+ containers[0].command: ["a"]\n`],
  [
    "more time to end",
    { "spec.terminationGracePeriodSeconds": 60 },
    `${only}- terminationGracePeriodSeconds: 30\n+ terminationGracePeriodSeconds: 60\n`,
  ],
  ["a nearer deadline", { "spec.activeDeadlineSeconds": 5 }],
  [
    "a farther deadline",
    { "spec.activeDeadlineSeconds": 11 },
    "spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value",
  ],
  [
    "no deadline",
    { "spec.activeDeadlineSeconds": undefined },
    "spec.activeDeadlineSeconds: Invalid value: null: must not update from a positive integer to nil value",
  ],
  [
    "one more toleration, and more seconds",
    { "spec.tolerations[1]": { key: "b", operator: "Exists" }, "spec.tolerations[0].tolerationSeconds": 9 },
  ],
  [
    "a toleration less",
    { "spec.tolerations": [] },
    "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
  ],
  [
    "a gate",
    { "spec.schedulingGates": [{ name: "g" }] },
    "spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'",
  ],
  ["annotations of its owner", { "metadata.annotations": { note: "b" } }],
  [
    "a profile as annotation",
    { [`metadata.annotations`]: { [appArmor]: "unconfined" } },
    `metadata.annotations[${appArmor}]: Forbidden: may not add AppArmor annotations`,
  ],
  [
    "a mirror",
    { "metadata.annotations": { [mirror]: "a" } },
    `metadata.annotations[${mirror}]: Forbidden: may not add mirror pod annotation`,
  ],
];

const gated = changed(base, {
  "spec.nodeName": undefined,
  "spec.schedulingGates": [{ name: "g" }],
  "spec.nodeSelector": { a: "1" },
  "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms": [
    { matchExpressions: [{ key: "a", operator: "Exists" }] },
  ],
});
const terms = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";

const narrowing: readonly Row[] = [
  ["the gate goes", { "spec.schedulingGates": undefined }],
  ["one more label", { "spec.nodeSelector": { a: "1", b: "2" } }],
  [
    "another label",
    { "spec.nodeSelector": { a: "2" } },
    'spec.nodeSelector: Invalid value: {"a":"2"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
  ],
  ["one more requirement", { [`${terms}[0].matchExpressions[1]`]: { key: "b", operator: "Exists" } }],
  [
    "one more term",
    { [`${terms}[1]`]: { matchExpressions: [{ key: "b", operator: "Exists" }] } },
    `${terms}: Invalid value: [{"matchExpressions":[{"key":"a","operator":"Exists"}]},{"matchExpressions":[{"key":"b","operator":"Exists"}]}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
  ],
  [
    "another requirement",
    { [`${terms}[0].matchExpressions[0].key`]: "b" },
    `${terms}[0]: Invalid value: {"matchExpressions":[{"key":"b","operator":"Exists"}]}: only additions are allowed (no mutations or deletions)`,
  ],
];

const reported = changed(base, {
  "spec.containers[1]": { name: "device", image: "c", resources: { limits: { "example.com/gpu": "1" } } },
  "spec.restartPolicy": "Never",
  "spec.resourceClaims": [{ name: "c", resourceClaimName: "c" }],
  status: {
    qosClass: "Burstable",
    hostIP: "10.0.0.1",
    hostIPs: [{ ip: "10.0.0.1" }],
    containerStatuses: [
      { name: "web", image: "nginx", imageID: "", ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } },
      { name: "device", image: "c", imageID: "", ready: false, restartCount: 0 },
    ],
  },
});
const health = (resources: readonly object[], name = "example.com/gpu") => ({
  "status.containerStatuses[1].allocatedResourcesStatus": [{ name, resources }],
});
const h = "status.containerStatuses[1].allocatedResourcesStatus[0]";
const user = (linux: object) => ({ "status.containerStatuses[0].user": { linux: { uid: 1, gid: 1, ...linux } } });
const u = "status.containerStatuses[0].user.linux";
const anId = "must be between 0 and 2147483647, inclusive";

const reports: readonly Row[] = [
  ["a condition of somebody's", { "status.conditions": [{ type: "example.com/Ready", status: "True" }] }],
  ["a nomination that names nothing", { "status.nominatedNodeName": "A" }, `status.nominatedNodeName: Invalid value: "A": ${noSubdomain}`],
  ["another class of service", { "status.qosClass": "Guaranteed" }, 'status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  [
    "back from the dead",
    { "status.containerStatuses[0].state": { running: {} } },
    "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
  ],
  [
    "a claim that the pod has not",
    { "status.resourceClaimStatuses": [{ name: "d", resourceClaimName: "A" }] },
    'status.resourceClaimStatuses[0].name: Invalid value: "d": must match the name of an entry in `spec.resourceClaims`',
    `status.resourceClaimStatuses[0].name: Invalid value: "A": ${noSubdomain}`,
  ],
  [
    "two addresses of a family",
    { "status.podIPs": [{ ip: "10.0.0.2" }, { ip: "10.0.0.3" }] },
    'status.podIPs: Invalid value: [{"ip":"10.0.0.2"},{"ip":"10.0.0.3"}]: may specify no more than one IP for each IP family',
  ],
  [
    "another host's address first",
    { "status.hostIP": "10.0.0.2" },
    'status.hostIPs[0].ip: Invalid value: "10.0.0.1": must be equal to `hostIP`',
  ],
  [
    "users that are none",
    user({ uid: -1, gid: -1, supplementalGroups: [-1] }),
    `${u}.uid: Invalid value: -1: ${anId}`,
    `${u}.gid: Invalid value: -1: ${anId}`,
    `${u}.supplementalGroups[0]: Invalid value: -1: ${anId}`,
  ],
  ["a device in good health", health([{ resourceID: "a", health: "Healthy" }])],
  [
    "a device that nobody asked for",
    health([{ resourceID: "a", health: "Healthy" }], "example.com/tpu"),
    `${h}.name: Invalid value: "example.com/tpu": must match one of the container's resource requests`,
  ],
  [
    "a device of a claim that nobody made",
    health([], "claim:c/r"),
    `${h}.name: Invalid value: "claim:c/r": must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty`,
  ],
  [
    "a device twice, in no health",
    health([
      { resourceID: "a", health: "Fine" },
      { resourceID: "a", health: "Unknown" },
    ]),
    `${h}.resources[0].health: Unsupported value: "Fine": supported values: "Healthy", "Unhealthy", "Unknown"`,
    `${h}.resources[1].resourceID: Duplicate value: "a"`,
  ],
];

const debugged = changed(base, {
  "spec.ephemeralContainers": [{ name: "d", image: "busybox", terminationMessagePolicy: "File", imagePullPolicy: "Always" }],
});
const debugging: readonly Row[] = [
  ["one more", { "spec.ephemeralContainers[1]": { name: "e", image: "b", terminationMessagePolicy: "File", imagePullPolicy: "Always" } }],
  [
    "one less",
    { "spec.ephemeralContainers": undefined },
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
  ],
  [
    "another image",
    { "spec.ephemeralContainers[0].image": "nginx" },
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be changed\n- image: "busybox"\n+ image: "nginx"\n',
  ],
];

const resizing: readonly Row[] = [
  ["more", { "spec.containers[0].resources.limits.cpu": "3" }],
  [
    "a limit less",
    { "spec.containers[0].resources.requests": { cpu: "1" }, "spec.containers[0].resources.limits": { cpu: "2" } },
    "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
    "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
  ],
  [
    "another class of service",
    { "spec.initContainers[0].resources": { requests: { cpu: "1" }, limits: { cpu: "1" } }, "spec.containers[0].resources": {} },
    "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed",
    "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    "spec: Forbidden: resources for non-sidecar init containers are immutable",
  ],
  [
    "all that it asks for",
    {
      "spec.containers[0].resources.requests": { cpu: "2", memory: "1Gi" },
      "spec.initContainers[0].resources": { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
    },
    'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    "spec: Forbidden: resources for non-sidecar init containers are immutable",
  ],
  [
    "storage",
    { "spec.containers[0].resources.requests.ephemeral-storage": "1Gi" },
    "spec: Forbidden: only cpu and memory resources are mutable",
  ],
  [
    "one more container",
    { "spec.containers[1]": { name: "b", image: "c" } },
    "spec.containers: Forbidden: containers may not be added or removed on resize",
  ],
  [
    "another name",
    { "spec.containers[0].name": "b" },
    "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize",
  ],
];

describe("updates of pods", () => {
  it.each(updates)("%s", (...row) => checkUpdateRow(podKind, base, row));
  it.each(narrowing)("while gated: %s", (...row) => checkUpdateRow(podKind, gated, row));
  it.each(reports)("status: %s", (...row) => checkUpdateRow(podKind, reported, row, "status"));
  it.each(debugging)("ephemeral containers: %s", (...row) => checkUpdateRow(podKind, debugged, row, "ephemeralcontainers"));
  it.each(resizing)("resize: %s", (...row) => checkUpdateRow(podKind, base, row, "resize"));

  it("lets a negative grace period become one second", () => {
    const negative = changed(base, { "spec.terminationGracePeriodSeconds": -1 });
    expect(updateRefusals(podKind, negative, changed(base, { "spec.terminationGracePeriodSeconds": 1 }))).toEqual([]);
    expect(updateRefusals(podKind, negative, changed(base, { "spec.terminationGracePeriodSeconds": 2 }))).toEqual([
      `${only}- terminationGracePeriodSeconds: -1\n+ terminationGracePeriodSeconds: 2\n`,
    ]);
  });

  it("resizes no static pods and none of Windows", () => {
    const fixed = changed(base, { "metadata.annotations": { [mirror]: "a" } });
    expect(updateRefusals(podKind, fixed, fixed, "resize")).toEqual([": Forbidden: static pods cannot be resized"]);
    expect(updateRefusals(podKind, fixed, fixed, "ephemeralcontainers")).toEqual([
      ": Forbidden: static pods do not support ephemeral containers",
    ]);
    const windows = changed(base, { "spec.os": { name: "windows" } });
    expect(updateRefusals(podKind, windows, windows, "resize")).toEqual([": Forbidden: windows pods cannot be resized"]);
  });

  it("resizes nothing on a node that cannot", () => {
    const status = {
      containerStatuses: [{ name: "web", image: "nginx", imageID: "", ready: true, restartCount: 0, state: { running: {} } }],
    };
    const running = changed(base, { status });
    expect(updateRefusals(podKind, running, running, "resize")).toEqual([
      "spec: Forbidden: Pod running on node without support for resize",
    ]);
  });
});
