// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { ObjectMeta } from "../../object/meta.gen.ts";

/** A lock with an end. */
export interface Lease extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** State of the lease. */
  readonly spec?: LeaseSpec;
}

/** State of a lease. */
export interface LeaseSpec {
  /** Who holds it. */
  readonly holderIdentity?: string;
  /** How long after renewal others must wait before taking it. */
  readonly leaseDurationSeconds?: number;
  /** When the holder took it. */
  readonly acquireTime?: string;
  /** When the holder last renewed it. */
  readonly renewTime?: string;
  /** How often it changed hands. */
  readonly leaseTransitions?: number;
  /** How a leader is chosen when coordinated. */
  readonly strategy?: string;
  /** Who should take it over, when coordinated. */
  readonly preferredHolder?: string;
}
