// The authorizers in their order: the superusers' group, nodes by what is bound to them, everybody by RBAC.

import type { UserInfo } from "../../wire/exchange.ts";
import type { AuthorizationOptions } from "../deps.ts";
import type { ClusterIndexes } from "../watch/cluster-indexes.ts";
import type { StoreFeed } from "../watch/store-feed.ts";
import type { Attributes, Authorizer, Decision, PolicyRule } from "./attributes.ts";
import { NodeAuthorizer } from "./node-authorizer.ts";
import { RbacAuthorizer } from "./rbac.ts";

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

export class ClusterAuthorizer implements Authorizer {
  readonly rbac: RbacAuthorizer;
  readonly #nodes: NodeAuthorizer;
  readonly #alwaysAllow: boolean;

  constructor(feed: StoreFeed, indexes: ClusterIndexes, options: AuthorizationOptions = {}) {
    this.rbac = new RbacAuthorizer(feed);
    this.#nodes = new NodeAuthorizer(indexes);
    this.#alwaysAllow = options.alwaysAllow ?? false;
  }

  authorize(attributes: Attributes): Decision {
    if (attributes.user.groups.includes("system:masters")) return { allowed: true, reason: "" };
    if (this.#alwaysAllow && attributes.user.groups.includes("system:authenticated")) return { allowed: true, reason: "" };
    const node = this.#nodes.authorize(attributes);
    if (node.allowed) return node;
    const rbac = this.rbac.authorize(attributes);
    return rbac.allowed ? rbac : { allowed: false, reason: node.reason };
  }

  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    if (user.groups.includes("system:masters")) return everything;
    return [...this.rbac.rulesFor(user, namespace), ...this.#nodes.rulesFor(user)];
  }

  /** See RbacAuthorizer. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined {
    return this.rbac.rulesOfRole(kind, namespace, name);
  }
}
