// Generated from the schemas by `npm run generate`. Do not edit.

import type { ApiObject } from "../../object/kind.ts";
import type { FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta } from "../../object/meta.gen.ts";

/** Field selector of the access in question. */
export interface FieldSelectorAttributes {
  /** As the query parameter; for authorizers that look at requests alone. */
  readonly rawSelector?: string;
  /** The parsed conditions; all must hold. */
  readonly requirements?: readonly FieldSelectorRequirement[];
}

/** Label selector of the access in question. */
export interface LabelSelectorAttributes {
  /** As the query parameter; for authorizers that look at requests alone. */
  readonly rawSelector?: string;
  /** The parsed conditions; all must hold. */
  readonly requirements?: readonly LabelSelectorRequirement[];
}

/** Asks whether somebody may do something in a namespace. */
export interface LocalSubjectAccessReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The question; its namespace is that of the request. */
  readonly spec: SubjectAccessReviewSpec;
  /** The answer. */
  readonly status?: SubjectAccessReviewStatus;
}

/** Access to a path that is no resource. */
export interface NonResourceAttributes {
  /** The path. */
  readonly path?: string;
  /** The HTTP method in lower case. */
  readonly verb?: string;
}

/** Verbs that are allowed on paths. */
export interface NonResourceRule {
  /** Allowed verbs; "*" for all. */
  readonly verbs: readonly string[];
  /** Paths; "*" at the end matches the rest. */
  readonly nonResourceURLs?: readonly string[];
}

/** Access to a resource. */
export interface ResourceAttributes {
  /** Namespace of the access; empty for all, or for cluster resources. */
  readonly namespace?: string;
  /** The verb; "*" for all. */
  readonly verb?: string;
  /** Group of the resource; "*" for all. */
  readonly group?: string;
  /** Version of the resource; "*" for all. */
  readonly version?: string;
  /** Plural name; "*" for all. */
  readonly resource?: string;
  /** Subresource, if any. */
  readonly subresource?: string;
  /** Name of the object; empty for all. */
  readonly name?: string;
  /** Restriction by fields. */
  readonly fieldSelector?: FieldSelectorAttributes;
  /** Restriction by labels. */
  readonly labelSelector?: LabelSelectorAttributes;
}

/** Verbs that are allowed on resources. */
export interface ResourceRule {
  /** Allowed verbs; "*" for all. */
  readonly verbs: readonly string[];
  /** Groups of the resources; "*" for all. */
  readonly apiGroups?: readonly string[];
  /** Plural names; "*" for all, "*\/scale" for a subresource of all. */
  readonly resources?: readonly string[];
  /** Only these objects; all when empty. */
  readonly resourceNames?: readonly string[];
}

/** Asks whether the caller may do something. */
export interface SelfSubjectAccessReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The question. */
  readonly spec: SelfSubjectAccessReviewSpec;
  /** The answer. */
  readonly status?: SubjectAccessReviewStatus;
}

/** What the caller wants to do; resource or path, not both. */
export interface SelfSubjectAccessReviewSpec {
  /** Access to a resource. */
  readonly resourceAttributes?: ResourceAttributes;
  /** Access to a path. */
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** Asks what the caller may do in a namespace. */
export interface SelfSubjectRulesReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The question. */
  readonly spec: SelfSubjectRulesReviewSpec;
  /** The answer. */
  readonly status?: SubjectRulesReviewStatus;
}

/** Where. */
export interface SelfSubjectRulesReviewSpec {
  /** Namespace to answer for. */
  readonly namespace?: string;
}

/** Asks whether somebody may do something. */
export interface SubjectAccessReview extends ApiObject {
  /** Group and version of the schema that this is written in. */
  readonly apiVersion?: string;
  /** What this is, as a CamelCase word. */
  readonly kind?: string;
  /** Name, labels and what else every object has. */
  readonly metadata?: ObjectMeta;
  /** The question. */
  readonly spec: SubjectAccessReviewSpec;
  /** The answer. */
  readonly status?: SubjectAccessReviewStatus;
}

/** Who wants to do what; resource or path, not both. */
export interface SubjectAccessReviewSpec {
  /** Access to a resource. */
  readonly resourceAttributes?: ResourceAttributes;
  /** Access to a path. */
  readonly nonResourceAttributes?: NonResourceAttributes;
  /** Name of the user. */
  readonly user?: string;
  /** Groups of the user. */
  readonly groups?: readonly string[];
  /** Further data of the authenticator. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** Id of the user. */
  readonly uid?: string;
}

/** Whether it is allowed. */
export interface SubjectAccessReviewStatus {
  /** Whether it is allowed. */
  readonly allowed: boolean;
  /** Why. */
  readonly reason?: string;
  /** What went wrong meanwhile; the answer may still be good. */
  readonly evaluationError?: string;
  /** Whether an authorizer refused outright, so that no other may allow. */
  readonly denied?: boolean;
}

/** What the caller may do, as far as it can be listed. */
export interface SubjectRulesReviewStatus {
  /** What is allowed on resources. */
  readonly resourceRules: readonly ResourceRule[];
  /** What is allowed on paths. */
  readonly nonResourceRules: readonly NonResourceRule[];
  /** Whether some authorizer could not list its rules. */
  readonly incomplete: boolean;
  /** What went wrong meanwhile. */
  readonly evaluationError?: string;
}
