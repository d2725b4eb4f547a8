// Which nodes a pod may or would rather run on: node selectors, pod affinity, tolerations, topology spread.

import { labelSelector } from "../../object/meta.ts";
import { atomicList, field, int32, int64, pointer, requiredField, string, struct } from "../../object/schema.ts";

export const nodeSelectorRequirement = struct("core.v1.NodeSelectorRequirement", "One condition on one label or field of a node.", {
  key: requiredField(1, string, "Label, or field, that the condition looks at."),
  operator: requiredField(2, string, "How it relates to the values.", { enum: ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"] }),
  values: field(3, atomicList(string), "Values for In and NotIn; one integer for Gt and Lt; empty for the others."),
});

export const nodeSelectorTerm = struct(
  "core.v1.NodeSelectorTerm",
  "Conditions that a node must all meet; an empty term matches no node.",
  {
    matchExpressions: field(1, atomicList(nodeSelectorRequirement), "Conditions on labels."),
    matchFields: field(2, atomicList(nodeSelectorRequirement), "Conditions on fields; only metadata.name."),
  },
  { atomic: true },
);

export const nodeSelector = struct(
  "core.v1.NodeSelector",
  "Matches a node that any of the terms matches.",
  {
    nodeSelectorTerms: requiredField(1, atomicList(nodeSelectorTerm), "Alternatives."),
  },
  { atomic: true },
);

export const preferredSchedulingTerm = struct("core.v1.PreferredSchedulingTerm", "A node preference with a weight.", {
  weight: requiredField(1, int32, "Score from 1 to 100 for nodes that match."),
  preference: requiredField(2, nodeSelectorTerm, "Which nodes."),
});

export const nodeAffinity = struct("core.v1.NodeAffinity", "Where a pod goes, by what nodes are.", {
  requiredDuringSchedulingIgnoredDuringExecution: pointer(
    1,
    nodeSelector,
    "Nodes must match this when the pod is placed; later changes evict nobody.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: field(
    2,
    atomicList(preferredSchedulingTerm),
    "Nodes are scored by the sum of the weights that they match.",
  ),
});

export const podAffinityTerm = struct("core.v1.PodAffinityTerm", "A set of pods, and the topology in which to be near them or far.", {
  labelSelector: pointer(1, labelSelector, "Which pods, by labels; absent matches none."),
  namespaces: field(2, atomicList(string), "Namespaces of those pods; empty with no namespaceSelector means the pod's own."),
  topologyKey: requiredField(3, string, 'Node label whose equal values mean "the same place".'),
  namespaceSelector: pointer(4, labelSelector, "Further namespaces, by labels; an empty selector means all."),
  matchLabelKeys: field(5, atomicList(string), "Labels whose values on the incoming pod are added to labelSelector with In."),
  mismatchLabelKeys: field(6, atomicList(string), "Labels whose values on the incoming pod are added to labelSelector with NotIn."),
});

export const weightedPodAffinityTerm = struct("core.v1.WeightedPodAffinityTerm", "A pod affinity term with a weight.", {
  weight: requiredField(1, int32, "Score from 1 to 100 for nodes that match."),
  podAffinityTerm: requiredField(2, podAffinityTerm, "The term."),
});

export const podAffinity = struct("core.v1.PodAffinity", "Near which other pods a pod goes.", {
  requiredDuringSchedulingIgnoredDuringExecution: field(
    1,
    atomicList(podAffinityTerm),
    "All must hold when the pod is placed; later changes evict nobody.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: field(
    2,
    atomicList(weightedPodAffinityTerm),
    "Nodes are scored by the sum of the weights that they match.",
  ),
});

export const podAntiAffinity = struct("core.v1.PodAntiAffinity", "Away from which other pods a pod goes.", {
  requiredDuringSchedulingIgnoredDuringExecution: field(
    1,
    atomicList(podAffinityTerm),
    "None may be violated when the pod is placed; later changes evict nobody.",
  ),
  preferredDuringSchedulingIgnoredDuringExecution: field(
    2,
    atomicList(weightedPodAffinityTerm),
    "Nodes lose the sum of the weights that they match.",
  ),
});

export const affinity = struct("core.v1.Affinity", "Constraints on where a pod goes.", {
  nodeAffinity: pointer(1, nodeAffinity, "By what nodes are."),
  podAffinity: pointer(2, podAffinity, "By which pods are near."),
  podAntiAffinity: pointer(3, podAntiAffinity, "By which pods must not be near."),
});

export const toleration = struct("core.v1.Toleration", "Lets a pod onto nodes with matching taints.", {
  key: field(1, string, "Taint to tolerate; empty with operator Exists tolerates all."),
  operator: field(2, string, "How the values compare; Equal when absent.", { enum: ["Exists", "Equal", "Lt", "Gt"] }),
  value: field(3, string, "Value to compare the taint's with."),
  effect: field(4, string, "Effect to tolerate; empty for all.", { enum: ["NoSchedule", "PreferNoSchedule", "NoExecute"] }),
  tolerationSeconds: pointer(5, int64, "How long a NoExecute taint is tolerated; absent for ever, zero or less not at all."),
});

export const topologySpreadConstraint = struct("core.v1.TopologySpreadConstraint", "How evenly matching pods spread over a topology.", {
  maxSkew: requiredField(1, int32, "How far the fullest domain may exceed the emptiest."),
  topologyKey: requiredField(2, string, "Node label whose equal values form a domain."),
  whenUnsatisfiable: requiredField(3, string, "Leave the pod pending, or only prefer what lowers the skew.", {
    enum: ["DoNotSchedule", "ScheduleAnyway"],
  }),
  labelSelector: pointer(4, labelSelector, "Which pods are counted."),
  minDomains: pointer(5, int32, "With fewer eligible domains than this, the emptiest counts as zero; 1 when absent."),
  nodeAffinityPolicy: pointer(6, string, "Whether nodes that the pod's affinity excludes are counted; Honor when absent.", {
    enum: ["Honor", "Ignore"],
  }),
  nodeTaintsPolicy: pointer(7, string, "Whether nodes that the pod does not tolerate are counted; Ignore when absent.", {
    enum: ["Honor", "Ignore"],
  }),
  matchLabelKeys: field(8, atomicList(string), "Labels whose values on the incoming pod join labelSelector."),
});
