import { describe, it } from "vitest";
import { endpointSliceKind } from "./endpoint-slice.ts";
import type { Row } from "../validation.laws.ts";
import { changed, checkRow, checkUpdateRow, noLabel, noLabelValue, noQualifiedName, noSubdomain } from "../validation.laws.ts";

const base = {
  metadata: { name: "s", namespace: "default" },
  addressType: "IPv4",
  endpoints: [{ addresses: ["10.0.0.1"] }],
  ports: [{ name: "", port: 80, protocol: "TCP" }],
};
const times = <T>(count: number, item: (position: number) => T): T[] => Array.from({ length: count }, (_, position) => item(position));

const slices: readonly Row[] = [
  ["no sort", { addressType: "", endpoints: [] }, "addressType: Required value"],
  [
    "a sort that nobody knows",
    { addressType: "IPX", endpoints: [] },
    'addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"',
  ],
  [
    "1001 endpoints",
    { endpoints: times(1001, () => ({ addresses: ["10.0.0.1"] })) },
    "endpoints: Too many: 1001: must have at most 1000 items",
  ],
  ["no address", { "endpoints[0].addresses": [] }, "endpoints[0].addresses: Required value: must contain at least 1 address"],
  [
    "101 addresses",
    { "endpoints[0].addresses": times(101, () => "10.0.0.1") },
    "endpoints[0].addresses: Too many: 101: must have at most 100 items",
  ],
  [
    "an address of the other family",
    { "endpoints[0].addresses": ["fd00::1"] },
    'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address',
  ],
  [
    "an address of this machine",
    { "endpoints[0].addresses": ["127.0.0.1"] },
    'endpoints[0].addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    "bad names",
    { "endpoints[0].nodeName": "A", "endpoints[0].hostname": "B" },
    `endpoints[0].nodeName: Invalid value: "A": ${noSubdomain}`,
    `endpoints[0].hostname: Invalid value: "B": ${noLabel}`,
  ],
  [
    "17 topology labels",
    { "endpoints[0].deprecatedTopology": Object.fromEntries(times(17, (position) => [`a${position}`, "b"])) },
    "endpoints[0].deprecatedTopology: Too many: 17: must have at most 16 items",
  ],
  [
    "hints",
    { "endpoints[0].hints": { forZones: [{ name: "a" }, { name: "a" }, { name: "-" }], forNodes: [{ name: "A" }] } },
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    `endpoints[0].hints.forZones[2].name: Invalid value: "-": ${noLabelValue}`,
    `endpoints[0].hints.forNodes[0].name: Invalid value: "A": ${noSubdomain}`,
  ],
  [
    "nine hints",
    { "endpoints[0].hints.forZones": times(9, (position) => ({ name: `z${position}` })) },
    "endpoints[0].hints.forZones: Too many: 9: must have at most 8 items",
  ],
  ["20001 ports", { ports: times(20_001, () => ({ port: 80 })) }, "ports: Too many: 20001: must have at most 20000 items"],
  ["two ports without names", { "ports[1]": { port: 81 } }, 'ports[1].name: Duplicate value: ""'],
  [
    "a bad port",
    { "ports[0]": { name: "A", port: 80, protocol: "ICMP", appProtocol: "a b" } },
    `ports[0].name: Invalid value: "A": ${noLabel}`,
    'ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
    `ports[0].appProtocol: Invalid value: "a b": ${noQualifiedName}`,
  ],
];

const named = changed(base, { addressType: "FQDN", "endpoints[0].addresses": ["example.com."] });
const names: readonly Row[] = [
  ["what is no name", { "endpoints[0].addresses": ["A.b"] }, `endpoints[0].addresses[0]: Invalid value: "A.b": ${noSubdomain}`],
  [
    "one word",
    { "endpoints[0].addresses": ["com"] },
    'endpoints[0].addresses[0]: Invalid value: "com": should be a domain with at least two segments separated by dots',
  ],
  ["nothing", { "endpoints[0].addresses": [""] }, "endpoints[0].addresses[0]: Required value"],
];

const updates: readonly Row[] = [
  ["no endpoints", { endpoints: [] }],
  ["another sort", { addressType: "IPv6", endpoints: [] }, 'addressType: Invalid value: "IPv6": field is immutable'],
];

describe("endpoint slices", () => {
  it.each(slices)("%s", (...row) => checkRow(endpointSliceKind, base, row));
  it.each(names)("of names: %s", (...row) => checkRow(endpointSliceKind, named, row));
  it.each(updates)("updates: %s", (...row) => checkUpdateRow(endpointSliceKind, base, row));
});
