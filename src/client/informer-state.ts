// The life of an informer as a union of states and one step function, free of effects. informer.ts does what the state asks.
//
//   listing ──last page──▶ watching ──watch ended──▶ watching (resume at the last version seen)
//      ▲  ▲                   │ │
//      │  └──410 expired──────┘ └──failure──▶ waiting ──time──▶ watching or listing
//      └──failure or expired page──▶ waiting

import type { Random } from "../base/random.ts";

export type InformerState =
  /** Reads the collection page by page; `continue` names the next page. */
  | { readonly phase: "listing"; readonly continue?: string; readonly failures: number }
  /** Follows changes after `resourceVersion`. */
  | { readonly phase: "watching"; readonly resourceVersion: string; readonly failures: number }
  /** Waits before it goes on with `next`, after `failures` failures in a row. */
  | { readonly phase: "waiting"; readonly delayMs: number; readonly next: InformerState; readonly failures: number };

export type InformerInput =
  | { readonly type: "page"; readonly resourceVersion: string; readonly continue?: string }
  | { readonly type: "progress"; readonly resourceVersion: string }
  /** The server closed the watch; `lasted` is false when that came at once with nothing said. */
  | { readonly type: "ended"; readonly lasted: boolean }
  /** The version asked for is older than what the server keeps: 410 or an expired continue token. */
  | { readonly type: "expired" }
  | { readonly type: "failed"; readonly retryAfterMs?: number }
  | { readonly type: "waited" };

export const initialInformerState: InformerState = { phase: "listing", failures: 0 };

const baseDelayMs = 800;
const maxDelayMs = 30_000;

/** Back-off of failed lists and watches: 0.8 s doubling to 30 s, times 1 to 2 so that informers do not return together. */
function informerDelayMs(failures: number, random: Random): number {
  return Math.min(baseDelayMs * 2 ** Math.min(failures - 1, 10), maxDelayMs) * (1 + random.next());
}

export function stepInformer(state: InformerState, input: InformerInput, random: Random): InformerState {
  switch (input.type) {
    case "page":
      return input.continue === undefined
        ? { phase: "watching", resourceVersion: input.resourceVersion, failures: state.failures }
        : { phase: "listing", continue: input.continue, failures: state.failures };
    case "progress":
      return { phase: "watching", resourceVersion: input.resourceVersion, failures: 0 };
    case "ended":
      return input.lasted ? { ...state, failures: 0 } : wait(state, state, random);
    case "expired": {
      const list: InformerState = { phase: "listing", failures: state.failures };
      return state.failures === 0 ? { ...list, failures: 1 } : wait(state, list, random);
    }
    case "failed":
      return wait(state, state.phase === "listing" ? { phase: "listing", failures: state.failures } : state, random, input.retryAfterMs);
    case "waited":
      return state.phase === "waiting" ? state.next : state;
  }
}

function wait(state: InformerState, next: InformerState, random: Random, retryAfterMs = 0): InformerState {
  const failures = state.failures + 1;
  const delayMs = Math.max(informerDelayMs(failures, random), retryAfterMs);
  return { phase: "waiting", delayMs, failures, next: { ...next, failures } };
}
