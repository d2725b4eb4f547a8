// Every kind that is built in, and the structs that no kind has but some request or answer needs.

import { deploymentKind } from "./apps/deployment.ts";
import { replicaSetKind } from "./apps/replica-set.ts";
import { selfSubjectReviewKind } from "./authentication/self-subject-review.ts";
import { tokenRequest } from "./authentication/token-request.ts";
import { tokenReviewKind } from "./authentication/token-review.ts";
import { localSubjectAccessReviewKind } from "./authorization/local-subject-access-review.ts";
import { selfSubjectAccessReviewKind } from "./authorization/self-subject-access-review.ts";
import { selfSubjectRulesReviewKind } from "./authorization/self-subject-rules-review.ts";
import { subjectAccessReviewKind } from "./authorization/subject-access-review.ts";
import { scale } from "./autoscaling/scale.ts";
import { leaseKind } from "./coordination/lease.ts";
import { bindingKind } from "./core/binding.ts";
import { configMapKind } from "./core/config-map.ts";
import { endpointsKind } from "./core/endpoints.ts";
import { eventKind } from "./core/event.ts";
import { namespaceKind } from "./core/namespace.ts";
import { nodeKind, nodeProxyOptions } from "./core/node.ts";
import { podAttachOptions, podExecOptions, podKind, podLogOptions, podPortForwardOptions, podProxyOptions } from "./core/pod.ts";
import { secretKind } from "./core/secret.ts";
import { serviceAccountKind } from "./core/service-account.ts";
import { serviceKind, serviceProxyOptions } from "./core/service.ts";
import { endpointSliceKind } from "./discovery/endpoint-slice.ts";
import { eventsEventKind } from "./events/event.ts";
import type { Kind } from "../object/kind.ts";
import type { StructType } from "../object/schema.ts";
import { eviction } from "./policy/eviction.ts";
import { clusterRoleBindingKind } from "./rbac/cluster-role-binding.ts";
import { clusterRoleKind } from "./rbac/cluster-role.ts";
import { roleBindingKind } from "./rbac/role-binding.ts";
import { roleKind } from "./rbac/role.ts";

/** Kinds in the order in which discovery lists them; core before its other face in events.k8s.io. */
export const builtinKinds = [
  bindingKind,
  configMapKind,
  endpointsKind,
  eventKind,
  namespaceKind,
  nodeKind,
  podKind,
  secretKind,
  serviceAccountKind,
  serviceKind,
  deploymentKind,
  replicaSetKind,
  eventsEventKind,
  selfSubjectReviewKind,
  tokenReviewKind,
  localSubjectAccessReviewKind,
  selfSubjectAccessReviewKind,
  selfSubjectRulesReviewKind,
  subjectAccessReviewKind,
  leaseKind,
  endpointSliceKind,
  clusterRoleBindingKind,
  clusterRoleKind,
  roleBindingKind,
  roleKind,
] as readonly Kind[];

/** What subresources are written and asked in. */
export const subresourceStructs: readonly StructType[] = [
  tokenRequest,
  scale,
  eviction,
  podLogOptions,
  podExecOptions,
  podAttachOptions,
  podPortForwardOptions,
  podProxyOptions,
  nodeProxyOptions,
  serviceProxyOptions,
];
