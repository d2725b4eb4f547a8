// The shape of a rule about one sort of volume source, shared by the sources of today and those of single vendors.

import type { FieldError } from "../../object/field-error.ts";
import type { Volume } from "./types.gen.ts";

/** What the rules for a volume need to know of the pod. */
export interface VolumeScope {
  /** A pod, not a template for pods. */
  readonly isPod: boolean;
  readonly podName: string | undefined;
}

/** How one sort of source is checked. */
export interface VolumeSourceRule {
  readonly name: keyof Volume;
  /** Where Kubernetes' paths spell the source another way. */
  readonly inErrors?: string;
  readonly whenOneTooMany?: string;
  readonly validate: (path: string, volume: Volume, scope: VolumeScope) => FieldError[];
}
