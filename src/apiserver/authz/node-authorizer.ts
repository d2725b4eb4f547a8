// What a kubelet may do: its fixed rules, and of secrets, config maps and the like only what pods bound to its node mention.

import { parseFieldSelector, requiredFieldValue } from "../../lang/field-selector.ts";
import type { UserInfo } from "../../wire/exchange.ts";
import { nodeOfUser } from "../authn/users.ts";
import type { ClusterIndexes } from "../watch/cluster-indexes.ts";
import type { Attributes, Decision, PolicyRule } from "./attributes.ts";
import { nodeRules } from "./policy/node-rules.ts";
import type { ReferencingPod } from "./pod-references.ts";
import { podMentions } from "./pod-references.ts";
import { ruleAllows } from "./rule-match.ts";

const no = (reason: string): Decision => ({ allowed: false, reason });
const yes: Decision = { allowed: true, reason: "" };

export class NodeAuthorizer {
  readonly #indexes: ClusterIndexes;

  constructor(indexes: ClusterIndexes) {
    this.#indexes = indexes;
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeOfUser(attributes.user);
    if (node === undefined) return no("");
    if (!attributes.isResource) return no("");
    switch (attributes.group === "" ? attributes.resource : `${attributes.resource}.${attributes.group}`) {
      case "secrets":
      case "configmaps":
        return this.#mentioned(node, attributes, ["get", "list", "watch"]);
      case "persistentvolumeclaims":
        if (attributes.subresource === "status") return this.#mentioned(node, attributes, ["get", "update", "patch"], "status");
        return this.#mentioned(node, attributes, ["get"]);
      case "serviceaccounts":
        if (attributes.subresource !== "token") return no("");
        return this.#mentioned(node, attributes, ["create"], "token");
      case "pods":
        return this.#pods(node, attributes);
      case "nodes":
        return this.#own(node, attributes);
      case "leases.coordination.k8s.io":
        return ownLease(node, attributes);
      case "csinodes.storage.k8s.io":
        if (attributes.verb === "list" || attributes.verb === "watch") return no("can only get individual resources of this type");
        return attributes.verb === "create" || attributes.name === node
          ? this.#fixed(attributes)
          : no("can only access CSINode with the same name as the requesting node");
      default:
        return this.#fixed(attributes);
    }
  }

  /** The fixed rules, for SelfSubjectRulesReview. */
  rulesFor(user: UserInfo): readonly PolicyRule[] {
    return nodeOfUser(user) === undefined ? [] : nodeRules;
  }

  #fixed(attributes: Attributes): Decision {
    return nodeRules.some((rule) => ruleAllows(rule, attributes)) ? yes : no("");
  }

  #mentioned(node: string, attributes: Attributes, verbs: readonly string[], subresource = ""): Decision {
    if (!verbs.includes(attributes.verb)) return no(`can only ${verbs.join("/")} individual resources of this type`);
    if (attributes.subresource !== subresource) return no("cannot access this subresource");
    if (attributes.name === "") return no("No Object name found");
    for (const version of this.#indexes.podsOnNode(node)) {
      const pod = version.object as ReferencingPod;
      if (pod.metadata?.namespace === attributes.namespace && podMentions(pod, attributes.resource, attributes.name)) return yes;
    }
    return no(`no relationship found between node '${node}' and this object`);
  }

  #pods(node: string, attributes: Attributes): Decision {
    const { verb, subresource, name, namespace } = attributes;
    if (subresource === "" && (verb === "list" || verb === "watch")) {
      if (selectedNode(attributes.fieldSelector) === node) return yes;
      if (name === "" || namespace === "") return no("can only list/watch pods with spec.nodeName field selector");
    }
    if (subresource === "" && (verb === "get" || verb === "list" || verb === "watch")) {
      for (const version of this.#indexes.podsOnNode(node))
        if (version.object.metadata?.name === name && version.object.metadata.namespace === namespace) return yes;
      return no(`no relationship found between node '${node}' and this object`);
    }
    return this.#fixed(attributes);
  }

  #own(node: string, attributes: Attributes): Decision {
    const { verb, name, subresource } = attributes;
    if (subresource === "" && (verb === "get" || verb === "list" || verb === "watch"))
      return name === node ? yes : no(`node ${JSON.stringify(node)} cannot read ${JSON.stringify(name)}, only its own Node object`);
    // Writing other nodes is refused by NodeRestriction, with a better message.
    return this.#fixed(attributes);
  }
}

function ownLease(node: string, attributes: Attributes): Decision {
  if (attributes.verb === "list" || attributes.verb === "watch" || attributes.verb === "deletecollection")
    return no("can only get, create, update, patch, or delete a node lease");
  if (attributes.namespace !== "kube-node-lease") return no('can only access leases in the "kube-node-lease" system namespace');
  if (attributes.verb !== "create" && attributes.name !== node)
    return no("can only access node lease with the same name as the requesting node");
  return yes;
}

function selectedNode(selector: string | undefined): string | undefined {
  if (selector === undefined) return undefined;
  try {
    return requiredFieldValue(parseFieldSelector(selector), "spec.nodeName");
  } catch {
    // The request itself will be refused for it; here it just selects no node.
    return undefined;
  }
}
