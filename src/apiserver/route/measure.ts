// Counts and times every request under the names that dashboards for Kubernetes know.

import type { Server } from "../server.ts";
import type { Stage } from "./call.ts";

const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

export function measure(server: Server): Stage {
  const { metrics, clock } = server.deps;
  const total = metrics.counter("apiserver_request_total", "Requests by verb, resource and HTTP status.");
  const duration = metrics.histogram(
    "apiserver_request_duration_seconds",
    "Time until the answer began, without watches.",
    durationBuckets,
  );
  const inFlight = metrics.gauge("apiserver_current_inflight_requests", "Requests being served now.");
  const count = { mutating: 0, readOnly: 0 };
  return async (call, next) => {
    const { info } = call;
    const kind = info.verb === "get" || info.verb === "list" || info.verb === "watch" ? "readOnly" : "mutating";
    inFlight(++count[kind], { request_kind: kind });
    let code = 0;
    try {
      const response = await next();
      code = response.status;
      return response;
    } finally {
      inFlight(--count[kind], { request_kind: kind });
      const known = info.isResource && server.resources.has(info.group, info.version, info.resource);
      const labels = {
        verb: info.isResource ? info.verb.toUpperCase() : call.request.method,
        group: known ? info.group : "",
        version: known ? info.version : "",
        resource: known ? info.resource : "",
        subresource: known ? info.subresource : "",
        scope: !known ? "" : info.name !== "" ? "resource" : info.namespace !== "" ? "namespace" : "cluster",
      };
      total({ ...labels, code: String(code) });
      if (info.verb !== "watch") duration((clock.monotonicMs() - call.startedAtMs) / 1000, labels);
    }
  };
}
