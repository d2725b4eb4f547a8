// The fixed permissions of a kubelet, beside what its pods mention.

import type { PolicyRule } from "../attributes.ts";

const rule = (groups: string, resources: string, verbs: string): PolicyRule => ({
  apiGroups: groups.split(" ").map((group) => (group === "core" ? "" : group)),
  resources: resources.split(" "),
  verbs: verbs.split(" "),
});

export const nodeRules: readonly PolicyRule[] = [
  rule("authentication.k8s.io", "tokenreviews", "create"),
  rule("authorization.k8s.io", "localsubjectaccessreviews subjectaccessreviews", "create"),
  rule("core", "services", "get list watch"),
  rule("core", "nodes", "create get list watch"),
  rule("core", "nodes nodes/status", "update patch"),
  rule("core", "nodes", "delete"),
  rule("core", "pods", "get list watch create delete"),
  rule("core", "pods/status", "update patch"),
  rule("core", "pods/eviction", "create"),
  rule("core", "configmaps secrets", "get list watch"),
  rule("core", "persistentvolumeclaims persistentvolumes", "get"),
  rule("core", "persistentvolumeclaims/status", "get update patch"),
  rule("core", "serviceaccounts/token", "create"),
  rule("core events.k8s.io", "events", "create update patch"),
  rule("coordination.k8s.io", "leases", "create delete get patch update"),
  rule("certificates.k8s.io", "certificatesigningrequests", "create get list watch"),
  rule("node.k8s.io", "runtimeclasses", "get list watch"),
  rule("storage.k8s.io", "volumeattachments", "get"),
  rule("storage.k8s.io", "csidrivers", "get list watch"),
  rule("storage.k8s.io", "csinodes", "create delete get patch update"),
  rule("resource.k8s.io", "resourceclaims", "get"),
  rule("resource.k8s.io", "resourceslices", "create delete deletecollection get list patch update watch"),
];
