// POST: a new object.

import { causeOf } from "./cause.ts";
import type { ApiObject } from "../../object/kind.ts";
import { StatusError, alreadyExists, badRequest } from "../../object/status.ts";
import { randomSuffix } from "../../base/random.ts";
import type { Response } from "../../wire/exchange.ts";
import type { Server } from "../server.ts";
import type { Call } from "../route/call.ts";
import { readBody } from "../route/body.ts";
import { respondObject, respondStored } from "../route/respond.ts";
import type { StoredVersion } from "../watch/stored-version.ts";
import { commitPut } from "./commit.ts";
import { prepareNew } from "./prepare-new.ts";
import type { ObjectDraft } from "./decode-body.ts";
import { decodeServed, expectedOf, toServed, toStorage } from "./decode-body.ts";
import { ownerOfCreate } from "./field-ownership.ts";
import type { Target } from "./target.ts";
import { schemasOf, targetKey } from "./target.ts";
import type { WriteOptions } from "./write-options.ts";
import { writeOptions } from "./write-options.ts";
import { clone } from "../../object/copy.ts";

/** How many generated names are tried before giving up (KEP-4420). */
const nameTries = 8;
/** Generated names are cut so that they fit a DNS label together with their suffix. */
const maxGeneratedBase = 58;
/** How often a create is tried again because an address that it chose was taken meanwhile. */
const allocationTries = 32;

export async function handleCreate(server: Server, call: Call, target: Target): Promise<Response> {
  const options = writeOptions(call, "CreateOptions");
  const body = await readBody(call, schemasOf(server));
  const served = target.served;
  const decoded = decodeServed(call, expectedOf(served), body, options.unknownFields);
  alignNamespace(decoded, target);
  const draft = await toStorage(served, decoded);
  const result = await createObject(server, call, target, draft, options, (made) =>
    ownerOfCreate(server, served, made, options.fieldManager),
  );
  if (result.stored) return respondStored(server, call, 201, served, result.stored);
  return respondObject(server, call, 201, served, await toServed(served, result.object));
}

export type WriteResult =
  | { readonly stored: StoredVersion; readonly object: ApiObject }
  | { readonly stored?: undefined; readonly object: ApiObject };

/**
 * Makes a stored object out of a draft in the storage version: name, admission, defaults, validation, allocation, commit.
 * `own` records who set which fields, once everything has its default.
 */
export async function createObject(
  server: Server,
  call: Call,
  target: Target,
  draft: ObjectDraft,
  options: WriteOptions,
  own: (draft: ObjectDraft) => void | Promise<void>,
): Promise<WriteResult> {
  const { served } = target;
  const base = draft.metadata?.name ? undefined : draft.metadata?.generateName || undefined;
  // Only a generated name and a chosen address can be tried anew; everything else fails or succeeds at once.
  const mayRetry = base !== undefined || served.kind.rules?.allocate !== undefined;
  for (let attempt = 1; ; attempt++) {
    const copy = mayRetry ? (clone(draft) as ObjectDraft) : draft;
    if (base !== undefined) copy.metadata!.name = base.slice(0, maxGeneratedBase) + randomSuffix(server.deps.random);
    const named: Target = { ...target, name: copy.metadata?.name ?? "" };
    const { object, allocator } = await prepareNew(server, call, named, copy, options, own);
    const key = targetKey(named);
    await server.feed.fresh();
    const present = server.feed.cache(served.storagePrefix).get(key);
    if (!present) {
      if (options.dryRun) return { object };
      const stored = await commitPut(server, served, key, object, undefined, allocator, causeOf(call));
      if (stored) return { stored, object: stored.object };
      await server.feed.fresh();
      // Not the name but an address was taken by somebody faster.
      if (mayRetry && !server.feed.cache(served.storagePrefix).get(key)) {
        if (attempt >= allocationTries) throw new StatusError("Conflict", "could not allocate: too many writers at once, try again");
        continue;
      }
    }
    if (base === undefined) throw alreadyExists(served.name, named.name);
    if (attempt >= nameTries) {
      const error = alreadyExists(served.name, named.name);
      throw new StatusError(
        "AlreadyExists",
        `${error.message}, the server was not able to generate a unique name for the object`,
        error.status.details,
      );
    }
  }
}

/** The namespace of the path and of the object must agree; a missing one is filled in. */
export function alignNamespace(draft: ObjectDraft, target: Target): void {
  const metadata = (draft.metadata ??= {});
  if (!target.served.kind.namespaced) {
    if (metadata.namespace)
      throw badRequest(
        "namespace may not be set on a cluster-scoped object: the namespace of the provided object does not match the namespace sent on the request",
      );
    delete metadata.namespace;
    return;
  }
  if (metadata.namespace === undefined || metadata.namespace === "") metadata.namespace = target.namespace;
  else if (metadata.namespace !== target.namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}
