// Leases: times that make sense, and a strategy that somebody knows.

import { checkQualifiedName } from "../../lang/names.ts";
import { forbiddenField, invalidValue, notSupported } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach, validateNonNegative } from "../checks.ts";
import type { Lease } from "./types.gen.ts";

const strategies: readonly string[] = ["OldestEmulationVersion"];

export function validateLease({ spec = {} }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, strategy, preferredHolder } = spec;
  return [
    ...(seconds !== undefined && seconds <= 0 ? [invalidValue("spec.leaseDurationSeconds", seconds, "must be greater than 0")] : []),
    ...validateNonNegative("spec.leaseTransitions", spec.leaseTransitions),
    ...(strategy === undefined ? [] : validateStrategy("spec.strategy.strategy", strategy)),
    ...(preferredHolder && !strategy ? [forbiddenField("spec.preferredHolder", "may only be specified if `strategy` is defined")] : []),
  ];
}

/** Kubernetes' own strategies have no prefix. */
function validateStrategy(field: string, strategy: string): FieldError[] {
  if (strategy.includes("/")) return invalidEach(field, strategy, checkQualifiedName(strategy));
  return strategies.includes(strategy) ? [] : [notSupported(field, strategy, strategies)];
}
