// Field ownership: who set which field (`metadata.managedFields`), kept up on every write, and server-side apply, which merges
// a configuration into the live object and refuses to take fields from others unless told to.

import { deepEqual } from "../copy.ts";
import type { ManagedFieldsEntry } from "../kind.ts";
import type { StructType } from "../schema.ts";
import { badRequest, StatusError } from "../status.ts";
import { fieldsOf, mergeConfiguration, pruneFields } from "./apply-configuration.ts";
import { compareFields, touchedBy } from "./compare-fields.ts";
import type { FieldChanges } from "./compare-fields.ts";
import type { FieldSet } from "./field-set.ts";
import {
  differenceOf,
  emptyFieldSet,
  equalFieldSets,
  fieldSetOf,
  formatPath,
  intersectionOf,
  isEmptyFieldSet,
  parseFieldSet,
  pathsOf,
  recursiveDifferenceOf,
  sortFieldSet,
  unionOf,
} from "./field-set.ts";
import type { JsonMap } from "./member-type.ts";
import { isMap, own } from "./member-type.ts";

/** Update entries beyond this many are joined, the oldest first. */
const maxUpdateManagers = 10;
const joinedManager = "ancient-changes";
const beforeFirstApply = "before-first-apply";

const f = (...names: readonly string[]): readonly string[] => names.map((name) => `f:${name}`);

/** What identifies an object or is kept by the server belongs to nobody. */
const neverOwned: FieldSet = fieldSetOf([
  f("apiVersion"),
  f("kind"),
  f("metadata"),
  f("metadata", "name"),
  f("metadata", "namespace"),
  f("metadata", "creationTimestamp"),
  f("metadata", "selfLink"),
  f("metadata", "uid"),
  f("metadata", "clusterName"),
  f("metadata", "generation"),
  f("metadata", "managedFields"),
  f("metadata", "resourceVersion"),
]);

/** Who writes, and when. */
export interface WriteIdentity {
  readonly manager: string;
  /** apiVersion of the request: "apps/v1". */
  readonly apiVersion: string;
  /** "" or absent for the resource itself. */
  readonly subresource?: string;
  /** RFC 3339, seconds. */
  readonly now: string;
}

/** One manager's fields. */
interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
}

const identityOf = (manager: Manager): string =>
  // One applier has one entry, whichever version it last applied in.
  `${manager.operation}\0${manager.manager}\0${manager.operation === "Apply" ? "" : manager.apiVersion}\0${manager.subresource}`;

/** Undefined when an entry is none. */
function readManagers(entries: readonly ManagedFieldsEntry[]): Manager[] | undefined {
  const managers: Manager[] = [];
  for (const entry of entries) {
    const { operation, fieldsType = "FieldsV1" } = entry;
    if ((operation !== "Apply" && operation !== "Update") || fieldsType !== "FieldsV1") return undefined;
    const set = storedSet(entry.fieldsV1);
    if (set === undefined) return undefined;
    managers.push({
      manager: entry.manager ?? "",
      operation,
      apiVersion: entry.apiVersion ?? "",
      subresource: entry.subresource ?? "",
      time: entry.time,
      set,
    });
  }
  return managers;
}

/** Trees that were checked once; those of stored objects come again with every write. */
const checkedSets = new WeakMap<object, FieldSet>();

function storedSet(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return emptyFieldSet;
  if (typeof value !== "object") return undefined;
  const known = checkedSets.get(value);
  if (known !== undefined) return known;
  const set = parseFieldSet(value);
  if (set !== undefined && Object.isFrozen(value)) checkedSets.set(value, set);
  return set;
}

function writeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return managers
    .filter((manager) => !isEmptyFieldSet(manager.set))
    .sort(compareManagers)
    .map((manager) => ({
      ...(manager.manager !== "" && { manager: manager.manager }),
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(manager.time !== undefined && { time: manager.time }),
      fieldsType: "FieldsV1",
      fieldsV1: sortFieldSet(manager.set),
      ...(manager.subresource !== "" && { subresource: manager.subresource }),
    }));
}

/** Appliers first, then by time, then by name. */
function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? "", b.time ?? "") ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const entriesOf = (object: JsonMap | undefined): readonly ManagedFieldsEntry[] => {
  const metadata = object && own(object, "metadata");
  const entries = isMap(metadata) ? own(metadata, "managedFields") : undefined;
  return Array.isArray(entries) ? (entries as ManagedFieldsEntry[]) : [];
};

function withEntries(object: JsonMap, entries: readonly ManagedFieldsEntry[]): void {
  const metadata = own(object, "metadata");
  if (!isMap(metadata)) {
    if (entries.length > 0) object["metadata"] = { managedFields: entries };
  } else if (entries.length > 0) metadata["managedFields"] = entries;
  else delete metadata["managedFields"];
}

/** A client asks to forget all ownership by sending one empty entry. An empty list asks for nothing. */
const isReset = (entries: readonly ManagedFieldsEntry[]): boolean => entries.length === 1 && Object.keys(entries[0]!).length === 0;

export interface TrackUpdateOptions extends WriteIdentity {
  readonly schema: StructType;
  /** The stored object, in the request's version; absent on create. May be frozen. */
  readonly live: JsonMap | undefined;
  /** The object about to be stored; its metadata.managedFields is set in place. */
  readonly draft: JsonMap;
  /** Fields that this endpoint does not write (status for the resource itself): owned by nobody through it. */
  readonly ignored?: FieldSet;
}

/**
 * Keeps metadata.managedFields of a created, updated or patched object. What the write changed now belongs to this manager
 * alone. An update of an object whose ownership was wiped stays untracked until someone applies.
 */
export function trackUpdate(options: TrackUpdateOptions): void {
  const { live, draft } = options;
  const sent = entriesOf(draft);
  if (isReset(sent)) {
    withEntries(draft, []);
    return;
  }
  const kept = entriesOf(live);
  // Clients that do not know managedFields send none; that must not delete what is there.
  const sentManagers = sent.length === 0 ? undefined : readManagers(sent);
  const managers = sentManagers ?? readManagers(kept) ?? [];
  if (live !== undefined && managers.length === 0) {
    withEntries(draft, []);
    return;
  }
  const changes = compareFields(options.schema, live && withoutManagedFields(live), withoutManagedFields(draft));
  const touched = strip(touchedBy(changes), options.ignored);
  if (isEmptyFieldSet(touched) && isEmptyFieldSet(changes.removed)) {
    withEntries(draft, sentManagers && sent !== kept && !deepEqual(sent, kept) ? writeManagers(managers) : kept);
    return;
  }
  const self: Manager = {
    manager: options.manager,
    operation: "Update",
    apiVersion: options.apiVersion,
    subresource: options.subresource ?? "",
    time: options.now,
    set: touched,
  };
  withEntries(draft, writeManagers(joinOldest(addOwner(loseFields(managers, changes), self))));
}

/** Everything but metadata.managedFields, which is large and owned by nobody, so that it is not compared. */
function withoutManagedFields(object: JsonMap): JsonMap {
  const metadata = own(object, "metadata");
  if (!isMap(metadata) || !Object.hasOwn(metadata, "managedFields")) return object;
  return { ...object, metadata: { ...metadata, managedFields: undefined } };
}

const strip = (set: FieldSet, ignored: FieldSet | undefined): FieldSet => {
  const owned = differenceOf(set, neverOwned);
  return ignored ? recursiveDifferenceOf(owned, ignored) : owned;
};

/** Fields that someone else changed or removed are no longer the manager's. */
function loseFields(managers: readonly Manager[], changes: FieldChanges): Manager[] {
  const lost = unionOf(touchedBy(changes), changes.removed);
  return managers.map((manager) => {
    const set = differenceOf(manager.set, lost);
    return equalFieldSets(set, manager.set) ? manager : { ...manager, set };
  });
}

/** Adds what `self` now owns to its entry, or makes one. */
function addOwner(managers: readonly Manager[], self: Manager): Manager[] {
  if (isEmptyFieldSet(self.set)) return [...managers];
  const identity = identityOf(self);
  const mine = managers.find((manager) => identityOf(manager) === identity);
  if (mine === undefined) return [...managers, self];
  return managers.map((manager) => (manager === mine ? { ...self, set: unionOf(manager.set, self.set) } : manager));
}

/** Joins the oldest Update entries, per version, until few enough are left. */
function joinOldest(managers: Manager[]): Manager[] {
  const updates = managers.filter((manager) => manager.operation === "Update" && !isEmptyFieldSet(manager.set));
  let count = updates.length;
  if (count <= maxUpdateManagers) return managers;
  updates.sort(compareManagers);
  const isJoined = (manager: Manager): boolean => manager.manager === joinedManager && manager.subresource === "";
  /** What the others of a version are joined into: the entry joined before, or the oldest. */
  const buckets = new Map(updates.filter(isJoined).map((manager) => [manager.apiVersion, manager]));
  const gone = new Set<Manager>(buckets.values());
  for (const manager of updates) {
    if (count <= maxUpdateManagers) break;
    if (gone.has(manager)) continue;
    gone.add(manager);
    const bucket = buckets.get(manager.apiVersion);
    if (bucket === undefined) buckets.set(manager.apiVersion, manager);
    else {
      count--;
      buckets.set(manager.apiVersion, { ...manager, manager: joinedManager, subresource: "", set: unionOf(bucket.set, manager.set) });
    }
  }
  return [...managers.filter((manager) => !gone.has(manager)), ...buckets.values()];
}

export interface ApplyOptions extends WriteIdentity {
  readonly schema: StructType;
  /** The stored object in the request's version; undefined creates it. May be frozen. */
  readonly live: JsonMap | undefined;
  /** The configuration as sent, decoded, without defaults. */
  readonly applied: JsonMap;
  /** Take fields that other managers own with another value. */
  readonly force: boolean;
  /** Fields that this endpoint does not write. */
  readonly ignored?: FieldSet;
}

/**
 * Server-side apply (KEP-555): the live object with the configuration merged in, without what this manager applied before and
 * nobody wants any more, with its managedFields. The result is a fresh draft; defaults and validation come after.
 *
 * When nothing changes, managedFields keep their times, so that the caller sees an object equal to the live one.
 * @throws StatusError Conflict with one FieldManagerConflict cause per field, BadRequest for a malformed configuration.
 */
export function applyServerSide(options: ApplyOptions): JsonMap {
  const { schema, live, applied, ignored } = options;
  if (entriesOf(applied).length > 0) throw badRequest("metadata.managedFields must be nil");
  const base = live ? withoutManagedFields(live) : {};
  let managers = readManagers(entriesOf(live)) ?? [];
  if (live !== undefined && managers.length === 0) managers = [ownerOfEverything(options, base)];
  const me: Manager = {
    manager: options.manager,
    operation: "Apply",
    apiVersion: options.apiVersion,
    subresource: options.subresource ?? "",
    time: options.now,
    set: strip(fieldsOf(schema, applied), ignored),
  };
  const identity = identityOf(me);
  const before = managers.find((manager) => identityOf(manager) === identity);
  const others = managers.filter((manager) => manager !== before);

  const merged = mergeConfiguration(schema, base, ignored ? (dropFields(applied, ignored) as JsonMap) : applied);
  if (before)
    pruneFields(
      schema,
      merged,
      before.set,
      others.reduce((set, manager) => unionOf(set, manager.set), me.set),
    );

  const changes = compareFields(schema, live && base, merged);
  const touched = strip(touchedBy(changes), ignored);
  if (!options.force) refuseConflicts(others, touched);
  const owners = loseFields(others, changes);
  const isSame = isEmptyFieldSet(touched) && isEmptyFieldSet(changes.removed) && before?.apiVersion === me.apiVersion;
  if (isSame && equalFieldSets(before.set, me.set)) withEntries(merged, entriesOf(live));
  else withEntries(merged, writeManagers([...owners, me]));
  return merged;
}

/** The first apply on an object that nobody tracked: whatever it holds had some owner. */
function ownerOfEverything(options: ApplyOptions, live: JsonMap): Manager {
  const set = strip(touchedBy(compareFields(options.schema, undefined, live)), options.ignored);
  return { manager: beforeFirstApply, operation: "Update", apiVersion: options.apiVersion, subresource: "", time: options.now, set };
}

/** The configuration without the fields that this endpoint does not write. */
function dropFields(value: unknown, ignored: FieldSet): unknown {
  if (!isMap(value)) return value;
  const result: JsonMap = {};
  for (const name of Object.keys(value)) {
    const below = ignored[`f:${name}`];
    if (below === undefined) result[name] = value[name];
    else if (!isEmptyFieldSet(below)) result[name] = dropFields(value[name], below);
  }
  return result;
}

function refuseConflicts(others: readonly Manager[], touched: FieldSet): void {
  const conflicts: { who: string; path: string }[] = [];
  for (const manager of [...others].sort((a, b) => compareText(describe(a), describe(b)))) {
    for (const path of pathsOf(intersectionOf(manager.set, touched))) conflicts.push({ who: describe(manager), path: formatPath(path) });
  }
  if (conflicts.length === 0) return;
  const causes = conflicts.map(({ who, path }) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field: path }));
  throw new StatusError("Conflict", conflictMessage(conflicts), { causes });
}

function conflictMessage(conflicts: readonly { who: string; path: string }[]): string {
  if (conflicts.length === 1) return `Apply failed with 1 conflict: conflict with ${conflicts[0]!.who}: ${conflicts[0]!.path}`;
  const lines: string[] = [];
  let last = "";
  for (const { who, path } of conflicts) {
    if (who !== last) lines.push(`conflicts with ${who}:`);
    last = who;
    lines.push(`- ${path}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function describe(manager: Manager): string {
  const name =
    JSON.stringify(manager.manager) + (manager.subresource === "" ? "" : ` with subresource ${JSON.stringify(manager.subresource)}`);
  return manager.operation === "Update" ? `${name} using ${manager.apiVersion}` : name;
}
