// Pods: everything about a new one, and what an update may change.

import { deepEqual } from "../../object/copy.ts";
import { describeChange } from "../describe-change.ts";
import { inclusiveRangeMessage } from "../../lang/names.ts";
import { forbiddenField, invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { RuleContext } from "../../object/kind.ts";
import { validateImageText } from "./container-validation.ts";
import {
  mirrorPodAnnotation,
  validatePodAnnotationUpdate,
  validatePodAnnotations,
  validateProfileAnnotations,
} from "./pod-annotation-validation.ts";
import { takeGatedChanges } from "./pod-gate-validation.ts";
import { validatePodSpec } from "./pod-spec-validation.ts";
import type { Container, Pod, PodSchedulingGate, PodSpec, Toleration } from "./types.gen.ts";

const noSpec: PodSpec = { containers: [] };

/** Rules for new and changed pods alike; those for new ones alone when the context has no former object. */
export function validatePod(pod: Pod, context: Pick<RuleContext<Pod>, "old">): FieldError[] {
  const { metadata = {}, spec = noSpec } = pod;
  const errors = [
    ...validatePodAnnotations("metadata.annotations", metadata.annotations ?? {}, spec),
    ...validatePodSpec("spec", spec, { isPod: true, podName: metadata.name }),
    ...validateTokens(spec),
    ...(["containers", "initContainers"] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, position) => validateImageText(`spec.${list}[${position}]`, container)),
    ),
  ];
  // A pod that a kubelet runs from a file knows nothing of claims: they would never be made.
  if (metadata.annotations?.[mirrorPodAnnotation] !== undefined && (spec.resourceClaims?.length ?? 0) > 0)
    errors.push(forbiddenField("", "static pods do not support resource claims"));
  return context.old === undefined ? [...errors, ...validateNewPod(spec, metadata.annotations ?? {})] : errors;
}

function validateNewPod(spec: PodSpec, annotations: Readonly<Record<string, string>>): FieldError[] {
  return [
    ...((spec.ephemeralContainers ?? []).length > 0 ? [forbiddenField("spec.ephemeralContainers", "cannot be set on create")] : []),
    ...(spec.nodeName && (spec.schedulingGates ?? []).length > 0
      ? [forbiddenField("spec.nodeName", "cannot be set until all schedulingGates have been cleared")]
      : []),
    ...validateProfileAnnotations("spec", annotations, spec),
  ];
}

/** A token of nobody's account. */
const validateTokens = (spec: PodSpec): FieldError[] =>
  spec.serviceAccountName
    ? []
    : (spec.volumes ?? []).flatMap((volume, position) =>
        (volume.projected?.sources ?? []).flatMap((source, at) =>
          source.serviceAccountToken === undefined
            ? []
            : [
                forbiddenField(
                  `spec.volumes[${position}].projected.sources[${at}].serviceAccountToken`,
                  "must not be specified when serviceAccountName is not set",
                ),
              ],
        ),
      );

const mayChange = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const spec = pod.spec ?? noSpec;
  const before = old.spec ?? noSpec;
  const errors = validatePodAnnotationUpdate("metadata.annotations", pod.metadata?.annotations ?? {}, old.metadata?.annotations ?? {});
  for (const list of ["containers", "initContainers"] as const) {
    const containers = spec[list] ?? [];
    if (containers.length !== (before[list] ?? []).length)
      return [...errors, forbiddenField(`spec.${list}`, "pod updates may not add or remove containers")];
    errors.push(...validateImages(`spec.${list}`, containers));
  }
  const deadline = validateDeadline(spec.activeDeadlineSeconds, before.activeDeadlineSeconds);
  errors.push(...deadline);
  if (deadline.length > 0 && spec.activeDeadlineSeconds !== undefined) return errors;
  errors.push(...validateAddedTolerations("spec.tolerations", spec.tolerations ?? [], before.tolerations ?? []));
  errors.push(...validateRemovedGates("spec.schedulingGates", spec.schedulingGates ?? [], before.schedulingGates ?? []));
  if (deepEqual(spec, before)) return errors;
  const gated = takeGatedChanges(withoutAllowedChanges(spec, before), before);
  errors.push(...gated.errors);
  if (deepEqual(gated.rest, before)) return errors;
  const detail = `pod updates may not change fields other than ${mayChange.join(",")}\n${describeChange(before, gated.rest)}`;
  return [...errors, forbiddenField("spec", detail)];
}

const validateImages = (path: string, containers: readonly Container[]): FieldError[] =>
  containers.flatMap((container, position) => [
    ...(container.image ? [] : [required(`${path}[${position}].image`)]),
    ...validateImageText(`${path}[${position}]`, container),
  ]);

const longestDeadlineSeconds = 2 ** 31 - 1;

/** A deadline may be set once, and then only come nearer. */
function validateDeadline(seconds: number | undefined, before: number | undefined): FieldError[] {
  const field = "spec.activeDeadlineSeconds";
  if (seconds === undefined)
    return before === undefined ? [] : [invalidValue(field, undefined, "must not update from a positive integer to nil value")];
  if (seconds < 0 || seconds > longestDeadlineSeconds)
    return [invalidValue(field, seconds, inclusiveRangeMessage(0, longestDeadlineSeconds))];
  if (before !== undefined && before < seconds) return [invalidValue(field, seconds, "must be less than or equal to previous value")];
  return [];
}

function validateAddedTolerations(path: string, tolerations: readonly Toleration[], before: readonly Toleration[]): FieldError[] {
  const withoutSeconds = (toleration: Toleration): object => ({ ...toleration, tolerationSeconds: undefined });
  const kept = before.every((old) => tolerations.some((one) => deepEqual(withoutSeconds(one), withoutSeconds(old))));
  return kept ? [] : [forbiddenField(path, "existing toleration can not be modified except its tolerationSeconds")];
}

function validateRemovedGates(path: string, gates: readonly PodSchedulingGate[], before: readonly PodSchedulingGate[]): FieldError[] {
  const former = new Set(before.map((gate) => gate.name));
  return gates.flatMap(({ name }, position) => {
    if (former.has(name)) return [];
    return [forbiddenField(`${path}[${position}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)];
  });
}

/** The wanted spec with everything that may change put back: what is left different is refused. */
function withoutAllowedChanges(spec: PodSpec, before: PodSpec): PodSpec {
  const images = (list: "containers" | "initContainers"): readonly Container[] | undefined =>
    spec[list]?.map((container, position) => ({ ...container, image: before[list]?.[position]?.image }));
  const becameOne = (before.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: images("containers") ?? [],
    initContainers: images("initContainers"),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    schedulingGates: before.schedulingGates,
    tolerations: before.tolerations,
    ...(becameOne && { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds }),
  };
}
