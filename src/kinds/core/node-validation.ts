// Nodes: taints, pod networks and resources; what was once decided about a node stays.

import { checkDns1123Label, checkDns1123Subdomain, checkConfigMapKey, checkLabelValue } from "../../lang/names.ts";
import { deepEqual } from "../../object/copy.ts";
import { duplicate, forbiddenField, invalidValue, required } from "../../object/field-error.ts";
import type { FieldError } from "../../object/field-error.ts";
import { Seen, invalidEach, isDualStack, validateCidr, validateOneOf, validateQualifiedName } from "../checks.ts";
import { validateResourceAmount } from "./resource-validation.ts";
import { taintEffects } from "./scheduling-validation.ts";
import type { ConfigMapNodeConfigSource, Node, NodeConfigSource, Taint } from "./types.gen.ts";

/** Kubernetes reports taints under metadata, where they were annotations once. */
const taintsField = "metadata.taints";

export function validateNode({ spec, status }: Node): FieldError[] {
  return [
    ...validateTaints(taintsField, spec?.taints ?? []),
    ...validateAmounts("status.capacity", status?.capacity),
    ...validateAmounts("status.allocatable", status?.allocatable),
    ...validateNetworks("spec.podCIDRs", spec?.podCIDRs ?? []),
  ];
}

function validateTaints(path: string, taints: readonly Taint[]): FieldError[] {
  const seen = new Seen();
  return taints.flatMap((taint, position) => {
    const { key, value = "", effect } = taint;
    const at = `${path}[${position}]`;
    const messages = checkLabelValue(value);
    const again = seen.again(`${effect ?? ""}/${key}`);
    return [
      ...validateQualifiedName(`${at}.key`, key),
      ...(messages.length > 0 ? [invalidValue(`${at}.value`, value, messages.join(";"))] : []),
      ...validateOneOf(`${at}.effect`, effect, taintEffects),
      ...(again ? [{ ...duplicate(at, taint), detail: "taints must be unique by key and effect pair" }] : []),
    ];
  });
}

const validateAmounts = (path: string, list: Readonly<Record<string, string>> = {}): FieldError[] =>
  Object.entries(list).flatMap(([resource, quantity]) => validateResourceAmount(`${path}.${resource}`, resource, quantity));

function validateNetworks(path: string, networks: readonly string[]): FieldError[] {
  const seen = new Seen();
  return [
    ...networks.flatMap((network, position) => validateCidr(`${path}[${position}]`, network)),
    ...(networks.length > 1 && (networks.length > 2 || !isDualStack(networks))
      ? [invalidValue(path, networks, "may specify no more than one CIDR for each IP family")]
      : []),
    ...networks.flatMap((network, position) => (seen.again(network) ? [duplicate(`${path}[${position}]`, network)] : [])),
  ];
}

/** Holds for the status subresource too. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  const { spec = {}, status } = node;
  const before = old.spec ?? {};
  const seen = new Seen();
  const { podCIDRs = [] } = before;
  return [
    ...(status?.addresses ?? []).flatMap((address, position) =>
      seen.again(`${address.type}/${address.address}`) ? [duplicate(`status.addresses[${position}]`, address)] : [],
    ),
    ...(podCIDRs.length > 0 && !deepEqual(podCIDRs, spec.podCIDRs ?? [])
      ? [forbiddenField("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(before.providerID && before.providerID !== spec.providerID
      ? [forbiddenField("spec.providerID", 'node updates may not change providerID except from "" to valid')]
      : []),
    ...(spec.configSource ? validateConfigSource("spec.configSource", spec.configSource, "spec") : []),
    ...(["assigned", "active", "lastKnownGood"] as const).flatMap((name) => {
      const source = status?.config?.[name];
      return source ? validateConfigSource(`status.config.${name}`, source, "status") : [];
    }),
    ...((spec.externalID ?? "") === (before.externalID ?? "") ? [] : [forbiddenField("spec.externalID", "may not be updated")]),
  ];
}

export const validateNodeStatusUpdate = (node: Node, old: Node): FieldError[] => [
  ...validateAmounts("status.capacity", node.status?.capacity),
  ...validateAmounts("status.allocatable", node.status?.allocatable),
  ...validateNodeUpdate(node, old),
];

/** A kubelet's configuration from a ConfigMap: does nothing any more, and is still checked. */
function validateConfigSource(path: string, { configMap }: NodeConfigSource, place: "spec" | "status"): FieldError[] {
  if (configMap === undefined) return [invalidValue(path, {}, "exactly one reference subfield must be non-nil")];
  const at = `${path}.configMap`;
  const versions = (["uid", "resourceVersion"] as const).flatMap((name) => {
    if (place === "spec") return configMap[name] ? [forbiddenField(`${at}.${name}`, `${name} must not be set in spec`)] : [];
    return configMap[name] ? [] : [required(`${at}.${name}`, `${name} must be set in status`)];
  });
  return [...versions, ...validateConfigMapReference(at, configMap)];
}

function validateConfigMapReference(path: string, source: ConfigMapNodeConfigSource): FieldError[] {
  const check = (name: "namespace" | "name" | "kubeletConfigKey", rule: (text: string) => string[]): FieldError[] => {
    const value = source[name];
    return value ? invalidEach(`${path}.${name}`, value, rule(value)) : [required(`${path}.${name}`, `${name} must be set`)];
  };
  return [
    ...check("namespace", checkDns1123Label),
    ...check("name", checkDns1123Subdomain),
    ...check("kubeletConfigKey", checkConfigMapKey),
  ];
}
