// Lease: who holds something, and since when. Nodes' heartbeats and leader election use it.

import type { Lease } from "./types.gen.ts";
import { validateLease } from "./lease-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, textColumn } from "../columns.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { field, int32, microTime, pointer, string, struct } from "../../object/schema.ts";

export const leaseSpec = struct("coordination.v1.LeaseSpec", "State of a lease.", {
  holderIdentity: pointer(1, string, "Who holds it."),
  leaseDurationSeconds: pointer(2, int32, "How long after renewal others must wait before taking it."),
  acquireTime: pointer(3, microTime, "When the holder took it."),
  renewTime: pointer(4, microTime, "When the holder last renewed it."),
  leaseTransitions: pointer(5, int32, "How often it changed hands."),
  strategy: pointer(6, string, "How a leader is chosen when coordinated."),
  preferredHolder: pointer(7, string, "Who should take it over, when coordinated."),
});

export const lease = struct("coordination.v1.Lease", "A lock with an end.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, leaseSpec, "State of the lease."),
});

export const leaseKind = defineKind<Lease>({
  group: "coordination.k8s.io",
  kind: "Lease",
  plural: "leases",
  singular: "lease",
  namespaced: true,
  versions: [{ name: "v1", schema: lease, served: true }],
  storageVersion: "v1",
  columns: [nameColumn, textColumn("Holder", "Who holds it.", (object) => object.spec?.holderIdentity ?? ""), ageColumn],
  // A holder that does not say which version it saw could overwrite its successor.
  rules: { createOnUpdate: true, requireResourceVersion: true, validate: validateLease },
});
