// Generated from the schemas by `npm run generate`. Do not edit.

import type { ObjectMeta } from "../../object/meta.gen.ts";

/** How many replicas something wants and has. */
export interface Scale {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is wanted. */
  readonly spec?: ScaleSpec;
  /** What is observed. */
  readonly status?: ScaleStatus;
}

/** What is wanted. */
export interface ScaleSpec {
  /** How many. */
  readonly replicas?: number;
}

/** What is observed. */
export interface ScaleStatus {
  /** How many there are. */
  readonly replicas: number;
  /** Label selector of the pods, in the form of the query parameter. */
  readonly selector?: string;
}
