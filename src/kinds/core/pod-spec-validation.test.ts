import { describe, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, noIp, noLabel, noQualifiedName, noSubdomain } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default" },
  spec: { serviceAccountName: "default", containers: [{ name: "web", image: "nginx" }] },
};
const many = (count: number, text: string): string[] => Array.from({ length: count }, (_, position) => `${text}${position}`);
const noSearch =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";

const policies: readonly Row[] = [
  [
    "a restart policy that nobody knows",
    { "spec.restartPolicy": "Sometimes" },
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  [
    "a DNS policy that nobody knows",
    { "spec.dnsPolicy": "Mine" },
    'spec.dnsPolicy: Unsupported value: "Mine": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  [
    "a preemption policy that nobody knows",
    { "spec.preemptionPolicy": "Ask" },
    'spec.preemptionPolicy: Unsupported value: "Ask": supported values: "PreemptLowerPriority", "Never"',
  ],
  [
    "a deadline of nothing",
    { "spec.activeDeadlineSeconds": 0 },
    "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive",
  ],
  [
    "a bad readiness gate",
    { "spec.readinessGates": [{ conditionType: "a b" }] },
    `spec.readinessGates[0].conditionType: Invalid value: "a b": ${noQualifiedName}`,
  ],
  [
    "an overhead below nothing",
    { "spec.overhead": { cpu: "-1" } },
    'spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    "a group that it is not in",
    { "spec.schedulingGroup": { podGroupName: "A" } },
    `spec.schedulingGroup.podGroupName: Invalid value: "A": ${noSubdomain}`,
  ],
];

const resolver: readonly Row[] = [
  [
    "no policy and no configuration",
    { "spec.dnsPolicy": "None" },
    "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
  ],
  [
    "no policy and no name server",
    { "spec.dnsPolicy": "None", "spec.dnsConfig": { searches: ["a"] } },
    "spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None",
  ],
  [
    "four name servers",
    { "spec.dnsConfig": { nameservers: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] } },
    'spec.dnsConfig.nameservers: Invalid value: ["10.0.0.1","10.0.0.2","10.0.0.3","10.0.0.4"]: must not have more than 3 nameservers',
  ],
  ["a name server by name", { "spec.dnsConfig": { nameservers: ["dns"] } }, `spec.dnsConfig.nameservers[0]: Invalid value: "dns": ${noIp}`],
  [
    "33 domains to search",
    { "spec.dnsConfig": { searches: many(33, "a") } },
    `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(many(33, "a"))}: must not have more than 32 search paths`,
  ],
  [
    "too much to search",
    { "spec.dnsConfig": { searches: many(30, `${"a".repeat(60)}.`.repeat(2)) } },
    `spec.dnsConfig.searches: Invalid value: ${JSON.stringify(many(30, `${"a".repeat(60)}.`.repeat(2)))}: must not have more than 2048 characters (including spaces) in the search list`,
  ],
  [
    "what is no domain",
    { "spec.dnsConfig": { searches: [".", "a.", "_srv.a", "A"] } },
    `spec.dnsConfig.searches[3]: Invalid value: "A": ${noSearch}`,
  ],
  [
    "an option without a name",
    { "spec.dnsConfig": { options: [{ value: "1" }] } },
    "spec.dnsConfig.options[0]: Required value: must not be empty",
  ],
];

const names: readonly Row[] = [
  ["an account", { "spec.serviceAccountName": "A" }, `spec.serviceAccountName: Invalid value: "A": ${noSubdomain}`],
  ["a node", { "spec.nodeName": "A" }, `spec.nodeName: Invalid value: "A": ${noSubdomain}`],
  ["a host name", { "spec.hostname": "a.b" }, `spec.hostname: Invalid value: "a.b": ${noLabel}`],
  ["a subdomain", { "spec.subdomain": "a.b" }, `spec.subdomain: Invalid value: "a.b": ${noLabel}`],
  ["a priority class", { "spec.priorityClassName": "A" }, `spec.priorityClassName: Invalid value: "A": ${noSubdomain}`],
  ["a runtime class", { "spec.runtimeClassName": "A" }, `spec.runtimeClassName: Invalid value: "A": ${noSubdomain}`],
  [
    "aliases",
    { "spec.hostAliases": [{ ip: "a", hostnames: ["B"] }] },
    `spec.hostAliases[0].ip: Invalid value: "a": ${noIp}`,
    `spec.hostAliases[0].hostnames[0]: Invalid value: "B": ${noSubdomain}`,
  ],
  [
    "a host name beside the full name",
    { "spec.hostnameOverride": "a", "spec.setHostnameAsFQDN": true },
    "spec.hostnameOverride: Forbidden: may not be specified when setHostnameAsFQDN is true",
  ],
  [
    "a host name on the node's network",
    { "spec.hostnameOverride": "a", "spec.hostNetwork": true },
    "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
  ],
  [
    "a host name of 65 letters",
    { "spec.hostnameOverride": "a".repeat(65) },
    "spec.hostnameOverride: Too long: may not be more than 64 bytes",
  ],
  ["a host name that is none", { "spec.hostnameOverride": "A" }, `spec.hostnameOverride: Invalid value: "A": ${noSubdomain}`],
];

const claims: readonly Row[] = [
  ["without a name", { "spec.resourceClaims": [{ name: "", resourceClaimName: "a" }] }, "spec.resourceClaims[0].name: Required value"],
  [
    "with a bad name",
    { "spec.resourceClaims": [{ name: "A", resourceClaimName: "B" }] },
    `spec.resourceClaims[0].name: Invalid value: "A": ${noLabel}`,
    `spec.resourceClaims[0].resourceClaimName: Invalid value: "B": ${noSubdomain}`,
  ],
  [
    "twice",
    {
      "spec.resourceClaims": [
        { name: "a", resourceClaimName: "a" },
        { name: "a", resourceClaimTemplateName: "B" },
      ],
    },
    'spec.resourceClaims[1].name: Duplicate value: "a"',
    `spec.resourceClaims[1].resourceClaimTemplateName: Invalid value: "B": ${noSubdomain}`,
  ],
  [
    "from nothing",
    { "spec.resourceClaims": [{ name: "a" }] },
    'spec.resourceClaims[0]: Invalid value: {"name":"a"}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ],
  [
    "from two things",
    { "spec.resourceClaims": [{ name: "a", resourceClaimName: "a", resourceClaimTemplateName: "b" }] },
    'spec.resourceClaims[0]: Invalid value: {"name":"a","resourceClaimName":"a","resourceClaimTemplateName":"b"}: at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified',
  ],
];

const asking = (limits: object, requests: object = limits) => ({ "spec.containers[0].resources": { limits, requests } });

const together: readonly Row[] = [
  [
    "less than the containers ask for",
    { ...asking({ cpu: "2" }), "spec.resources": { requests: { cpu: "1" } } },
    'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
  ],
  [
    "less than one container may have",
    { ...asking({ cpu: "2" }, { cpu: "1" }), "spec.resources": { limits: { cpu: "1" } } },
    'spec.resources.containers[0][cpu].limits: Invalid value: "2": must be less than or equal to pod limits of 1',
  ],
  [
    "claims",
    { "spec.resourceClaims": [{ name: "a", resourceClaimName: "a" }], "spec.resources": { claims: [{ name: "a" }] } },
    "spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level",
  ],
  [
    "for Windows",
    { "spec.os": { name: "windows" }, "spec.resources": { limits: { cpu: "1" } } },
    "spec.resources: Forbidden: may not be set for a windows pod",
  ],
];

const mirror = "kubernetes.io/config.mirror";
const cost = "controller.kubernetes.io/pod-deletion-cost";
const seccomp = "seccomp.security.alpha.kubernetes.io/pod";
const appArmor = "container.apparmor.security.beta.kubernetes.io/";

const annotations: readonly Row[] = [
  [
    "a mirror without a node",
    { "metadata.annotations": { [mirror]: "a" } },
    `metadata.annotations[${mirror}]: Invalid value: "a": must set spec.nodeName if mirror pod annotation is set`,
  ],
  [
    "a mirror with claims",
    { "metadata.annotations": { [mirror]: "a" }, "spec.nodeName": "n", "spec.resourceClaims": [{ name: "a", resourceClaimName: "a" }] },
    ": Forbidden: static pods do not support resource claims",
  ],
  [
    "a cost that is no number",
    { "metadata.annotations": { [cost]: "+1" } },
    `metadata.annotations[${cost}]: Invalid value: "+1": must be a 32bit integer`,
  ],
  [
    "a cost out of range",
    { "metadata.annotations": { [cost]: "2147483648" } },
    `metadata.annotations[${cost}]: Invalid value: "2147483648": must be a 32bit integer`,
  ],
  [
    "a seccomp profile that is none",
    { "metadata.annotations": { [seccomp]: "mine" } },
    `metadata.annotations.${seccomp}: Invalid value: "mine": must be a valid seccomp profile`,
  ],
  [
    "an AppArmor profile of nobody",
    { "metadata.annotations": { [`${appArmor}db`]: "mine" } },
    `metadata.annotations[${appArmor}db]: Invalid value: "db": container not found`,
    `metadata.annotations[${appArmor}db]: Invalid value: "mine": invalid AppArmor profile name: "mine"`,
  ],
  [
    "seccomp said in two ways",
    { "metadata.annotations": { [seccomp]: "unconfined" }, "spec.securityContext": { seccompProfile: { type: "RuntimeDefault" } } },
    "spec.securityContext.seccompProfile.type: Forbidden: seccomp type in annotation and field must match",
  ],
  [
    "AppArmor said in two ways",
    {
      "metadata.annotations": { [`${appArmor}web`]: "localhost/a" },
      "spec.securityContext": { appArmorProfile: { type: "Localhost", localhostProfile: "b" } },
    },
    "spec.containers[0].securityContext.appArmorProfile.localhostProfile: Forbidden: apparmor profile in annotation and field must match",
  ],
];

const newOnes: readonly Row[] = [
  [
    "debugging containers",
    { "spec.ephemeralContainers": [{ name: "d", image: "busybox", terminationMessagePolicy: "File", imagePullPolicy: "Always" }] },
    "spec.ephemeralContainers: Forbidden: cannot be set on create",
  ],
  [
    "a node before its gates are gone",
    { "spec.nodeName": "n", "spec.schedulingGates": [{ name: "a" }] },
    "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
  ],
  [
    "a token of nobody",
    {
      "spec.serviceAccountName": undefined,
      "spec.volumes": [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
    },
    "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set",
  ],
];

describe("what is wanted of a pod", () => {
  it.each(policies)("policies: %s", (...row) => checkRow(podKind, base, row));
  it.each(resolver)("names of others: %s", (...row) => checkRow(podKind, base, row));
  it.each(names)("names: %s", (...row) => checkRow(podKind, base, row));
  it.each(claims)("claims: %s", (...row) => checkRow(podKind, base, row));
  it.each(together)("resources of all containers: %s", (...row) => checkRow(podKind, base, row));
  it.each(annotations)("annotations: %s", (...row) => checkRow(podKind, base, row));
  it.each(newOnes)("new pods: %s", (...row) => checkRow(podKind, base, row));
});
