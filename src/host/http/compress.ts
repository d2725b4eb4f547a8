// Large answers are sent compressed to clients that take it, as Kubernetes does from 128 KiB on: lists shrink to a tenth. The work
// is done by the thread pool, so that nobody else waits for it.

import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Request, Response } from "../../wire/exchange.ts";

/** Answers from this size on are compressed. */
const minBytes = 128 * 1024;
const gzipped = promisify<Uint8Array, { level: number }, Buffer>(gzip);
/** Kubernetes' choice: fast. */
const level = 1;

/** The answer as this client gets it. */
export function compressed(request: Request, response: Response): Response | Promise<Response> {
  const { body, headers } = response;
  if (!(body instanceof Uint8Array) || body.length < minBytes || request.method !== "GET") return response;
  if (headers["content-encoding"] !== undefined || !acceptsGzip(request.headers["accept-encoding"])) return response;
  const smaller = { ...headers, "content-encoding": "gzip", vary: "Accept-Encoding" };
  return gzipped(body, { level }).then((bytes) => ({ ...response, headers: smaller, body: bytes }));
}

function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  return header.split(",").some((clause) => {
    const [coding = "", ...parameters] = clause.split(";").map((part) => part.trim().toLowerCase());
    return (coding === "gzip" || coding === "*") && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
}
