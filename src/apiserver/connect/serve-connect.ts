// log, exec, attach, portforward and proxy: found out where the bytes are, then passed through.

import type { Subresource } from "../../object/kind.ts";
import { StatusError } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { readVersion } from "../registry/read.ts";
import { lookup } from "../registry/rule-context.ts";
import type { Target } from "../registry/target.ts";
import type { Server } from "../server.ts";
import type { Call } from "../route/call.ts";
import type { ConnectPod } from "./container-choice.ts";
import { chooseContainer } from "./container-choice.ts";
import { forward } from "./forward.ts";
import { kubeletAddress } from "./kubelet-address.ts";
import { parseProxyName, proxyPod, proxyService } from "./proxy-target.ts";

export type Connect = Extract<Subresource, { type: "connect" }>;

export async function serveConnect(server: Server, call: Call, target: Target, connect: Connect): Promise<Response> {
  // The query belongs to the far side; and a proxied name may carry a scheme and a port around the object's.
  const name = connect.name === "proxy" ? parseProxyName(target.name).name : target.name;
  const version = await readVersion(server, { ...call, info: { ...call.info, query: new URLSearchParams() } }, { ...target, name });
  const { plural } = target.served.kind;
  if (plural === "nodes") return toKubelet(server, call, name, `/${call.info.rest}`, call.info.query);
  if (plural === "services") return proxyService(server, call, target, version.object);
  const pod = version.object as ConnectPod;
  if (connect.name === "proxy") return proxyPod(server, call, target, pod);
  return podStream(server, call, target, connect.name, pod);
}

async function podStream(server: Server, call: Call, target: Target, name: string, pod: ConnectPod): Promise<Response> {
  const { query } = call.info;
  const of = `${encodeURIComponent(target.namespace)}/${encodeURIComponent(target.name)}`;
  if (name === "portforward") return toNodeOf(server, call, pod, `/portForward/${of}`, query);
  const container = chooseContainer(pod, query.get("container") ?? "");
  if (name === "log")
    return toNodeOf(server, call, pod, `/containerLogs/${of}/${encodeURIComponent(container)}`, without(query, "container"), "");
  const { phase } = pod.status ?? {};
  if (phase === "Succeeded" || phase === "Failed")
    throw new StatusError("BadRequest", `cannot exec in a stopped pod; current phase is ${phase}`);
  const path = name === "exec" ? "exec" : "attach";
  return toNodeOf(server, call, pod, `/${path}/${of}/${encodeURIComponent(container)}`, renamed(query));
}

/** The kubelet's own names of the streams. */
const streamNames: Readonly<Record<string, string>> = { stdin: "input", stdout: "output", stderr: "error", tty: "tty" };

function renamed(query: URLSearchParams): URLSearchParams {
  const result = new URLSearchParams();
  for (const [name, value] of query) {
    if (name === "container") continue;
    const known = streamNames[name];
    if (known === undefined) result.append(name, value);
    else if (value !== "0" && value.toLowerCase() !== "false") result.append(known, "1");
  }
  return result;
}

function without(query: URLSearchParams, name: string): URLSearchParams {
  const result = new URLSearchParams();
  for (const [key, value] of query) if (key !== name) result.append(key, value);
  return result;
}

/** A pod that no node has yet has no log: it is empty, as Kubernetes answers; it cannot be entered. */
function toNodeOf(
  server: Server,
  call: Call,
  pod: ConnectPod,
  path: string,
  query: URLSearchParams,
  unboundLog?: string,
): Promise<Response> {
  const nodeName = pod.spec?.nodeName ?? "";
  const podName = pod.metadata?.name ?? "";
  if (nodeName === "") {
    if (unboundLog !== undefined)
      return Promise.resolve({ status: 200, headers: { "content-type": "text/plain" }, body: new TextEncoder().encode(unboundLog) });
    throw new StatusError("BadRequest", `pod ${podName} does not have a host assigned`);
  }
  return toKubelet(server, call, nodeName, path, query);
}

async function toKubelet(server: Server, call: Call, nodeName: string, path: string, query: URLSearchParams): Promise<Response> {
  const node = lookup(server, { group: "", kind: "Node" }, "", nodeName);
  if (!node) throw new StatusError("NotFound", `nodes ${JSON.stringify(nodeName)} not found`, { name: nodeName, kind: "nodes" });
  const address = kubeletAddress(node);
  const exchange = server.deps.dialKubelet?.(address);
  if (!exchange)
    throw new StatusError("ServiceUnavailable", `node ${JSON.stringify(nodeName)} cannot be reached: nothing here connects to kubelets`);
  const text = query.toString();
  return forward(server, call, exchange, text === "" ? path : `${path}?${text}`, `kubelet of node ${nodeName}`);
}
