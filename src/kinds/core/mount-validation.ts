// Where containers mount the pod's volumes: volumes that exist, places that do not collide.

import { forbiddenField, invalidValue, notFoundValue, notSupported, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen } from "../checks.ts";
import { validateDescendingPath, validateNoBacksteps } from "./file-path-validation.ts";
import type { SecurityContext, Volume, VolumeDevice, VolumeMount } from "./types.gen.ts";

/** Volumes of the pod that are valid themselves, by name. */
export type Volumes = ReadonlyMap<string, Volume>;

interface Mounting {
  readonly volumeMounts?: readonly VolumeMount[];
  readonly volumeDevices?: readonly VolumeDevice[];
  readonly securityContext?: SecurityContext;
}

const propagations: readonly string[] = ["Bidirectional", "HostToContainer", "None"];

/** Kubernetes names the list, not the element, in errors about a mount's options: tools know these paths. */
export function validateMounts(path: string, container: Mounting, volumes: Volumes): FieldError[] {
  const errors: FieldError[] = [];
  const places = new Seen();
  const devices = container.volumeDevices ?? [];
  for (const [position, mount] of (container.volumeMounts ?? []).entries()) {
    const { name, mountPath, subPath, subPathExpr } = mount;
    const at = `${path}[${position}]`;
    if (name === "") errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFoundValue(`${at}.name`, name));
    if (mountPath === "") errors.push(required(`${at}.mountPath`));
    if (places.again(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, "must be unique"));
    if (devices.some((device) => device.name === name))
      errors.push(invalidValue(`${at}.name`, name, "must not already exist in volumeDevices"));
    if (devices.some((device) => device.devicePath === mountPath))
      errors.push(invalidValue(`${at}.mountPath`, mountPath, "must not already exist as a path in volumeDevices"));
    if (subPath) errors.push(...validateDescendingPath(`${path}.subPath`, subPath));
    if (subPathExpr) {
      if (subPath) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive"));
      errors.push(...validateDescendingPath(`${path}.subPathExpr`, subPathExpr));
    }
    errors.push(...validatePropagation(`${path}.mountPropagation`, mount, container.securityContext?.privileged === true));
    errors.push(...validateRecursiveReadOnly(`${path}.recursiveReadOnly`, mount));
  }
  return errors;
}

function validatePropagation(field: string, { mountPropagation }: VolumeMount, privileged: boolean): FieldError[] {
  if (mountPropagation === undefined) return [];
  if (!propagations.includes(mountPropagation)) return [notSupported(field, mountPropagation, propagations)];
  if (mountPropagation !== "Bidirectional" || privileged) return [];
  return [forbiddenField(field, "Bidirectional mount propagation is available only to privileged containers")];
}

function validateRecursiveReadOnly(field: string, { recursiveReadOnly, readOnly, mountPropagation }: VolumeMount): FieldError[] {
  switch (recursiveReadOnly) {
    case undefined:
    case "Disabled":
      return [];
    case "Enabled":
    case "IfPossible":
      return [
        ...(readOnly === true ? [] : [forbiddenField(field, "may only be specified when readOnly is true")]),
        ...(mountPropagation === undefined || mountPropagation === "None"
          ? []
          : [forbiddenField(field, "may only be specified when mountPropagation is None or not specified")]),
      ];
    default:
      return [notSupported(field, recursiveReadOnly, ["Disabled", "Enabled", "IfPossible"])];
  }
}

/** Raw devices: only claims can be one. */
export function validateDevices(path: string, container: Mounting, volumes: Volumes): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Seen();
  const places = new Seen();
  const mounts = container.volumeMounts ?? [];
  for (const [position, { name = "", devicePath = "" }] of (container.volumeDevices ?? []).entries()) {
    const at = `${path}[${position}]`;
    const volume = volumes.get(name);
    if (name === "") errors.push(required(`${at}.name`));
    if (name !== "" && names.again(name)) errors.push(invalidValue(`${at}.name`, name, "must be unique"));
    if (volume === undefined) errors.push(notFoundValue(`${at}.name`, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined)
      errors.push(invalidValue(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"));
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    if (places.again(devicePath)) errors.push(invalidValue(`${at}.devicePath`, devicePath, "must be unique"));
    if (validateNoBacksteps(at, devicePath).length > 0)
      errors.push(invalidValue(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalidValue(`${at}.name`, name, "must not already exist in volumeMounts"));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(invalidValue(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts"));
  }
  return errors;
}
