// What happens when a container ends, and when its resources change.

import { duplicate, invalidValue, notSupported, required, tooMany } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, validateOneOf } from "../checks.ts";
import type { Container, ContainerResizePolicy, ContainerRestartRule } from "./types.gen.ts";

const policies: readonly string[] = ["Always", "Never", "OnFailure"];
const actions: readonly string[] = ["Restart", "RestartAllContainers"];
const operators: readonly string[] = ["In", "NotIn"];
const mostRules = 20;
const mostExitCodes = 255;

/** A container's own restart policy and rules (KEP-5307). */
export function validateContainerRestart(path: string, { restartPolicy, restartPolicyRules = [] }: Container): FieldError[] {
  const errors: FieldError[] = [];
  const field = `${path}.restartPolicy`;
  if (restartPolicy === undefined) {
    if (restartPolicyRules.length === 0) return [];
    errors.push(required(field, "must specify restartPolicy when restart rules are used"));
  } else if (!policies.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, policies));
  if (restartPolicyRules.length > mostRules) errors.push(tooMany(`${path}.restartPolicyRules`, restartPolicyRules.length, mostRules));
  return [...errors, ...restartPolicyRules.flatMap((rule, position) => validateRule(`${path}.restartPolicyRules[${position}]`, rule))];
}

function validateRule(path: string, { action, exitCodes }: ContainerRestartRule): FieldError[] {
  const errors = actions.includes(action) ? [] : [notSupported(`${path}.action`, action ?? "", actions)];
  if (exitCodes === undefined) return [...errors, required(`${path}.exitCodes`, "must be specified")];
  if (!operators.includes(exitCodes.operator)) errors.push(notSupported(`${path}.exitCodes.operator`, exitCodes.operator ?? "", operators));
  const count = exitCodes.values?.length ?? 0;
  return count > mostExitCodes ? [...errors, tooMany(`${path}.exitCodes.values`, count, mostExitCodes)] : errors;
}

const resizable: readonly string[] = ["cpu", "memory"];
const resizePolicies: readonly string[] = ["NotRequired", "RestartContainer"];

export function validateResizePolicy(
  path: string,
  policy: readonly ContainerResizePolicy[],
  podRestartPolicy: string | undefined,
): FieldError[] {
  const resources = new Seen();
  return policy.flatMap(({ resourceName, restartPolicy }, position) => [
    ...(resources.again(resourceName ?? "") ? [duplicate(`${path}[${position}]`, resourceName)] : []),
    ...validateOneOf(path, resourceName, resizable),
    ...validateOneOf(path, restartPolicy, resizePolicies),
    ...(podRestartPolicy === "Never" && restartPolicy !== "NotRequired"
      ? [invalidValue(path, restartPolicy ?? "", "must be 'NotRequired' when `restartPolicy` is 'Never'")]
      : []),
  ]);
}
