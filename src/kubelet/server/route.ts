// The paths of the kubelet's API, and what a caller must be allowed to for each.

import type { Request } from "../../wire/exchange.ts";

export type KubeletCall =
  | { readonly type: "healthz" }
  | { readonly type: "pods" }
  | { readonly type: "runningPods" }
  | { readonly type: "summary" }
  | { readonly type: "metrics"; readonly which: "kubelet" | "resource" }
  | { readonly type: "logs"; readonly namespace: string; readonly pod: string; readonly container: string }
  | {
      readonly type: "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      readonly uid?: string;
      readonly container: string;
    }
  | { readonly type: "portForward"; readonly namespace: string; readonly pod: string; readonly uid?: string };

export interface Routed {
  readonly call: KubeletCall;
  readonly query: URLSearchParams;
  /** Subresource of `nodes` that the caller needs, and the verb. */
  readonly access: { readonly subresource: string; readonly verb: string };
}

const verbs: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Undefined: no such path. */
export function routeCall(request: Request): Routed | undefined {
  const url = new URL(request.target, "http://kubelet");
  const parts = url.pathname.split("/").filter((part) => part !== "");
  const call = callOf(parts.map(decodeURIComponent));
  if (!call) return undefined;
  return { call, query: url.searchParams, access: { subresource: subresourceOf(call), verb: verbOf(call, request.method) } };
}

function callOf(parts: readonly string[]): KubeletCall | undefined {
  const [first, namespace, pod, third, fourth] = parts;
  switch (first) {
    case "healthz":
      return parts.length === 1 || (parts.length === 2 && (namespace === "ping" || namespace === "syncloop" || namespace === "log"))
        ? { type: "healthz" }
        : undefined;
    case "pods":
      return parts.length === 1 ? { type: "pods" } : undefined;
    case "runningpods":
      return parts.length === 1 ? { type: "runningPods" } : undefined;
    case "stats":
      return parts.length === 2 && namespace === "summary" ? { type: "summary" } : undefined;
    case "metrics":
      if (parts.length === 1) return { type: "metrics", which: "kubelet" };
      return parts.length === 2 && namespace === "resource" ? { type: "metrics", which: "resource" } : undefined;
    case "containerLogs":
      return parts.length === 4 ? { type: "logs", namespace: namespace!, pod: pod!, container: third! } : undefined;
    case "exec":
    case "attach":
      if (parts.length === 4) return { type: first, namespace: namespace!, pod: pod!, container: third! };
      return parts.length === 5 ? { type: first, namespace: namespace!, pod: pod!, uid: third!, container: fourth! } : undefined;
    case "portForward":
      if (parts.length === 3) return { type: first, namespace: namespace!, pod: pod! };
      return parts.length === 4 ? { type: first, namespace: namespace!, pod: pod!, uid: third! } : undefined;
    case undefined:
    default:
      return undefined;
  }
}

/** "Kubelet authentication/authorization" in Kubernetes' documentation lists these. */
function subresourceOf(call: KubeletCall): string {
  switch (call.type) {
    case "summary":
      return "stats";
    case "metrics":
      return "metrics";
    case "logs":
    case "healthz":
    case "pods":
    case "runningPods":
    case "exec":
    case "attach":
    case "portForward":
      return "proxy";
  }
}

/** Entering a container is no reading, whatever the method: a WebSocket handshake is a GET. */
function verbOf(call: KubeletCall, method: string): string {
  if (call.type === "exec" || call.type === "attach" || call.type === "portForward") return "create";
  return verbs[method] ?? "get";
}
