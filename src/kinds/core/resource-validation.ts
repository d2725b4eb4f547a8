// What containers and pods may ask for: names of resources, amounts, and requests that stay within their limits.

import { checkQualifiedName } from "../../lang/names.ts";
import { canonicalQuantity, compareQuantities, parseQuantity, quantityMilliValue } from "../../lang/quantity.ts";
import { duplicate, forbiddenField, invalidValue, notFoundValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach, validateDns1123Label } from "../checks.ts";
import type { ResourceClaim, ResourceRequirements } from "./types.gen.ts";

/** Resources without a prefix: what a container, a quota or a claim may name. */
const standardResources = new Set(
  [
    [
      "cpu",
      "memory",
      "ephemeral-storage",
      "storage",
      "pods",
      "services",
      "replicationcontrollers",
      "resourcequotas",
      "secrets",
      "configmaps",
    ],
    ["persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "requests.storage"],
    ["requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage"],
  ].flat(),
);
const containerResources = new Set(["cpu", "memory", "ephemeral-storage"]);
/** Counted, never divided. */
const countedResources = new Set([
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
]);

const hugePagesPrefix = "hugepages-";
export const isHugePages = (resource: string): boolean => resource.startsWith(hugePagesPrefix);

/** Kubernetes' own: without a prefix, or with its domain. */
const isNative = (resource: string): boolean => !resource.includes("/") || resource.includes("kubernetes.io/");

/** Somebody else's: devices that a plugin on the node offers. */
const isExtended = (resource: string): boolean =>
  !isNative(resource) && !resource.startsWith("requests.") && checkQualifiedName(`requests.${resource}`).length === 0;

/** More may be promised than there is. Not so for devices and huge pages: what is asked for is set aside. */
const mayOvercommit = (resource: string): boolean => isNative(resource) && !isHugePages(resource);

function validateResourceName(field: string, resource: string): FieldError[] {
  const errors = invalidEach(field, resource, checkQualifiedName(resource));
  if (errors.length > 0 || resource.includes("/")) return errors;
  const standard = standardResources.has(resource) || isHugePages(resource) || resource.startsWith(`requests.${hugePagesPrefix}`);
  return standard ? [] : [invalidValue(field, resource, "must be a standard resource type or fully qualified")];
}

function validateContainerResourceName(field: string, resource: string): FieldError[] {
  const errors = validateResourceName(field, resource);
  if (!resource.includes("/")) {
    if (!containerResources.has(resource) && !isHugePages(resource))
      errors.push(invalidValue(field, resource, "must be a standard resource for containers"));
  } else if (!isNative(resource) && !isExtended(resource))
    errors.push(invalidValue(field, resource, "doesn't follow extended resource name standard"));
  return errors;
}

function validatePodResourceName(field: string, resource: string): FieldError[] {
  const errors = validateResourceName(field, resource);
  if (errors.length > 0) return errors;
  const supported = resource === "cpu" || resource === "memory" || isHugePages(resource);
  return supported ? [] : [notSupported(field, resource, ["cpu", "memory"])];
}

/** An amount of some resource: never negative, whole where the resource is counted. */
export function validateResourceAmount(field: string, resource: string, quantity: string): FieldError[] {
  const errors: FieldError[] = [];
  if (compareQuantities(quantity, "0") < 0)
    errors.push(invalidValue(field, canonicalQuantity(quantity), "must be greater than or equal to 0"));
  if ((countedResources.has(resource) || isExtended(resource)) && quantityMilliValue(quantity) % 1000 !== 0)
    errors.push(invalidValue(field, canonicalQuantity(quantity), "must be an integer"));
  return errors;
}

/** Huge pages come whole. */
function validateHugePages(field: string, resource: string, quantity: string): FieldError[] {
  if (!isHugePages(resource)) return [];
  const { nanos } = parseQuantity(quantity);
  const size = pageSize(resource);
  if (size !== undefined && size > 0n && nanos % size === 0n) return [];
  const text = canonicalQuantity(quantity);
  return [invalidValue(field, text, `${text} is not positive integer multiple of ${resource}`)];
}

function pageSize(resource: string): bigint | undefined {
  try {
    return parseQuantity(resource.slice(hugePagesPrefix.length)).nanos;
  } catch {
    // A name like "hugepages-large" says no size: nothing is a multiple of it.
    return undefined;
  }
}

/** Requests and limits of a container, or of a pod as a whole. `claims` are the names in the pod's resourceClaims. */
export function validateResources(
  path: string,
  resources: ResourceRequirements,
  of: "container" | "pod",
  claims: readonly string[],
): FieldError[] {
  const checkName = of === "container" ? validateContainerResourceName : validatePodResourceName;
  const { limits = {}, requests = {} } = resources;
  const errors: FieldError[] = [];
  for (const [resource, quantity] of Object.entries(limits)) {
    const field = `${path}.limits[${resource}]`;
    errors.push(...checkName(field, resource), ...validateResourceAmount(field, resource, quantity));
    errors.push(...validateHugePages(field, resource, quantity));
  }
  for (const [resource, quantity] of Object.entries(requests)) {
    const field = `${path}.requests[${resource}]`;
    errors.push(...checkName(field, resource), ...validateResourceAmount(field, resource, quantity));
    errors.push(...validateWithinLimit(path, resource, quantity, limits[resource]));
    errors.push(...validateHugePages(field, resource, quantity));
  }
  const named = [...Object.keys(limits), ...Object.keys(requests)];
  if (named.some(isHugePages) && !named.some((resource) => resource === "cpu" || resource === "memory"))
    errors.push(forbiddenField(path, "HugePages require cpu or memory"));
  return [...errors, ...validateClaimNames(`${path}.claims`, resources.claims ?? [], claims)];
}

function validateWithinLimit(path: string, resource: string, request: string, limit: string | undefined): FieldError[] {
  if (limit === undefined)
    return mayOvercommit(resource) ? [] : [required(`${path}.limits`, "Limit must be set for non overcommitable resources")];
  const order = compareQuantities(request, limit);
  const refuse = (rule: string): FieldError[] => [
    invalidValue(`${path}.requests`, canonicalQuantity(request), `must be ${rule} ${resource} limit of ${canonicalQuantity(limit)}`),
  ];
  if (order !== 0 && !mayOvercommit(resource)) return refuse("equal to");
  return order > 0 ? refuse("less than or equal to") : [];
}

/** Claims that a container uses: each once, and each one of the pod's. */
function validateClaimNames(path: string, claims: readonly ResourceClaim[], known: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const used = new Set<string>();
  for (const [position, { name, request = "" }] of claims.entries()) {
    const at = `${path}[${position}]`;
    if (!name) {
      errors.push(required(at));
      continue;
    }
    if (used.has(name)) errors.push(duplicate(at, name));
    else {
      const whole = request === "" ? name : `${name}/${request}`;
      if (request !== "") errors.push(...validateDns1123Label(`${at}.request`, request));
      if (used.has(whole)) errors.push(duplicate(at, whole));
      else if (request === "") for (const other of used) if (other.startsWith(`${name}/`)) errors.push(duplicate(at, name));
      used.add(whole);
    }
    if (!known.includes(name)) {
      const names = known.length === 0 ? " which is empty" : `: ${known.toSorted().join(", ")}`;
      errors.push({ ...notFoundValue(at, name), detail: `must be one of the names in pod.spec.resourceClaims${names}` });
    }
  }
  return errors;
}
