// DELETE: at once, or step by step: graceful (pods), while finalizers hold the object, orphaning or following its dependents.

import { causeOf } from "./cause.ts";
import { formatTime, parseTime } from "../../base/clock.ts";
import { clone } from "../../object/copy.ts";
import type { ApiObject, Draft } from "../../object/kind.ts";
import { StatusError, conflict, notFound } from "../../object/status.ts";
import type { Response } from "../../wire/exchange.ts";
import { validateAdmission } from "../admission/admission-chain.ts";
import type { Server } from "../server.ts";
import { servedObject } from "../resources.ts";
import type { Call } from "../route/call.ts";
import { readBody } from "../route/body.ts";
import { respondObject, respondStored, respondValue } from "../route/respond.ts";
import { statusStruct } from "../../object/meta.ts";
import { listVersions } from "../watch/list.ts";
import { selectionOf } from "../watch/selection.ts";
import type { StoredVersion } from "../watch/stored-version.ts";
import { TransactionAllocator } from "./allocator.ts";
import { commitDelete, commitPut } from "./commit.ts";
import type { ObjectDraft } from "./decode-body.ts";
import { toServed } from "./decode-body.ts";
import { pendingFinalizers, showDeleting } from "./deletion-state.ts";
import { poolsOf } from "./pools.ts";
import { ruleContext } from "./rule-context.ts";
import type { Target } from "./target.ts";
import { schemasOf } from "./target.ts";
import { present } from "./update.ts";
import type { DeleteOptions } from "./write-options.ts";
import { deleteOptions } from "./write-options.ts";

const maxAttempts = 50;

/** Kinds whose deletion answers with the object instead of a Status. */
const answersWithObject = new Set(["pods", "services", "serviceaccounts"]);

export async function handleDelete(server: Server, call: Call, target: Target): Promise<Response> {
  const body = await readBody(call, schemasOf(server));
  const options = deleteOptions(call, body?.value);
  const result = await deleteObject(server, call, target, options);
  return respondDeleted(server, call, target, options, result);
}

async function respondDeleted(server: Server, call: Call, target: Target, options: DeleteOptions, result: Deletion): Promise<Response> {
  const { served } = target;
  const status = !result.gone && options.orphanDependents === false ? 202 : 200;
  if (!result.gone || (served.kind.group === "" && answersWithObject.has(served.kind.plural))) {
    if (result.stored) return respondStored(server, call, status, served, result.stored);
    return respondObject(server, call, status, served, await toServed(served, result.object));
  }
  const { group, plural } = served.kind;
  const details = { name: target.name, ...(group !== "" && { group }), kind: plural, uid: result.object.metadata?.uid ?? "" };
  return respondValue(call, status, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details }, statusStruct);
}

export interface Deletion {
  /** The object is no longer stored; else it waits for somebody. */
  readonly gone: boolean;
  readonly object: ApiObject;
  readonly stored?: StoredVersion;
}

/** @throws StatusError NotFound, Conflict (a precondition does not hold), whatever admission refuses with */
export async function deleteObject(server: Server, call: Call, target: Target, options: DeleteOptions): Promise<Deletion> {
  const { served } = target;
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    await server.feed.fresh();
    const current = present(server, target);
    if (!current) throw notFound(served.name, target.name);
    const old = current.object;
    checkPreconditions(target, old, options);
    await validateAdmission(server, {
      operation: "DELETE",
      served,
      namespace: target.namespace,
      name: target.name,
      subresource: target.subresource,
      old,
      user: call.user,
      dryRun: options.dryRun,
    });
    const allocator = new TransactionAllocator(server.feed, poolsOf(server.deps), server.deps.random, "");
    const context = ruleContext(server, call, { subresource: "", dryRun: options.dryRun, old, allocate: allocator });
    const step = nextStep(
      server,
      target,
      old,
      options,
      served.kind.rules?.deletionGraceSeconds?.(old, options.gracePeriodSeconds, context),
    );
    if (step === "wait") return { gone: false, object: old, stored: current };
    if (step !== "remove") {
      if (options.dryRun)
        return { gone: false, object: { ...step, metadata: { ...step.metadata, resourceVersion: old.metadata!.resourceVersion! } } };
      const stored = await commitPut(server, served, current.key, step, current, allocator, causeOf(call));
      if (stored) return { gone: false, object: stored.object, stored };
      continue;
    }
    if (options.dryRun) return { gone: true, object: old };
    served.kind.rules?.release?.(old, context);
    const revision = await commitDelete(server, current, allocator, causeOf(call));
    if (revision !== undefined) return { gone: true, object: current.at(revision).object };
  }
  throw conflict(served.name, target.name, "too many writers at once, please try again");
}

function checkPreconditions(target: Target, old: ApiObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions;
  const metadata = old.metadata ?? {};
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      target.served.name,
      target.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid ?? ""}`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      target.served.name,
      target.name,
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion ?? ""}`,
    );
}

const orphan = "orphan";
const foreground = "foregroundDeletion";

/** What to do with an object that somebody wants gone: remove it, change it first, or nothing more than has been done. */
function nextStep(
  server: Server,
  target: Target,
  old: ApiObject,
  options: DeleteOptions,
  graceSeconds: number | undefined,
): "remove" | "wait" | ObjectDraft {
  const { served } = target;
  const metadata = old.metadata ?? {};
  const now = server.deps.clock.now();
  const finalizers = finalizersFor(metadata.finalizers ?? [], options);
  const finalizersChanged = finalizers.join(" ") !== (metadata.finalizers ?? []).join(" ");
  const held = pendingFinalizers(served, { ...old, metadata: { ...metadata, finalizers } } as ApiObject).length > 0;
  const deleting = metadata.deletionTimestamp !== undefined;
  const grace = graceSeconds ?? 0;

  if (!deleting) {
    if (grace === 0 && !held) return "remove";
    const draft = clone(old) as ObjectDraft;
    setFinalizers(draft, finalizers);
    draft.metadata!.deletionTimestamp = formatTime(now + grace * 1000);
    draft.metadata!.deletionGracePeriodSeconds = grace;
    if ((metadata.generation ?? 0) > 0) draft.metadata!.generation = metadata.generation! + 1;
    showDeleting(served, draft);
    return draft;
  }

  // Deletion has begun. A second request may shorten the time that is left, never lengthen it.
  const present = metadata.deletionGracePeriodSeconds ?? 0;
  const shortened = graceSeconds !== undefined && options.gracePeriodSeconds !== undefined && grace < present;
  if (!shortened && present > 0 && graceSeconds !== undefined) return finalizersChanged ? withFinalizers(old, finalizers) : "wait";
  if (shortened) {
    if (grace === 0 && !held) return "remove";
    const draft = clone(old) as ObjectDraft;
    setFinalizers(draft, finalizers);
    const began = parseTime(metadata.deletionTimestamp) - present * 1000;
    draft.metadata!.deletionTimestamp = formatTime(began + grace * 1000);
    draft.metadata!.deletionGracePeriodSeconds = grace;
    return draft;
  }
  if (!held) return "remove";
  return finalizersChanged ? withFinalizers(old, finalizers) : "wait";
}

function withFinalizers(old: ApiObject, finalizers: readonly string[]): ObjectDraft {
  const draft = clone(old) as ObjectDraft;
  setFinalizers(draft, finalizers);
  return draft;
}

function setFinalizers(draft: Draft<ApiObject>, finalizers: readonly string[]): void {
  if (finalizers.length > 0) draft.metadata!.finalizers = [...finalizers];
  else delete draft.metadata!.finalizers;
}

/** The garbage collector's finalizers follow the propagation policy; without a policy they stay as they are. */
function finalizersFor(present: readonly string[], options: DeleteOptions): string[] {
  const policy =
    options.propagationPolicy ??
    (options.orphanDependents === true ? "Orphan" : options.orphanDependents === false ? "Background" : undefined);
  if (policy === undefined) return [...present];
  const rest = present.filter((name) => name !== orphan && name !== foreground);
  if (policy === "Orphan") return [...rest, orphan];
  if (policy === "Foreground") return [...rest, foreground];
  return rest;
}

export async function handleDeleteCollection(server: Server, call: Call, target: Target): Promise<Response> {
  const { served } = target;
  const body = await readBody(call, schemasOf(server));
  const options = deleteOptions(call, body?.value);
  const selection = selectionOf(served, target.namespace, call.info.query);
  const answer = await listVersions(server, served, selection, call.info.query, call.signal);
  const items: ApiObject[] = [];
  for (const [position, version] of answer.versions.entries()) {
    call.signal.throwIfAborted();
    const { namespace = "", name = "" } = version.object.metadata ?? {};
    try {
      const result = await deleteObject(server, call, { ...target, namespace, name }, options);
      items.push(result.stored ? await servedObject(served, result.stored) : result.object);
    } catch (error) {
      // Gone meanwhile is what was wanted.
      if (!(error instanceof StatusError) || error.reason !== "NotFound") throw error;
    }
    if (position % 100 === 99) await server.deps.yieldNow();
  }
  const list = {
    kind: served.kind.listKind ?? `${served.kind.kind}List`,
    apiVersion: served.apiVersion,
    metadata: { resourceVersion: String(server.feed.revision) },
    items,
  };
  return respondValue({ ...call, output: { ...call.output, as: "object" } }, 200, list);
}
