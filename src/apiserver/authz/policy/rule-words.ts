// Policy rules in one line each.

import type { PolicyRule } from "../attributes.ts";

/** Words separated by blanks; "core" is the group without a name. */
export const allow = (groups: string, resources: string, verbs: string): PolicyRule => ({
  verbs: verbs.split(" "),
  apiGroups: groups.split(" ").map((group) => (group === "core" ? "" : group)),
  resources: resources.split(" "),
});

export const paths = (urls: string, verbs: string): PolicyRule => ({ verbs: verbs.split(" "), nonResourceURLs: urls.split(" ") });
