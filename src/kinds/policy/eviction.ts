// Eviction: asks to remove a pod, if its disruption budget allows.

import { deleteOptions, objectMetadata, typeMeta } from "../../object/meta.ts";
import { pointer, struct } from "../../object/schema.ts";

export const eviction = struct("policy.v1.Eviction", "Asks to remove a pod, if its disruption budget allows.", {
  ...typeMeta,
  metadata: objectMetadata,
  deleteOptions: pointer(2, deleteOptions, "How to delete."),
});
