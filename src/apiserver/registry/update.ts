// Every change of a stored object: PUT, the patches, subresources, the server's own. One loop reads the newest version, lets
// `change` make the wanted one, runs the rules, and commits if nobody was faster; else it looks again.

import { causeOf } from "./cause.ts";
import { applyDefaults } from "../../object/defaults.ts";
import { clone, deepEqual } from "../../object/copy.ts";
import { validateMeta, validateMetaUpdate } from "../../object/metadata-rules.ts";
import type { ApiObject, Draft, RuleContext, Subresource } from "../../object/kind.ts";
import { badRequest, conflict, invalid, notFound, staleObject } from "../../object/status.ts";
import type { FieldError } from "../../object/field-error.ts";
import type { Response } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import { subresourceOf } from "../resources.ts";
import type { Call } from "../route/call.ts";
import { readBody } from "../route/body.ts";
import { respondObject, respondStored } from "../route/respond.ts";
import { mutateAdmission, validateAdmission } from "../admission/admission-chain.ts";
import type { AdmissionRequest } from "../admission/plugin.ts";
import { authorizeCreate } from "../authz/authorize.ts";
import { checkEscalation } from "../authz/escalation.ts";
import { expired } from "../watch/list.ts";
import type { StoredVersion } from "../watch/stored-version.ts";
import { TransactionAllocator } from "./allocator.ts";
import { commitDelete, commitPut } from "./commit.ts";
import type { WriteResult } from "./create.ts";
import { alignNamespace, createObject } from "./create.ts";
import type { ObjectDraft } from "./decode-body.ts";
import { decodeServed, expectedOf, toServed, toStorage } from "./decode-body.ts";
import { deletesNow } from "./deletion-state.ts";
import { ownerOfCreate, ownerOfUpdate } from "./field-ownership.ts";
import { hasGeneration, wantedChanged } from "./generation.ts";
import { poolsOf } from "./pools.ts";
import { ruleContext } from "./rule-context.ts";
import type { Target } from "./target.ts";
import { schemasOf, targetKey } from "./target.ts";
import type { WriteOptions } from "./write-options.ts";
import { writeOptions } from "./write-options.ts";

/** How often one request looks again before it tells its caller to. */
const maxAttempts = 50;

export async function handleUpdate(server: Server, call: Call, target: Target): Promise<Response> {
  const options = writeOptions(call, "UpdateOptions");
  const { served } = target;
  const body = await readBody(call, schemasOf(server));
  const decoded = decodeServed(call, expectedOf(served), body, options.unknownFields);
  alignName(decoded, target);
  alignNamespace(decoded, target);
  const wanted = await toStorage(served, decoded);
  if (served.kind.rules?.requireResourceVersion && !wanted.metadata?.resourceVersion)
    throw invalid(served.kind, target.name, [
      { type: "FieldValueInvalid", field: "metadata.resourceVersion", badValue: 0, detail: "must be specified for an update" },
    ]);

  await server.feed.fresh();
  if (served.kind.rules?.createOnUpdate && target.subresource === "" && !present(server, target)) {
    if (wanted.metadata?.resourceVersion) throw conflict(served.name, target.name, staleObject);
    authorizeCreate(server, call);
    const made = await createObject(server, call, target, wanted, options, (draft) =>
      ownerOfCreate(server, served, draft, options.fieldManager),
    );
    return respondWritten(server, call, 201, target, made);
  }
  const result = await updateObject(server, call, target, options, {
    change: () => clone(wanted) as ObjectDraft,
    own: (draft, old) => ownerOfUpdate(server, served, draft, old, options.fieldManager, target.subresource),
  });
  return respondWritten(server, call, 200, target, result);
}

export async function respondWritten(server: Server, call: Call, status: number, target: Target, result: WriteResult): Promise<Response> {
  if (result.stored) return respondStored(server, call, status, target.served, result.stored);
  return respondObject(server, call, status, target.served, await toServed(target.served, result.object));
}

export interface Change {
  /** The wanted object in the storage version, from the present one. May throw to refuse. */
  readonly change: (old: ApiObject) => ObjectDraft | Promise<ObjectDraft>;
  /** Records who set which fields. */
  readonly own: (draft: ObjectDraft, old: ApiObject) => void | Promise<void>;
  /** Skips the view's or the kind's preparation: the server itself changes exactly what it means to. */
  readonly internal?: boolean;
}

export function present(server: Server, target: Target): StoredVersion | undefined {
  const version = server.feed.cache(target.served.storagePrefix).get(targetKey(target));
  return version && !expired(server, version) ? version : undefined;
}

/** @throws StatusError NotFound, Conflict, Invalid, and whatever `change` throws */
export async function updateObject(server: Server, call: Call, target: Target, options: WriteOptions, what: Change): Promise<WriteResult> {
  const { served } = target;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    await server.feed.fresh();
    const current = present(server, target);
    if (!current) throw notFound(served.name, target.name);
    const old = current.object;
    const warningsBefore = call.warnings.length;
    const draft = await what.change(old);
    checkPreconditions(target, draft, old);
    const allocator = new TransactionAllocator(
      server.feed,
      poolsOf(server.deps),
      server.deps.random,
      `${served.kind.plural}/${target.namespace}/${target.name}/${old.metadata?.uid ?? ""}`,
    );
    const context = ruleContext(server, call, { subresource: target.subresource, dryRun: options.dryRun, old, allocate: allocator });
    await prepareChanged(server, call, target, draft, old, what, options, context);
    if (unchanged(draft, old)) return { stored: current, object: old };
    if (options.dryRun) return { object: { ...draft, metadata: { ...draft.metadata, resourceVersion: old.metadata!.resourceVersion! } } };
    if (deletesNow(served, draft, old)) {
      served.kind.rules?.release?.(draft, context);
      const revision = await commitDelete(server, current, allocator, causeOf(call));
      if (revision !== undefined) return { object: { ...draft, metadata: { ...draft.metadata, resourceVersion: String(revision) } } };
    } else {
      const stored = await commitPut(server, served, current.key, draft, current, allocator, causeOf(call));
      if (stored) return { stored, object: stored.object };
    }
    call.warnings.length = warningsBefore;
  }
  throw conflict(served.name, target.name, staleObject);
}

async function prepareChanged(
  server: Server,
  call: Call,
  target: Target,
  draft: ObjectDraft,
  old: ApiObject,
  what: Change,
  options: WriteOptions,
  context: RuleContext,
): Promise<void> {
  const { served } = target;
  const { rules } = served.kind;
  const view = target.subresource === "" ? undefined : subresourceOf(served.kind, target.subresource);
  keepSystemMetadata(draft, old);
  const request: AdmissionRequest = {
    operation: "UPDATE",
    served,
    namespace: target.namespace,
    name: target.name,
    subresource: target.subresource,
    object: draft,
    old,
    user: call.user,
    dryRun: options.dryRun,
  };
  if (!what.internal) {
    if (view?.type === "view") view.prepareUpdate(draft, old, context);
    else await rules?.prepareUpdate?.(draft, old, context);
    keepSystemMetadata(draft, old);
  }
  await mutateAdmission(server, request);
  applyDefaults(served.storage.schema, draft);
  rules?.default?.(draft);
  // Before the server allocates: what it adds then is nobody's.
  await what.own(draft, old);
  const errors = [
    ...validateMeta(served.kind, draft),
    ...validateMetaUpdate(served.kind, draft, old),
    ...validateChanged(view, draft, old, rules, context, what),
  ];
  if (errors.length > 0) throw invalid(served.kind, target.name, errors);
  // What the server itself sets, a pod's node, is nobody's new wish (the conformance test of pod generation expects 1).
  if (!what.internal && hasGeneration(served) && wantedChanged(draft, old))
    draft.metadata!.generation = (old.metadata?.generation ?? 0) + 1;
  checkEscalation(server, call.user, served, draft, old);
  await validateAdmission(server, request);
  if (!view) {
    call.warnings.push(...(rules?.warnings?.(draft, context) ?? []));
    await rules?.allocate?.(draft, old, context);
  }
}

function validateChanged(
  view: Subresource | undefined,
  draft: ApiObject,
  old: ApiObject,
  rules: Target["served"]["kind"]["rules"],
  context: RuleContext,
  what: Change,
): readonly FieldError[] {
  if (what.internal) return [];
  if (view?.type === "view") return view.validateUpdate?.(draft, old, context) ?? [];
  return [...(rules?.validate?.(draft, context) ?? []), ...(rules?.validateUpdate?.(draft, old, context) ?? [])];
}

function checkPreconditions(target: Target, draft: ObjectDraft, old: ApiObject): void {
  const { served, name } = target;
  const revision = draft.metadata?.resourceVersion;
  if (revision !== undefined && revision !== "" && revision !== "0" && revision !== old.metadata?.resourceVersion) {
    if (!/^\d+$/.test(revision))
      throw invalid(served.kind, name, [
        { type: "FieldValueInvalid", field: "metadata.resourceVersion", badValue: revision, detail: "must be a number" },
      ]);
    throw conflict(served.name, name, staleObject);
  }
  const uid = draft.metadata?.uid;
  if (uid !== undefined && uid !== "" && uid !== old.metadata?.uid)
    throw conflict(served.name, name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata?.uid ?? ""}`);
}

const systemFields = [
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "generation",
  "resourceVersion",
] as const;

/** What nobody may change through the API, whatever the request says. */
function keepSystemMetadata(draft: ObjectDraft, old: ApiObject): void {
  const metadata = (draft.metadata ??= {}) as Record<string, unknown>;
  const before = (old.metadata ?? {}) as Record<string, unknown>;
  for (const name of systemFields) {
    if (before[name] === undefined) delete metadata[name];
    else metadata[name] = before[name];
  }
  if (metadata["generateName"] === undefined && before["generateName"] !== undefined) metadata["generateName"] = before["generateName"];
  delete metadata["selfLink"];
}

/** Equal but for the times of field ownership: writing it would only wake everybody who watches. */
const unchanged = (draft: ApiObject, old: ApiObject): boolean => deepEqual(withoutTimes(draft), withoutTimes(old));

function withoutTimes(object: ApiObject): ApiObject {
  const entries = object.metadata?.managedFields;
  if (!entries) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: entries.map((entry) => ({ ...entry, time: "" })) } };
}

/** The name in the body must be the name on the URL. */
export function alignName(draft: Draft<ApiObject>, target: Target): void {
  const metadata = (draft.metadata ??= {});
  if (metadata.name !== target.name)
    throw badRequest(`the name of the object (${metadata.name ?? ""}) does not match the name on the URL (${target.name})`);
}
