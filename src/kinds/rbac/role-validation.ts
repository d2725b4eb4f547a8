// Roles and bindings: rules that can apply, and a role that a binding names for good.

import { SelectorError, selectorFromObject } from "../../lang/label-selector.ts";
import { checkDns1123Subdomain, checkPathSegment } from "../../lang/names.ts";
import { invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { LabelSelector } from "../../object/meta.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import { invalidEach, validateSelector } from "../checks.ts";
import { rbacGroup } from "./subject-rules.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from "./types.gen.ts";

export const validateRole = ({ rules }: Role): FieldError[] =>
  (rules ?? []).flatMap((rule, position) => validateRule(`rules[${position}]`, rule, true));

export const validateClusterRole = ({ rules, aggregationRule }: ClusterRole): FieldError[] => [
  ...(rules ?? []).flatMap((rule, position) => validateRule(`rules[${position}]`, rule, false)),
  ...(aggregationRule === undefined ? [] : validateAggregation(aggregationRule.clusterRoleSelectors ?? [])),
];

function validateRule(path: string, rule: PolicyRule, namespaced: boolean): FieldError[] {
  const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
  const count = (list: readonly string[] | undefined | null): number => list?.length ?? 0;
  const errors = count(verbs) === 0 ? [required(`${path}.verbs`, "verbs must contain at least one value")] : [];
  if (count(nonResourceURLs) > 0) {
    const refuse = (detail: string): void => void errors.push(invalidValue(`${path}.nonResourceURLs`, nonResourceURLs, detail));
    if (namespaced) refuse("namespaced rules cannot apply to non-resource URLs");
    if (count(apiGroups) + count(resources) + count(resourceNames) > 0)
      refuse("rules cannot apply to both regular resources and non-resource URLs");
    return errors;
  }
  if (count(apiGroups) === 0) errors.push(required(`${path}.apiGroups`, "resource rules must supply at least one api group"));
  if (count(resources) === 0) errors.push(required(`${path}.resources`, "resource rules must supply at least one resource"));
  return errors;
}

function validateAggregation(selectors: readonly LabelSelector[]): FieldError[] {
  const path = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) return [required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, position) => {
    const at = `${path}[${position}]`;
    return [...validateSelector(at, selector), ...(isSelector(selector) ? [] : [invalidValue(at, selector, "invalid label selector.")])];
  });
}

function isSelector(selector: LabelSelector): boolean {
  try {
    selectorFromObject(selector);
    return true;
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}

export const validateRoleBinding = ({ roleRef, subjects }: RoleBinding): FieldError[] => [
  ...validateRoleRef(roleRef, ["Role", "ClusterRole"]),
  ...(subjects ?? []).flatMap((subject, position) => validateSubject(`subjects[${position}]`, subject, true)),
];

export const validateClusterRoleBinding = ({ roleRef, subjects }: ClusterRoleBinding): FieldError[] => [
  ...validateRoleRef(roleRef, ["ClusterRole"]),
  ...(subjects ?? []).flatMap((subject, position) => validateSubject(`subjects[${position}]`, subject, false)),
];

/** What a binding gives never changes: nobody who may edit bindings gives away a role that they could not bind. */
export const validateBindingUpdate = (binding: RoleBinding | ClusterRoleBinding, old: RoleBinding | ClusterRoleBinding): FieldError[] =>
  deepEqual(binding.roleRef, old.roleRef) ? [] : [invalidValue("roleRef", binding.roleRef, "cannot change roleRef")];

function validateRoleRef(reference: RoleRef | undefined, kinds: readonly string[]): FieldError[] {
  const { apiGroup = "", kind = "", name = "" } = reference ?? {};
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported("roleRef.apiGroup", apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported("roleRef.kind", kind, kinds)]),
    ...(name === "" ? [required("roleRef.name")] : invalidEach("roleRef.name", name, checkPathSegment(name))),
  ];
}

function validateSubject(path: string, { kind, name, apiGroup = "", namespace }: Subject, namespaced: boolean): FieldError[] {
  const errors = name === "" ? [required(`${path}.name`)] : [];
  switch (kind) {
    case "ServiceAccount":
      if (name !== "") errors.push(...invalidEach(`${path}.name`, name, checkDns1123Subdomain(name)));
      if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
      if (!namespaced && !namespace) errors.push(required(`${path}.namespace`));
      return errors;
    case "User":
    case "Group":
      if (name === "") errors.push(invalidValue(`${path}.name`, name, `${kind.toLowerCase()} name cannot be empty`));
      if (apiGroup !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [rbacGroup]));
      return errors;
    default:
      return [...errors, notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"])];
  }
}
