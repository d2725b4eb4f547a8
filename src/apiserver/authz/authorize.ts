// May they? One question to the authorizer for each request, and Kubernetes' words for a no.

import { StatusError } from "../../object/status.ts";
import type { Server } from "../server.ts";
import type { Call, Stage } from "../route/call.ts";
import type { Attributes } from "./attributes.ts";

/** Streams that run something in a pod: whoever may only read may not open them by GET. */
const streams = new Set(["pods/exec", "pods/attach", "pods/portforward"]);
/** Ways to the same through a proxy, when the request upgrades. */
const proxies = new Set(["nodes/proxy", "pods/proxy", "services/proxy"]);

export function authorize(server: Server): Stage {
  return async (call, next) => {
    const attributes = attributesOf(call);
    check(server, attributes);
    const what = attributes.group === "" ? `${attributes.resource}/${attributes.subresource}` : "";
    const upgrades = call.request.headers["upgrade"] !== undefined;
    // A WebSocket begins as a GET: without this, reading would be enough to run commands.
    if (attributes.verb === "get" && (streams.has(what) || (upgrades && proxies.has(what))))
      check(server, { ...attributes, verb: "create" });
    return next();
  };
}

/** A PUT or an apply that will create needs the permission to create as well. @throws StatusError Forbidden */
export function authorizeCreate(server: Server, call: Call): void {
  check(server, { ...attributesOf(call), verb: "create" });
}

function check(server: Server, attributes: Attributes): void {
  const decision = server.authorizer.authorize(attributes);
  if (!decision.allowed) throw refusal(attributes, decision.reason);
}

export function attributesOf(call: Call): Attributes {
  const { info, user } = call;
  const selector = info.query.get("fieldSelector");
  return {
    user,
    verb: info.verb,
    isResource: info.isResource,
    namespace: info.namespace,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    name: info.name,
    path: info.path,
    ...(selector !== null && selector !== "" && { fieldSelector: selector }),
  };
}

export function refusal(attributes: Attributes, reason: string): StatusError {
  const { user, verb, group, resource, subresource, namespace, name, path } = attributes;
  const because = reason === "" ? "" : `: ${reason}`;
  if (!attributes.isResource)
    return new StatusError(
      "Forbidden",
      `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}${because}`,
      {},
    );
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  const title = group === "" ? resource : `${resource}.${group}`;
  const named = name === "" ? title : `${title} ${JSON.stringify(name)}`;
  return new StatusError(
    "Forbidden",
    `${named} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scope}${because}`,
    { ...(name !== "" && { name }), ...(group !== "" && { group }), kind: resource },
  );
}
