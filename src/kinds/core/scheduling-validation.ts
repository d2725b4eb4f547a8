// Where a pod may go: affinity, tolerations, spreading, gates.

import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue } from "../../lang/names.ts";
import { duplicate, forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, notPositiveMessage, validateOptionalOneOf, validateQualifiedName, validateSelector } from "../checks.ts";
import type { LabelSelector } from "../../object/meta.gen.ts";
import type {
  Affinity,
  NodeAffinity,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSchedulingGate,
  Toleration,
  TopologySpreadConstraint,
} from "./types.gen.ts";

export const taintEffects: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const badOperator = "not a valid selector operator";

/** `checkValues`: whether a value that no label can have is an error. Preferences let it pass: they just never match. */
function validateNodeRequirement(path: string, requirement: NodeSelectorRequirement, checkValues: boolean): FieldError[] {
  const { key, operator, values = [] } = requirement;
  const errors: FieldError[] = [];
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
      break;
    default:
      errors.push(invalidValue(`${path}.operator`, operator ?? "", badOperator));
  }
  errors.push(...validateQualifiedName(`${path}.key`, key));
  if (!checkValues) return errors;
  return [...errors, ...values.flatMap((value, position) => invalidEach(`${path}.values[${position}]`, value, checkLabelValue(value)))];
}

/** Of a node's fields only the name can be asked for. */
function validateNodeFieldRequirement(path: string, { key, operator, values = [] }: NodeSelectorRequirement): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") errors.push(invalidValue(`${path}.operator`, operator ?? "", badOperator));
  else if (values.length !== 1)
    errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  if (key !== "metadata.name") return [...errors, invalidValue(`${path}.key`, key, "not a valid field selector key")];
  return [
    ...errors,
    ...values.flatMap((value, position) => invalidEach(`${path}.values[${position}]`, value, checkDns1123Subdomain(value))),
  ];
}

const validateNodeTerm = (path: string, term: NodeSelectorTerm | undefined, checkValues: boolean): FieldError[] => [
  ...(term?.matchExpressions ?? []).flatMap((one, position) =>
    validateNodeRequirement(`${path}.matchExpressions[${position}]`, one, checkValues),
  ),
  ...(term?.matchFields ?? []).flatMap((one, position) => validateNodeFieldRequirement(`${path}.matchFields[${position}]`, one)),
];

const validateWeight = (field: string, weight = 0): FieldError[] =>
  weight <= 0 || weight > 100 ? [invalidValue(field, weight, "must be in the range 1-100")] : [];

function validateNodeAffinity(path: string, affinity: NodeAffinity): FieldError[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: needed, preferredDuringSchedulingIgnoredDuringExecution: wished = [] } = affinity;
  const terms = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  const errors: FieldError[] = [];
  if (needed !== undefined) {
    if ((needed.nodeSelectorTerms ?? []).length === 0) errors.push(required(terms, "must have at least one node selector term"));
    errors.push(...(needed.nodeSelectorTerms ?? []).flatMap((term, position) => validateNodeTerm(`${terms}[${position}]`, term, true)));
  }
  return [
    ...errors,
    ...wished.flatMap(({ weight, preference }, position) => {
      const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${position}]`;
      return [...validateWeight(`${at}.weight`, weight), ...validateNodeTerm(`${at}.preference`, preference, false)];
    }),
  ];
}

function validatePodTerm(path: string, term: PodAffinityTerm): FieldError[] {
  const { topologyKey, namespaces = [] } = term;
  return [
    ...validateSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateSelector(`${path}.namespaceSelector`, term.namespaceSelector),
    ...namespaces.flatMap((name) => invalidEach(`${path}.namespace`, name, checkDns1123Label(name))),
    ...validateMatchLabelKeys(path, term.labelSelector, term.matchLabelKeys ?? [], term.mismatchLabelKeys ?? []),
    ...(topologyKey === "" ? [required(`${path}.topologyKey`, "can not be empty")] : []),
    ...validateQualifiedName(`${path}.topologyKey`, topologyKey),
  ];
}

const validatePodAffinity = (path: string, affinity: PodAffinity): FieldError[] => [
  ...(affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []).flatMap((term, position) =>
    validatePodTerm(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${position}]`, term),
  ),
  ...(affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).flatMap(({ weight, podAffinityTerm }, position) => {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${position}]`;
    return [...validateWeight(`${at}.weight`, weight), ...validatePodTerm(`${at}.podAffinityTerm`, podAffinityTerm ?? {})];
  }),
];

export const validateAffinity = (path: string, affinity: Affinity | undefined): FieldError[] => [
  ...(affinity?.nodeAffinity ? validateNodeAffinity(`${path}.nodeAffinity`, affinity.nodeAffinity) : []),
  ...(affinity?.podAffinity ? validatePodAffinity(`${path}.podAffinity`, affinity.podAffinity) : []),
  ...(affinity?.podAntiAffinity ? validatePodAffinity(`${path}.podAntiAffinity`, affinity.podAntiAffinity) : []),
];

/**
 * Keys whose values on the pod join the selector. They have joined it by now, so a key that the selector has twice was there
 * before.
 */
function validateMatchLabelKeys(
  path: string,
  selector: LabelSelector | undefined,
  match: readonly string[],
  mismatch: readonly string[],
): FieldError[] {
  const errors = [
    ...validateLabelKeys(`${path}.matchLabelKeys`, selector, match),
    ...validateLabelKeys(`${path}.mismatchLabelKeys`, selector, mismatch),
  ];
  const keys = new Seen(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? [])
    if (keys.again(key) && match.includes(key))
      errors.push(invalidValue(`${path}[${match.lastIndexOf(key)}]`, key, "exists in both matchLabelKeys and labelSelector"));
  for (const [position, key] of match.entries())
    if (mismatch.includes(key))
      errors.push(invalidValue(`${path}.matchLabelKeys[${position}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  return errors;
}

function validateLabelKeys(path: string, selector: LabelSelector | undefined, keys: readonly string[]): FieldError[] {
  if (keys.length === 0) return [];
  if (selector === undefined) return [forbiddenField(path, "must not be specified when labelSelector is not set")];
  return keys.flatMap((key, position) => validateQualifiedName(`${path}[${position}]`, key));
}

export const validateTolerations = (path: string, tolerations: readonly Toleration[]): FieldError[] =>
  tolerations.flatMap((toleration, position) => validateToleration(`${path}[${position}]`, toleration));

function validateToleration(path: string, { key = "", operator, value = "", effect, tolerationSeconds }: Toleration): FieldError[] {
  const errors = key === "" ? [] : validateQualifiedName(`${path}.key`, key);
  const field = `${path}.operator`;
  if (key === "" && operator !== "Exists") {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(field, operator ?? "", detail));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute")
    errors.push(invalidValue(`${path}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  switch (operator) {
    case undefined:
    case "Equal": {
      const messages = checkLabelValue(value);
      if (messages.length > 0) errors.push(invalidValue(field, value, messages.join(";")));
      break;
    }
    case "Exists":
      if (value !== "") errors.push(invalidValue(field, value, "value must be empty when `operator` is 'Exists'"));
      break;
    case "Lt":
    case "Gt":
      errors.push(...validateInteger(`${path}.value`, value));
      break;
    default:
      errors.push(notSupported(field, operator, ["Equal", "Exists"]));
  }
  if (effect !== undefined && !taintEffects.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, taintEffects));
  return errors;
}

/** A number that taints are compared with (KEP-5471). */
function validateInteger(field: string, text: string): FieldError[] {
  const parsing = `strconv.ParseInt: parsing ${JSON.stringify(text)}`;
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) {
    const detail = "must be a valid decimal integer in canonical form";
    const parsable = /^[+-]?[0-9]+$/.test(text);
    return [invalidValue(field, text, detail), ...(parsable ? [] : [invalidValue(field, text, `${parsing}: invalid syntax`)])];
  }
  const fits = BigInt.asIntN(64, BigInt(text)) === BigInt(text);
  return fits ? [] : [invalidValue(field, text, `${parsing}: value out of range`)];
}

const spreadActions: readonly string[] = ["DoNotSchedule", "ScheduleAnyway"];
const inclusionPolicies: readonly string[] = ["Honor", "Ignore"];

export const validateSpreadConstraints = (path: string, constraints: readonly TopologySpreadConstraint[]): FieldError[] =>
  constraints.flatMap((constraint, position) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const at = `${path}[${position}]`;
    const again = constraints
      .slice(position + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    return [
      ...(maxSkew <= 0 ? [invalidValue(`${at}.maxSkew`, maxSkew, notPositiveMessage)] : []),
      ...(topologyKey === "" ? [required(`${at}.topologyKey`, "can not be empty")] : []),
      ...(spreadActions.includes(whenUnsatisfiable) ? [] : [notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, spreadActions)]),
      ...(again ? [duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${whenUnsatisfiable}}`)] : []),
      ...(minDomains !== undefined && minDomains <= 0 ? [invalidValue(`${at}.minDomains`, minDomains, notPositiveMessage)] : []),
      ...(minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule"
        ? [
            invalidValue(
              `${at}.minDomains`,
              minDomains,
              `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
            ),
          ]
        : []),
      ...validateOptionalOneOf(`${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, inclusionPolicies),
      ...validateOptionalOneOf(`${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, inclusionPolicies),
      ...validateMatchLabelKeys(at, constraint.labelSelector, constraint.matchLabelKeys ?? [], []),
      ...validateSelector(`${at}.labelSelector`, constraint.labelSelector),
    ];
  });

export function validateSchedulingGates(path: string, gates: readonly PodSchedulingGate[]): FieldError[] {
  const names = new Seen();
  return gates.flatMap(({ name }, position) => [
    ...validateQualifiedName(`${path}[${position}]`, name),
    ...(names.again(name) ? [duplicate(`${path}[${position}]`, name)] : []),
  ]);
}
