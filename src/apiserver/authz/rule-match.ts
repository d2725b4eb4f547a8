// When does a policy rule cover a request, and when does one set of rules cover another?

import type { Attributes, PolicyRule } from "./attributes.ts";

const has = (list: readonly string[] | undefined, value: string): boolean =>
  list !== undefined && (list.includes("*") || list.includes(value));

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, attributes.path));
  if (!has(rule.apiGroups, attributes.group)) return false;
  if (!resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(attributes.name);
}

function pathMatches(pattern: string, path: string): boolean {
  if (pattern === "*" || pattern === path) return true;
  return pattern.endsWith("*") && path.startsWith(pattern.replace(/\*+$/, ""));
}

/** "pods", "pods/log", "*", and a star for the resource of a subresource. */
function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  for (const candidate of resources) {
    if (candidate === "*" || candidate === whole) return true;
    if (subresource !== "" && candidate === `*/${subresource}`) return true;
  }
  return false;
}

/** Every single permission of `wanted` that no rule of `owned` gives. */
export function uncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)));
}

/** One rule as rules with one verb and one resource (or path) each. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const singles: PolicyRule[] = [];
  for (const verb of rule.verbs ?? []) {
    for (const group of rule.apiGroups ?? [])
      for (const resource of rule.resources ?? [])
        for (const name of rule.resourceNames?.length ? rule.resourceNames : [undefined])
          singles.push({ verbs: [verb], apiGroups: [group], resources: [resource], ...(name !== undefined && { resourceNames: [name] }) });
    for (const url of rule.nonResourceURLs ?? []) singles.push({ verbs: [verb], nonResourceURLs: [url] });
  }
  return singles;
}

function covers(owner: PolicyRule, single: PolicyRule): boolean {
  if (!has(owner.verbs, single.verbs![0]!)) return false;
  const url = single.nonResourceURLs?.[0];
  if (url !== undefined) return (owner.nonResourceURLs ?? []).some((pattern) => pathMatches(pattern, url));
  if (!has(owner.apiGroups, single.apiGroups![0]!)) return false;
  const resource = single.resources![0]!;
  const slash = resource.indexOf("/");
  const covered =
    owner.resources?.includes("*") ||
    owner.resources?.includes(resource) ||
    (slash > 0 && owner.resources?.includes(`*${resource.slice(slash)}`)) ||
    false;
  if (!covered) return false;
  const names = owner.resourceNames ?? [];
  const wanted = single.resourceNames?.[0];
  return names.length === 0 || (wanted !== undefined && names.includes(wanted));
}

/** A rule as messages print it. */
export function ruleText(rule: PolicyRule): string {
  const list = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(",")}]`;
  const parts: string[] = [];
  if (rule.apiGroups?.length) parts.push(`APIGroups:${list(rule.apiGroups)}`);
  if (rule.resources?.length) parts.push(`Resources:${list(rule.resources)}`);
  if (rule.resourceNames?.length) parts.push(`ResourceNames:${list(rule.resourceNames)}`);
  if (rule.nonResourceURLs?.length) parts.push(`NonResourceURLs:${list(rule.nonResourceURLs)}`);
  parts.push(`Verbs:${list(rule.verbs ?? [])}`);
  return `{${parts.join(", ")}}`;
}
