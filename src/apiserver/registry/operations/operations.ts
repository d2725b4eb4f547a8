// The operations that kind records name: creates that do something instead of storing what was sent.

import { BugError } from "../../../base/assert.ts";
import type { Subresource } from "../../../object/kind.ts";
import { apiVersionOf } from "../../../object/kind.ts";
import type { Response } from "../../../wire/exchange.ts";
import { mutateAdmission, validateAdmission } from "../../admission/admission-chain.ts";
import type { Call } from "../../route/call.ts";
import { readBody } from "../../route/body.ts";
import type { Server } from "../../server.ts";
import type { Expected } from "../decode-body.ts";
import { decodeServed, expectedOf } from "../decode-body.ts";
import type { Target } from "../target.ts";
import { schemasOf } from "../target.ts";
import { writeOptions } from "../write-options.ts";
import { accessReview, selfAccessReview, localAccessReview, rulesReview } from "./access-reviews.ts";
import { bind } from "./binding.ts";
import { evict } from "./eviction.ts";
import type { Operation } from "./operation.ts";
import { selfReview } from "./self-review.ts";
import { requestToken } from "./token-request.ts";
import { tokenReview } from "./token-review.ts";

/** By the kind that is posted: one name cannot mean two operations. */
const operations: Readonly<Record<string, Operation>> = {
  Binding: bind,
  Eviction: evict,
  TokenRequest: requestToken,
  TokenReview: tokenReview,
  SelfSubjectReview: selfReview,
  SubjectAccessReview: accessReview,
  SelfSubjectAccessReview: selfAccessReview,
  LocalSubjectAccessReview: localAccessReview,
  SelfSubjectRulesReview: rulesReview,
};

export async function runOperation(
  server: Server,
  call: Call,
  target: Target,
  name: string,
  subresource: Extract<Subresource, { type: "operation" }> | undefined,
): Promise<Response> {
  const expected = subresource ? representationOf(server, subresource) : expectedOf(target.served);
  const operation = Object.hasOwn(operations, expected.kind) ? operations[expected.kind] : undefined;
  if (!operation) throw new BugError(`kind ${target.served.kind.kind} names an operation that is not there: ${name}`);
  const options = writeOptions(call, "CreateOptions");
  const body = await readBody(call, schemasOf(server));
  const draft = decodeServed(call, expected, body, options.unknownFields);
  const admission = {
    operation: "CREATE",
    served: target.served,
    namespace: target.namespace,
    name: target.name,
    subresource: target.subresource,
    object: draft,
    user: call.user,
    dryRun: options.dryRun,
  } as const;
  await mutateAdmission(server, admission);
  await validateAdmission(server, admission);
  return operation({ server, call, target, draft, expected, options });
}

function representationOf(server: Server, subresource: Extract<Subresource, { type: "operation" }>): Expected {
  const { group, version, kind } = subresource.represents;
  const schema = server.resources.schemaOf(group, version, kind);
  if (!schema) throw new BugError(`nobody knows the schema of ${apiVersionOf(group, version)} ${kind}`);
  return { apiVersion: apiVersionOf(group, version), kind, schema };
}
