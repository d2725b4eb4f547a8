// Generated from the schemas by `npm run generate`. Do not edit.

import type { DeleteOptions, ObjectMeta } from "../../object/meta.gen.ts";

/** Asks to remove a pod, if its disruption budget allows. */
export interface Eviction {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** How to delete. */
  readonly deleteOptions?: DeleteOptions;
}
