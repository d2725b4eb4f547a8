// The record that describes one API kind. Routes, discovery, OpenAPI, RBAC names, decoding, patches, tables and the typed
// client are derived from it; a custom resource builds the same record at run time.

import type { Random } from "../base/random.ts";
import type { UserInfo } from "../wire/exchange.ts";
import type { FieldError } from "./field-error.ts";
import type { StructType } from "./schema.ts";

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** metadata as any room may read it. The full struct with documentation is in meta.ts. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: "Apply" | "Update";
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: unknown;
  readonly subresource?: string;
}

export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/** A writable copy of a read-only object. */
export type Draft<T> = T extends readonly (infer E)[] ? Draft<E>[] : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T;

export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** What a record's function may know and do besides looking at the object. */
export interface RuleContext<T extends ApiObject = ApiObject> {
  /** Milliseconds since the epoch, by the cluster's clock. */
  readonly now: number;
  readonly random: Random;
  readonly user: UserInfo;
  /** The stored object, in the storage version; absent on create. */
  readonly old?: T;
  /** "" for the resource itself. */
  readonly subresource: string;
  readonly dryRun: boolean;
  /** Reads the registry's own watch cache: no promise, maybe a moment old. */
  lookup(of: GroupKind, namespace: string, name: string): ApiObject | undefined;
  /** Addresses and ports that commit together with the object. */
  readonly allocate: Allocator;
}

/** Takes and gives back unique values in named pools, inside the transaction of the object that wants them. */
export interface Allocator {
  /**
   * Takes `wanted`, or some free value when it is undefined, from a pool ("service-ip/IPv4", "node-port/TCP").
   * @returns the value taken, or undefined when `wanted` is taken by another object or the pool is exhausted.
   * @throws RangeError with Kubernetes' text when `wanted` lies outside the pool.
   */
  take(pool: string, wanted?: string): Promise<string | undefined>;
  /** Gives a value back when the transaction commits. */
  release(pool: string, value: string): void;
}

/** One column of the printed table (`kubectl get`). */
export interface Column<T extends ApiObject = ApiObject> {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly doc: string;
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority?: number;
  /** `date` columns give an RFC 3339 text or an age ("5m") as Kubernetes prints it; the context carries the present time. */
  readonly value: (object: T, context: { readonly now: number }) => string | number | boolean | null;
}

/** How one kind behaves beyond its schema. Everything is optional; functions change the draft in place. */
export interface Rules<T extends ApiObject = ApiObject> {
  /** Clears what a creator may not set (status), sets what the server sets. Runs before defaults. May allocate. */
  readonly prepareCreate?: (draft: Draft<T>, context: RuleContext<T>) => void | Promise<void>;
  /** Keeps what this request may not change (status on a spec update), after decoding and before validation. */
  readonly prepareUpdate?: (draft: Draft<T>, old: T, context: RuleContext<T>) => void | Promise<void>;
  /** Defaults of the whole object, after those of its schema. */
  readonly default?: (draft: Draft<T>) => void;
  /** All errors of a new object, metadata excluded (checked for every kind alike). */
  readonly validate?: (object: T, context: RuleContext<T>) => readonly FieldError[];
  /** Errors of an update beyond `validate`: what may not change. */
  readonly validateUpdate?: (object: T, old: T, context: RuleContext<T>) => readonly FieldError[];
  /** Texts for `Warning` headers. */
  readonly warnings?: (object: T, context: RuleContext<T>) => readonly string[];
  /** Allocations and commits that must follow a successful validation (cluster addresses), inside the transaction. */
  readonly allocate?: (draft: Draft<T>, old: T | undefined, context: RuleContext<T>) => void | Promise<void>;
  /** Called when the object really goes away, to release allocations. */
  readonly release?: (object: T, context: RuleContext<T>) => void;
  /**
   * Graceful deletion (pods): seconds until the object may be removed; 0 removes it now. Undefined: this kind is removed
   * at once. `requested` is DeleteOptions.gracePeriodSeconds.
   */
  readonly deletionGraceSeconds?: (object: T, requested: number | undefined, context: RuleContext<T>) => number;
  /** Bump metadata.generation when anything outside metadata and status changes. Default: the kind has `spec` and `status`. */
  readonly generation?: boolean;
  /** PUT to a name that does not exist creates it (Endpoints). */
  readonly createOnUpdate?: boolean;
  /** An update without resourceVersion is refused. Default false. */
  readonly requireResourceVersion?: boolean;
  /** Rule for metadata.name. Default "subdomain" (RFC 1123). */
  readonly name?: "subdomain" | "label" | "rfc1035label" | "path-segment" | ((name: string) => readonly string[]);
  /** Objects of this kind expire this long after their last write (events: one hour). */
  readonly objectTtlMs?: number;
}

/** A way into an object beside its main representation. */
export type Subresource<T extends ApiObject = ApiObject> =
  | {
      /** A restricted update of the same object: status, finalize, ephemeralcontainers, resize, approval. */
      readonly type: "view";
      readonly name: string;
      /** Takes from `draft` what this subresource may change and puts back the rest from `old`. */
      readonly prepareUpdate: (draft: Draft<T>, old: T, context: RuleContext<T>) => void;
      readonly validateUpdate?: (object: T, old: T, context: RuleContext<T>) => readonly FieldError[];
      /** Default: get, update, patch. */
      readonly verbs?: readonly ("get" | "update" | "patch")[];
    }
  | {
      /** Another kind computed from the object and written back into it: scale. */
      readonly type: "projection";
      readonly name: string;
      /** group, version and kind of the representation: autoscaling/v1 Scale. */
      readonly represents: GroupVersionKind;
      readonly read: (object: T) => ApiObject;
      readonly write: (draft: Draft<T>, representation: ApiObject) => void;
      readonly validate?: (representation: ApiObject) => readonly FieldError[];
    }
  | {
      /** A create that does something: binding, eviction, token. The API server names the operation's implementation. */
      readonly type: "operation";
      readonly name: string;
      readonly represents: GroupVersionKind;
      readonly operation: string;
    }
  | {
      /** Bytes from the node: log, exec, attach, portforward, proxy. */
      readonly type: "connect";
      readonly name: string;
      /** Discovery: kind of options ("PodExecOptions"), verbs in RBAC terms. */
      readonly represents: GroupVersionKind;
      readonly verbs: readonly ("get" | "create" | "update" | "patch" | "delete")[];
      readonly operation: string;
    };

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One served version of a kind. */
export interface KindVersion {
  /** "v1", "v1beta1" */
  readonly name: string;
  readonly schema: StructType;
  readonly served: boolean;
  /** Warning header for a deprecated version. */
  readonly deprecated?: string;
  /** Absent for the storage version. Asynchronous because a custom resource may convert by webhook. */
  readonly toStorage?: (object: ApiObject) => ApiObject | Promise<ApiObject>;
  readonly fromStorage?: (object: ApiObject) => ApiObject | Promise<ApiObject>;
}

/** What may be asked of a resource, in the words of discovery and RBAC. */
export type Verb = "create" | "get" | "list" | "watch" | "update" | "patch" | "delete" | "deletecollection";

/** The record of one kind: everything that the house knows about it that its fields do not say. */
export interface Kind<T extends ApiObject = ApiObject> {
  readonly group: string;
  readonly kind: string;
  /** Default: kind + "List". */
  readonly listKind?: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /** In any order: discovery ranks them by name, stable before beta, newest first. */
  readonly versions: readonly KindVersion[];
  /** Name of the version that is stored. */
  readonly storageVersion: string;
  /**
   * Key prefix in the store: "pods". Two kinds that are two faces of the same stored objects (events and
   * events.k8s.io's) name the same prefix. Default: plural, with ".group" when there is one.
   */
  readonly storagePrefix?: string;
  /** Default: all eight. */
  readonly verbs?: readonly Verb[];
  readonly columns?: readonly Column<T>[];
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;
  readonly rules?: Rules<T>;
  readonly subresources?: readonly Subresource<T>[];
  /**
   * A virtual kind: nothing is stored, create runs this operation of the API server (reviews). `verbs` is then ["create"].
   */
  readonly operation?: string;
}

/** Declares a kind; keeps the type of its objects. */
export const defineKind = <T extends ApiObject>(kind: Kind<T>): Kind<T> => kind;

/** The version that is stored. */
export function storageVersionOf(kind: Kind): KindVersion {
  return kind.versions.find((version) => version.name === kind.storageVersion)!;
}

/** "v1", "apps/v1" */
export const apiVersionOf = (group: string, version: string): string => (group === "" ? version : `${group}/${version}`);
