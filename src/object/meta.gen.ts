// Generated from the schemas by `npm run generate`. Do not edit.

/** An API group that the server offers. */
export interface APIGroup {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name of the group. */
  readonly name: string;
  /** Versions that are served. */
  readonly versions: readonly GroupVersionForDiscovery[];
  /** Version that clients should take. */
  readonly preferredVersion?: GroupVersionForDiscovery;
  /** Server address by client network. */
  readonly serverAddressByClientCIDRs?: readonly ServerAddressByClientCIDR[];
}

/** The API groups that the server offers. */
export interface APIGroupList {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** One entry for each group. */
  readonly groups: readonly APIGroup[];
}

/** One resource in a group and version. */
export interface APIResource {
  /** Plural name; "pods/log" for a subresource. */
  readonly name: string;
  /** Whether its objects live in namespaces. */
  readonly namespaced: boolean;
  /** Kind of its objects. */
  readonly kind: string;
  /** Supported verbs. */
  readonly verbs: readonly string[];
  /** Abbreviations for the command line. */
  readonly shortNames?: readonly string[];
  /** Name for one of them. */
  readonly singularName: string;
  /** Groups of resources for the command line, such as "all". */
  readonly categories?: readonly string[];
  /** Group of the kind where it differs from the list's. */
  readonly group?: string;
  /** Version of the kind where it differs from the list's. */
  readonly version?: string;
  /** Hash that changes with the stored version; clients treat it as opaque. */
  readonly storageVersionHash?: string;
}

/** The resources of one group and version. */
export interface APIResourceList {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Group and version of the resources. */
  readonly groupVersion: string;
  /** One entry for each resource and subresource. */
  readonly resources: readonly APIResource[];
}

/** Versions of the group without a name. */
export interface APIVersions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Versions that are served. */
  readonly versions: readonly string[];
  /** Server address by client network. */
  readonly serverAddressByClientCIDRs: readonly ServerAddressByClientCIDR[];
}

/** One observed aspect of an object's state. */
export interface Condition {
  /** Name of the aspect, CamelCase. */
  readonly type: string;
  /** Whether it holds. */
  readonly status: "True" | "False" | "Unknown";
  /** The metadata.generation that this was observed at. */
  readonly observedGeneration?: number;
  /** When status last changed. */
  readonly lastTransitionTime: string;
  /** One CamelCase word for the last change. */
  readonly reason: string;
  /** The same for people. */
  readonly message: string;
}

/** Query parameters of a create. */
export interface CreateOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** "All" runs every step but stores nothing. */
  readonly dryRun?: readonly string[];
  /** Name under which the writer owns the fields. */
  readonly fieldManager?: string;
  /** What to do about unknown and duplicate fields. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
}

/** How to delete. */
export interface DeleteOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Seconds the object may take to go; 0 means at once, absent the kind's own default. */
  readonly gracePeriodSeconds?: number;
  /** Checked before deleting; a mismatch is a 409 conflict. */
  readonly preconditions?: Preconditions;
  /** Older form of propagationPolicy: true orphans, false collects. */
  readonly orphanDependents?: boolean;
  /** What happens to dependents. */
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
  /** "All" runs every step but stores nothing. */
  readonly dryRun?: readonly string[];
  /** Deletes an object that can no longer be decoded, skipping finalizers and preconditions; dangerous. */
  readonly ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

/** One condition on one field. */
export interface FieldSelectorRequirement {
  /** Field that the condition looks at. */
  readonly key: string;
  /** How the field relates to the values. */
  readonly operator: string;
  /** Values for In and NotIn; empty for the others. */
  readonly values?: readonly string[];
}

/** Query parameters of a get. */
export interface GetOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** How old the answer may be; "0" for whatever the cache has. */
  readonly resourceVersion?: string;
}

/** A version of an API group. */
export interface GroupVersionForDiscovery {
  /** Group and version as in apiVersion. */
  readonly groupVersion: string;
  /** The version alone. */
  readonly version: string;
}

/** Selects objects by their labels; all conditions must hold, and an empty selector matches everything. */
export interface LabelSelector {
  /** Labels that must have exactly these values. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Further conditions on labels. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** One condition on one label. */
export interface LabelSelectorRequirement {
  /** Label that the condition looks at. */
  readonly key: string;
  /** How the label relates to the values. */
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** Values for In and NotIn; empty for the others. */
  readonly values?: readonly string[];
}

/** Metadata of a list. */
export interface ListMeta {
  /** Unused; no server fills it any more. */
  readonly selfLink?: string;
  /** Version of the store that the list shows; a watch may continue from it. */
  readonly resourceVersion?: string;
  /** Token for the next page; empty on the last one. */
  readonly continue?: string;
  /** How many objects follow this page, when known. */
  readonly remainingItemCount?: number;
  /** Present when the list is one shard of the whole. */
  readonly shardInfo?: ShardInfo;
}

/** Query parameters of a list or watch. */
export interface ListOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Only objects whose labels match. */
  readonly labelSelector?: string;
  /** Only objects whose fields match. */
  readonly fieldSelector?: string;
  /** Stream changes instead of answering with a list. */
  readonly watch?: boolean;
  /** Where a watch starts, or how old a list may be. */
  readonly resourceVersion?: string;
  /** Ends the call after this long. */
  readonly timeoutSeconds?: number;
  /** At most this many objects in one answer. */
  readonly limit?: number;
  /** Token of the page before. */
  readonly continue?: string;
  /** The watcher understands BOOKMARK events. */
  readonly allowWatchBookmarks?: boolean;
  /** How resourceVersion constrains a list. */
  readonly resourceVersionMatch?: "NotOlderThan" | "Exact";
  /** A watch begins with the present objects, then a bookmark. */
  readonly sendInitialEvents?: boolean;
  /** Only objects of one shard. */
  readonly shardSelector?: string;
}

/** The fields that one writer owns, for server-side apply. */
export interface ManagedFieldsEntry {
  /** Name of the writer. */
  readonly manager?: string;
  /** How the fields came to be owned. */
  readonly operation?: "Apply" | "Update";
  /** Version of the object that the field set is written in. */
  readonly apiVersion?: string;
  /** When this entry last changed in content. */
  readonly time?: string;
  /** Format of the field set; FieldsV1 is the only one. */
  readonly fieldsType?: string;
  /** The owned fields as a tree: "f:name" for fields, "k:{...}" for list elements by key, "v:..." for set values. */
  readonly fieldsV1?: unknown;
  /** Subresource that the write went through, empty for the object itself. */
  readonly subresource?: string;
}

/** Metadata that every stored object has. */
export interface ObjectMeta {
  /** Unique in its namespace (or in the cluster) for objects of this kind; never changes. */
  readonly name?: string;
  /** Prefix from which the server makes a unique name when name is empty. */
  readonly generateName?: string;
  /** Namespace the object lives in; empty for objects of the whole cluster. */
  readonly namespace?: string;
  /** Unused; no server fills it any more. */
  readonly selfLink?: string;
  /** Unique over all objects and all time, given by the server. */
  readonly uid?: string;
  /** Opaque version of the stored object, for optimistic locking and watches; compare only for equality. */
  readonly resourceVersion?: string;
  /** Grows by one with each change of what is desired. */
  readonly generation?: number;
  /** When the object was created, set by the server. */
  readonly creationTimestamp?: string;
  /** When the object is to be gone; set by the server on graceful deletion, after which it cannot be unset. */
  readonly deletionTimestamp?: string;
  /** Seconds granted for graceful deletion; may only shrink. */
  readonly deletionGracePeriodSeconds?: number;
  /** Short identifying values that selectors match. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Free text for tools; no selector sees it. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Objects that this one depends on; at most one of them is its controller. */
  readonly ownerReferences?: readonly OwnerReference[];
  /** Must all be removed before a deleted object really goes; each names who has work left. */
  readonly finalizers?: readonly string[];
  /** Who owns which fields, kept by the server for server-side apply. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Points from a dependent object to one that it belongs to; when the last owner goes, the dependent is collected. */
export interface OwnerReference {
  /** Kind of the owner. */
  readonly kind: string;
  /** Name of the owner. */
  readonly name: string;
  /** UID of the owner; a namesake with another UID is not the owner. */
  readonly uid: string;
  /** Group and version of the owner, as in its own apiVersion. */
  readonly apiVersion: string;
  /** True for the one owner that manages this object. */
  readonly controller?: boolean;
  /** With foreground deletion, the owner stays until this dependent is gone. */
  readonly blockOwnerDeletion?: boolean;
}

/** Any object, reduced to its metadata. */
export interface PartialObjectMetadata {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
}

/** Query parameters of a patch. */
export interface PatchOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** "All" runs every step but stores nothing. */
  readonly dryRun?: readonly string[];
  /** Take fields over from other managers; for apply patches only. */
  readonly force?: boolean;
  /** Name under which the writer owns the fields; required for apply patches. */
  readonly fieldManager?: string;
  /** What to do about unknown and duplicate fields. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
}

/** What must hold of the stored object, or the operation is refused. */
export interface Preconditions {
  /** UID that the object must have. */
  readonly uid?: string;
  /** Resource version that the object must have. */
  readonly resourceVersion?: string;
}

/** The server address that clients of a network should use. */
export interface ServerAddressByClientCIDR {
  /** Network of the client. */
  readonly clientCIDR: string;
  /** Host, or host and port, to reach the server at. */
  readonly serverAddress: string;
}

/** Says that a list is one shard of the whole. */
export interface ShardInfo {
  /** The shard selector that the list was asked with. */
  readonly selector: string;
}

/** Outcome of an operation that has no object to show. */
export interface Status {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Metadata of the list, if it is one. */
  readonly metadata?: ListMeta;
  /** Success or Failure. */
  readonly status?: "Success" | "Failure";
  /** What happened, for people. */
  readonly message?: string;
  /** What happened, for machines, from a closed list. */
  readonly reason?: string;
  /** Further data that goes with the reason. */
  readonly details?: StatusDetails;
  /** HTTP status code. */
  readonly code?: number;
}

/** One of the things that were wrong. */
export interface StatusCause {
  /** Machine-readable kind of error. */
  readonly reason?: string;
  /** The same for people. */
  readonly message?: string;
  /** Path of the field at fault, such as spec.containers[0].image. */
  readonly field?: string;
}

/** What a Status is about. */
export interface StatusDetails {
  /** Name of the object. */
  readonly name?: string;
  /** API group of the object. */
  readonly group?: string;
  /** Resource or kind that the operation was on. */
  readonly kind?: string;
  /** Single errors behind the status. */
  readonly causes?: readonly StatusCause[];
  /** When the client should try again. */
  readonly retryAfterSeconds?: number;
  /** UID of the object, when known. */
  readonly uid?: string;
}

/** Query parameters of an update. */
export interface UpdateOptions {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** "All" runs every step but stores nothing. */
  readonly dryRun?: readonly string[];
  /** Name under which the writer owns the fields. */
  readonly fieldManager?: string;
  /** What to do about unknown and duplicate fields. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
}

/** One change, as a watch sends it. */
export interface WatchEvent {
  /** What happened: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR. */
  readonly type: string;
  /** The object after the change, before it when deleted, or a Status on error. */
  readonly object: unknown;
}
