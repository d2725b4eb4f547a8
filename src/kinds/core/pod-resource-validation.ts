// Resources of a pod as a whole (KEP-2837): they must hold what its containers ask for.

import { canonicalQuantity, compareQuantities } from "../../lang/quantity.ts";
import { forbiddenField, invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { containerLimitList, containerRequestList } from "./pod-resources.ts";
import { isHugePages, validateResources } from "./resource-validation.ts";
import type { PodSpec } from "./types.gen.ts";

/** `path` is the spec's. */
export function validatePodResources(path: string, spec: PodSpec, claims: readonly string[]): FieldError[] {
  const { resources } = spec;
  if (resources === undefined) return [];
  const at = `${path}.resources`;
  if (spec.os?.name === "windows") return [forbiddenField(at, "may not be set for a windows pod")];
  return [
    ...(resources.claims === undefined ? [] : [forbiddenField(`${at}.claims`, "claims may not be set for Resources at pod-level")]),
    ...validateResources(at, resources, "pod", claims),
    ...validateHolds(`${at}.requests`, resources.requests, containerRequestList(spec), "requests"),
    ...validateHolds(`${at}.limits`, resources.limits, onlyHugePages(containerLimitList(spec)), "limits"),
    ...validateContainerLimits(at, spec),
  ];
}

type List = Readonly<Record<string, string>>;

const onlyHugePages = (list: List): List => Object.fromEntries(Object.entries(list).filter(([resource]) => isHugePages(resource)));

function validateHolds(path: string, own: List | undefined, together: List, what: string): FieldError[] {
  return Object.entries(together).flatMap(([resource, needed]) => {
    const given = own?.[resource];
    if (given === undefined || compareQuantities(needed, given) <= 0) return [];
    const detail = `must be greater than or equal to aggregate container ${what} of ${canonicalQuantity(needed)}`;
    return [invalidValue(`${path}[${resource}]`, canonicalQuantity(given), detail)];
  });
}

/** No container may have a higher limit than the pod. */
const validateContainerLimits = (path: string, { containers, resources }: PodSpec): FieldError[] =>
  (containers ?? []).flatMap((container, position) =>
    Object.entries(container.resources?.limits ?? {}).flatMap(([resource, limit]) => {
      const ofPod = resources?.limits?.[resource];
      if (ofPod === undefined || compareQuantities(limit, ofPod) <= 0) return [];
      const field = `${path}.containers[${position}][${resource}].limits`;
      return [invalidValue(field, canonicalQuantity(limit), `must be less than or equal to pod limits of ${canonicalQuantity(ofPod)}`)];
    }),
  );
