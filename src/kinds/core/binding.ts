// Binding: what a scheduler posts to place a pod.

import type { Binding } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { objectReference } from "./references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { requiredField, struct } from "../../object/schema.ts";

export const binding = struct("core.v1.Binding", "Ties an object to another: a pod to a node.", {
  ...typeMeta,
  metadata: objectMetadata,
  target: requiredField(2, objectReference, "The node to bind to."),
});

export const bindingKind = defineKind<Binding>({
  group: "",
  kind: "Binding",
  plural: "bindings",
  singular: "binding",
  namespaced: true,
  versions: [{ name: "v1", schema: binding, served: true }],
  storageVersion: "v1",
  verbs: ["create"],
  operation: "bindings",
});
