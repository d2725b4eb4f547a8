// A request's life: the ordered list of stages, and at its end the handler that the route names. Start reading here.

import type { Exchange, Request, Response } from "../wire/exchange.ts";
import { randomUuid } from "../base/random.ts";
import { counted } from "../base/activity.ts";
import type { Server } from "./server.ts";
import { answerErrors } from "./route/boundary.ts";
import { awaken } from "./route/awaken.ts";
import { measure } from "./route/measure.ts";
import { authenticate } from "./authn/authenticate.ts";
import { impersonate } from "./authn/impersonate.ts";
import { authorize } from "./authz/authorize.ts";
import { dispatch } from "./route/dispatch.ts";
import { compose, type Call } from "./route/call.ts";
import { requestInfo } from "./route/request-info.ts";
import { jsonOutput } from "./route/negotiate.ts";

export function createPipeline(server: Server): Exchange {
  const run = compose(
    [
      measure(server), //       counts and times, whatever happens below
      answerErrors(server), //  the one boundary where anything thrown becomes a Status
      awaken(server), //        before everything is loaded, only health is told
      authenticate(server), //  who asks?
      impersonate(server), //   ... on whose behalf?
      authorize(server), //     may they?
    ],
    dispatch(server), //        decode → convert → mutate → default → validate → admit → store → encode, or read, watch, connect
  );
  return async (request: Request, signal: AbortSignal): Promise<Response> => {
    server.stopping.throwIfAborted();
    const call: Call = {
      request,
      signal,
      info: requestInfo(request.method, request.target),
      startedAtMs: server.deps.clock.monotonicMs(),
      auditId: request.headers["audit-id"] ?? randomUuid(server.deps.random),
      user: { name: "", groups: [] },
      output: jsonOutput,
      warnings: [],
    };
    return counted(server.deps.activity, "apiserver request", () => run(call));
  };
}
