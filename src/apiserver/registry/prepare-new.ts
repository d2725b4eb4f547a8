// From a decoded draft to an object that may be stored: what the server sets, admission, the kind's own preparation, defaults,
// field ownership, validation, allocation. The same for create, for apply to something absent, and for update-creates.

import { randomUuid } from "../../base/random.ts";
import { formatTime } from "../../base/clock.ts";
import { applyDefaults } from "../../object/defaults.ts";
import { validateMeta } from "../../object/metadata-rules.ts";
import type { ApiObject } from "../../object/kind.ts";
import { invalid } from "../../object/status.ts";
import type { Server } from "../server.ts";
import type { Call } from "../route/call.ts";
import { mutateAdmission, validateAdmission } from "../admission/admission-chain.ts";
import type { AdmissionRequest } from "../admission/plugin.ts";
import { checkEscalation } from "../authz/escalation.ts";
import { TransactionAllocator } from "./allocator.ts";
import type { ObjectDraft } from "./decode-body.ts";
import { hasGeneration } from "./generation.ts";
import { poolsOf } from "./pools.ts";
import { ruleContext } from "./rule-context.ts";
import type { Target } from "./target.ts";
import type { WriteOptions } from "./write-options.ts";

export interface Prepared {
  readonly object: ApiObject;
  readonly allocator: TransactionAllocator;
}

export async function prepareNew(
  server: Server,
  call: Call,
  target: Target,
  draft: ObjectDraft,
  options: WriteOptions,
  own: (draft: ObjectDraft) => void | Promise<void>,
): Promise<Prepared> {
  const { served } = target;
  const { rules } = served.kind;
  setSystemMetadata(server, target, draft);
  const uid = draft.metadata!.uid!;
  const allocator = new TransactionAllocator(
    server.feed,
    poolsOf(server.deps),
    server.deps.random,
    `${served.kind.plural}/${target.namespace}/${target.name}/${uid}`,
  );
  const context = ruleContext(server, call, { subresource: "", dryRun: options.dryRun, allocate: allocator });
  const request: AdmissionRequest = {
    operation: "CREATE",
    served,
    namespace: target.namespace,
    name: target.name,
    subresource: "",
    object: draft,
    user: call.user,
    dryRun: options.dryRun,
  };
  await mutateAdmission(server, request);
  await rules?.prepareCreate?.(draft, context);
  applyDefaults(served.storage.schema, draft);
  rules?.default?.(draft);
  if (hasGeneration(served)) draft.metadata!.generation = 1;
  await own(draft);
  const errors = [...validateMeta(served.kind, draft), ...(rules?.validate?.(draft, context) ?? [])];
  if (errors.length > 0) throw invalid(served.kind, target.name, errors);
  checkEscalation(server, call.user, served, draft, undefined);
  await validateAdmission(server, request);
  call.warnings.push(...(rules?.warnings?.(draft, context) ?? []));
  await rules?.allocate?.(draft, undefined, context);
  return { object: draft, allocator };
}

function setSystemMetadata(server: Server, target: Target, draft: ObjectDraft): void {
  const metadata = (draft.metadata ??= {});
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  delete (metadata as Record<string, unknown>)["selfLink"];
  metadata.uid = randomUuid(server.deps.random);
  metadata.creationTimestamp = formatTime(server.deps.clock.now());
  if (target.served.kind.namespaced) metadata.namespace = target.namespace;
}
