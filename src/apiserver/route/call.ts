// One request on its way through the pipeline: what the stages have found out so far.

import type { Request, Response, UserInfo } from "../../wire/exchange.ts";
import type { Output } from "./negotiate.ts";
import type { RequestInfo } from "./request-info.ts";

export interface Call {
  readonly request: Request;
  readonly signal: AbortSignal;
  readonly info: RequestInfo;
  readonly startedAtMs: number;
  readonly auditId: string;
  /** Set by authentication; replaced by impersonation. */
  user: UserInfo;
  /** Set when the handler starts: in which form the caller wants the answer. */
  output: Output;
  /** Texts for `Warning` headers. */
  readonly warnings: string[];
}

/** One step of the pipeline: does its part and calls `next`, or answers itself, or throws a StatusError. */
export type Stage = (call: Call, next: () => Promise<Response>) => Promise<Response>;

/** A last step: answers. */
export type Handler = (call: Call) => Promise<Response>;

/** The stages around the handler, in order. */
export function compose(stages: readonly Stage[], handler: Handler): Handler {
  return (call) => {
    const step = (position: number): Promise<Response> => {
      const stage = stages[position];
      return stage ? stage(call, () => step(position + 1)) : handler(call);
    };
    return step(0);
  };
}
