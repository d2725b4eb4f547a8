// Until the caches are loaded nobody can be recognised and nothing can be read; health alone is told, to whoever asks.

import { StatusError } from "../../object/status.ts";
import type { Server } from "../server.ts";
import type { Stage } from "./call.ts";
import { handleHealth } from "./health.ts";

export function awaken(server: Server): Stage {
  return async (call, next) => {
    if (server.feed.loaded) return next();
    const health = call.request.method === "GET" ? handleHealth(server, call) : undefined;
    if (health) return health;
    throw new StatusError("ServiceUnavailable", "the server is starting", { retryAfterSeconds: 1 });
  };
}
