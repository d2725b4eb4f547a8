// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { ObjectMeta } from "../../object/meta.gen.ts";
import type { EventSource, ObjectReference } from "../core/types.gen.ts";

/** Something that happened to an object; kept for an hour. */
export interface Event extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** When it first happened. */
  readonly eventTime: string;
  /** Repetition, if it repeats. */
  readonly series?: EventSeries;
  /** Name of the controller that reported it. */
  readonly reportingController?: string;
  /** Which instance of that controller. */
  readonly reportingInstance?: string;
  /** What was done or failed. */
  readonly action?: string;
  /** Why, in one CamelCase word. */
  readonly reason?: string;
  /** The object it is about. */
  readonly regarding?: ObjectReference;
  /** Second object that takes part in it. */
  readonly related?: ObjectReference;
  /** What happened, for people. */
  readonly note?: string;
  /** Normal or Warning. */
  readonly type?: string;
  /** source of the older form. */
  readonly deprecatedSource?: EventSource;
  /** firstTimestamp of the older form. */
  readonly deprecatedFirstTimestamp?: string;
  /** lastTimestamp of the older form. */
  readonly deprecatedLastTimestamp?: string;
  /** count of the older form. */
  readonly deprecatedCount?: number;
}

/** Repetition of an event. */
export interface EventSeries {
  /** How often it happened in this series. */
  readonly count: number;
  /** When it happened last. */
  readonly lastObservedTime: string;
}
