// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { LabelSelector, ObjectMeta } from "../../object/meta.gen.ts";

/** Collects the rules of other cluster roles. */
export interface AggregationRule {
  /** Roles that match any of these are added up. */
  readonly clusterRoleSelectors?: readonly LabelSelector[];
}

/** Permissions in the whole cluster, or a set to bind in namespaces. */
export interface ClusterRole extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is allowed; the sum of the rules. */
  readonly rules?: readonly PolicyRule[];
  /** When present a controller writes rules, from other cluster roles. */
  readonly aggregationRule?: AggregationRule;
}

/** Gives a cluster role's permissions everywhere. */
export interface ClusterRoleBinding extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** Who is given them. */
  readonly subjects?: readonly Subject[];
  /** The ClusterRole; never changes. */
  readonly roleRef: RoleRef;
}

/** Verbs that are allowed on resources or on paths. */
export interface PolicyRule {
  /** Allowed verbs; "*" for all. */
  readonly verbs: readonly string[];
  /** Groups of the resources; "" for the core group, "*" for all. */
  readonly apiGroups?: readonly string[];
  /** Plural names, "pods/log" for subresources; "*" for all. */
  readonly resources?: readonly string[];
  /** Only these objects; all when empty. */
  readonly resourceNames?: readonly string[];
  /** Paths that are no resources; "*" at the end matches the rest. Cluster roles only. */
  readonly nonResourceURLs?: readonly string[];
}

/** Permissions in one namespace. */
export interface Role extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** What is allowed; the sum of the rules. */
  readonly rules?: readonly PolicyRule[];
}

/** Gives a role's permissions in one namespace. */
export interface RoleBinding extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** Who is given them. */
  readonly subjects?: readonly Subject[];
  /** Role of the namespace, or a ClusterRole; never changes. */
  readonly roleRef: RoleRef;
}

/** The role that a binding gives. */
export interface RoleRef {
  /** Group of the role. */
  readonly apiGroup?: string;
  /** Role or ClusterRole. */
  readonly kind: string;
  /** Name of the role. */
  readonly name: string;
}

/** Who is given a role. */
export interface Subject {
  /** User, Group or ServiceAccount. */
  readonly kind: string;
  /** Group of the kind: rbac.authorization.k8s.io for users and groups, empty for service accounts. */
  readonly apiGroup?: string;
  /** Name of the user, group or service account. */
  readonly name: string;
  /** Namespace of the service account. */
  readonly namespace?: string;
}
