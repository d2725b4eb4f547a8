// What every API object carries: its metadata, and the small types that many groups share (selectors, conditions,
// options), and the answers that are no objects: Status, discovery documents, watch events.

import type { Field } from "./schema.ts";
import {
  atomicList,
  boolean,
  field,
  fieldsV1,
  int32,
  int64,
  list,
  map,
  mapList,
  pointer,
  rawExtension,
  requiredField,
  setList,
  string,
  struct,
  time,
} from "./schema.ts";

/** The two fields by which any JSON text says what it is. Protobuf has them in its envelope. */
export const typeMeta: Readonly<Record<"apiVersion" | "kind", Field>> = {
  apiVersion: field(0, string, "Group and version of the schema that this is written in."),
  kind: field(0, string, "What this is, as a CamelCase word."),
};

export const ownerReference = struct(
  "meta.v1.OwnerReference",
  "Points from a dependent object to one that it belongs to; when the last owner goes, the dependent is collected.",
  {
    kind: requiredField(1, string, "Kind of the owner."),
    name: requiredField(3, string, "Name of the owner."),
    uid: requiredField(4, string, "UID of the owner; a namesake with another UID is not the owner."),
    apiVersion: requiredField(5, string, "Group and version of the owner, as in its own apiVersion."),
    controller: pointer(6, boolean, "True for the one owner that manages this object."),
    blockOwnerDeletion: pointer(7, boolean, "With foreground deletion, the owner stays until this dependent is gone."),
  },
  { atomic: true },
);

export const managedFieldsEntry = struct("meta.v1.ManagedFieldsEntry", "The fields that one writer owns, for server-side apply.", {
  manager: field(1, string, "Name of the writer."),
  operation: field(2, string, "How the fields came to be owned.", { enum: ["Apply", "Update"] }),
  apiVersion: field(3, string, "Version of the object that the field set is written in."),
  time: pointer(4, time, "When this entry last changed in content."),
  fieldsType: field(6, string, "Format of the field set; FieldsV1 is the only one."),
  fieldsV1: pointer(
    7,
    fieldsV1,
    'The owned fields as a tree: "f:name" for fields, "k:{...}" for list elements by key, "v:..." for set values.',
  ),
  subresource: field(8, string, "Subresource that the write went through, empty for the object itself."),
});

export const objectMeta = struct("meta.v1.ObjectMeta", "Metadata that every stored object has.", {
  name: field(1, string, "Unique in its namespace (or in the cluster) for objects of this kind; never changes."),
  generateName: field(2, string, "Prefix from which the server makes a unique name when name is empty."),
  namespace: field(3, string, "Namespace the object lives in; empty for objects of the whole cluster."),
  selfLink: field(4, string, "Unused; no server fills it any more."),
  uid: field(5, string, "Unique over all objects and all time, given by the server."),
  resourceVersion: field(6, string, "Opaque version of the stored object, for optimistic locking and watches; compare only for equality."),
  generation: field(7, int64, "Grows by one with each change of what is desired."),
  creationTimestamp: field(8, time, "When the object was created, set by the server."),
  deletionTimestamp: pointer(
    9,
    time,
    "When the object is to be gone; set by the server on graceful deletion, after which it cannot be unset.",
  ),
  deletionGracePeriodSeconds: pointer(10, int64, "Seconds granted for graceful deletion; may only shrink."),
  labels: field(11, map(string), "Short identifying values that selectors match."),
  annotations: field(12, map(string), "Free text for tools; no selector sees it."),
  ownerReferences: field(13, mapList(ownerReference, "uid"), "Objects that this one depends on; at most one of them is its controller.", {
    patchStrategy: "merge",
    patchMergeKey: "uid",
  }),
  finalizers: field(14, setList(string), "Must all be removed before a deleted object really goes; each names who has work left.", {
    patchStrategy: "merge",
  }),
  managedFields: field(17, atomicList(managedFieldsEntry), "Who owns which fields, kept by the server for server-side apply."),
});

/** The field `metadata` of every kind. */
export const objectMetadata = field(1, objectMeta, "Name, labels and what else every object has.");

export const shardInfo = struct("meta.v1.ShardInfo", "Says that a list is one shard of the whole.", {
  selector: requiredField(1, string, "The shard selector that the list was asked with."),
});

export const listMeta = struct("meta.v1.ListMeta", "Metadata of a list.", {
  selfLink: field(1, string, "Unused; no server fills it any more."),
  resourceVersion: field(2, string, "Version of the store that the list shows; a watch may continue from it."),
  continue: field(3, string, "Token for the next page; empty on the last one."),
  remainingItemCount: pointer(4, int64, "How many objects follow this page, when known."),
  shardInfo: pointer(5, shardInfo, "Present when the list is one shard of the whole."),
});

export const labelSelectorRequirement = struct("meta.v1.LabelSelectorRequirement", "One condition on one label.", {
  key: requiredField(1, string, "Label that the condition looks at."),
  operator: requiredField(2, string, "How the label relates to the values.", { enum: ["In", "NotIn", "Exists", "DoesNotExist"] }),
  values: field(3, atomicList(string), "Values for In and NotIn; empty for the others."),
});

export const labelSelector = struct(
  "meta.v1.LabelSelector",
  "Selects objects by their labels; all conditions must hold, and an empty selector matches everything.",
  {
    matchLabels: field(1, map(string), "Labels that must have exactly these values."),
    matchExpressions: field(2, atomicList(labelSelectorRequirement), "Further conditions on labels."),
  },
  { atomic: true },
);

export const fieldSelectorRequirement = struct("meta.v1.FieldSelectorRequirement", "One condition on one field.", {
  key: requiredField(1, string, "Field that the condition looks at."),
  operator: requiredField(2, string, "How the field relates to the values."),
  values: field(3, atomicList(string), "Values for In and NotIn; empty for the others."),
});

export const condition = struct("meta.v1.Condition", "One observed aspect of an object's state.", {
  type: requiredField(1, string, "Name of the aspect, CamelCase."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  observedGeneration: field(3, int64, "The metadata.generation that this was observed at."),
  lastTransitionTime: requiredField(4, time, "When status last changed."),
  reason: requiredField(5, string, "One CamelCase word for the last change."),
  message: requiredField(6, string, "The same for people."),
});

export const preconditions = struct("meta.v1.Preconditions", "What must hold of the stored object, or the operation is refused.", {
  uid: pointer(1, string, "UID that the object must have."),
  resourceVersion: pointer(2, string, "Resource version that the object must have."),
});

export const deleteOptions = struct("meta.v1.DeleteOptions", "How to delete.", {
  ...typeMeta,
  gracePeriodSeconds: pointer(1, int64, "Seconds the object may take to go; 0 means at once, absent the kind's own default."),
  preconditions: pointer(2, preconditions, "Checked before deleting; a mismatch is a 409 conflict."),
  orphanDependents: pointer(3, boolean, "Older form of propagationPolicy: true orphans, false collects."),
  propagationPolicy: pointer(4, string, "What happens to dependents.", { enum: ["Orphan", "Background", "Foreground"] }),
  dryRun: field(5, atomicList(string), '"All" runs every step but stores nothing.'),
  ignoreStoreReadErrorWithClusterBreakingPotential: pointer(
    6,
    boolean,
    "Deletes an object that can no longer be decoded, skipping finalizers and preconditions; dangerous.",
  ),
});

export const createOptions = struct("meta.v1.CreateOptions", "Query parameters of a create.", {
  ...typeMeta,
  dryRun: field(1, atomicList(string), '"All" runs every step but stores nothing.'),
  fieldManager: field(3, string, "Name under which the writer owns the fields."),
  fieldValidation: field(4, string, "What to do about unknown and duplicate fields.", { enum: ["Ignore", "Warn", "Strict"] }),
});

export const updateOptions = struct("meta.v1.UpdateOptions", "Query parameters of an update.", {
  ...typeMeta,
  dryRun: field(1, atomicList(string), '"All" runs every step but stores nothing.'),
  fieldManager: field(2, string, "Name under which the writer owns the fields."),
  fieldValidation: field(3, string, "What to do about unknown and duplicate fields.", { enum: ["Ignore", "Warn", "Strict"] }),
});

export const patchOptions = struct("meta.v1.PatchOptions", "Query parameters of a patch.", {
  ...typeMeta,
  dryRun: field(1, atomicList(string), '"All" runs every step but stores nothing.'),
  force: pointer(2, boolean, "Take fields over from other managers; for apply patches only."),
  fieldManager: field(3, string, "Name under which the writer owns the fields; required for apply patches."),
  fieldValidation: field(4, string, "What to do about unknown and duplicate fields.", { enum: ["Ignore", "Warn", "Strict"] }),
});

export const getOptions = struct("meta.v1.GetOptions", "Query parameters of a get.", {
  ...typeMeta,
  resourceVersion: field(1, string, 'How old the answer may be; "0" for whatever the cache has.'),
});

export const listOptions = struct("meta.v1.ListOptions", "Query parameters of a list or watch.", {
  ...typeMeta,
  labelSelector: field(1, string, "Only objects whose labels match."),
  fieldSelector: field(2, string, "Only objects whose fields match."),
  watch: field(3, boolean, "Stream changes instead of answering with a list."),
  resourceVersion: field(4, string, "Where a watch starts, or how old a list may be."),
  timeoutSeconds: pointer(5, int64, "Ends the call after this long."),
  limit: field(7, int64, "At most this many objects in one answer."),
  continue: field(8, string, "Token of the page before."),
  allowWatchBookmarks: field(9, boolean, "The watcher understands BOOKMARK events."),
  resourceVersionMatch: field(10, string, "How resourceVersion constrains a list.", { enum: ["NotOlderThan", "Exact"] }),
  sendInitialEvents: pointer(11, boolean, "A watch begins with the present objects, then a bookmark."),
  shardSelector: field(15, string, "Only objects of one shard."),
});

export const partialObjectMetadata = struct("meta.v1.PartialObjectMetadata", "Any object, reduced to its metadata.", {
  ...typeMeta,
  metadata: objectMetadata,
});

// Answers that are no objects of any kind.

export const statusCause = struct("meta.v1.StatusCause", "One of the things that were wrong.", {
  reason: field(1, string, "Machine-readable kind of error."),
  message: field(2, string, "The same for people."),
  field: field(3, string, "Path of the field at fault, such as spec.containers[0].image."),
});

export const statusDetails = struct("meta.v1.StatusDetails", "What a Status is about.", {
  name: field(1, string, "Name of the object."),
  group: field(2, string, "API group of the object."),
  kind: field(3, string, "Resource or kind that the operation was on."),
  causes: field(4, atomicList(statusCause), "Single errors behind the status."),
  retryAfterSeconds: field(5, int32, "When the client should try again."),
  uid: field(6, string, "UID of the object, when known."),
});

export const statusStruct = struct("meta.v1.Status", "Outcome of an operation that has no object to show.", {
  ...typeMeta,
  metadata: field(1, listMeta, "Metadata of the list, if it is one."),
  status: field(2, string, "Success or Failure.", { enum: ["Success", "Failure"] }),
  message: field(3, string, "What happened, for people."),
  reason: field(4, string, "What happened, for machines, from a closed list."),
  details: pointer(5, statusDetails, "Further data that goes with the reason."),
  code: field(6, int32, "HTTP status code."),
});

export const watchEvent = struct("meta.v1.WatchEvent", "One change, as a watch sends it.", {
  type: requiredField(1, string, "What happened: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."),
  object: requiredField(2, rawExtension, "The object after the change, before it when deleted, or a Status on error."),
});

export const groupVersionForDiscovery = struct("meta.v1.GroupVersionForDiscovery", "A version of an API group.", {
  groupVersion: requiredField(1, string, "Group and version as in apiVersion."),
  version: requiredField(2, string, "The version alone."),
});

export const serverAddressByClientCIDR = struct(
  "meta.v1.ServerAddressByClientCIDR",
  "The server address that clients of a network should use.",
  {
    clientCIDR: requiredField(1, string, "Network of the client."),
    serverAddress: requiredField(2, string, "Host, or host and port, to reach the server at."),
  },
);

export const apiGroup = struct("meta.v1.APIGroup", "An API group that the server offers.", {
  ...typeMeta,
  name: requiredField(1, string, "Name of the group."),
  versions: requiredField(2, atomicList(groupVersionForDiscovery), "Versions that are served."),
  preferredVersion: field(3, groupVersionForDiscovery, "Version that clients should take."),
  serverAddressByClientCIDRs: field(4, atomicList(serverAddressByClientCIDR), "Server address by client network."),
});

export const apiGroupList = struct("meta.v1.APIGroupList", "The API groups that the server offers.", {
  ...typeMeta,
  groups: requiredField(1, atomicList(apiGroup), "One entry for each group."),
});

export const apiResource = struct("meta.v1.APIResource", "One resource in a group and version.", {
  name: requiredField(1, string, 'Plural name; "pods/log" for a subresource.'),
  namespaced: requiredField(2, boolean, "Whether its objects live in namespaces."),
  kind: requiredField(3, string, "Kind of its objects."),
  verbs: requiredField(4, { ...list(string), message: "Verbs" }, "Supported verbs."),
  shortNames: field(5, atomicList(string), "Abbreviations for the command line."),
  singularName: requiredField(6, string, "Name for one of them."),
  categories: field(7, atomicList(string), 'Groups of resources for the command line, such as "all".'),
  group: field(8, string, "Group of the kind where it differs from the list's."),
  version: field(9, string, "Version of the kind where it differs from the list's."),
  storageVersionHash: field(10, string, "Hash that changes with the stored version; clients treat it as opaque."),
});

export const apiResourceList = struct("meta.v1.APIResourceList", "The resources of one group and version.", {
  ...typeMeta,
  groupVersion: requiredField(1, string, "Group and version of the resources."),
  resources: requiredField(2, atomicList(apiResource), "One entry for each resource and subresource."),
});

export const apiVersions = struct("meta.v1.APIVersions", "Versions of the group without a name.", {
  ...typeMeta,
  versions: requiredField(1, atomicList(string), "Versions that are served."),
  serverAddressByClientCIDRs: requiredField(2, atomicList(serverAddressByClientCIDR), "Server address by client network."),
});
