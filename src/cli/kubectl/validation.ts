// --validate: what the server shall do about unknown and repeated fields.

import { KubectlError } from "./errors.ts";
import type { Manifest } from "./manifests.ts";
import type { Session } from "./session.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

/** @throws KubectlError for another value */
export function fieldValidationOf(session: Session): FieldValidation {
  const value = session.flags.text("validate");
  switch (value) {
    case "strict":
    case "true":
      return "Strict";
    case "warn":
      return "Warn";
    case "ignore":
    case "false":
      return "Ignore";
    default:
      throw new KubectlError(
        `invalid - validate option ${JSON.stringify(value)}; must be one of: strict (or true), warn, ignore (or false)`,
      );
  }
}

/** Repeated keys are gone once the text is read, so they are judged here. @throws KubectlError */
export function checkDuplicates(session: Session, { duplicates, source }: Manifest, validation: FieldValidation): void {
  if (duplicates === undefined || validation === "Ignore") return;
  if (validation === "Strict") throw new KubectlError(`error parsing ${source}: error converting YAML to JSON: ${duplicates}`);
  session.warn(duplicates);
}
