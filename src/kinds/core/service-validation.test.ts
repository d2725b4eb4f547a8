import { describe, it } from "vitest";
import { serviceKind } from "./service.ts";
import type { Row } from "../validation.laws.ts";
import {
  changed,
  checkRow,
  checkUpdateRow,
  noCidr,
  noIp,
  noLabel,
  noLabelValue,
  noQualifiedName,
  noSubdomain,
} from "../validation.laws.ts";

const base = {
  metadata: { name: "s", namespace: "default" },
  spec: { selector: { app: "web" }, ports: [{ port: 80 }], clusterIP: "10.96.0.10", clusterIPs: ["10.96.0.10"], ipFamilies: ["IPv4"] },
};
const onNodes = changed(base, { "spec.type": "NodePort" });
const balanced = changed(base, { "spec.type": "LoadBalancer" });
const named = { metadata: { name: "s" }, spec: { type: "ExternalName", externalName: "example.com." } };
const mode = "service.kubernetes.io/topology-mode";
const hints = "service.kubernetes.io/topology-aware-hints";
const ranges = "service.beta.kubernetes.io/load-balancer-source-ranges";
const balancersOnly = "may only be used when `type` is 'LoadBalancer'";
const aPort = "must be between 1 and 65535, inclusive";

const ports: readonly Row[] = [
  ["none", { "spec.ports": [] }, "spec.ports: Required value"],
  ["none without an address", { "spec.ports": [], "spec.clusterIP": "None", "spec.clusterIPs": ["None"] }],
  ["two without names", { "spec.ports[1]": { port: 81 } }, "spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
  [
    "a name twice",
    {
      "spec.ports": [
        { name: "a", port: 80 },
        { name: "a", port: 81 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ],
  [
    "a bad name and a protocol that nobody knows",
    { "spec.ports": [{ name: "A", port: 80, protocol: "ICMP" }] },
    `spec.ports[0].name: Invalid value: "A": ${noLabel}`,
    'spec.ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
  ],
  ["out of range", { "spec.ports": [{ port: 65536, targetPort: 80 }] }, `spec.ports[0].port: Invalid value: 65536: ${aPort}`],
  ["targets out of range", { "spec.ports": [{ port: 80, targetPort: 65536 }] }, `spec.ports[0].targetPort: Invalid value: 65536: ${aPort}`],
  [
    "a target's name with two hyphens",
    { "spec.ports": [{ port: 80, targetPort: "a--b" }] },
    'spec.ports[0].targetPort: Invalid value: "a--b": must not contain consecutive hyphens',
  ],
  [
    "what speaks no application's protocol",
    { "spec.ports": [{ port: 80, appProtocol: "a b" }] },
    `spec.ports[0].appProtocol: Invalid value: "a b": ${noQualifiedName}`,
  ],
  [
    "the same twice",
    {
      "spec.ports": [
        { name: "a", port: 80 },
        { name: "b", port: 80 },
      ],
    },
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ],
  ["of nodes", { "spec.ports[0].nodePort": 30000 }, "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
];

const traffic: readonly Row[] = [
  ["a bad selector", { "spec.selector": { a: "-" } }, `spec.selector: Invalid value: "-": ${noLabelValue}`],
  [
    "affinity that nobody knows",
    { "spec.sessionAffinity": "Cookie" },
    'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
  ],
  [
    "more than a day of affinity",
    { "spec.sessionAffinity": "ClientIP", "spec.sessionAffinityConfig": { clientIP: { timeoutSeconds: 86401 } } },
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
  ],
  [
    "external addresses that are none",
    { "spec.externalIPs": ["a", "127.0.0.1"] },
    `spec.externalIPs[0]: Invalid value: "a": ${noIp}`,
    'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    "a type that nobody knows",
    { "spec.type": "Mesh" },
    'spec.type: Unsupported value: "Mesh": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  [
    "networks of clients without a balancer",
    { "spec.loadBalancerSourceRanges": ["10.0.0.0/8"] },
    `spec.LoadBalancerSourceRanges: Forbidden: ${balancersOnly}`,
  ],
  [
    "networks as annotation without a balancer",
    { "metadata.annotations": { [ranges]: "10.0.0.0/8" } },
    `metadata.annotations[${ranges}]: Forbidden: ${balancersOnly}`,
  ],
  [
    "fields of balancers",
    { "spec.allocateLoadBalancerNodePorts": true, "spec.loadBalancerClass": "a" },
    `spec.allocateLoadBalancerNodePorts: Forbidden: ${balancersOnly}`,
    `spec.loadBalancerClass: Forbidden: ${balancersOnly}`,
  ],
  [
    "a policy for traffic that cannot come",
    { "spec.externalTrafficPolicy": "Local" },
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    "health that nobody asks for",
    { "spec.healthCheckNodePort": 30001 },
    "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
  ],
  [
    "a policy inside that nobody knows",
    { "spec.internalTrafficPolicy": "Near" },
    'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
  ],
  [
    "a distribution that nobody knows",
    { "spec.trafficDistribution": "Fair" },
    'spec.trafficDistribution: Unsupported value: "Fair": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
  ],
  [
    "topology said in two ways",
    { "metadata.annotations": { [mode]: "Auto", [hints]: "Disabled" } },
    `metadata.annotations[${mode}]: Invalid value: "Auto": must match annotations[${hints}] when both are specified`,
  ],
];

const addresses: readonly Row[] = [
  [
    "a list without the first",
    { "spec.clusterIP": undefined },
    'spec.clusterIPs: Invalid value: ["10.96.0.10"]: must be empty when `clusterIP` is not specified',
  ],
  ["the first without a list", { "spec.clusterIPs": undefined }, "spec.clusterIPs: Required value"],
  [
    "two that disagree",
    { "spec.clusterIP": "10.96.0.11" },
    'spec.clusterIPs: Invalid value: ["10.96.0.10"]: first value must match `clusterIP`',
  ],
  [
    "none and one",
    { "spec.clusterIP": "None", "spec.clusterIPs": ["None", "fd00::1"] },
    'spec.clusterIPs: Invalid value: ["None","fd00::1"]: \'None\' must be the first and only value',
  ],
  ["what is no address", { "spec.clusterIP": "a", "spec.clusterIPs": ["a"] }, `spec.clusterIPs[0]: Invalid value: "a": ${noIp}`],
  [
    "three",
    { "spec.clusterIPs": ["10.96.0.10", "fd00::1", "10.96.0.11"] },
    'spec.clusterIPs: Invalid value: ["10.96.0.10","fd00::1","10.96.0.11"]: may only hold up to 2 values',
  ],
  [
    "two of a family",
    { "spec.clusterIPs": ["10.96.0.10", "10.96.0.11"] },
    'spec.clusterIPs: Invalid value: ["10.96.0.10","10.96.0.11"]: may specify no more than one IP for each IP family',
  ],
  [
    "one of another family",
    { "spec.ipFamilies": ["IPv6"] },
    'spec.clusterIPs[0]: Invalid value: "10.96.0.10": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ],
  [
    "families that nobody knows, twice",
    { "spec.ipFamilies": ["IPv4", "IPv5", "IPv4"] },
    'spec.ipFamilies[1]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
    'spec.ipFamilies[2]: Duplicate value: "IPv4"',
  ],
  [
    "a family policy that nobody knows",
    { "spec.ipFamilyPolicy": "Both" },
    'spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
];

const nodes: readonly Row[] = [
  [
    "without an address",
    { "spec.clusterIP": "None", "spec.clusterIPs": ["None"] },
    "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services",
  ],
  [
    "a port twice",
    {
      "spec.ports": [
        { name: "a", port: 80, nodePort: 30000 },
        { name: "b", port: 81, nodePort: 30000 },
      ],
    },
    "spec.ports[1].nodePort: Duplicate value: 30000",
  ],
  [
    "a port for two protocols",
    {
      "spec.ports": [
        { name: "a", port: 80, nodePort: 30000 },
        { name: "b", port: 80, nodePort: 30000, protocol: "UDP" },
      ],
    },
  ],
  [
    "a policy that nobody knows",
    { "spec.externalTrafficPolicy": "Near" },
    'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
  ],
];

const balancers: readonly Row[] = [
  [
    "networks that are none",
    { "spec.loadBalancerSourceRanges": [" 10.0.0.0/8 ", "10.0.0.1"] },
    `spec.LoadBalancerSourceRanges[1]: Invalid value: "10.0.0.1": ${noCidr}`,
  ],
  [
    "networks as annotation that are none",
    { "metadata.annotations": { [ranges]: "10.0.0.0/8, a" } },
    `metadata.annotations[${ranges}]: Invalid value: "a": ${noCidr}`,
  ],
  ["a class that is none", { "spec.loadBalancerClass": "a b" }, `spec.loadBalancerClass: Invalid value: "a b": ${noQualifiedName}`],
  [
    "a health port out of range",
    { "spec.externalTrafficPolicy": "Local", "spec.healthCheckNodePort": 70000 },
    `spec.healthCheckNodePort: Invalid value: 70000: ${aPort}`,
  ],
];

const names: readonly Row[] = [
  ["no name", { "spec.externalName": undefined }, "spec.externalName: Required value"],
  ["what is no name", { "spec.externalName": "A" }, `spec.externalName: Invalid value: "A": ${noSubdomain}`],
  [
    "addresses",
    { "spec.clusterIPs": ["10.96.0.10"], "spec.ipFamilies": ["IPv4"], "spec.ipFamilyPolicy": "SingleStack" },
    "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
    "spec.ipFamilies: Forbidden: may not be set for ExternalName services",
    "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services",
  ],
];

const dual = changed(base, { "spec.clusterIPs[1]": "fd00::1", "spec.ipFamilies[1]": "IPv6", "spec.ipFamilyPolicy": "RequireDualStack" });
const both = '["10.96.0.11"]';

const updates: readonly Row[] = [
  ["another port", { "spec.ports[0].port": 81 }],
  [
    "another address",
    { "spec.clusterIP": "10.96.0.11", "spec.clusterIPs": ["10.96.0.11"] },
    `spec.clusterIPs[0]: Invalid value: ${both}: may not change once set`,
  ],
  [
    "no address",
    { "spec.clusterIP": undefined, "spec.clusterIPs": undefined },
    "spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset",
  ],
  [
    "another family",
    { "spec.ipFamilies": ["IPv6"] },
    'spec.clusterIPs[0]: Invalid value: "10.96.0.10": expected an IPv6 value as indicated by `ipFamilies[0]`',
    'spec.ipFamilies[0]: Invalid value: ["IPv6"]: may not change once set',
  ],
];

const releases: readonly Row[] = [
  ["the second address goes", { "spec.clusterIPs": ["10.96.0.10"], "spec.ipFamilies": ["IPv4"], "spec.ipFamilyPolicy": "SingleStack" }],
  [
    "the second address goes, the policy stays",
    { "spec.clusterIPs": ["10.96.0.10"], "spec.ipFamilies": ["IPv4"] },
    "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP",
    "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": must be set to 'SingleStack' when releasing the secondary ipFamily",
  ],
];

const local = changed(balanced, {
  "spec.externalTrafficPolicy": "Local",
  "spec.healthCheckNodePort": 30001,
  "spec.loadBalancerClass": "a",
});
const balancerUpdates: readonly Row[] = [
  ["another class", { "spec.loadBalancerClass": "b" }, 'spec.loadBalancerClass: Invalid value: "b": may not change once set'],
  ["another health port", { "spec.healthCheckNodePort": 30002 }, "spec.healthCheckNodePort: Forbidden: field is immutable"],
];

const ingress = (...list: readonly object[]) => ({ "status.loadBalancer.ingress": list });
const i = "status.loadBalancer.ingress[0]";
const reports: readonly Row[] = [
  ["an address", ingress({ ip: "10.0.0.1", ipMode: "VIP" })],
  ["an address that is none, without a mode", ingress({ ip: "a", ipMode: undefined }), `${i}.ip: Invalid value: "a": ${noIp}`],
  [
    "a mode that nobody knows",
    ingress({ ip: "10.0.0.1", ipMode: "Fast" }),
    `${i}.ipMode: Unsupported value: "Fast": supported values: "Proxy", "VIP"`,
  ],
  [
    "a mode without an address",
    ingress({ hostname: "a.b", ipMode: "VIP" }),
    `${i}.ipMode: Forbidden: may not be specified when \`ip\` is not set`,
  ],
  [
    "an address as name",
    ingress({ hostname: "10.0.0.1" }),
    `${i}.hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address`,
  ],
  ["a name that is none", ingress({ hostname: "A" }), `${i}.hostname: Invalid value: "A": ${noSubdomain}`],
];

describe("services", () => {
  it.each(ports)("ports: %s", (...row) => checkRow(serviceKind, base, row));
  it.each(traffic)("traffic: %s", (...row) => checkRow(serviceKind, base, row));
  it.each(addresses)("addresses: %s", (...row) => checkRow(serviceKind, base, row));
  it.each(nodes)("on nodes: %s", (...row) => checkRow(serviceKind, onNodes, row));
  it.each(balancers)("balanced: %s", (...row) => checkRow(serviceKind, balanced, row));
  it.each(names)("by name: %s", (...row) => checkRow(serviceKind, named, row));
  it.each(updates)("updates: %s", (...row) => checkUpdateRow(serviceKind, base, row));
  it.each(releases)("updates of two families: %s", (...row) => checkUpdateRow(serviceKind, dual, row));
  it.each(balancerUpdates)("updates of balancers: %s", (...row) => checkUpdateRow(serviceKind, local, row));
  it.each(reports)("status: %s", (...row) => checkUpdateRow(serviceKind, balanced, row, "status"));
  it("reports a balancer's address for balancers alone", () =>
    checkUpdateRow(
      serviceKind,
      onNodes,
      ["", ingress({ ip: "10.0.0.1" }), "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
      "status",
    ));
});
