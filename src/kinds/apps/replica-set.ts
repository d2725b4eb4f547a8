// ReplicaSet: a number of equal pods.

import type { ReplicaSet } from "./types.gen.ts";
import { validateReplicaSet, validateReplicaSetStatus, validateReplicaSetUpdate } from "./replica-set-validation.ts";
import { templateWarnings } from "../core/pod-warnings.ts";
import { clone } from "../../object/copy.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, countColumn, nameColumn, templateColumns } from "../columns.ts";
import { scaleSubresource } from "../autoscaling/scale-subresource.ts";
import { statusSubresource } from "../subresources.ts";
import { podTemplateSpec } from "../core/pod-spec.ts";
import { labelSelector, objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, int32, int64, mapList, pointer, requiredField, string, struct, time } from "../../object/schema.ts";

export const replicaSetSpec = struct("apps.v1.ReplicaSetSpec", "What is wanted of a replica set.", {
  replicas: pointer(1, int32, "How many pods.", { default: 1 }),
  selector: requiredField(2, labelSelector, "Which pods count; must match the template's labels and never changes.", { pointer: true }),
  template: field(3, podTemplateSpec, "What the pods look like."),
  minReadySeconds: field(4, int32, "Seconds of readiness before a pod counts as available."),
});

export const replicaSetCondition = struct("apps.v1.ReplicaSetCondition", "One observed aspect of a replica set.", {
  type: requiredField(1, string, "Name of the aspect, such as ReplicaFailure."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  lastTransitionTime: field(3, time, "When status last changed."),
  reason: field(4, string, "One CamelCase word for the last change."),
  message: field(5, string, "The same for people."),
});

export const replicaSetStatus = struct("apps.v1.ReplicaSetStatus", "What is observed of a replica set.", {
  replicas: requiredField(1, int32, "Pods that do not terminate."),
  fullyLabeledReplicas: field(2, int32, "Those with all labels of the template."),
  observedGeneration: field(3, int64, "The metadata.generation that this was observed at."),
  readyReplicas: field(4, int32, "Those that are ready."),
  availableReplicas: field(5, int32, "Those that have been ready long enough."),
  conditions: field(6, mapList(replicaSetCondition, "type"), "Observed aspects.", { patchStrategy: "merge", patchMergeKey: "type" }),
  terminatingReplicas: pointer(7, int32, "Pods that are on their way out."),
});

export const replicaSet = struct("apps.v1.ReplicaSet", "Keeps a number of equal pods.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, replicaSetSpec, "What is wanted."),
  status: field(3, replicaSetStatus, "What is observed."),
});

export const replicaSetKind = defineKind<ReplicaSet>({
  group: "apps",
  kind: "ReplicaSet",
  plural: "replicasets",
  singular: "replicaset",
  shortNames: ["rs"],
  categories: ["all"],
  namespaced: true,
  versions: [{ name: "v1", schema: replicaSet, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    countColumn("Desired", "How many pods are wanted.", (object) => object.spec?.replicas ?? 0),
    countColumn("Current", "How many pods there are.", (object) => object.status?.replicas ?? 0),
    countColumn("Ready", "How many of them are ready.", (object) => object.status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns,
  ],
  selectableFields: { "status.replicas": (object) => String(object.status?.replicas ?? 0) },
  rules: {
    prepareCreate(draft) {
      draft.status = { replicas: 0 };
    },
    prepareUpdate(draft, old) {
      draft.status = clone(old.status);
    },
    validate: validateReplicaSet,
    validateUpdate: validateReplicaSetUpdate,
    warnings: (object) => templateWarnings("spec.template", object.spec?.template),
  },
  subresources: [statusSubresource(validateReplicaSetStatus), scaleSubresource()],
});
