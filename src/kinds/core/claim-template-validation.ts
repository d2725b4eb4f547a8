// The claim that a pod's generic ephemeral volume is made of.

import { checkDns1123Label, checkDns1123Subdomain } from "../../lang/names.ts";
import { canonicalQuantity, compareQuantities } from "../../lang/quantity.ts";
import { forbiddenField, invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateAnnotations, validateLabels } from "../../object/metadata-rules.ts";
import { invalidEach, notPositiveMessage, validateOptionalOneOf, validateSelector } from "../checks.ts";
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, TypedObjectReference } from "./types.gen.ts";

const accessModes: readonly string[] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

export const validateClaimTemplate = (path: string, { metadata, spec }: PersistentVolumeClaimTemplate): FieldError[] => [
  ...validateAnnotations(metadata?.annotations, `${path}.metadata.annotations`),
  ...validateLabels(metadata?.labels, `${path}.metadata.labels`),
  ...Object.keys(metadata ?? {})
    .filter((name) => name !== "labels" && name !== "annotations")
    .map((name) => forbiddenField(`${path}.metadata.${name}`, "cannot be set")),
  ...validateClaimSpec(`${path}.spec`, spec ?? {}),
];

function validateClaimSpec(path: string, spec: PersistentVolumeClaimSpec): FieldError[] {
  const { accessModes: modes = [], storageClassName, volumeAttributesClassName } = spec;
  const className = (name: string, value: string | undefined): FieldError[] =>
    value ? invalidEach(`${path}.${name}`, value, checkDns1123Subdomain(value)) : [];
  return [
    ...(modes.length === 0 ? [required(`${path}.accessModes`, "at least 1 access mode is required")] : []),
    ...validateSelector(`${path}.selector`, spec.selector),
    ...modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(`${path}.accessModes`, mode, accessModes)),
    ...(modes.includes("ReadWriteOncePod") && modes.some((mode) => mode !== "ReadWriteOncePod" && accessModes.includes(mode))
      ? [forbiddenField(`${path}.accessModes`, "may not use ReadWriteOncePod with other access modes")]
      : []),
    ...validateStorage(`${path}.resources[storage]`, spec.resources?.requests?.["storage"]),
    ...className("storageClassName", storageClassName),
    ...validateOptionalOneOf(`${path}.volumeMode`, spec.volumeMode, ["Block", "Filesystem"]),
    ...validateDataSources(path, spec),
    ...className("volumeAttributesClassName", volumeAttributesClassName),
  ];
}

function validateStorage(field: string, quantity: string | undefined): FieldError[] {
  if (quantity === undefined) return [required(field)];
  return compareQuantities(quantity, "0") <= 0 ? [invalidValue(field, canonicalQuantity(quantity), notPositiveMessage)] : [];
}

function validateDataSources(path: string, { dataSource, dataSourceRef }: PersistentVolumeClaimSpec): FieldError[] {
  const errors = [
    ...(dataSource ? validateReference(`${path}.dataSource`, dataSource) : []),
    ...(dataSourceRef ? validateReference(`${path}.dataSourceRef`, dataSourceRef) : []),
  ];
  if (!dataSource || !dataSourceRef) return errors;
  if (dataSourceRef.namespace)
    errors.push(invalidValue(path, `${path}.dataSource`, "may not be specified when dataSourceRef.namespace is specified"));
  else if (
    (dataSource.apiGroup ?? "") !== (dataSourceRef.apiGroup ?? "") ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  )
    errors.push(invalidValue(path, `${path}.dataSource`, "must match dataSourceRef"));
  return errors;
}

/** What a claim is filled from: a snapshot, another claim, or whatever a populator knows. */
function validateReference(path: string, { name, kind, apiGroup, namespace }: TypedObjectReference): FieldError[] {
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(kind ? [] : [required(`${path}.kind`)]),
    ...(!apiGroup && kind !== "PersistentVolumeClaim"
      ? [invalidValue(path, kind ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(apiGroup ? invalidEach(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup)) : []),
    ...(namespace ? invalidEach(`${path}.namespace`, namespace, checkDns1123Label(namespace)) : []),
  ];
}
