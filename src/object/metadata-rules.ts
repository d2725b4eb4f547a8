// The rules about metadata that hold for every kind alike: what a name may look like, how labels, annotations, owners,
// finalizers and field ownership are checked, and what an update may not touch. Errors come in Kubernetes' order and wording.

import { randomSuffix, type Random } from "../base/random.ts";
import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkPathSegment,
  checkQualifiedName,
  utf8Length,
} from "../lang/names.ts";
import { deepEqual } from "./copy.ts";
import { child, type FieldError, forbiddenField, index, invalidValue, required, tooLong } from "./field-error.ts";
import type { ApiObject, Kind, ManagedFieldsEntry, ObjectMeta, OwnerReference, Rules } from "./kind.ts";

/** Longest name that generateName makes; its prefix is cut so that the suffix fits. */
const maxGeneratedNameLength = 63;
const suffixLength = 5;
/** Most bytes of all annotations of one object, keys and values together: 256 KiB. */
const maxAnnotationsBytes = 256 * 1024;

/** A name from generateName: the prefix and five random characters. */
export function generateName(random: Random, prefix: string): string {
  return prefix.slice(0, maxGeneratedNameLength - suffixLength) + randomSuffix(random, suffixLength);
}

/** What is wrong with a name of this kind; for a prefix (generateName) a trailing dash is fine. */
export function checkName(rule: Rules["name"], name: string, isPrefix = false): readonly string[] {
  if (rule === "path-segment") {
    return isPrefix ? checkPathSegment(name).filter((message) => message.startsWith("may not contain")) : checkPathSegment(name);
  }
  const text = isPrefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name;
  if (typeof rule === "function") return rule(text);
  switch (rule) {
    case "label":
      return checkDns1123Label(text);
    case "rfc1035label":
      return checkDns1035Label(text);
    case "subdomain":
    case undefined:
      return checkDns1123Subdomain(text);
  }
}

type NamingKind = Pick<Kind, "group" | "namespaced"> & { readonly rules?: { readonly name?: Rules["name"] } };

/** All errors of an object's metadata, on create and on update. `path` is where it stands: a pod template has one too. */
export function validateMeta(kind: NamingKind, object: ApiObject, path = "metadata"): FieldError[] {
  const meta = object.metadata ?? {};
  const errors: FieldError[] = [];
  const rule = kind.rules?.name;
  if (meta.generateName !== undefined && meta.generateName !== "") {
    const field = child(path, "generateName");
    for (const message of checkName(rule, meta.generateName, true)) errors.push(invalidValue(field, meta.generateName, message));
  }
  if (meta.name === undefined || meta.name === "") errors.push(required(child(path, "name"), "name or generateName is required"));
  else for (const message of checkName(rule, meta.name)) errors.push(invalidValue(child(path, "name"), meta.name, message));
  errors.push(...validateNamespace(kind.namespaced, meta.namespace ?? "", child(path, "namespace")));
  if ((meta.generation ?? 0) < 0) {
    errors.push(invalidValue(child(path, "generation"), meta.generation, "must be greater than or equal to 0"));
  }
  errors.push(...validateLabels(meta.labels, child(path, "labels")));
  errors.push(...validateAnnotations(meta.annotations, child(path, "annotations")));
  errors.push(...validateOwnerReferences(meta.ownerReferences, child(path, "ownerReferences")));
  errors.push(...validateManagedFields(meta.managedFields, child(path, "managedFields")));
  errors.push(...validateFinalizers(kind.group, meta.finalizers, child(path, "finalizers")));
  return errors;
}

function validateNamespace(namespaced: boolean, namespace: string, field: string): FieldError[] {
  if (!namespaced) return namespace === "" ? [] : [forbiddenField(field, "not allowed on this type")];
  if (namespace === "") return [required(field)];
  return checkDns1123Label(namespace).map((message) => invalidValue(field, namespace, message));
}

export function validateLabels(labels: ObjectMeta["labels"], field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(labels ?? {})) {
    for (const message of checkQualifiedName(name)) errors.push(invalidValue(field, name, message));
    for (const message of checkLabelValue(value)) errors.push(invalidValue(field, value, message));
  }
  return errors;
}

export function validateAnnotations(annotations: ObjectMeta["annotations"], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let sizeBytes = 0;
  for (const [name, value] of Object.entries(annotations ?? {})) {
    for (const message of checkQualifiedName(name.toLowerCase())) errors.push(invalidValue(field, name, message));
    sizeBytes += utf8Length(name) + utf8Length(value);
  }
  if (sizeBytes > maxAnnotationsBytes) errors.push(tooLong(field, maxAnnotationsBytes));
  return errors;
}

function validateOwnerReferences(owners: readonly OwnerReference[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const owner of owners ?? []) {
    const [version, ...rest] = owner.apiVersion.split("/").toReversed();
    if (version === "" || rest.length > 1)
      errors.push(invalidValue(child(field, "apiVersion"), owner.apiVersion, "version must not be empty"));
    for (const name of ["kind", "name", "uid"] as const) {
      if (owner[name] === "") errors.push(invalidValue(child(field, name), "", "must not be empty"));
    }
    if (owner.apiVersion === "v1" && owner.kind === "Event") {
      errors.push(invalidValue(field, owner, "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller !== undefined) {
      const found = `Found "true" in references for ${controller} and ${name}`;
      errors.push(invalidValue(field, owners, `Only one reference can have Controller set to true. ${found}`));
    }
    controller ??= name;
  }
  return errors;
}

const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

function validateFinalizers(group: string, finalizers: readonly string[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = finalizers ?? [];
  for (const name of names) for (const message of checkQualifiedName(name)) errors.push(invalidValue(field, name, message));
  if (names.includes("orphan") && names.includes("foregroundDeletion")) {
    errors.push(invalidValue(field, names, "finalizer orphan and foregroundDeletion cannot be both set"));
  }
  // Custom resources may use any qualified name; the API's own kinds want a prefix.
  if (!group.includes(".") || group.endsWith(".k8s.io")) {
    names.forEach((name, position) => {
      if (name.includes("/") || standardFinalizers.has(name)) return;
      errors.push(invalidValue(index(field, position), name, "name is neither a standard finalizer name nor is it fully qualified"));
    });
  }
  return errors;
}

const maxManagerLength = 128;
const maxSubresourceLength = 256;

function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, field: string): FieldError[] {
  const errors: FieldError[] = [];
  (entries ?? []).forEach((entry, position) => {
    const path = index(field, position);
    if (entry.operation !== "Apply" && entry.operation !== "Update") {
      errors.push(invalidValue(child(path, "operation"), entry.operation ?? "", "must be `Apply` or `Update`"));
    }
    if (entry.fieldsType !== undefined && entry.fieldsType !== "" && entry.fieldsType !== "FieldsV1") {
      errors.push(invalidValue(child(path, "fieldsType"), entry.fieldsType, "must be `FieldsV1`"));
    }
    errors.push(...validateFieldManager(entry.manager ?? "", child(path, "manager")));
    if (utf8Length(entry.subresource ?? "") > maxSubresourceLength) errors.push(tooLong(child(path, "subresource"), maxSubresourceLength));
  });
  return errors;
}

/** The `fieldManager` of a write: at most 128 bytes of printable characters. */
export function validateFieldManager(manager: string, field: string): FieldError[] {
  if (utf8Length(manager) > maxManagerLength) return [tooLong(field, maxManagerLength)];
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u.test(manager) ? [] : [invalidValue(field, manager, "should only contain printable characters")];
}

const immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const;

/** What an update may not do to metadata; `validateMeta` says the rest. */
export function validateMetaUpdate(_kind: NamingKind, object: ApiObject, old: ApiObject, path = "metadata"): FieldError[] {
  const meta = object.metadata ?? {};
  const before = old.metadata ?? {};
  const errors: FieldError[] = [];
  if (before.deletionTimestamp !== undefined) {
    const known = new Set(before.finalizers);
    const added = [...new Set(meta.finalizers)].filter((name) => !known.has(name)).toSorted();
    if (added.length > 0) {
      const shown = `[]string{${added.map((name) => JSON.stringify(name)).join(", ")}}`;
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`;
      errors.push(forbiddenField(child(path, "finalizers"), detail));
    }
  }
  if ((meta.generation ?? 0) < (before.generation ?? 0)) {
    errors.push(invalidValue(child(path, "generation"), meta.generation ?? 0, "must not be decremented"));
  }
  for (const name of immutable) {
    if (!deepEqual(meta[name] ?? emptyOf(name), before[name] ?? emptyOf(name))) {
      errors.push(invalidValue(child(path, name), meta[name], "field is immutable"));
    }
  }
  return errors;
}

const emptyOf = (name: (typeof immutable)[number]): string | undefined =>
  name === "name" || name === "namespace" || name === "uid" ? "" : undefined;
