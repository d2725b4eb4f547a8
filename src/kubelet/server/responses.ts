// Answers of the kubelet's API.

import { reasonOfCode, StatusError } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";

const encoder = new TextEncoder();

export const textResponse = (text: string, contentType = "text/plain; charset=utf-8"): Response => ({
  status: 200,
  headers: { "content-type": contentType },
  body: encoder.encode(text),
});

export const jsonResponse = (value: unknown, status = 200): Response => ({
  status,
  headers: { "content-type": "application/json" },
  body: encoder.encode(JSON.stringify(value)),
});

/** As a Status object, which clients behind the API server can show. */
export const errorResponse = (status: number, message: string): Response =>
  statusResponse(new StatusError(reasonOfCode(status), message, undefined, status));

export const statusResponse = (error: StatusError): Response => jsonResponse(error.status, error.code);
