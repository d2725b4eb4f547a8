// What is observed of a pod.

import { containerStatus } from "./container-status.ts";
import { resourceRequirements } from "./container.ts";
import { defaultPodStatus } from "./pod-defaults.ts";
import {
  atomicList,
  field,
  int64,
  map,
  mapList,
  pointer,
  quantity,
  requiredField,
  setList,
  string,
  struct,
  time,
} from "../../object/schema.ts";

export const podCondition = struct("core.v1.PodCondition", "One observed aspect of a pod.", {
  type: requiredField(1, string, "Name of the aspect: PodScheduled, Initialized, ContainersReady, Ready, or another's."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  lastProbeTime: field(3, time, "When this was last checked."),
  lastTransitionTime: field(4, time, "When status last changed."),
  reason: field(5, string, "One CamelCase word for the last change."),
  message: field(6, string, "The same for people."),
  observedGeneration: field(7, int64, "The metadata.generation that this was observed at."),
});

export const podIP = struct("core.v1.PodIP", "An address of the pod.", {
  ip: requiredField(1, string, "The address."),
});

export const hostIP = struct("core.v1.HostIP", "An address of the node.", {
  ip: requiredField(1, string, "The address."),
});

export const podResourceClaimStatus = struct("core.v1.PodResourceClaimStatus", "The claim behind an entry of resourceClaims.", {
  name: requiredField(1, string, "Entry of spec.resourceClaims."),
  resourceClaimName: pointer(2, string, "Claim that was made; absent when none was needed."),
});

export const containerExtendedResourceRequest = struct(
  "core.v1.ContainerExtendedResourceRequest",
  "Which request of a claim serves a container's resource.",
  {
    containerName: requiredField(1, string, "Name of the container."),
    resourceName: requiredField(2, string, "Resource that the container asks for."),
    requestName: requiredField(3, string, "Request in the claim."),
  },
);

export const podExtendedResourceClaimStatus = struct(
  "core.v1.PodExtendedResourceClaimStatus",
  "The claim made for resources that devices serve.",
  {
    requestMappings: requiredField(1, atomicList(containerExtendedResourceRequest), "Which request serves what."),
    resourceClaimName: requiredField(2, string, "Name of the claim."),
  },
);

export const nodeAllocatableResourceClaimStatus = struct(
  "core.v1.NodeAllocatableResourceClaimStatus",
  "What of a node's ordinary resources a claim takes.",
  {
    resourceClaimName: requiredField(1, string, "Name of the claim."),
    containers: field(2, setList(string), "Containers that use the claim."),
    resources: requiredField(3, map(quantity), "Amounts taken from the node."),
  },
);

export const podStatus = struct(
  "core.v1.PodStatus",
  "What is observed of a pod, mostly by its kubelet.",
  {
    phase: field(1, string, "The shortest summary of where the pod is in its life.", {
      enum: ["Pending", "Running", "Succeeded", "Failed", "Unknown"],
    }),
    conditions: field(2, mapList(podCondition, "type"), "Observed aspects.", { patchStrategy: "merge", patchMergeKey: "type" }),
    message: field(3, string, "Why the pod is in this phase, for people."),
    reason: field(4, string, "The same in one CamelCase word, such as Evicted."),
    hostIP: field(5, string, "First address of the node."),
    podIP: field(6, string, "First address of the pod."),
    startTime: pointer(7, time, "When the kubelet took the pod on, before pulling images."),
    containerStatuses: field(8, atomicList(containerStatus), "One entry for each container."),
    qosClass: field(9, string, "Which pods suffer first when a node runs short.", { enum: ["Guaranteed", "Burstable", "BestEffort"] }),
    initContainerStatuses: field(10, atomicList(containerStatus), "One entry for each init container."),
    nominatedNodeName: field(11, string, "Node on which room is being made for the pod."),
    podIPs: field(12, mapList(podIP, "ip"), "Addresses of the pod, at most one for each family; the first repeats podIP.", {
      patchStrategy: "merge",
      patchMergeKey: "ip",
    }),
    ephemeralContainerStatuses: field(13, atomicList(containerStatus), "One entry for each ephemeral container."),
    resize: field(14, string, "State of a change of resources; conditions say it today."),
    resourceClaimStatuses: field(15, mapList(podResourceClaimStatus, "name"), "Claims behind the pod's resourceClaims.", {
      patchStrategy: "merge,retainKeys",
      patchMergeKey: "name",
    }),
    hostIPs: field(16, atomicList(hostIP), "Addresses of the node; the first repeats hostIP.", {
      patchStrategy: "merge",
      patchMergeKey: "ip",
    }),
    observedGeneration: field(17, int64, "The metadata.generation that the kubelet last acted on."),
    extendedResourceClaimStatus: pointer(18, podExtendedResourceClaimStatus, "Claim made for resources that devices serve."),
    allocatedResources: field(19, map(quantity), "Requests that the node has granted to the pod as a whole."),
    resources: pointer(20, resourceRequirements, "Requests and limits in effect for the pod as a whole."),
    nodeAllocatableResourceClaimStatuses: field(
      21,
      atomicList(nodeAllocatableResourceClaimStatus),
      "What of the node's ordinary resources claims take.",
    ),
  },
  { defaults: defaultPodStatus },
);
