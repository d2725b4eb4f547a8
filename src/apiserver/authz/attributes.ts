// The question that authorization answers, and the interface of everything that can answer it.

import type { UserInfo } from "../../wire/exchange.ts";

export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly namespace: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Of a non-resource request. */
  readonly path: string;
  readonly fieldSelector?: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why, for the answer of an access review and the message of a refusal. */
  readonly reason: string;
}

/** One rule as RBAC writes it. */
export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

export interface Authorizer {
  /** Decides from what is in the caches: no promise. */
  authorize(attributes: Attributes): Decision;
  /** Every rule that applies to the user in the namespace ("" for cluster scope). */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[];
  /** The effective rules of a stored Role or ClusterRole; undefined when there is none. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined;
}
