// Environment variables of containers: their names, and exactly one place that each value comes from.

import { checkConfigMapKey, checkDns1123Subdomain, checkRelaxedEnvironmentName } from "../../lang/names.ts";
import { invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach, validateDns1123Label, validateRequiredName } from "../checks.ts";
import { validateNoBacksteps } from "./file-path-validation.ts";
import { environmentFields, validatePodField, validateResourceField } from "./pod-field-validation.ts";
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, FileKeySelector } from "./types.gen.ts";

export const validateEnvironment = (path: string, variables: readonly EnvVar[]): FieldError[] =>
  variables.flatMap((variable, position) => {
    const at = `${path}[${position}]`;
    const name = variable.name
      ? invalidEach(`${at}.name`, variable.name, checkRelaxedEnvironmentName(variable.name))
      : [required(`${at}.name`)];
    return [...name, ...validateValueFrom(`${at}.valueFrom`, variable)];
  });

function validateValueFrom(path: string, { value, valueFrom }: EnvVar): FieldError[] {
  if (valueFrom === undefined) return [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  const errors = [
    ...(fieldRef ? validatePodField(`${path}.fieldRef`, fieldRef, environmentFields) : []),
    ...(resourceFieldRef ? validateResourceField(`${path}.resourceFieldRef`, resourceFieldRef, "variable") : []),
    ...(configMapKeyRef ? validateKeySelector(`${path}.configMapKeyRef`, configMapKeyRef) : []),
    ...(secretKeyRef ? validateKeySelector(`${path}.secretKeyRef`, secretKeyRef) : []),
    ...(fileKeyRef ? validateFileKey(`${path}.fileKeyRef`, fileKeyRef) : []),
  ];
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter((source) => source !== undefined);
  if (sources.length === 0) {
    const detail = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    errors.push(invalidValue(path, "", detail));
  } else if (value) errors.push(invalidValue(path, "", "may not be specified when `value` is not empty"));
  else if (sources.length > 1) errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
  return errors;
}

const validateKeySelector = (path: string, { name = "", key }: ConfigMapKeySelector): FieldError[] => [
  ...invalidEach(`${path}.name`, name, checkDns1123Subdomain(name)),
  ...(key ? invalidEach(`${path}.key`, key, checkConfigMapKey(key)) : [required(`${path}.key`)]),
];

/** A variable of an environment file in a volume (KEP-3721). */
const validateFileKey = (path: string, { key, volumeName, path: file }: FileKeySelector): FieldError[] => [
  ...(key ? invalidEach(`${path}.key`, key, checkRelaxedEnvironmentName(key)) : [required(`${path}.key`)]),
  ...(volumeName ? validateDns1123Label(`${path}.volumeName`, volumeName) : [required(`${path}.volumeName`)]),
  ...(file ? validateNoBacksteps(`${path}.path`, file) : [required(`${path}.path`)]),
];

export const validateEnvironmentSources = (path: string, sources: readonly EnvFromSource[]): FieldError[] =>
  sources.flatMap(({ prefix, configMapRef, secretRef }, position) => {
    const at = `${path}[${position}]`;
    const errors = [
      ...(prefix ? invalidEach(`${at}.prefix`, prefix, checkRelaxedEnvironmentName(prefix)) : []),
      ...(configMapRef ? validateRequiredName(`${at}.configMapRef.name`, configMapRef.name) : []),
      ...(secretRef ? validateRequiredName(`${at}.secretRef.name`, secretRef.name) : []),
    ];
    if (!configMapRef && !secretRef) errors.push(invalidValue(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (configMapRef && secretRef) errors.push(invalidValue(path, "", "may not have more than one field specified at a time"));
    return errors;
  });
