// References to fields of the pod itself, in environment variables and downward API files.

import { canonicalQuantity, compareQuantities } from "../../lang/quantity.ts";
import { invalidValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateQualifiedName } from "../checks.ts";
import type { ObjectFieldSelector, ResourceFieldSelector } from "./types.gen.ts";

/** Fields that a variable may have as its value. */
export const environmentFields: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** Fields that a file may have as its content. */
export const fileFields: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

/** Every field that has a name, whether or not it may be used in the place at hand. */
const namedFields = new Set([...environmentFields, ...fileFields, "spec.restartPolicy", "spec.schedulerName", "status.phase", "spec.host"]);

export function validatePodField(field: string, selector: ObjectFieldSelector, supported: readonly string[]): FieldError[] {
  const { apiVersion = "", fieldPath } = selector;
  if (apiVersion === "") return [required(`${field}.apiVersion`)];
  if (fieldPath === "") return [required(`${field}.fieldPath`)];
  const refuse = (why: string): FieldError[] => [invalidValue(`${field}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`)];
  if (apiVersion !== "v1") return refuse(`unsupported pod version: ${apiVersion}`);
  const [, map, name] = /^([^[]+)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (map !== undefined) {
    if (map === "metadata.annotations") return validateQualifiedName(field, name!.toLowerCase());
    if (map === "metadata.labels") return validateQualifiedName(field, name!);
    return refuse(`field label does not support subscript: ${fieldPath}`);
  }
  if (!namedFields.has(fieldPath)) return refuse(`field label not supported: ${fieldPath}`);
  // The older name of spec.nodeName.
  const path = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  return supported.includes(path) ? [] : [notSupported(`${field}.fieldPath`, path, supported)];
}

const resourceFields: readonly string[] = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const isHugePages = (resource: string): boolean => /^(limits|requests)\.hugepages-/.test(resource);

/** A request or limit of a container. A volume must say which container it means. */
export function validateResourceField(field: string, selector: ResourceFieldSelector, place: "variable" | "file"): FieldError[] {
  const errors: FieldError[] = [];
  const { resource } = selector;
  if (place === "file" && !selector.containerName) errors.push(required(`${field}.containerName`));
  else if (resource === "") errors.push(required(`${field}.resource`));
  else if (!resourceFields.includes(resource) && !isHugePages(resource))
    errors.push(notSupported(`${field}.resource`, resource, resourceFields));
  return [...errors, ...validateDivisor(`${field}.divisor`, resource, selector.divisor ?? "0")];
}

const byteUnits = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

function validateDivisor(field: string, resource: string, divisor: string): FieldError[] {
  if (compareQuantities(divisor, "0") === 0) return [];
  const unit = canonicalQuantity(divisor);
  const refuse = (units: string, of: string): FieldError[] => [
    invalidValue(field, resource, `only divisor's values ${units} are supported with the ${of} resource`),
  ];
  if (resource.endsWith(".cpu")) return ["1m", "1"].includes(unit) ? [] : refuse("1m and 1", "cpu");
  if (byteUnits.includes(unit)) return [];
  const units = byteUnits.join(", ");
  if (resource.endsWith(".memory")) return refuse(units, "memory");
  if (resource.endsWith(".ephemeral-storage")) return refuse(units, "local ephemeral storage");
  return isHugePages(resource) ? refuse(units, "hugepages") : [];
}
