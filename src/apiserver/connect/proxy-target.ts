// pods/proxy and services/proxy: HTTP to something inside the cluster's network. The name may carry a scheme and a port:
// "web", "web:8080", "https:web:", "https:web:https".

import type { ApiObject } from "../../object/kind.ts";
import { StatusError, badRequest } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { lookup } from "../registry/rule-context.ts";
import type { Target } from "../registry/target.ts";
import type { Call } from "../route/call.ts";
import type { Server } from "../server.ts";
import { randomInt } from "../../base/random.ts";
import type { ConnectPod } from "./container-choice.ts";
import { forward } from "./forward.ts";

export interface ProxyName {
  readonly scheme: "http" | "https";
  readonly name: string;
  readonly port: string;
}

/** @throws StatusError BadRequest */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(":");
  if (parts.length === 1) return { scheme: "http", name: text, port: "" };
  if (parts.length === 2) return { scheme: "http", name: parts[0]!, port: parts[1]! };
  const [scheme = "", name = "", port = ""] = parts;
  if (parts.length > 3 || (scheme !== "" && scheme !== "http" && scheme !== "https"))
    throw badRequest(`invalid request ${JSON.stringify(text)}`);
  return { scheme: scheme === "https" ? "https" : "http", name, port };
}

export function proxyPod(server: Server, call: Call, target: Target, pod: ConnectPod): Promise<Response> {
  const { scheme, port } = parseProxyName(target.name);
  const ip = pod.status?.podIP ?? "";
  if (ip === "") throw new StatusError("ServiceUnavailable", `address not allowed: pod ${target.name} has no IP address yet`);
  const first = (pod.spec?.containers ?? []).flatMap((container) => (container as { ports?: { containerPort?: number }[] }).ports ?? [])[0]
    ?.containerPort;
  return dial(server, call, scheme, ip, port === "" ? (first ?? 80) : Number(port), `pod ${target.name}`);
}

interface EndpointsObject extends ApiObject {
  readonly subsets?: readonly {
    readonly addresses?: readonly { readonly ip: string }[];
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  }[];
}
interface ServiceObject extends ApiObject {
  readonly spec?: { readonly ports?: readonly { readonly name?: string; readonly port: number }[] };
}

export function proxyService(server: Server, call: Call, target: Target, service: ApiObject): Promise<Response> {
  const { scheme, name, port } = parseProxyName(target.name);
  const ports = (service as ServiceObject).spec?.ports ?? [];
  const wanted = port === "" ? ports[0] : ports.find((one) => one.name === port || String(one.port) === port);
  if (!wanted)
    throw new StatusError("ServiceUnavailable", `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`);
  const endpoints = lookup(server, { group: "", kind: "Endpoints" }, target.namespace, name) as EndpointsObject | undefined;
  const choices = (endpoints?.subsets ?? []).flatMap((subset) => {
    const found = (subset.ports ?? []).find((one) => (one.name ?? "") === (wanted.name ?? ""));
    return found ? (subset.addresses ?? []).map((address) => ({ host: address.ip, port: found.port })) : [];
  });
  if (choices.length === 0) throw new StatusError("ServiceUnavailable", `no endpoints available for service ${JSON.stringify(name)}`);
  const choice = choices[randomInt(server.deps.random, choices.length)]!;
  return dial(server, call, scheme, choice.host, choice.port, `service ${name}`);
}

function dial(server: Server, call: Call, scheme: "http" | "https", host: string, port: number, whom: string): Promise<Response> {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port in ${JSON.stringify(call.info.name)}`);
  const { dialCluster } = server.deps;
  if (!dialCluster)
    throw new StatusError("ServiceUnavailable", `${whom} cannot be reached: nothing here connects to the cluster's network`);
  const query = call.info.query.toString();
  return forward(server, call, dialCluster({ scheme, host, port }), `/${call.info.rest}${query === "" ? "" : `?${query}`}`, whom);
}
