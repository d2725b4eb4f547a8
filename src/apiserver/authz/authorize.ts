// May they? One question to the authorizer for each request, and Kubernetes' words for a no.

import { StatusError } from "../../object/status.ts";
import type { Server } from "../server.ts";
import type { Call, Stage } from "../route/call.ts";
import type { Attributes } from "./attributes.ts";

/** Upgrades run commands: whoever may only read a pod may not exec by GET. */
const createOnGet = new Set(["exec", "attach", "portforward"]);

export function authorize(server: Server): Stage {
  return async (call, next) => {
    const attributes = attributesOf(call);
    const decision = server.authorizer.authorize(attributes);
    if (!decision.allowed) throw refusal(attributes, decision.reason);
    // Since 1.35 a GET that upgrades needs create as well (KEP-5501's rule for exec, attach and portforward).
    if (attributes.verb === "get" && attributes.resource === "pods" && attributes.group === "" && createOnGet.has(attributes.subresource)) {
      const create = { ...attributes, verb: "create" };
      const second = server.authorizer.authorize(create);
      if (!second.allowed) throw refusal(create, second.reason);
    }
    return next();
  };
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
  const scope =
    namespace === "" || (group === "" && resource === "namespaces")
      ? "at the cluster scope"
      : `in the namespace ${JSON.stringify(namespace)}`;
  const scopeText = group === "" && resource === "namespaces" && namespace !== "" ? `in the namespace ${JSON.stringify(namespace)}` : scope;
  const title = group === "" ? resource : `${resource}.${group}`;
  const named = name === "" ? title : `${title} ${JSON.stringify(name)}`;
  return new StatusError(
    "Forbidden",
    `${named} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${scopeText}${because}`,
    { ...(name !== "" && { name }), ...(group !== "" && { group }), kind: resource },
  );
}
