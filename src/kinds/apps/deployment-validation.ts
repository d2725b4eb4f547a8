// Deployments: a ReplicaSet's rules, and a rollout that can move.

import { checkPercent } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach, validateImmutable, validateNonNegative } from "../checks.ts";
import { validateReplicaCounts, validateSelectorAndTemplate } from "./template-validation.ts";
import type { Deployment, DeploymentStrategy, RollingUpdateDeployment } from "./types.gen.ts";

export function validateDeployment({ spec }: Deployment): FieldError[] {
  const {
    replicas,
    selector,
    template,
    strategy,
    minReadySeconds = 0,
    revisionHistoryLimit,
    progressDeadlineSeconds: deadline,
  } = spec ?? {};
  return [
    ...validateNonNegative("spec.replicas", replicas),
    ...validateSelectorAndTemplate("spec", selector, template),
    ...validateStrategy("spec.strategy", strategy ?? {}),
    ...validateNonNegative("spec.minReadySeconds", minReadySeconds),
    ...validateNonNegative("spec.revisionHistoryLimit", revisionHistoryLimit),
    ...validateNonNegative("spec.progressDeadlineSeconds", deadline),
    // Else every rollout would count as stuck before its first pod counts as available.
    ...(deadline !== undefined && deadline <= minReadySeconds
      ? [invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")]
      : []),
  ];
}

export const validateDeploymentUpdate = (object: Deployment, old: Deployment): FieldError[] =>
  validateImmutable("spec.selector", object.spec?.selector, old.spec?.selector);

function validateStrategy(path: string, strategy: DeploymentStrategy): FieldError[] {
  const { type, rollingUpdate } = strategy;
  switch (type) {
    case "Recreate":
      return rollingUpdate === undefined
        ? []
        : [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate":
      return rollingUpdate === undefined
        ? [required(`${path}.rollingUpdate`, "this should be defaulted and never be nil")]
        : validateRollingUpdate(`${path}.rollingUpdate`, rollingUpdate);
    case undefined:
    default:
      return [notSupported(path, strategy, ["Recreate", "RollingUpdate"])];
  }
}

function validateRollingUpdate(path: string, { maxUnavailable = 0, maxSurge = 0 }: RollingUpdateDeployment): FieldError[] {
  const field = `${path}.maxUnavailable`;
  return [
    ...validateAmount(field, maxUnavailable),
    ...validateAmount(`${path}.maxSurge`, maxSurge),
    ...(amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0
      ? [invalidValue(field, maxUnavailable, "may not be 0 when `maxSurge` is 0")]
      : []),
    ...(typeof maxUnavailable === "string" && isPercent(maxUnavailable) && amountOf(maxUnavailable) > 100
      ? [invalidValue(field, maxUnavailable, "must not be greater than 100%")]
      : []),
  ];
}

const isPercent = (text: string): boolean => checkPercent(text).length === 0;

/** A number, or a share of the replicas. */
const validateAmount = (field: string, amount: number | string): FieldError[] =>
  typeof amount === "string" ? invalidEach(field, amount, checkPercent(amount)) : validateNonNegative(field, amount);

/** What is not written as a percentage counts as a plain number, and as 0 when it is none. */
const amountOf = (amount: number | string): number => {
  if (typeof amount === "number") return amount;
  return isPercent(amount) ? Number(amount.slice(0, -1)) : /^[+-]?\d+$/.test(amount) ? Number(amount) : 0;
};

const counts = ["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"];
const parts = ["updatedReplicas", "readyReplicas", "availableReplicas"];

export function validateDeploymentStatus({ status = {} }: Deployment, old: Deployment): FieldError[] {
  const { collisionCount } = status;
  const before = old.status?.collisionCount;
  const errors = validateReplicaCounts("status", { ...status }, [...counts, "collisionCount", "terminatingReplicas"], parts);
  if (before !== undefined && (collisionCount === undefined || collisionCount < before))
    errors.push(invalidValue("status.collisionCount", collisionCount ?? 0, "cannot be decremented"));
  return errors;
}
