// Role-based access control out of the watch caches: bindings indexed by subject, cluster roles that aggregate others
// evaluated on the way. The index is built anew when any of the four kinds has changed.

import { matchesLabels, selectorFromObject, SelectorError } from "../../lang/label-selector.ts";
import type { ApiObject } from "../../object/kind.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import type { StoreFeed } from "../watch/store-feed.ts";
import type { Attributes, Authorizer, Decision, PolicyRule } from "./attributes.ts";
import { ruleAllows } from "./rule-match.ts";
import { serviceAccountUser } from "../authn/users.ts";

export interface RoleObject extends ApiObject {
  readonly rules?: readonly PolicyRule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly object[] };
}
interface Subject {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}
export interface BindingObject extends ApiObject {
  readonly subjects?: readonly Subject[];
  readonly roleRef?: { readonly kind?: string; readonly name?: string };
}

const group = "rbac.authorization.k8s.io";
const prefixes = [`roles.${group}`, `clusterroles.${group}`, `rolebindings.${group}`, `clusterrolebindings.${group}`] as const;

/** One binding as seen from a subject. */
interface Grant {
  /** "" : everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
}

export class RbacAuthorizer implements Authorizer {
  readonly #feed: StoreFeed;
  #grants: Map<string, Grant[]> | undefined;

  constructor(feed: StoreFeed) {
    this.#feed = feed;
    // The subscriptions live as long as the feed.
    for (const prefix of prefixes) feed.cache(prefix).subscribe(() => (this.#grants = undefined));
  }

  authorize(attributes: Attributes): Decision {
    for (const grant of this.#grantsOf(attributes.user, attributes.namespace))
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: grant.reason };
    return { allowed: false, reason: "" };
  }

  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return [...this.#grantsOf(user, namespace)].flatMap((grant) => grant.rules);
  }

  /** The effective rules of a role: its own, or of an aggregating cluster role those of all that it selects. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined {
    const key = kind === "ClusterRole" ? `/registry/clusterroles.${group}/${name}` : `/registry/roles.${group}/${namespace}/${name}`;
    const role = this.#feed.cache(kind === "ClusterRole" ? prefixes[1] : prefixes[0]).get(key)?.object as RoleObject | undefined;
    return role && this.#effective(role);
  }

  #effective(role: RoleObject): readonly PolicyRule[] {
    const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
    if (selectors.length === 0) return role.rules ?? [];
    const rules = [...(role.rules ?? [])];
    for (const version of this.#feed.cache(prefixes[1]).list()) {
      const other = version.object as RoleObject;
      if (other.metadata?.name !== role.metadata?.name && selectors.some((selector) => selects(selector, other)))
        rules.push(...(other.rules ?? []));
    }
    return rules;
  }

  *#grantsOf(user: UserInfo, namespace: string): Iterable<Grant> {
    const grants = (this.#grants ??= this.#index());
    for (const subject of [`User ${user.name}`, ...user.groups.map((name) => `Group ${name}`)])
      for (const grant of grants.get(subject) ?? []) if (grant.namespace === "" || grant.namespace === namespace) yield grant;
  }

  #index(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    for (const version of this.#feed.cache(prefixes[3]).list()) this.#addBinding(grants, version.object as BindingObject, "");
    for (const version of this.#feed.cache(prefixes[2]).list()) {
      const binding = version.object as BindingObject;
      this.#addBinding(grants, binding, binding.metadata?.namespace ?? "");
    }
    return grants;
  }

  #addBinding(grants: Map<string, Grant[]>, binding: BindingObject, namespace: string): void {
    const { kind = "", name = "" } = binding.roleRef ?? {};
    const rules = this.rulesOfRole(kind, namespace, name);
    // A binding to a role that is not there grants nothing, and a role in a namespace cannot be bound cluster-wide.
    if (!rules || (namespace === "" && kind !== "ClusterRole")) return;
    for (const subject of binding.subjects ?? []) {
      const id = subjectId(subject);
      const title =
        namespace === ""
          ? `ClusterRoleBinding ${JSON.stringify(binding.metadata?.name)}`
          : `RoleBinding ${JSON.stringify(`${binding.metadata?.name}/${namespace}`)}`;
      const reason = `RBAC: allowed by ${title} of ${kind} ${JSON.stringify(name)} to ${subject.kind} ${JSON.stringify(subject.kind === "ServiceAccount" ? `${subject.name}/${subject.namespace}` : subject.name)}`;
      const list = grants.get(id) ?? [];
      list.push({ namespace, rules, reason });
      grants.set(id, list);
    }
  }
}

const subjectId = (subject: Subject): string =>
  subject.kind === "ServiceAccount"
    ? `User ${serviceAccountUser(subject.namespace ?? "", subject.name ?? "")}`
    : `${subject.kind} ${subject.name}`;

function selects(selector: object, role: RoleObject): boolean {
  try {
    return matchesLabels(selectorFromObject(selector), role.metadata?.labels);
  } catch (error) {
    // A selector that cannot be read selects nothing; writing one is refused by validation.
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
