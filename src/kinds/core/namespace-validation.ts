// Namespaces: finalizers with names, and a phase that agrees with the deletion.

import { checkQualifiedName } from "../../lang/names.ts";
import { invalidValue } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidEach } from "../checks.ts";
import type { Namespace } from "./types.gen.ts";

const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

function validateFinalizer(field: string, name: string): FieldError[] {
  const errors = invalidEach(field, name, checkQualifiedName(name));
  if (!name.includes("/") && !standardFinalizers.has(name))
    errors.push(invalidValue(field, name, "name is neither a standard finalizer name nor is it fully qualified"));
  return errors;
}

export const validateNamespace = ({ spec }: Namespace): FieldError[] =>
  (spec?.finalizers ?? []).flatMap((name) => validateFinalizer("spec.finalizers", name));

export const validateNamespaceFinalize = ({ spec }: Namespace): FieldError[] =>
  (spec?.finalizers ?? []).flatMap((name, position) => validateFinalizer(`spec.finalizers[${position}]`, name));

export function validateNamespaceStatus({ metadata, status }: Namespace): FieldError[] {
  const deleted = metadata?.deletionTimestamp !== undefined;
  const phase = deleted ? "Terminating" : "Active";
  if (status?.phase === phase) return [];
  const when = deleted ? "is not empty" : "is empty";
  return [invalidValue("status.Phase", status?.phase ?? "", `may only be '${phase}' if \`deletionTimestamp\` ${when}`)];
}
