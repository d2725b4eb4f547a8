// How single outcomes of a probe become its result: thresholds count outcomes in a row.

import type { Probe } from "../../kinds/core/types.gen.ts";

export interface ProbeState {
  /** "unknown": a startup probe that has not decided yet. */
  readonly result: "success" | "failure" | "unknown";
  readonly inARow: number;
  readonly last?: boolean;
}

/** Not ready until shown, alive until shown otherwise, not started until shown. */
export function initialProbeState(type: "startup" | "liveness" | "readiness", readyBefore: boolean): ProbeState {
  switch (type) {
    case "startup":
      // What was ready has started.
      return { result: readyBefore ? "success" : "unknown", inARow: 0 };
    case "liveness":
      return { result: "success", inARow: 0 };
    case "readiness":
      return { result: readyBefore ? "success" : "failure", inARow: 0 };
  }
}

export function stepProbe(state: ProbeState, type: "startup" | "liveness" | "readiness", probe: Probe, passed: boolean): ProbeState {
  const inARow = state.last === passed ? state.inARow + 1 : 1;
  const threshold = passed ? (type === "readiness" ? (probe.successThreshold ?? 1) : 1) : (probe.failureThreshold ?? 3);
  const result = inARow >= threshold ? (passed ? "success" : "failure") : state.result;
  return { result, inARow, last: passed };
}
