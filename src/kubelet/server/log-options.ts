// The query of a log request.

import { badRequest } from "../../object/status.ts";
import type { LogOptions } from "./log-reader.ts";

/** @throws StatusError BadRequest */
export function logOptions(query: URLSearchParams, nowMs: number): LogOptions & { readonly previous: boolean } {
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null || text === "") return undefined;
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < least) throw badRequest(`Invalid value for ${name}: ${JSON.stringify(text)}`);
    return value;
  };
  const sinceSeconds = number("sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  if (sinceTime !== null && Number.isNaN(Date.parse(sinceTime)))
    throw badRequest(`Invalid value for sinceTime: ${JSON.stringify(sinceTime)}`);
  const sinceMs = sinceSeconds !== undefined ? nowMs - sinceSeconds * 1000 : sinceTime !== null ? Date.parse(sinceTime) : undefined;
  const tailLines = number("tailLines", 0);
  const limitBytes = number("limitBytes", 1);
  const stream = query.get("stream");
  return {
    follow: flag(query, "follow"),
    timestamps: flag(query, "timestamps"),
    previous: flag(query, "previous"),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(stream === "Stdout" && { stream: "stdout" as const }),
    ...(stream === "Stderr" && { stream: "stderr" as const }),
  };
}

export const flag = (query: URLSearchParams, name: string): boolean => {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
};
