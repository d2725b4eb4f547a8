// Fills ClusterRoles that name others by label with the rules of those: how an operator's rights join admin, edit and view.

import { matchesLabels, selectorFromObject } from "../../lang/label-selector.ts";
import { clusterRoleKind } from "../../kinds/rbac/cluster-role.ts";
import type { ClusterRole, PolicyRule } from "../../kinds/rbac/types.gen.ts";
import { deepEqual } from "../../object/copy.ts";
import type { Controller } from "../controller.ts";
import { watch } from "../controller.ts";
import { nothing, update } from "../decision.ts";
import type { Decision } from "../decision.ts";
import type { View } from "../view.ts";

export const clusterRoleAggregationController: Controller = {
  name: "clusterrole-aggregation-controller",
  watches: [
    watch(clusterRoleKind, (_role, view) =>
      view
        .list(clusterRoleKind)
        .filter((role) => role.aggregationRule !== undefined)
        .map((role) => role.metadata?.name ?? ""),
    ),
  ],
  decide: decideAggregation,
};

export function decideAggregation(view: View, name: string): Decision {
  const role = view.get(clusterRoleKind, "", name);
  if (role?.aggregationRule === undefined || role.metadata?.deletionTimestamp !== undefined) return nothing;
  const selectors = (role.aggregationRule.clusterRoleSelectors ?? []).map((selector) => selectorFromObject(selector));
  const others = view
    .list(clusterRoleKind)
    .filter((other) => other !== role && selectors.some((selector) => matchesLabels(selector, other.metadata?.labels)))
    .toSorted((a, b) => ((a.metadata?.name ?? "") < (b.metadata?.name ?? "") ? -1 : 1));
  const rules: PolicyRule[] = [];
  for (const other of others) {
    for (const rule of other.rules ?? []) if (!rules.some((present) => deepEqual(present, rule))) rules.push(rule);
  }
  if (deepEqual(rules, role.rules ?? [])) return nothing;
  return { about: role, writes: [update(clusterRoleKind, { ...role, rules } as ClusterRole, "aggregation")] };
}
