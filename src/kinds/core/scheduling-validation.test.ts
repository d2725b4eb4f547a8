import { describe, it } from "vitest";
import { podKind } from "./pod.ts";
import type { Row } from "../validation.laws.ts";
import { checkRow, noLabel, noLabelValue, noQualifiedName } from "../validation.laws.ts";

const base = {
  metadata: { name: "p", namespace: "default" },
  spec: { serviceAccountName: "default", containers: [{ name: "web", image: "nginx" }] },
};
const needed = "requiredDuringSchedulingIgnoredDuringExecution";
const wished = "preferredDuringSchedulingIgnoredDuringExecution";
const n = "spec.affinity.nodeAffinity";
const terms = `${n}.${needed}.nodeSelectorTerms`;
const expressions = (...matchExpressions: readonly object[]) => ({ [terms]: [{ matchExpressions }] });
const e = `${terms}[0].matchExpressions`;

const nodes: readonly Row[] = [
  [
    "a selector with bad labels",
    { "spec.nodeSelector": { "a b": "-" } },
    `spec.nodeSelector: Invalid value: "a b": ${noQualifiedName}`,
    `spec.nodeSelector: Invalid value: "-": ${noLabelValue}`,
  ],
  ["no terms", { [terms]: [] }, `${terms}: Required value: must have at least one node selector term`],
  [
    "In without values",
    expressions({ key: "a", operator: "In" }),
    `${e}[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    "Exists with values",
    expressions({ key: "a", operator: "Exists", values: ["b"] }),
    `${e}[0].values: Forbidden: may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
  ],
  [
    "Gt with two values",
    expressions({ key: "a", operator: "Gt", values: ["1", "2"] }),
    `${e}[0].values: Required value: must be specified single value when \`operator\` is 'Lt' or 'Gt'`,
  ],
  [
    "an operator that nobody knows, a bad key and value",
    expressions({ key: "a b", operator: "Near", values: ["-"] }),
    `${e}[0].operator: Invalid value: "Near": not a valid selector operator`,
    `${e}[0].key: Invalid value: "a b": ${noQualifiedName}`,
    `${e}[0].values[0]: Invalid value: "-": ${noLabelValue}`,
  ],
  [
    "fields of a node",
    {
      [terms]: [
        {
          matchFields: [
            { key: "spec.x", operator: "Exists" },
            { key: "metadata.name", operator: "In", values: ["a", "b"] },
          ],
        },
      ],
    },
    `${terms}[0].matchFields[0].operator: Invalid value: "Exists": not a valid selector operator`,
    `${terms}[0].matchFields[0].key: Invalid value: "spec.x": not a valid field selector key`,
    `${terms}[0].matchFields[1].values: Required value: must be only one value when \`operator\` is 'In' or 'NotIn' for node field selector`,
  ],
  [
    "a wish without weight, whose value matches nothing",
    { [`${n}.${wished}`]: [{ weight: 0, preference: { matchExpressions: [{ key: "a", operator: "In", values: ["-"] }] } }] },
    `${n}.${wished}[0].weight: Invalid value: 0: must be in the range 1-100`,
  ],
];

const p = "spec.affinity.podAffinity";
const near = (term: object) => ({ [`${p}.${needed}`]: [{ topologyKey: "kubernetes.io/hostname", labelSelector: {}, ...term }] });
const t = `${p}.${needed}[0]`;

const pods: readonly Row[] = [
  [
    "no topology",
    near({ topologyKey: "" }),
    `${t}.topologyKey: Required value: can not be empty`,
    `${t}.topologyKey: Invalid value: "": name part must be non-empty`,
    `${t}.topologyKey: Invalid value: "": ${noQualifiedName}`,
  ],
  ["a bad namespace", near({ namespaces: ["A"] }), `${t}.namespace: Invalid value: "A": ${noLabel}`],
  [
    "a bad selector",
    near({ labelSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
    `${t}.labelSelector.matchExpressions[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
  ],
  [
    "label keys without a selector",
    near({ labelSelector: undefined, matchLabelKeys: ["a"], mismatchLabelKeys: ["b"] }),
    `${t}.matchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
    `${t}.mismatchLabelKeys: Forbidden: must not be specified when labelSelector is not set`,
  ],
  [
    "a label key twice",
    near({ matchLabelKeys: ["a"], mismatchLabelKeys: ["a"] }),
    `${t}.matchLabelKeys[0]: Invalid value: "a": exists in both matchLabelKeys and mismatchLabelKeys`,
  ],
  [
    "a label key that the selector has",
    near({
      labelSelector: { matchLabels: { a: "1" }, matchExpressions: [{ key: "a", operator: "In", values: ["1"] }] },
      matchLabelKeys: ["a"],
    }),
    `${t}[0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector`,
  ],
  [
    "a wish of too much weight",
    { [`spec.affinity.podAntiAffinity.${wished}`]: [{ weight: 101, podAffinityTerm: { topologyKey: "a", labelSelector: {} } }] },
    `spec.affinity.podAntiAffinity.${wished}[0].weight: Invalid value: 101: must be in the range 1-100`,
  ],
];

const tolerations = (...list: readonly object[]) => ({ "spec.tolerations": list });
const o = "spec.tolerations[0]";

const taints: readonly Row[] = [
  [
    "no key",
    tolerations({ value: "a" }),
    `${o}.operator: Invalid value: "": operator must be Exists when \`key\` is empty, which means "match all values and all keys"`,
  ],
  ["a bad key", tolerations({ key: "a b", operator: "Exists" }), `${o}.key: Invalid value: "a b": ${noQualifiedName}`],
  [
    "a time for what does not evict",
    tolerations({ key: "a", effect: "NoSchedule", tolerationSeconds: 1 }),
    `${o}.effect: Invalid value: "NoSchedule": effect must be 'NoExecute' when \`tolerationSeconds\` is set`,
  ],
  ["a bad value", tolerations({ key: "a", value: "-" }), `${o}.operator: Invalid value: "-": ${noLabelValue}`],
  [
    "Exists with a value",
    tolerations({ key: "a", operator: "Exists", value: "b" }),
    `${o}.operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`,
  ],
  [
    "an operator and an effect that nobody knows",
    tolerations({ key: "a", operator: "Near", effect: "Maybe" }),
    `${o}.operator: Unsupported value: "Near": supported values: "Equal", "Exists"`,
    `${o}.effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"`,
  ],
  [
    "more than a word",
    tolerations({ key: "a", operator: "Gt", value: "many" }),
    `${o}.value: Invalid value: "many": must be a valid decimal integer in canonical form`,
    `${o}.value: Invalid value: "many": strconv.ParseInt: parsing "many": invalid syntax`,
  ],
  [
    "less than too much",
    tolerations({ key: "a", operator: "Lt", value: "9223372036854775808" }),
    `${o}.value: Invalid value: "9223372036854775808": strconv.ParseInt: parsing "9223372036854775808": value out of range`,
  ],
];

const s = "spec.topologySpreadConstraints[0]";
const spread = (...changes: readonly object[]) => ({
  "spec.topologySpreadConstraints": changes.map((change) => ({
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "DoNotSchedule",
    labelSelector: {},
    ...change,
  })),
});

const spreading: readonly Row[] = [
  ["no skew", spread({ maxSkew: 0 }), `${s}.maxSkew: Invalid value: 0: must be greater than zero`],
  ["no topology", spread({ topologyKey: "" }), `${s}.topologyKey: Required value: can not be empty`],
  [
    "an action that nobody knows",
    spread({ whenUnsatisfiable: "Cry" }),
    `${s}.whenUnsatisfiable: Unsupported value: "Cry": supported values: "DoNotSchedule", "ScheduleAnyway"`,
  ],
  ["the same twice", spread({}, {}), `${s}.{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, DoNotSchedule}"`],
  [
    "domains that nobody waits for",
    spread({ whenUnsatisfiable: "ScheduleAnyway", minDomains: 0 }),
    `${s}.minDomains: Invalid value: 0: must be greater than zero`,
    `${s}.minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway`,
  ],
  [
    "policies that nobody knows",
    spread({ nodeAffinityPolicy: "A", nodeTaintsPolicy: "B" }),
    `${s}.nodeAffinityPolicy: Unsupported value: "A": supported values: "Honor", "Ignore"`,
    `${s}.nodeTaintsPolicy: Unsupported value: "B": supported values: "Honor", "Ignore"`,
  ],
  ["a bad label key", spread({ matchLabelKeys: ["a b"] }), `${s}.matchLabelKeys[0]: Invalid value: "a b": ${noQualifiedName}`],
  [
    "gates with bad names, twice",
    { "spec.schedulingGates": [{ name: "a b" }, { name: "a b" }] },
    `spec.schedulingGates[0]: Invalid value: "a b": ${noQualifiedName}`,
    `spec.schedulingGates[1]: Invalid value: "a b": ${noQualifiedName}`,
    'spec.schedulingGates[1]: Duplicate value: "a b"',
  ],
  [
    "a gated pod on a node",
    { "spec.schedulingGates": [{ name: "a" }], "spec.nodeName": "n" },
    "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared",
  ],
];

describe("scheduling", () => {
  it.each(nodes)("nodes: %s", (...row) => checkRow(podKind, base, row));
  it.each(pods)("pods: %s", (...row) => checkRow(podKind, base, row));
  it.each(taints)("tolerations: %s", (...row) => checkRow(podKind, base, row));
  it.each(spreading)("spreading and gates: %s", (...row) => checkRow(podKind, base, row));
});
