// The package's second door, `timonier/kinds`: the built-in kinds for `cluster.client.of(podKind, "default")`, and their types by
// group: `import type { core } from "timonier/kinds"`, then `core.Pod`.

export { builtinKinds } from "../kinds/all.ts";
export { deploymentKind } from "../kinds/apps/deployment.ts";
export { replicaSetKind } from "../kinds/apps/replica-set.ts";
export { leaseKind } from "../kinds/coordination/lease.ts";
export { configMapKind } from "../kinds/core/config-map.ts";
export { endpointsKind } from "../kinds/core/endpoints.ts";
export { eventKind } from "../kinds/core/event.ts";
export { namespaceKind } from "../kinds/core/namespace.ts";
export { nodeKind } from "../kinds/core/node.ts";
export { podKind } from "../kinds/core/pod.ts";
export { secretKind } from "../kinds/core/secret.ts";
export { serviceAccountKind } from "../kinds/core/service-account.ts";
export { serviceKind } from "../kinds/core/service.ts";
export { endpointSliceKind } from "../kinds/discovery/endpoint-slice.ts";
export { eventsEventKind } from "../kinds/events/event.ts";
export { clusterRoleBindingKind } from "../kinds/rbac/cluster-role-binding.ts";
export { clusterRoleKind } from "../kinds/rbac/cluster-role.ts";
export { roleBindingKind } from "../kinds/rbac/role-binding.ts";
export { roleKind } from "../kinds/rbac/role.ts";

export type * as apps from "../kinds/apps/types.gen.ts";
export type * as authentication from "../kinds/authentication/types.gen.ts";
export type * as authorization from "../kinds/authorization/types.gen.ts";
export type * as coordination from "../kinds/coordination/types.gen.ts";
export type * as core from "../kinds/core/types.gen.ts";
export type * as discovery from "../kinds/discovery/types.gen.ts";
export type * as events from "../kinds/events/types.gen.ts";
export type * as meta from "../object/meta.gen.ts";
export type * as rbac from "../kinds/rbac/types.gen.ts";
export type { Api, Client } from "../client/client.ts";
export type { ApiObject, Kind } from "../object/kind.ts";
export { StatusError } from "../object/status.ts";
