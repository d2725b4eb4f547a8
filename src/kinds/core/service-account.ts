// ServiceAccount: an identity for pods.

import type { ServiceAccount } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, countColumn, nameColumn } from "../columns.ts";
import { localObjectReference, objectReference } from "./references.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, mapList, pointer, struct } from "../../object/schema.ts";

export const serviceAccount = struct("core.v1.ServiceAccount", "An identity that pods act under.", {
  ...typeMeta,
  metadata: objectMetadata,
  secrets: field(2, mapList(objectReference, "name"), "Secrets that its pods may use; not enforced unless annotated so.", {
    patchStrategy: "merge",
    patchMergeKey: "name",
  }),
  imagePullSecrets: field(3, atomicList(localObjectReference), "Registry credentials that its pods get."),
  automountServiceAccountToken: pointer(4, boolean, "Whether its pods get a token mounted, unless they say otherwise."),
});

export const serviceAccountKind = defineKind<ServiceAccount>({
  group: "",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  singular: "serviceaccount",
  shortNames: ["sa"],
  namespaced: true,
  versions: [{ name: "v1", schema: serviceAccount, served: true }],
  storageVersion: "v1",
  columns: [nameColumn, countColumn("Secrets", "How many secrets it names.", (object) => object.secrets?.length ?? 0), ageColumn],
  subresources: [
    {
      type: "operation",
      name: "token",
      represents: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
      operation: "serviceaccounts/token",
    },
  ],
});
