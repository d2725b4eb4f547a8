// Passing one request on and its answer back, upgraded connections included.

import { CancelledError } from "../../base/assert.ts";
import { StatusError } from "../../object/status.ts";
import { joinDuplexes, duplexPair } from "../../wire/duplex.ts";
import type { Exchange, Headers, Response } from "../../wire/exchange.ts";
import { Decoded } from "../../wire/exchange.ts";
import { utf8 } from "../watch/bytes.ts";
import type { Call } from "../route/call.ts";
import type { Server } from "../server.ts";

/** Headers that belong to one connection, and credentials that are only for us. */
const dropped = new Set([
  "host",
  "authorization",
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "http2-settings",
]);

const isUpgrade = (headers: Headers): boolean =>
  (headers["connection"] ?? "").toLowerCase().includes("upgrade") && headers["upgrade"] !== undefined;

function forwarded(headers: Headers): Headers {
  const kept: Record<string, string> = {};
  const upgrading = isUpgrade(headers);
  for (const [name, value] of Object.entries(headers)) {
    if (dropped.has(name) || name.startsWith("impersonate-") || name.startsWith(":")) continue;
    if (!upgrading && (name === "connection" || name === "upgrade")) continue;
    kept[name] = value;
  }
  return kept;
}

/** @throws StatusError ServiceUnavailable when the far side cannot be reached */
export async function forward(server: Server, call: Call, exchange: Exchange, target: string, whom: string): Promise<Response> {
  const { request, signal } = call;
  const body = request.body instanceof Decoded ? utf8(JSON.stringify(request.body.value)) : request.body;
  let response: Response;
  try {
    response = await exchange(
      {
        method: request.method,
        target,
        headers: forwarded(request.headers),
        peer: { address: request.peer.address },
        ...(body !== undefined && { body }),
      },
      signal,
    );
  } catch (error) {
    if (signal.aborted || error instanceof CancelledError) throw error;
    throw new StatusError(
      "ServiceUnavailable",
      `error trying to reach the ${whom}: ${error instanceof Error ? error.message : String(error)}`,
      {},
      503,
    );
  }
  if (!response.duplex) return { ...response, headers: answered(response.headers) };
  const [near, far] = duplexPair();
  const backend = response.duplex;
  const abort = (): void => {
    near.destroy(new CancelledError("the client went away"));
    backend.destroy(new CancelledError("the client went away"));
  };
  const ends = [signal, server.stopping];
  for (const end of ends) {
    if (end.aborted) abort();
    else end.addEventListener("abort", abort, { once: true });
  }
  const forget = (): void => {
    for (const end of ends) end.removeEventListener("abort", abort);
  };
  joinDuplexes(far, backend).then(forget, forget);
  return { ...response, duplex: near };
}

function answered(headers: Headers): Headers {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (!["connection", "keep-alive", "transfer-encoding", "upgrade"].includes(name)) kept[name] = value;
  return kept;
}
