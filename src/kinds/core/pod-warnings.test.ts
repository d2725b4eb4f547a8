import { describe, expect, it } from "vitest";
import { deploymentKind } from "../apps/deployment.ts";
import { podKind } from "./pod.ts";
import { serviceKind } from "./service.ts";
import type { Changes } from "../validation.laws.ts";
import { changed, warningsOf } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default" },
  spec: {
    serviceAccountName: "default",
    containers: [
      { name: "web", image: "nginx" },
      { name: "db", image: "pg" },
    ],
  },
};
const noSelector = "labelSelector: a null labelSelector results in matching no pod";
type Row = [what: string, changes: Changes, ...warnings: string[]];

const pods: readonly Row[] = [
  ["nothing", {}],
  [
    "an older node label",
    { "spec.nodeSelector": { "beta.kubernetes.io/os": "linux" } },
    'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
  ],
  [
    "an older topology, without a selector",
    {
      "spec.topologySpreadConstraints": [
        { maxSkew: 1, topologyKey: "failure-domain.beta.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
      ],
    },
    'spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    `spec.topologySpreadConstraints[0].${noSelector}`,
  ],
  [
    "an annotation without effect",
    { "metadata.annotations": { "scheduler.alpha.kubernetes.io/critical-pod": "" } },
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead',
  ],
  [
    "a volume of the past",
    { "spec.volumes": [{ name: "v", gitRepo: { repository: "r" } }] },
    "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
  ],
  [
    "repetitions",
    { "spec.hostAliases": [{ ip: "10.0.0.1" }, { ip: "10.0.0.1" }], "spec.imagePullSecrets": [{ name: "a" }, { name: "a" }] },
    'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
    'spec.imagePullSecrets[1].name: duplicate name "a"',
  ],
  [
    "a part of a byte",
    { "spec.containers[0].resources": { requests: { memory: "100m" } } },
    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
  ],
  [
    "a variable twice",
    {
      "spec.containers[0].env": [
        { name: "A", value: "1" },
        { name: "A", value: "2" },
      ],
    },
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
  ],
  [
    "a variable that builds upon itself",
    {
      "spec.containers[0].env": [
        { name: "A", value: "1" },
        { name: "A", value: "$(A)2" },
      ],
    },
  ],
  [
    "a port twice",
    { "spec.containers[0].ports": [{ containerPort: 80 }], "spec.containers[1].ports": [{ containerPort: 80 }] },
    "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]",
  ],
  [
    "no time at all",
    { "spec.terminationGracePeriodSeconds": -1 },
    "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
  ],
  [
    "nearness to nobody",
    { "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution": [{ topologyKey: "a" }] },
    `spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].${noSelector}`,
  ],
];

const service = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };
const services: readonly Row[] = [
  ["nothing", {}],
  [
    "affinity without an address",
    { "spec.clusterIP": "None", "spec.sessionAffinity": "ClientIP" },
    "spec.SessionAffinity is ignored for headless services",
  ],
  [
    "addresses from outside",
    { "spec.externalIPs": ["10.0.0.1"] },
    "spec.externalIPs is deprecated and may no longer be implemented in some clusters",
  ],
  ["a name that nobody reads", { "spec.externalName": "a.b" }, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
  [
    "an older word for near",
    { "spec.trafficDistribution": "PreferClose" },
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
  ],
];

describe("warnings", () => {
  it.each(pods)("pods: %s", (_, changes, ...warnings) => expect(warningsOf(podKind, changed(base, changes))).toEqual(warnings));
  it.each(services)("services: %s", (_, changes, ...warnings) =>
    expect(warningsOf(serviceKind, changed(service, changes))).toEqual(warnings),
  );

  it("shows where in a template", () => {
    const twice = [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ];
    const template = { metadata: { labels: { a: "1" } }, spec: { containers: [{ name: "web", image: "nginx", env: twice }] } };
    const deployment = { metadata: { name: "d" }, spec: { selector: { matchLabels: { a: "1" } }, template } };
    expect(warningsOf(deploymentKind, deployment)).toEqual([
      'spec.template.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ]);
  });
});
