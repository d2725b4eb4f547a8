// All containers of a pod, whatever their sort, with the path of each in the spec.

import type { Container, PodSpec } from "./types.gen.ts";

export interface PlacedContainer {
  /** "spec.initContainers[0]" when `path` was "spec". */
  readonly at: string;
  readonly container: Container;
}

/** Init containers first, then the regular ones, then those for debugging. */
export const placedContainers = (path: string, spec: PodSpec): readonly PlacedContainer[] =>
  (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    (spec[list] ?? []).map((container: Container, position: number) => ({ at: `${path}.${list}[${position}]`, container })),
  );
