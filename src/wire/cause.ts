// A cause between processes: one header, in characters that every header may carry.

import type { Cause } from "./exchange.ts";

export const causeHeader = "timonier-cause";
const maxHeaderBytes = 2048;

/** Empty when the cause is too long to be sent. */
export function causeHeaders(cause: Cause): Readonly<Record<string, string>> {
  const text = encodeURIComponent(JSON.stringify(cause));
  return text.length <= maxHeaderBytes ? { [causeHeader]: text } : {};
}

/** Undefined when there is none, or none that we understand. */
export function parseCause(header: string | undefined): Cause | undefined {
  if (header === undefined || header.length > maxHeaderBytes) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(decodeURIComponent(header));
  } catch {
    return undefined; // not ours: a cause only explains, so a broken one is as good as none
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { actor, object, revision, rule } = value as Record<string, unknown>;
  if (typeof actor !== "string" || typeof rule !== "string") return undefined;
  return {
    actor,
    ...(typeof object === "string" && { object }),
    ...(typeof revision === "string" && { revision }),
    rule,
  };
}
