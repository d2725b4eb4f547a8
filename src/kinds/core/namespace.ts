// Namespace: the scope in which most objects live.

import type { Namespace } from "./types.gen.ts";
import { validateNamespace, validateNamespaceFinalize, validateNamespaceStatus } from "./namespace-validation.ts";
import { clone } from "../../object/copy.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, field, mapList, requiredField, string, struct, time } from "../../object/schema.ts";

export const namespaceSpec = struct("core.v1.NamespaceSpec", "What is wanted of a namespace.", {
  finalizers: field(1, atomicList(string), 'Must be empty before a deleted namespace goes; "kubernetes" stands for its content.'),
});

export const namespaceCondition = struct("core.v1.NamespaceCondition", "One observed aspect of a namespace, mostly of its deletion.", {
  type: requiredField(1, string, "Name of the aspect, such as NamespaceContentRemaining."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  lastTransitionTime: field(4, time, "When status last changed."),
  reason: field(5, string, "One CamelCase word for the last change."),
  message: field(6, string, "The same for people."),
});

export const namespaceStatus = struct("core.v1.NamespaceStatus", "What is observed of a namespace.", {
  phase: field(1, string, "Active, or Terminating once deleted.", { enum: ["Active", "Terminating"] }),
  conditions: field(2, mapList(namespaceCondition, "type"), "Observed aspects, such as what delays deletion.", {
    patchStrategy: "merge",
    patchMergeKey: "type",
  }),
});

export const namespace = struct("core.v1.Namespace", "A scope for names, and the unit that access and quotas are given by.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, namespaceSpec, "What is wanted."),
  status: field(3, namespaceStatus, "What is observed."),
});

/** In spec.finalizers: the namespace still has content. */
export const kubernetesFinalizer = "kubernetes";
/** Label that carries the namespace's own name, so that selectors can match it. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

export const namespaceKind = defineKind<Namespace>({
  group: "",
  kind: "Namespace",
  plural: "namespaces",
  singular: "namespace",
  shortNames: ["ns"],
  namespaced: false,
  versions: [{ name: "v1", schema: namespace, served: true }],
  storageVersion: "v1",
  verbs: ["create", "get", "list", "watch", "update", "patch", "delete"],
  columns: [nameColumn, textColumn("Status", "Where it is in its life.", (object) => object.status?.phase ?? ""), ageColumn],
  selectableFields: {
    name: (object) => object.metadata?.name ?? "",
    "status.phase": (object) => object.status?.phase ?? "",
  },
  rules: {
    prepareCreate(draft) {
      draft.status = { phase: "Active" };
      const finalizers = draft.spec?.finalizers ?? [];
      draft.spec = { finalizers: finalizers.includes(kubernetesFinalizer) ? finalizers : [...finalizers, kubernetesFinalizer] };
    },
    // Finalizers change through `finalize`, status through `status`.
    prepareUpdate(draft, old) {
      draft.spec = clone(old.spec);
      draft.status = clone(old.status);
    },
    default(draft) {
      const { name } = (draft.metadata ??= {});
      if (name !== undefined && name !== "") draft.metadata.labels = { ...draft.metadata.labels, [namespaceNameLabel]: name };
    },
    validate: validateNamespace,
    generation: false,
    name: "label",
  },
  subresources: [
    {
      type: "view",
      name: "status",
      prepareUpdate(draft, old) {
        draft.spec = clone(old.spec);
      },
      validateUpdate: validateNamespaceStatus,
    },
    {
      type: "view",
      name: "finalize",
      verbs: ["update"],
      prepareUpdate(draft, old) {
        draft.status = clone(old.status);
      },
      validateUpdate: validateNamespaceFinalize,
    },
  ],
});
