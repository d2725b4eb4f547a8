// Deployment: equal pods that are rolled over to new templates.

import type { Deployment } from "./types.gen.ts";
import { validateDeployment, validateDeploymentStatus, validateDeploymentUpdate } from "./deployment-validation.ts";
import { templateWarnings } from "../core/pod-warnings.ts";
import { clone } from "../../object/copy.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, countColumn, nameColumn, templateColumns, textColumn } from "../columns.ts";
import { scaleSubresource } from "../autoscaling/scale-subresource.ts";
import { defaultDeploymentStrategy } from "./deployment-rules.ts";
import { podTemplateSpec } from "../core/pod-spec.ts";
import { labelSelector, objectMetadata, typeMeta } from "../../object/meta.ts";
import { boolean, field, int32, int64, intOrString, mapList, pointer, requiredField, string, struct, time } from "../../object/schema.ts";

export const rollingUpdateDeployment = struct("apps.v1.RollingUpdateDeployment", "How fast a rollout goes.", {
  maxUnavailable: pointer(1, intOrString, "How many pods may be missing meanwhile, as number or percentage, rounded down."),
  maxSurge: pointer(2, intOrString, "How many pods may be too many meanwhile, as number or percentage, rounded up."),
});

export const deploymentStrategy = struct(
  "apps.v1.DeploymentStrategy",
  "How old pods are replaced.",
  {
    type: field(1, string, "All at once or step by step.", { enum: ["Recreate", "RollingUpdate"] }),
    rollingUpdate: pointer(2, rollingUpdateDeployment, "How fast, for RollingUpdate."),
  },
  { defaults: defaultDeploymentStrategy },
);

export const deploymentSpec = struct("apps.v1.DeploymentSpec", "What is wanted of a deployment.", {
  replicas: pointer(1, int32, "How many pods.", { default: 1 }),
  selector: requiredField(2, labelSelector, "Which pods count; must match the template's labels and never changes.", { pointer: true }),
  template: requiredField(3, podTemplateSpec, "What the pods look like; a change starts a rollout."),
  strategy: field(4, deploymentStrategy, "How old pods are replaced.", { patchStrategy: "retainKeys" }),
  minReadySeconds: field(5, int32, "Seconds of readiness before a pod counts as available."),
  revisionHistoryLimit: pointer(6, int32, "How many old replica sets are kept for undoing.", { default: 10 }),
  paused: field(7, boolean, "Start no rollouts."),
  progressDeadlineSeconds: pointer(9, int32, "Seconds without progress after which a rollout counts as stuck.", { default: 600 }),
});

export const deploymentCondition = struct("apps.v1.DeploymentCondition", "One observed aspect of a deployment.", {
  type: requiredField(1, string, "Name of the aspect: Available, Progressing or ReplicaFailure."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  reason: field(4, string, "One CamelCase word for the last change."),
  message: field(5, string, "The same for people."),
  lastUpdateTime: field(6, time, "When this was last written."),
  lastTransitionTime: field(7, time, "When status last changed."),
});

export const deploymentStatus = struct("apps.v1.DeploymentStatus", "What is observed of a deployment.", {
  observedGeneration: field(1, int64, "The metadata.generation that this was observed at."),
  replicas: field(2, int32, "Pods that do not terminate."),
  updatedReplicas: field(3, int32, "Those of the present template."),
  availableReplicas: field(4, int32, "Those that have been ready long enough."),
  unavailableReplicas: field(5, int32, "How many are yet to become available."),
  conditions: field(6, mapList(deploymentCondition, "type"), "Observed aspects.", { patchStrategy: "merge", patchMergeKey: "type" }),
  readyReplicas: field(7, int32, "Those that are ready."),
  collisionCount: pointer(8, int32, "How often a replica set's name was already taken; changes the template's hash."),
  terminatingReplicas: pointer(9, int32, "Pods that are on their way out."),
});

export const deployment = struct("apps.v1.Deployment", "Keeps a number of equal pods and rolls them over to new templates.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, deploymentSpec, "What is wanted."),
  status: field(3, deploymentStatus, "What is observed."),
});

export const deploymentKind = defineKind<Deployment>({
  group: "apps",
  kind: "Deployment",
  plural: "deployments",
  singular: "deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  namespaced: true,
  versions: [{ name: "v1", schema: deployment, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn(
      "Ready",
      "How many pods are ready, of how many wanted.",
      (object) => `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
    ),
    countColumn("Up-to-date", "How many pods have the present template.", (object) => object.status?.updatedReplicas ?? 0),
    countColumn("Available", "How many pods have been ready long enough.", (object) => object.status?.availableReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],
  rules: {
    prepareCreate(draft) {
      draft.status = {};
    },
    prepareUpdate(draft, old) {
      draft.status = clone(old.status);
    },
    validate: validateDeployment,
    validateUpdate: validateDeploymentUpdate,
    warnings: (object) => templateWarnings("spec.template", object.spec?.template),
  },
  subresources: [
    {
      type: "view",
      name: "status",
      // Labels are the owner's too: a controller that writes status must not bring older ones back.
      prepareUpdate(draft, old) {
        draft.spec = clone(old.spec)!;
        const metadata = (draft.metadata ??= {});
        if (old.metadata?.labels === undefined) delete metadata.labels;
        else metadata.labels = { ...old.metadata.labels };
      },
      validateUpdate: validateDeploymentStatus,
    },
    scaleSubresource(),
  ],
});
