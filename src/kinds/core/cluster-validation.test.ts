// Nodes, Namespaces, Endpoints and Events.

import { describe, expect, it } from "vitest";
import { endpointsKind } from "./endpoints.ts";
import { eventKind } from "./event.ts";
import { eventsEventKind } from "../events/event.ts";
import { namespaceKind } from "./namespace.ts";
import { nodeKind } from "./node.ts";
import type { Row } from "../validation.laws.ts";
import {
  changed,
  checkRow,
  checkUpdateRow,
  noCidr,
  noIp,
  noLabel,
  noQualifiedName,
  noSubdomain,
  updateRefusals,
} from "../validation.laws.ts";

const node = { metadata: { name: "n" }, spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24"], providerID: "a" } };
const taint = { key: "a", value: "1", effect: "NoSchedule" };

const nodes: readonly Row[] = [
  ["a taint", { "spec.taints": [taint] }],
  [
    "a bad taint",
    { "spec.taints": [{ key: "a b", effect: "Maybe" }] },
    `metadata.taints[0].key: Invalid value: "a b": ${noQualifiedName}`,
    'metadata.taints[0].effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
  [
    "a taint twice",
    { "spec.taints": [taint, taint] },
    `metadata.taints[1]: Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair`,
  ],
  [
    "part of a pod",
    { "status.capacity": { pods: "1500m" }, "status.allocatable": { pods: "1" } },
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
  ],
  [
    "less than nothing",
    { "status.allocatable": { cpu: "-1" } },
    'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
  ],
  ["what is no network", { "spec.podCIDR": "a", "spec.podCIDRs": ["a"] }, `spec.podCIDRs[0]: Invalid value: "a": ${noCidr}`],
  [
    "two networks of a family",
    { "spec.podCIDRs": ["10.0.0.0/24", "10.0.1.0/24"] },
    'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
  ],
];
const config = { namespace: "kube-system", name: "c", kubeletConfigKey: "k" };
const nodeUpdates: readonly Row[] = [
  ["labels", { "metadata.labels": { a: "1" } }],
  [
    "another network",
    { "spec.podCIDR": "10.0.1.0/24", "spec.podCIDRs": ["10.0.1.0/24"] },
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  ],
  [
    "another provider's name",
    { "spec.providerID": "b" },
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ],
  ["another external name", { "spec.externalID": "b" }, "spec.externalID: Forbidden: may not be updated"],
  ["a configuration", { "spec.configSource": { configMap: config } }],
  [
    "a configuration of a version",
    { "spec.configSource": { configMap: { ...config, uid: "u", name: "" } } },
    "spec.configSource.configMap.uid: Forbidden: uid must not be set in spec",
    "spec.configSource.configMap.name: Required value: name must be set",
  ],
];
const reported: readonly Row[] = [
  [
    "an address twice",
    {
      "status.addresses": [
        { type: "InternalIP", address: "10.0.0.1" },
        { type: "InternalIP", address: "10.0.0.1" },
      ],
    },
    'status.addresses[1]: Duplicate value: {"type":"InternalIP","address":"10.0.0.1"}',
  ],
  [
    "less than nothing",
    { "status.capacity": { cpu: "-1" }, "status.allocatable": { cpu: "1" } },
    'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    "a configuration of no version",
    { "status.config.active": { configMap: config } },
    "status.config.active.configMap.uid: Required value: uid must be set in status",
    "status.config.active.configMap.resourceVersion: Required value: resourceVersion must be set in status",
  ],
];

const namespace = { metadata: { name: "n" }, spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
const neither = "name is neither a standard finalizer name nor is it fully qualified";
const namespaces: readonly Row[] = [
  ["a finalizer of somebody's", { "spec.finalizers": ["kubernetes", "example.com/own"] }],
  ["a finalizer without an owner", { "spec.finalizers": ["own"] }, `spec.finalizers: Invalid value: "own": ${neither}`],
];
const finalizing: readonly Row[] = [
  ["nothing more", { "spec.finalizers": [] }],
  [
    "a bad one",
    { "spec.finalizers": ["kubernetes", "a b"] },
    `spec.finalizers[1]: Invalid value: "a b": ${noQualifiedName}`,
    `spec.finalizers[1]: Invalid value: "a b": ${neither}`,
  ],
];

const endpoints = { metadata: { name: "e" }, subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] };
const many: readonly Row[] = [
  ["no address", { "subsets[0].addresses": [] }, "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
  [
    "what is no address",
    { "subsets[0].addresses[0].ip": "a" },
    `subsets[0].addresses[0].ip: Invalid value: "a": ${noIp}`,
    'subsets[0].addresses[0].ip: Invalid value: "a": must be a valid IP address',
  ],
  [
    "an address of this machine",
    { "subsets[0].notReadyAddresses": [{ ip: "127.0.0.1" }] },
    'subsets[0].notReadyAddresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    "bad names",
    { "subsets[0].addresses[0].hostname": "A", "subsets[0].addresses[0].nodeName": "B" },
    `subsets[0].addresses[0].hostname: Invalid value: "A": ${noLabel}`,
    `subsets[0].addresses[0].nodeName: Invalid value: "B": ${noSubdomain}`,
  ],
  [
    "two ports without names",
    { "subsets[0].ports[1]": { port: 81 } },
    "subsets[0].ports[0].name: Required value",
    "subsets[0].ports[1].name: Required value",
  ],
  [
    "a bad port",
    { "subsets[0].ports[0]": { port: 0, protocol: "ICMP", appProtocol: "a b" } },
    "subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    'subsets[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    `subsets[0].ports[0].appProtocol: Invalid value: "a b": ${noQualifiedName}`,
  ],
];

const old = { metadata: { name: "e", namespace: "default" }, involvedObject: { kind: "Pod", name: "p", namespace: "default" } };
const timed = {
  ...old,
  eventTime: "2026-01-01T00:00:00.000000Z",
  reportingComponent: "example.com/c",
  reportingInstance: "c-1",
  action: "Do",
  reason: "Done",
  type: "Normal",
};
const olds: readonly Row[] = [
  [
    "about something elsewhere",
    { "involvedObject.namespace": "other" },
    'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
  ],
  ["about something that is nowhere", { "involvedObject.namespace": undefined }],
  [
    "about something that is nowhere, elsewhere",
    { "metadata.namespace": "other", "involvedObject.namespace": undefined },
    'involvedObject.namespace: Invalid value: "": does not match event.namespace',
  ],
];
const long = "x".repeat(129);
const timeds: readonly Row[] = [
  [
    "of nobody",
    { reportingComponent: undefined },
    "reportingController: Required value",
    'reportingController: Invalid value: "": name part must be non-empty',
    `reportingController: Invalid value: "": ${noQualifiedName}`,
  ],
  [
    "without words",
    { reportingInstance: undefined, action: undefined, reason: undefined },
    "reportingInstance: Required value",
    "action: Required value",
    "reason: Required value",
  ],
  [
    "with too many words",
    { reportingInstance: long, action: long, reason: long, message: "x".repeat(1025) },
    'reportingInstance: Invalid value: "": can have at most 128 characters',
    'action: Invalid value: "": can have at most 128 characters',
    'reason: Invalid value: "": can have at most 128 characters',
    'message: Invalid value: "": can have at most 1024 characters',
  ],
];
const stricts: readonly Row[] = [
  ["of no known type", { type: "Odd" }, 'type: Invalid value: "": has invalid value: Odd'],
  [
    "with fields of older ones",
    { firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:00:00Z", count: 2, source: { component: "c" } },
    'firstTimestamp: Invalid value: "": needs to be unset',
    'lastTimestamp: Invalid value: "": needs to be unset',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ],
  [
    "with a series of one",
    { series: { count: 1 } },
    'series.count: Invalid value: "": should be at least 2',
    "series.lastObservedTime: Required value",
  ],
];
const strictUpdates: readonly Row[] = [
  ["of the series", { series: { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" } }],
  ["of the reason", { reason: "Other" }, 'reason: Invalid value: "Other": field is immutable'],
  [
    "of who reported it",
    { reportingComponent: "example.com/d" },
    'reportingController: Invalid value: "example.com/d": field is immutable',
  ],
];

describe("objects of the cluster", () => {
  it.each(nodes)("nodes: %s", (...row) => checkRow(nodeKind, node, row));
  it.each(nodeUpdates)("updates of nodes: %s", (...row) => checkUpdateRow(nodeKind, node, row));
  it.each(reported)("status of nodes: %s", (...row) => checkUpdateRow(nodeKind, node, row, "status"));
  it.each(namespaces)("namespaces: %s", (...row) => checkRow(namespaceKind, namespace, row));
  it.each(finalizing)("finalize: %s", (...row) => checkUpdateRow(namespaceKind, namespace, row, "finalize"));
  it("ties a namespace's phase to its deletion", () => {
    const ending = changed(namespace, { "status.phase": "Terminating" });
    const deleted = changed(ending, { "metadata.deletionTimestamp": "2026-01-01T00:00:00Z" });
    expect(updateRefusals(namespaceKind, namespace, deleted, "status")).toEqual([]);
    expect(updateRefusals(namespaceKind, namespace, ending, "status")).toEqual([
      "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty",
    ]);
    expect(updateRefusals(namespaceKind, deleted, changed(deleted, { "status.phase": "Active" }), "status")).toEqual([
      "status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty",
    ]);
  });
  it.each(many)("endpoints: %s", (...row) => checkRow(endpointsKind, endpoints, row));
  it.each(olds)("events of the oldest form: %s", (...row) => checkRow(eventKind, old, row));
  it.each(timeds)("events: %s", (...row) => checkRow(eventKind, timed, row));
  it.each(stricts)("events of the newer group: %s", (...row) => checkRow(eventsEventKind, timed, row));
  it.each(strictUpdates)("updates of events of the newer group: %s", (...row) => checkUpdateRow(eventsEventKind, timed, row));
});
