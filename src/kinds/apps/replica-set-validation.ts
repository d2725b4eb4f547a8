// ReplicaSets.

import type { FieldError } from "../../object/field-error.ts";
import { validateImmutable, validateNonNegative } from "../checks.ts";
import { validateReplicaCounts, validateSelectorAndTemplate } from "./template-validation.ts";
import type { ReplicaSet } from "./types.gen.ts";

export const validateReplicaSet = ({ spec }: ReplicaSet): FieldError[] => [
  ...validateNonNegative("spec.replicas", spec?.replicas),
  ...validateNonNegative("spec.minReadySeconds", spec?.minReadySeconds),
  ...validateSelectorAndTemplate("spec", spec?.selector, spec?.template),
];

export const validateReplicaSetUpdate = (object: ReplicaSet, old: ReplicaSet): FieldError[] =>
  validateImmutable("spec.selector", object.spec?.selector, old.spec?.selector);

const counts = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration", "terminatingReplicas"];
const parts = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"];

export const validateReplicaSetStatus = ({ status }: ReplicaSet): FieldError[] =>
  validateReplicaCounts("status", { ...status }, counts, parts);
