import { describe, it } from "vitest";
import { leaseKind } from "./lease.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, noQualifiedName } from "../validation.laws.ts";

const base = { metadata: { name: "l", namespace: "default" }, spec: { holderIdentity: "a", leaseDurationSeconds: 15 } };

const leases: readonly Row[] = [
  ["no time", { "spec.leaseDurationSeconds": 0 }, "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
  [
    "fewer than no transitions",
    { "spec.leaseTransitions": -1 },
    "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
  ],
  ["a strategy of somebody's", { "spec.strategy": "example.com/a" }],
  [
    "a strategy that is no name",
    { "spec.strategy": "example.com/a b" },
    `spec.strategy.strategy: Invalid value: "example.com/a b": ${noQualifiedName}`,
  ],
  [
    "a strategy that nobody knows",
    { "spec.strategy": "Oldest" },
    'spec.strategy.strategy: Unsupported value: "Oldest": supported values: "OldestEmulationVersion"',
  ],
  [
    "a wish without a strategy",
    { "spec.preferredHolder": "b" },
    "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined",
  ],
];

describe("leases", () => {
  it.each(leases)("%s", (...row) => checkRow(leaseKind, base, row));
});
