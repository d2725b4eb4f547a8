// Annotations that mean something on pods, and profiles that were once annotations and are fields today.

import { forbiddenField, invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateDescendingPath } from "./file-path-validation.ts";
import { placedContainers } from "./pod-containers.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile } from "./types.gen.ts";

type Annotations = Readonly<Record<string, string>>;

/** On the API's copy of a pod that a kubelet runs from a file. */
export const mirrorPodAnnotation = "kubernetes.io/config.mirror";
const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";
export const seccompPodAnnotation = "seccomp.security.alpha.kubernetes.io/pod";
export const seccompContainerPrefix = "container.seccomp.security.alpha.kubernetes.io/";
export const appArmorPrefix = "container.apparmor.security.beta.kubernetes.io/";
const localhostPrefix = "localhost/";

export function validatePodAnnotations(path: string, annotations: Annotations, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const mirror = annotations[mirrorPodAnnotation];
  if (mirror !== undefined && !spec.nodeName)
    errors.push(invalidValue(`${path}[${mirrorPodAnnotation}]`, mirror, "must set spec.nodeName if mirror pod annotation is set"));
  const cost = annotations[deletionCostAnnotation];
  if (cost !== undefined && !isInt32(cost))
    errors.push(invalidValue(`${path}[${deletionCostAnnotation}]`, cost, "must be a 32bit integer"));
  for (const [name, profile] of Object.entries(annotations)) {
    if (name === seccompPodAnnotation || name.startsWith(seccompContainerPrefix))
      errors.push(...validateSeccompText(`${path}.${name}`, profile));
    else if (name.startsWith(appArmorPrefix)) errors.push(...validateAppArmorText(`${path}[${name}]`, name, profile, spec));
  }
  return errors;
}

function isInt32(text: string): boolean {
  return /^(0|-?[1-9][0-9]{0,9})$/.test(text) && Number(text) === Math.trunc(Number(text)) && (Number(text) | 0) === Number(text);
}

function validateSeccompText(field: string, profile: string): FieldError[] {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return [];
  if (profile.startsWith(localhostPrefix)) return validateDescendingPath(field, profile.slice(localhostPrefix.length));
  return [invalidValue(field, profile, "must be a valid seccomp profile")];
}

function validateAppArmorText(field: string, name: string, profile: string, spec: PodSpec): FieldError[] {
  const container = name.slice(appArmorPrefix.length);
  const known = placedContainers("", spec).some((one) => one.container.name === container);
  const named = ["", "runtime/default", "unconfined"].includes(profile) || profile.startsWith(localhostPrefix);
  return [
    ...(known ? [] : [invalidValue(field, container, "container not found")]),
    ...(named ? [] : [invalidValue(field, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`)]),
  ];
}

/** An annotation and a field that say the same thing twice must agree. */
export function validateProfileAnnotations(path: string, annotations: Annotations, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const ofPod = spec.securityContext?.seccompProfile;
  if (ofPod !== undefined)
    errors.push(...agree(`${path}.securityContext.seccompProfile`, "seccomp", annotations[seccompPodAnnotation], ofPod));
  const containers = placedContainers(path, spec);
  for (const { at, container } of containers) {
    const own = container.securityContext?.seccompProfile;
    const annotation = annotations[seccompContainerPrefix + container.name];
    if (own !== undefined) errors.push(...agree(`${at}.securityContext.seccompProfile`, "seccomp", annotation, own));
  }
  if (spec.os?.name === "windows") return errors;
  for (const { at, container } of containers) {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    const annotation = annotations[appArmorPrefix + container.name];
    if (profile !== undefined) errors.push(...agree(`${at}.securityContext.appArmorProfile`, "apparmor", annotation, profile));
  }
  return errors;
}

function agree(
  path: string,
  what: "seccomp" | "apparmor",
  annotation: string | undefined,
  { type, localhostProfile }: SeccompProfile | AppArmorProfile,
): FieldError[] {
  if (annotation === undefined) return [];
  const refuse = (field: "type" | "localhostProfile"): FieldError[] => [
    forbiddenField(`${path}.${field}`, `${what} ${field === "type" ? "type" : "profile"} in annotation and field must match`),
  ];
  switch (type) {
    case "Unconfined":
      return annotation === "unconfined" ? [] : refuse("type");
    case "RuntimeDefault": {
      const older = what === "seccomp" && annotation === "docker/default";
      return annotation === "runtime/default" || older ? [] : refuse("type");
    }
    case "Localhost":
      if (!annotation.startsWith(localhostPrefix)) return refuse("type");
      return annotation.slice(localhostPrefix.length) === localhostProfile ? [] : refuse("localhostProfile");
    default:
      return [];
  }
}

/** What an update may not do to such annotations. */
export function validatePodAnnotationUpdate(path: string, annotations: Annotations, before: Annotations): FieldError[] {
  const changed = Object.keys(before).filter((name) => annotations[name] !== before[name]);
  const added = Object.keys(annotations).filter((name) => before[name] === undefined);
  const refuse = (names: readonly string[], verb: string): FieldError[] =>
    names.flatMap((name) => {
      if (name.startsWith(appArmorPrefix)) return [forbiddenField(`${path}[${name}]`, `may not ${verb} AppArmor annotations`)];
      return name === mirrorPodAnnotation ? [forbiddenField(`${path}[${name}]`, `may not ${verb} mirror pod annotation`)] : [];
    });
  return [...refuse(changed, "remove or update"), ...refuse(added, "add")];
}
