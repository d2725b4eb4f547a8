// References from one object to another, as the core group writes them.

import { field, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const localObjectReference = struct(
  "core.v1.LocalObjectReference",
  "Names an object in the same namespace.",
  {
    name: field(1, string, "Name of the object."),
  },
  { atomic: true },
);

export const objectReference = struct(
  "core.v1.ObjectReference",
  "Points to any object, or to a part of one.",
  {
    kind: field(1, string, "Kind of the object."),
    namespace: field(2, string, "Namespace of the object."),
    name: field(3, string, "Name of the object."),
    uid: field(4, string, "UID of the object."),
    apiVersion: field(5, string, "Group and version of the object."),
    resourceVersion: field(6, string, "Version of the object that is meant."),
    fieldPath: field(7, string, "A part of the object, such as spec.containers{name}."),
  },
  { atomic: true },
);

export const typedLocalObjectReference = struct(
  "core.v1.TypedLocalObjectReference",
  "Names an object of any kind in the same namespace.",
  {
    apiGroup: pointer(1, string, "Group of the kind; empty for the core group."),
    kind: requiredField(2, string, "Kind of the object."),
    name: requiredField(3, string, "Name of the object."),
  },
  { atomic: true },
);

export const typedObjectReference = struct("core.v1.TypedObjectReference", "Names an object of any kind, maybe in another namespace.", {
  apiGroup: pointer(1, string, "Group of the kind; empty for the core group."),
  kind: requiredField(2, string, "Kind of the object."),
  name: requiredField(3, string, "Name of the object."),
  namespace: pointer(4, string, "Namespace of the object; another namespace must grant access with a ReferenceGrant."),
});
