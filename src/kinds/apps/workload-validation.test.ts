// Deployments and ReplicaSets.

import { describe, expect, it } from "vitest";
import { deploymentKind } from "./deployment.ts";
import { replicaSetKind } from "./replica-set.ts";
import type { Row } from "../validation.laws.ts";
import { changed, checkRow, checkUpdateRow, negative, noLabelValue, noQualifiedName, refusals } from "../validation.laws.ts";

const base = {
  metadata: { name: "d", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "nginx" }] } },
  },
};
const status = { replicas: 2, readyReplicas: 2, availableReplicas: 2 };

/** What both have in common. */
const both: readonly Row[] = [
  ["less than nothing", { "spec.replicas": -1, "spec.minReadySeconds": 0 }, `spec.replicas: Invalid value: -1: ${negative}`],
  ["a selector of everything", { "spec.selector": {} }, "spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
  [
    "a selector of other pods",
    { "spec.template.metadata.labels": { app: "db" } },
    'spec.template.metadata.labels: Invalid value: {"app":"db"}: `selector` does not match template `labels`',
  ],
  [
    "an operator that nobody knows",
    { "spec.selector": { matchExpressions: [{ key: "app", operator: "Near" }] } },
    'spec.selector.matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator',
    'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Near"}]}: invalid label selector',
  ],
  [
    "bad labels",
    { "spec.template.metadata.labels": { app: "web", b: "-" }, "spec.template.metadata.annotations": { "a b": "" } },
    `spec.template.labels: Invalid value: "-": ${noLabelValue}`,
    `spec.template.annotations: Invalid value: "a b": ${noQualifiedName}`,
  ],
  ["no containers", { "spec.template.spec.containers": [] }, "spec.template.spec.containers: Required value"],
  [
    "pods that end",
    { "spec.template.spec.restartPolicy": "Never" },
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    "pods that must end",
    { "spec.template.spec.activeDeadlineSeconds": 5 },
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
  ],
  [
    "debugging containers",
    { "spec.template.spec.ephemeralContainers": [{ name: "d", image: "b", terminationMessagePolicy: "File", imagePullPolicy: "Always" }] },
    "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template",
  ],
];

const rolling = (rollingUpdate: object) => ({ "spec.strategy": { type: "RollingUpdate", rollingUpdate } });
const m = "spec.strategy.rollingUpdate.maxUnavailable";

const deployments: readonly Row[] = [
  [
    "a strategy that nobody knows",
    { "spec.strategy": { type: "Blue" } },
    'spec.strategy: Unsupported value: {"type":"Blue"}: supported values: "Recreate", "RollingUpdate"',
  ],
  [
    "numbers of another strategy",
    { "spec.strategy": { type: "Recreate", rollingUpdate: { maxSurge: 1 } } },
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ],
  ["no way to move", rolling({ maxSurge: "0%", maxUnavailable: 0 }), `${m}: Invalid value: 0: may not be 0 when \`maxSurge\` is 0`],
  ["more than all", rolling({ maxUnavailable: "101%" }), `${m}: Invalid value: "101%": must not be greater than 100%`],
  ["more than all on top", rolling({ maxSurge: "200%" })],
  ["less than nothing", rolling({ maxSurge: -1 }), `spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: ${negative}`],
  [
    "what is no share",
    rolling({ maxUnavailable: "half" }),
    `${m}: Invalid value: "half": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`,
  ],
  [
    "negative numbers",
    { "spec.minReadySeconds": -1, "spec.revisionHistoryLimit": -1, "spec.progressDeadlineSeconds": -2 },
    `spec.minReadySeconds: Invalid value: -1: ${negative}`,
    `spec.revisionHistoryLimit: Invalid value: -1: ${negative}`,
    `spec.progressDeadlineSeconds: Invalid value: -2: ${negative}`,
    "spec.progressDeadlineSeconds: Invalid value: -2: must be greater than minReadySeconds",
  ],
  [
    "a deadline before the first pod is ready",
    { "spec.minReadySeconds": 600 },
    "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds",
  ],
];

const updates: readonly Row[] = [
  ["more of them", { "spec.replicas": 3 }],
  [
    "a wider selector",
    { "spec.selector.matchLabels.b": "1", "spec.template.metadata.labels.b": "1" },
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","b":"1"}}: field is immutable',
  ],
];

const reports: readonly Row[] = [
  ["fewer", { status: { replicas: 1 } }],
  [
    "more ready than there are",
    { "status.readyReplicas": 3 },
    "status.readyReplicas: Invalid value: 3: cannot be greater than status.replicas",
  ],
  [
    "more available than ready",
    { "status.readyReplicas": 1 },
    "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
  ],
  ["less than nothing", { "status.availableReplicas": -1 }, `status.availableReplicas: Invalid value: -1: ${negative}`],
];

describe("workloads", () => {
  it.each(both)("deployments: %s", (...row) => checkRow(deploymentKind, base, row));
  it.each(both)("replica sets: %s", (...row) => checkRow(replicaSetKind, base, row));
  it.each(deployments)("deployments: %s", (...row) => checkRow(deploymentKind, base, row));
  it.each(updates)("updates of deployments: %s", (...row) => checkUpdateRow(deploymentKind, base, row));
  it.each(updates)("updates of replica sets: %s", (...row) => checkUpdateRow(replicaSetKind, base, row));
  it.each(reports)("status of deployments: %s", (...row) => checkUpdateRow(deploymentKind, { ...base, status }, row, "status"));
  it.each(reports)("status of replica sets: %s", (...row) => checkUpdateRow(replicaSetKind, { ...base, status }, row, "status"));

  it("needs a selector", () => {
    const errors = [
      "spec.selector: Required value",
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ];
    expect(refusals(deploymentKind, changed(base, { "spec.selector": undefined }))).toEqual(errors);
  });

  it("never takes back a collision", () => {
    const collided = changed(base, { "status.collisionCount": 2 });
    checkUpdateRow(
      deploymentKind,
      collided,
      ["", { "status.collisionCount": 1 }, "status.collisionCount: Invalid value: 1: cannot be decremented"],
      "status",
    );
  });
});
