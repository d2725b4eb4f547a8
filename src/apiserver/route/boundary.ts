// The one place where something thrown becomes an answer. A StatusError is what its author meant; a full store is told as
// such; anything else is our own fault, logged, and told as an InternalError without its inner text leaking half a stack.

import { CancelledError } from "../../base/assert.ts";
import { StatusError } from "../../object/status.ts";
import { CompactedError, StoreFullError } from "../../store/store.ts";
import type { Server } from "../server.ts";
import type { Stage } from "./call.ts";
import { statusResponse, withCommonHeaders } from "./respond.ts";

export function answerErrors(server: Server): Stage {
  return async (call, next) => {
    try {
      return withCommonHeaders(call, await next());
    } catch (error) {
      // Given up, by the client or because the server stops: whoever holds the connection knows what to do.
      if (error instanceof CancelledError || (call.signal.aborted && error === call.signal.reason)) throw error;
      return withCommonHeaders(call, statusResponse(call, toStatusError(server, error, call.request.method, call.info.path).status));
    }
  };
}

/** What a client is told about anything that was thrown. */
function toStatusError(server: Server, error: unknown, method: string, path: string): StatusError {
  if (error instanceof StatusError) {
    if (error.code >= 500) server.deps.log.warn("request failed", { method, path, message: error.message });
    return error;
  }
  if (error instanceof StoreFullError)
    return new StatusError("InsufficientStorage", "the store is full: reads and deletes go on, writes are refused until there is room");
  if (error instanceof CompactedError) return new StatusError("Expired", "The resourceVersion for the provided request is too old.");
  server.deps.log.error("request failed", { method, path, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError("InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}
