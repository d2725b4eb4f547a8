// The four questions "may somebody do something?", answered by the authorizer that every request meets.

import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from "../../../kinds/authorization/access-review-validation.ts";
import type { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "../../../kinds/authorization/types.gen.ts";
import type { FieldError } from "../../../object/field-error.ts";
import { badRequest, invalid } from "../../../object/status.ts";
import type { Response, UserInfo } from "../../../wire/exchange.ts";
import type { Attributes } from "../../authz/attributes.ts";
import { respondValue } from "../../route/respond.ts";
import type { Operation, OperationRequest } from "./operation.ts";

interface ReviewSpec {
  resourceAttributes?: Partial<Record<"namespace" | "verb" | "group" | "version" | "resource" | "subresource" | "name", string>> & {
    fieldSelector?: { rawSelector?: string };
  };
  nonResourceAttributes?: { path?: string; verb?: string };
  user?: string;
  groups?: string[];
  uid?: string;
  extra?: Record<string, string[]>;
  namespace?: string;
}

const specOf = (request: OperationRequest): ReviewSpec => ((request.draft as { spec?: ReviewSpec }).spec ??= {});

export const accessReview: Operation = async (request) => {
  refuse(request, validateSubjectAccessReview(request.draft as unknown as SubjectAccessReview));
  return review(request, subjectOf(request));
};
export const selfAccessReview: Operation = async (request) => {
  refuse(request, validateSelfSubjectAccessReview(request.draft as unknown as SelfSubjectAccessReview));
  return review(request, request.call.user);
};
export const localAccessReview: Operation = async (request) => {
  const { draft, target } = request;
  refuse(request, validateLocalSubjectAccessReview(draft as unknown as LocalSubjectAccessReview, target.namespace));
  return review(request, subjectOf(request));
};

function refuse({ expected }: OperationRequest, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: "authorization.k8s.io", kind: expected.kind }, "", errors);
}

function subjectOf(request: OperationRequest): UserInfo {
  const { user = "", groups = [], uid, extra } = specOf(request);
  return { name: user, groups, ...(uid !== undefined && { uid }), ...(extra && { extra }) };
}

function review(request: OperationRequest, user: UserInfo): Response {
  const spec = specOf(request);
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const attributes: Attributes = {
    user,
    verb: resource?.verb ?? path?.verb ?? "",
    isResource: resource !== undefined,
    namespace: resource?.namespace ?? "",
    group: resource?.group ?? "",
    version: resource?.version ?? "",
    resource: resource?.resource ?? "",
    subresource: resource?.subresource ?? "",
    name: resource?.name ?? "",
    path: path?.path ?? "",
    ...(resource?.fieldSelector?.rawSelector !== undefined && { fieldSelector: resource.fieldSelector.rawSelector }),
  };
  const decision = request.server.authorizer.authorize(attributes);
  const status = { allowed: decision.allowed, ...(decision.reason !== "" && { reason: decision.reason }) };
  return respondValue(request.call, 201, { ...request.draft, status }, request.expected.schema);
}

export const rulesReview: Operation = async (request) => {
  const { namespace = "" } = specOf(request);
  if (namespace === "") throw badRequest("no namespace on request");
  const resourceRules: object[] = [];
  const nonResourceRules: object[] = [];
  for (const rule of request.server.authorizer.rulesFor(request.call.user, namespace)) {
    const verbs = rule.verbs ?? [];
    if (rule.resources?.length)
      resourceRules.push({
        verbs,
        apiGroups: rule.apiGroups ?? [],
        resources: rule.resources,
        ...(rule.resourceNames?.length && { resourceNames: rule.resourceNames }),
      });
    if (rule.nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs: rule.nonResourceURLs });
  }
  const status = { resourceRules, nonResourceRules, incomplete: false };
  return respondValue(request.call, 201, { ...request.draft, status }, request.expected.schema);
};
