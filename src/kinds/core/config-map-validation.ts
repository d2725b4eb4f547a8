// ConfigMaps: keys that can be file names, a limit on their size, and data that stays once it is declared immutable.

import { checkConfigMapKey, utf8Length } from "../../lang/names.ts";
import { deepEqual } from "../../object/copy.ts";
import { forbiddenField, invalidValue, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach } from "../checks.ts";
import type { ConfigMap } from "./types.gen.ts";

/** Most bytes of all values of a ConfigMap or Secret: 1 MiB. */
export const maxDataBytes = 1024 * 1024;

/** Bytes that a base64 text stands for. */
export function decodedLength(base64: string): number {
  const packed = base64.replaceAll(/[\r\n]/g, "");
  const padding = packed.endsWith("==") ? 2 : packed.endsWith("=") ? 1 : 0;
  return (packed.length / 4) * 3 - padding;
}

export const validateKeys = (path: string, data: Readonly<Record<string, string>> = {}): FieldError[] =>
  Object.keys(data).flatMap((name) => invalidEach(`${path}[${name}]`, name, checkConfigMapKey(name)));

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const twice = Object.keys(data).filter((name) => Object.hasOwn(binaryData, name));
  let size = 0;
  for (const value of Object.values(data)) size += utf8Length(value);
  for (const value of Object.values(binaryData)) size += decodedLength(value);
  return [
    ...validateKeys("data", data),
    ...twice.map((name) => invalidValue(`data[${name}]`, name, "duplicate of key present in binaryData")),
    ...validateKeys("binaryData", binaryData),
    ...(size > maxDataBytes ? [tooLong("", maxDataBytes)] : []),
  ];
}

const immutableDetail = "field is immutable when `immutable` is set";

/** What cannot change any more once `immutable` is true: neither these fields nor `immutable` itself. */
export function validateSealed<T extends { readonly immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  if (old.immutable !== true) return [];
  return [
    ...(object.immutable === true ? [] : [forbiddenField("immutable", immutableDetail)]),
    ...fields.filter((field) => !deepEqual(object[field] ?? {}, old[field] ?? {})).map((field) => forbiddenField(field, immutableDetail)),
  ];
}

export const validateConfigMapUpdate = (object: ConfigMap, old: ConfigMap): FieldError[] =>
  validateSealed(object, old, ["data", "binaryData"]);
