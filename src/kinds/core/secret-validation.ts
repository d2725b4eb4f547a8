// Secrets: what a ConfigMap's rules ask for, and the keys that each type promises its readers.

import { decodeBase64 } from "../../base/base64.ts";
import { invalidValue, required, tooLong } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { validateImmutable } from "../checks.ts";
import { decodedLength, maxDataBytes, validateKeys, validateSealed } from "./config-map-validation.ts";
import type { Secret } from "./types.gen.ts";

const accountAnnotation = "kubernetes.io/service-account.name";

export function validateSecret(secret: Secret): FieldError[] {
  const { data = {} } = secret;
  let size = 0;
  for (const value of Object.values(data)) size += decodedLength(value);
  return [...validateKeys("data", data), ...(size > maxDataBytes ? [tooLong("data", maxDataBytes)] : []), ...validateType(secret, data)];
}

function validateType({ type, metadata }: Secret, data: Readonly<Record<string, string>>): FieldError[] {
  const missing = (...keys: readonly string[]): FieldError[] =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (type) {
    case "kubernetes.io/service-account-token":
      return metadata?.annotations?.[accountAnnotation] ? [] : [required(`metadata.annotations[${accountAnnotation}]`)];
    case "kubernetes.io/dockercfg":
      return validateJson(".dockercfg", data);
    case "kubernetes.io/dockerconfigjson":
      return validateJson(".dockerconfigjson", data);
    case "kubernetes.io/basic-auth": {
      // Either may be missing, not both.
      const both = missing("username", "password");
      return both.length === 2 ? both : [];
    }
    case "kubernetes.io/ssh-auth":
      return data["ssh-privatekey"] ? [] : [required("data[ssh-privatekey]")];
    case "kubernetes.io/tls":
      return missing("tls.crt", "tls.key");
    case undefined:
    default:
      return [];
  }
}

/** Credentials of registries: a JSON object. The error shows nothing of it. */
function validateJson(key: string, data: Readonly<Record<string, string>>): FieldError[] {
  const field = `data[${key}]`;
  if (data[key] === undefined) return [required(field)];
  const problem = jsonProblem(new TextDecoder().decode(decodeBase64(data[key]) ?? new Uint8Array()));
  return problem === undefined ? [] : [invalidValue(field, "<secret contents redacted>", problem)];
}

function jsonProblem(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const start = text.trimStart()[0];
    if (start === undefined || '{["-0123456789tfn'.includes(start)) return "unexpected end of JSON input";
    return `invalid character '${start}' looking for beginning of value`;
  }
  if (value === null || (typeof value === "object" && !Array.isArray(value))) return undefined;
  const found = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${found} into Go value of type map[string]interface {}`;
}

export const validateSecretUpdate = (object: Secret, old: Secret): FieldError[] => [
  ...validateImmutable("type", object.type, old.type),
  ...validateSealed(object, old, ["data"]),
];
