// serviceaccounts/token: a token of an account, bound to it and, when asked, to a pod, node or secret (KEP-1205, KEP-4193).

import { formatTime } from "../../../base/clock.ts";
import { randomUuid } from "../../../base/random.ts";
import type { FieldError } from "../../../object/field-error.ts";
import { invalidValue } from "../../../object/field-error.ts";
import type { ApiObject } from "../../../object/kind.ts";
import { badRequest, conflict, invalid, notFound } from "../../../object/status.ts";
import { serviceAccountUser } from "../../authn/users.ts";
import { respondValue } from "../../route/respond.ts";
import { lookup } from "../rule-context.ts";
import type { Operation, OperationRequest } from "./operation.ts";

const shortestSeconds = 600;
const longestSeconds = 2 ** 32;
const defaultSeconds = 3600;

interface TokenSpec {
  audiences?: string[];
  expirationSeconds?: number;
  boundObjectRef?: { apiVersion?: string; kind?: string; name?: string; uid?: string };
}

export const requestToken: Operation = async (request) => {
  const { server, call, target, draft } = request;
  const spec = ((draft as { spec?: TokenSpec }).spec ??= {});
  await server.feed.fresh();
  const account = lookup(server, { group: "", kind: "ServiceAccount" }, target.namespace, target.name);
  if (!account) throw notFound(target.served.name, target.name);
  if (draft.metadata?.name && draft.metadata.name !== target.name)
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${target.name})`);

  const audiences = spec.audiences?.length ? spec.audiences : [server.deps.issuer];
  const seconds = spec.expirationSeconds ?? defaultSeconds;
  const errors: FieldError[] = [];
  if (seconds < shortestSeconds)
    errors.push(invalidValue("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"));
  if (seconds > longestSeconds)
    errors.push(invalidValue("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"));
  if (errors.length > 0) throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, "", errors);

  const now = Math.floor(server.deps.clock.now() / 1000);
  const claims = {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: server.deps.issuer,
    jti: randomUuid(server.deps.random),
    "kubernetes.io": {
      namespace: target.namespace,
      serviceaccount: { name: target.name, uid: account.metadata?.uid },
      ...bound(request, spec),
    },
    nbf: now,
    sub: serviceAccountUser(target.namespace, target.name),
  };
  const token = await server.deps.tokenKeys.sign(claims);
  const metadata = { ...draft.metadata, name: target.name, namespace: target.namespace, creationTimestamp: formatTime(now * 1000) };
  const answer = {
    ...draft,
    metadata,
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: formatTime((now + seconds) * 1000) },
  };
  return respondValue(call, 201, answer, request.expected.schema);
};

/** Claims of the object whose end ends the token. */
function bound(request: OperationRequest, spec: TokenSpec): object {
  const reference = spec.boundObjectRef;
  if (!reference) return {};
  const { kind = "", apiVersion = "v1", name = "", uid } = reference;
  const { server, target } = request;
  if (!["Pod", "Secret", "Node"].includes(kind) || (apiVersion !== "v1" && apiVersion !== ""))
    throw badRequest(`cannot bind token for serviceaccount to object of type ${apiVersion}, Kind=${kind}`);
  const object = lookup(server, { group: "", kind }, kind === "Node" ? "" : target.namespace, name);
  if (!object) throw notFound({ group: "", resource: `${kind.toLowerCase()}s` }, name);
  if (uid && uid !== object.metadata?.uid)
    throw conflict(
      { group: "", resource: `${kind.toLowerCase()}s` },
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  const claim = { name, uid: object.metadata?.uid };
  if (kind === "Secret") return { secret: claim };
  if (kind === "Node") return { node: claim };
  return { pod: claim, ...nodeClaim(request, object) };
}

/** A token of a pod also says where the pod runs. */
function nodeClaim(request: OperationRequest, pod: ApiObject): object {
  const { serviceAccountName = "default", nodeName } = (pod as { spec?: { serviceAccountName?: string; nodeName?: string } }).spec ?? {};
  if (serviceAccountName !== request.target.name)
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(request.target.name)} to pod running with different serviceaccount name.`,
    );
  if (!nodeName) return {};
  const node = lookup(request.server, { group: "", kind: "Node" }, "", nodeName);
  return { node: { name: nodeName, ...(node?.metadata?.uid !== undefined && { uid: node.metadata.uid }) } };
}
