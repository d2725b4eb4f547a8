// The end of the pipeline: which handler answers? Chosen by the kind record alone, so that no kind can be forgotten.

import type { Subresource } from "../../object/kind.ts";
import { StatusError } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { serveConnect } from "../connect/serve-connect.ts";
import { handleCreate } from "../registry/create.ts";
import { handleDelete, handleDeleteCollection } from "../registry/delete.ts";
import { runOperation } from "../registry/operations/operations.ts";
import { handlePatch } from "../registry/patch.ts";
import { getProjection, patchProjection, updateProjection } from "../registry/projection.ts";
import { handleGet, handleList, watchSelection } from "../registry/read.ts";
import type { Target } from "../registry/target.ts";
import { targetOf } from "../registry/target.ts";
import { handleUpdate } from "../registry/update.ts";
import { subresourceVerbs } from "../discovery/discovery.ts";
import type { Served } from "../resources.ts";
import { subresourceOf, verbsOf } from "../resources.ts";
import type { Server } from "../server.ts";
import { serveWatch } from "../watch/serve-watch.ts";
import type { Call, Handler } from "./call.ts";
import { handleDocument } from "./documents.ts";
import { negotiate, wantsPretty } from "./negotiate.ts";

export function dispatch(server: Server): Handler {
  return async (call) => {
    const { info } = call;
    if (!info.isResource) return handleDocument(server, call);
    const served = server.resources.find(info.group, info.version, info.resource);
    if (!served) throw new StatusError("NotFound", "the server could not find the requested resource", {});
    // Scope: a namespaced kind is created only inside a namespace, a cluster-scoped one never.
    if (!served.kind.namespaced && info.namespace !== "" && served.kind.plural !== "namespaces") throw notThere();
    if (served.kind.namespaced && info.namespace === "" && (info.verb === "create" || info.named)) throw notThere();
    if (served.version.deprecated !== undefined) call.warnings.push(served.version.deprecated);
    const target = targetOf(call, served);
    if (info.subresource !== "") return handleSubresource(server, call, served, target);
    call.output = negotiate(call.request.headers["accept"], "objects", wantsPretty(info.query, call.request.headers["user-agent"]));
    return handleMain(server, call, served, target);
  };
}

const notThere = (): StatusError => new StatusError("NotFound", "the server could not find the requested resource", {});
const notAllowed = (): StatusError =>
  new StatusError("MethodNotAllowed", "the server does not allow this method on the requested resource", {});

function handleMain(server: Server, call: Call, served: Served, target: Target): Promise<Response> {
  const { verb, named } = call.info;
  if (!verbsOf(served.kind).includes(verb)) throw notAllowed();
  if (served.kind.operation !== undefined) return runOperation(server, call, target, served.kind.operation, undefined);
  switch (verb) {
    case "create":
      if (named) throw notAllowed();
      return handleCreate(server, call, target);
    case "get":
      return handleGet(server, call, target);
    case "list":
      return handleList(server, call, served, target.namespace);
    case "watch":
      return serveWatch(server, call, served, watchSelection(call, target));
    case "update":
      if (!named) throw notAllowed();
      return handleUpdate(server, call, target);
    case "patch":
      if (!named) throw notAllowed();
      return handlePatch(server, call, target);
    case "delete":
      return handleDelete(server, call, target);
    case "deletecollection":
      return handleDeleteCollection(server, call, target);
    default:
      throw notAllowed();
  }
}

function handleSubresource(server: Server, call: Call, served: Served, target: Target): Promise<Response> {
  const subresource = subresourceOf(served.kind, target.subresource);
  if (!subresource) throw notThere();
  // A proxy passes every method on; the others allow what they declare.
  const { verb } = call.info;
  if (!subresourceVerbs(subresource).includes(verb)) throw notAllowed();
  if (subresource.type === "connect") return serveConnect(server, call, target, subresource);
  call.output = negotiate(call.request.headers["accept"], "objects", wantsPretty(call.info.query, call.request.headers["user-agent"]));
  return handleStoredSubresource(server, call, target, subresource);
}

function handleStoredSubresource(
  server: Server,
  call: Call,
  target: Target,
  subresource: Exclude<Subresource, { type: "connect" }>,
): Promise<Response> {
  if (subresource.type === "operation") return runOperation(server, call, target, subresource.operation, subresource);
  const { verb } = call.info;
  if (subresource.type === "projection") {
    if (verb === "get") return getProjection(server, call, target, subresource);
    return verb === "update" ? updateProjection(server, call, target, subresource) : patchProjection(server, call, target, subresource);
  }
  if (verb === "get") return handleGet(server, call, target);
  return verb === "update" ? handleUpdate(server, call, target) : handlePatch(server, call, target);
}
