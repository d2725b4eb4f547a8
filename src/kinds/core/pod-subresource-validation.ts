// What the ways into a pod beside its main representation may change: debugging containers, and resources while it runs.

import { deepEqual } from "../../object/copy.ts";
import { forbiddenField, invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { describeChange } from "../describe-change.ts";
import { mirrorPodAnnotation, validatePodAnnotationUpdate } from "./pod-annotation-validation.ts";
import { qosClassOf } from "./pod-resources.ts";
import { isRestartableInitContainer } from "./pod-readiness.ts";
import { validatePod } from "./pod-validation.ts";
import type { Container, Pod, PodSpec, ResourceRequirements } from "./types.gen.ts";

const isStatic = (pod: Pod): boolean => pod.metadata?.annotations?.[mirrorPodAnnotation] !== undefined;
const noSpec: PodSpec = { containers: [] };

/** Debugging containers are added, never changed and never removed (KEP-277). */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  if (isStatic(old)) return [forbiddenField("", "static pods do not support ephemeral containers")];
  const path = "spec.ephemeralContainers";
  const containers = pod.spec?.ephemeralContainers ?? [];
  return [
    ...validatePod(pod, { old }),
    ...validatePodAnnotationUpdate("metadata.annotations", pod.metadata?.annotations ?? {}, old.metadata?.annotations ?? {}),
    ...(old.spec?.ephemeralContainers ?? []).flatMap((before) => {
      const now = containers.find((one) => one.name === before.name);
      const name = JSON.stringify(before.name);
      if (now === undefined) return [forbiddenField(path, `existing ephemeral containers ${name} may not be removed\n`)];
      if (deepEqual(now, before)) return [];
      return [forbiddenField(path, `existing ephemeral containers ${name} may not be changed\n${describeChange(before, now)}`)];
    }),
  ];
}

const mutable = ["cpu", "memory"];

/** CPU and memory of running containers may change; what is asked for or limited stays so in some amount (KEP-1287). */
export function validateResizeUpdate(pod: Pod, old: Pod): FieldError[] {
  if (isStatic(old)) return [forbiddenField("", "static pods cannot be resized")];
  if (old.spec?.os?.name === "windows") return [forbiddenField("", "windows pods cannot be resized")];
  const spec = pod.spec ?? noSpec;
  const before = old.spec ?? noSpec;
  const errors = validatePod(pod, { old });
  const quality = old.status?.qosClass ?? qosClassOf(before);
  if (qosClassOf(spec) !== quality) errors.push(invalidValue("spec", quality, "Pod QOS Class may not change as a result of resizing"));
  const running = old.status?.containerStatuses?.find((status) => status.state?.running !== undefined);
  if (running !== undefined && running.resources === undefined)
    errors.push(forbiddenField("spec", "Pod running on node without support for resize"));
  errors.push(...validatePodLevel(spec, before));
  const order = validateOrder(spec, before);
  if (order.length > 0) return [...errors, ...order];
  return [...errors, ...validateContainerResizes(spec, before)];
}

function validatePodLevel({ resources }: PodSpec, { resources: before }: PodSpec): FieldError[] {
  if (resources === undefined)
    return before === undefined ? [] : [forbiddenField("spec.resources", "pod-level resources cannot be removed")];
  const removed = (["requests", "limits"] as const)
    .filter((list) => before !== undefined && isRemoved(resources[list], before[list]))
    .map((list) => forbiddenField(`spec.resources.${list}`, `pod-level resource ${list} cannot be removed`));
  const same = deepEqual(immutablePart(resources), immutablePart(before ?? {}));
  return same ? removed : [...removed, forbiddenField("spec", "only cpu and memory resources are mutable at pod-level")];
}

function validateOrder(spec: PodSpec, before: PodSpec): FieldError[] {
  return (["containers", "initContainers"] as const).flatMap((list) => {
    const former = before[list] ?? [];
    const containers = spec[list] ?? [];
    if (containers.length !== former.length) return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)];
    return former.flatMap(({ name }, position) =>
      containers[position]!.name === name
        ? []
        : [forbiddenField(`spec.${list}[${position}].name`, `${list} may not be renamed or reordered on resize`)],
    );
  });
}

function validateContainerResizes(spec: PodSpec, before: PodSpec): FieldError[] {
  const each = (
    list: "initContainers" | "containers",
    check: (now: Container, old: Container, path: string) => FieldError[],
  ): FieldError[] =>
    (before[list] ?? []).flatMap((old, position) => check(spec[list]![position]!, old, `spec.${list}[${position}].resources`));
  const notRemoved = (now: Container, old: Container, path: string): FieldError[] =>
    (["requests", "limits"] as const)
      .filter((list) => isRemoved(now.resources?.[list], old.resources?.[list]))
      .map((list) => forbiddenField(`${path}.${list}`, `resource ${list} cannot be removed`));
  const rest = ({ resources, ...others }: Container): object => ({ ...others, resources: immutablePart(resources ?? {}) });
  return [
    ...each("initContainers", (now, old, path) => (isRestartableInitContainer(old) ? notRemoved(now, old, path) : [])),
    ...each("containers", notRemoved),
    ...each("containers", (now, old) =>
      deepEqual(rest(now), rest(old)) ? [] : [forbiddenField("spec", "only cpu and memory resources are mutable")],
    ),
    ...each("initContainers", (now, old) => {
      if (isRestartableInitContainer(old))
        return deepEqual(rest(now), rest(old))
          ? []
          : [forbiddenField("spec", "only cpu and memory resources for sidecar containers are mutable")];
      return deepEqual(now, old) ? [] : [forbiddenField("spec", "resources for non-sidecar init containers are immutable")];
    }),
  ];
}

type List = Readonly<Record<string, string>> | undefined;

const isRemoved = (list: List, before: List): boolean => Object.keys(before ?? {}).some((resource) => list?.[resource] === undefined);

/** Resources without those that a resize may change. */
function immutablePart({ limits, requests, claims }: ResourceRequirements): object {
  const rest = (list: List): object => Object.fromEntries(Object.entries(list ?? {}).filter(([resource]) => !mutable.includes(resource)));
  return { limits: rest(limits), requests: rest(requests), claims: claims ?? [] };
}
