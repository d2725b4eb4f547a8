// What both HTTP versions share on the server's side: the caller behind a connection, running the Exchange, and what a
// client sees when that throws.

import type { IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Activity } from "../../base/activity.ts";
import { CancelledError } from "../../base/assert.ts";
import type { Log } from "../../base/log.ts";
import { StatusError } from "../../object/status.ts";
import { compressed } from "./compress.ts";
import type { Exchange, Headers, Peer, Request, Response } from "../../wire/exchange.ts";

/** One server's parts that its connections use. */
export interface Serving {
  readonly exchange: Exchange;
  readonly log: Log;
  readonly activity: Activity;
  /** Requests that have no complete answer yet. */
  readonly inFlight: Set<InFlight>;
  /** Called when a request ends. */
  readonly onEnd: () => void;
}

export interface InFlight {
  readonly abort: AbortController;
  /** The answer is a stream without a foreseeable end: a shutdown does not wait for it. */
  endless: boolean;
  /** The whole answer has been handed to the connection. */
  answered: boolean;
}

/** Joins repeated headers; drops the pseudo headers of HTTP/2. */
export function requestHeaders(raw: IncomingHttpHeaders): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in raw) {
    const value = raw[name];
    if (value === undefined || name.charCodeAt(0) === 0x3a) continue;
    headers[name] = typeof value === "string" ? value : value.join(name === "cookie" ? "; " : ", ");
  }
  return headers;
}

/** Address and, when its chain leads to the client CA, certificate of the caller. Others' certificates are ignored. */
export function peerOf(socket: Socket): Peer {
  const remote = socket.remoteAddress ?? "";
  const address = remote.startsWith("::ffff:") ? remote.slice(7) : remote;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return { address };
  const certificate = socket.getPeerCertificate();
  const subject = certificate.subject as unknown as Record<string, string | string[] | undefined> | undefined;
  if (!subject) return { address };
  const texts = (value: string | string[] | undefined): string[] =>
    value === undefined ? [] : typeof value === "string" ? [value] : value;
  return {
    address,
    certificate: {
      commonName: texts(subject["CN"])[0] ?? "",
      organizations: texts(subject["O"]),
      fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    },
  };
}

/** Runs the Exchange; whatever it throws becomes an answer. Undefined when the client has gone meanwhile. */
export async function answer(serving: Serving, request: Request, signal: AbortSignal): Promise<Response | undefined> {
  using _ = serving.activity.begin("http request");
  try {
    return await compressed(request, await serving.exchange(request, signal));
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof StatusError) return statusResponse(error);
    if (error instanceof CancelledError) return statusResponse(new StatusError("ServiceUnavailable", "the server is shutting down"));
    serving.log.error("a request failed unexpectedly", { method: request.method, target: request.target, error });
    return statusResponse(new StatusError("InternalError", "an internal error occurred; the server's log has it"));
  }
}

function statusResponse(error: StatusError): Response {
  const headers: Headers = { "content-type": "application/json", "cache-control": "no-cache, private" };
  return { status: error.code, headers, body: new TextEncoder().encode(JSON.stringify(error.status)) };
}
