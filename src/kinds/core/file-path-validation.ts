// Rules for files and paths inside volumes: relative, without a way up, with sane permission bits.

import { invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { KeyToPath } from "./types.gen.ts";

/** No element of the path leads up. */
export const validateNoBacksteps = (field: string, path: string): FieldError[] =>
  path.split("/").includes("..") ? [invalidValue(field, path, "must not contain '..'")] : [];

/** A path below some directory. */
export const validateDescendingPath = (field: string, path: string): FieldError[] => [
  ...(path.startsWith("/") ? [invalidValue(field, path, "must be a relative path")] : []),
  ...validateNoBacksteps(field, path),
];

/** A path below some directory that also leaves alone the names starting with "..", which the kubelet uses for itself. */
export const validateUnreservedPath = (field: string, path: string): FieldError[] => [
  ...validateDescendingPath(field, path),
  ...(path.startsWith("..") && path !== ".." && !path.startsWith("../") ? [invalidValue(field, path, "must not start with '..'")] : []),
];

const highestMode = 0o777;

export const validateFileMode = (field: string, mode: number | undefined): FieldError[] =>
  mode !== undefined && (mode < 0 || mode > highestMode)
    ? [invalidValue(field, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
    : [];

export const validateKeyToPath = (field: string, item: KeyToPath): FieldError[] => [
  ...(item.key ? [] : [required(`${field}.key`)]),
  ...(item.path ? [] : [required(`${field}.path`)]),
  ...validateUnreservedPath(`${field}.path`, item.path ?? ""),
  ...validateFileMode(`${field}.mode`, item.mode),
];

export const validateItems = (field: string, items: readonly KeyToPath[] | undefined): FieldError[] =>
  (items ?? []).flatMap((item, position) => validateKeyToPath(`${field}[${position}]`, item));
