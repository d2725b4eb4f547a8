// What ReplicaSets and Deployments have in common: a selector that means the pods of the template.

import { SelectorError, matchesLabels, selectorFromObject } from "../../lang/label-selector.ts";
import type { LabelSelector as Requirements } from "../../lang/label-selector.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { LabelSelector } from "../../object/meta.gen.ts";
import { validateSelector } from "../checks.ts";
import { validatePodTemplate } from "../core/pod-spec-validation.ts";
import type { PodTemplateSpec } from "../core/types.gen.ts";

export function validateSelectorAndTemplate(
  path: string,
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
): FieldError[] {
  const field = `${path}.selector`;
  const errors: FieldError[] = [];
  if (selector === undefined) errors.push(required(field));
  else {
    errors.push(...validateSelector(field, selector));
    if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0)
      errors.push(invalidValue(field, selector, "empty selector is invalid for deployment"));
  }
  const requirements = compile(selector);
  if (requirements === "invalid") return [...errors, invalidValue(field, selector, "invalid label selector")];
  return [...errors, ...validateTemplate(`${path}.template`, template ?? {}, requirements)];
}

function compile(selector: LabelSelector | undefined): Requirements | undefined | "invalid" {
  try {
    return selectorFromObject(selector);
  } catch (error) {
    if (error instanceof SelectorError) return "invalid";
    throw error;
  }
}

/** A selector that is not there matches nothing, not even the template. */
function validateTemplate(path: string, template: PodTemplateSpec, selector: Requirements | undefined): FieldError[] {
  const labels = template.metadata?.labels;
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {};
  return [
    ...(matchesLabels(selector, labels)
      ? []
      : [invalidValue(`${path}.metadata.labels`, labels, "`selector` does not match template `labels`")]),
    ...validatePodTemplate(path, template),
    ...(restartPolicy === "Always" ? [] : [notSupported(`${path}.spec.restartPolicy`, restartPolicy ?? "", ["Always"])]),
    ...(activeDeadlineSeconds === undefined
      ? []
      : [forbiddenField(`${path}.spec.activeDeadlineSeconds`, "activeDeadlineSeconds in ReplicaSet is not Supported")]),
  ];
}

/** Numbers of a workload's status: never negative, and parts never more than the whole. */
export function validateReplicaCounts(
  path: string,
  status: Readonly<Record<string, unknown>>,
  counts: readonly string[],
  parts: readonly string[],
): FieldError[] {
  const count = (name: string): number => (status[name] as number | undefined) ?? 0;
  const errors = counts
    .filter((name) => count(name) < 0)
    .map((name) => invalidValue(`${path}.${name}`, count(name), "must be greater than or equal to 0"));
  for (const name of parts)
    if (count(name) > count("replicas"))
      errors.push(invalidValue(`${path}.${name}`, count(name), "cannot be greater than status.replicas"));
  if (count("availableReplicas") > count("readyReplicas"))
    errors.push(invalidValue(`${path}.availableReplicas`, count("availableReplicas"), "cannot be greater than readyReplicas"));
  return errors;
}
