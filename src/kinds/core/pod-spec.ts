// What is wanted of a pod, and the template that workloads stamp pods from.

import { affinity, toleration, topologySpreadConstraint } from "./affinity.ts";
import { container, ephemeralContainer, resourceRequirements } from "./container.ts";
import { defaultPodSpec } from "./pod-defaults.ts";
import { localObjectReference } from "./references.ts";
import { podSecurityContext } from "./security-context.ts";
import { volume } from "./volume.ts";
import { objectMeta } from "../../object/meta.ts";
import {
  atomicList,
  atomicMap,
  boolean,
  field,
  int32,
  int64,
  map,
  mapList,
  pointer,
  quantity,
  requiredField,
  string,
  struct,
} from "../../object/schema.ts";

export const hostAlias = struct("core.v1.HostAlias", "A line of the pod's hosts file.", {
  ip: requiredField(1, string, "Address."),
  hostnames: field(2, atomicList(string), "Names for the address."),
});

export const podDNSConfigOption = struct("core.v1.PodDNSConfigOption", "A resolver option.", {
  name: field(1, string, "Name of the option."),
  value: pointer(2, string, "Value of the option, if it has one."),
});

export const podDNSConfig = struct("core.v1.PodDNSConfig", "Resolver settings, merged into what dnsPolicy gives.", {
  nameservers: field(1, atomicList(string), "Name server addresses to add."),
  searches: field(2, atomicList(string), "Search domains to add."),
  options: field(3, atomicList(podDNSConfigOption), "Options to add or override."),
});

export const podOS = struct("core.v1.PodOS", "Operating system of a pod's containers.", {
  name: requiredField(1, string, "linux or windows."),
});

export const podReadinessGate = struct("core.v1.PodReadinessGate", "A condition that readiness waits for.", {
  conditionType: requiredField(1, string, "Type of a condition in the pod's status."),
});

export const podResourceClaim = struct("core.v1.PodResourceClaim", "A claim on devices, under a name of the pod's.", {
  name: requiredField(1, string, "Name that containers refer to."),
  resourceClaimName: pointer(3, string, "Existing claim in the pod's namespace."),
  resourceClaimTemplateName: pointer(4, string, "Template from which a claim is made for this pod."),
});

export const podSchedulingGate = struct("core.v1.PodSchedulingGate", "Something that scheduling waits for.", {
  name: requiredField(1, string, "Name of the gate."),
});

export const podSchedulingGroup = struct("core.v1.PodSchedulingGroup", "A group of pods that are scheduled together.", {
  podGroupName: pointer(1, string, "PodGroup in the pod's namespace."),
});

export const podSpec = struct(
  "core.v1.PodSpec",
  "What is wanted of a pod.",
  {
    volumes: field(1, mapList(volume, "name"), "Volumes that containers may mount.", {
      patchStrategy: "merge,retainKeys",
      patchMergeKey: "name",
    }),
    containers: requiredField(2, mapList(container, "name"), "The containers; at least one.", {
      patchStrategy: "merge",
      patchMergeKey: "name",
    }),
    restartPolicy: field(3, string, "When containers that exit are started again.", {
      default: "Always",
      enum: ["Always", "OnFailure", "Never"],
    }),
    terminationGracePeriodSeconds: pointer(4, int64, "Seconds from the stop signal to the kill.", { default: 30 }),
    activeDeadlineSeconds: pointer(5, int64, "Seconds after its start when the pod is stopped as failed."),
    dnsPolicy: field(6, string, "Where names are looked up.", {
      default: "ClusterFirst",
      enum: ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
    }),
    nodeSelector: field(7, atomicMap(string), "Labels that the node must have."),
    serviceAccountName: field(8, string, "Service account that the pod acts as."),
    serviceAccount: field(9, string, "Older name of serviceAccountName."),
    nodeName: field(10, string, "Node the pod is bound to; set by the scheduler."),
    hostNetwork: field(11, boolean, "Use the node's network namespace."),
    hostPID: field(12, boolean, "Use the node's process namespace."),
    hostIPC: field(13, boolean, "Use the node's IPC namespace."),
    securityContext: pointer(14, podSecurityContext, "Identity and privileges for all containers.", { default: {} }),
    imagePullSecrets: field(15, mapList(localObjectReference, "name"), "Secrets with credentials for registries.", {
      patchStrategy: "merge",
      patchMergeKey: "name",
    }),
    hostname: field(16, string, "Host name; the pod's name when empty."),
    subdomain: field(17, string, "With it the pod's full name is hostname.subdomain.namespace.svc.domain."),
    affinity: pointer(18, affinity, "Constraints on where the pod goes."),
    schedulerName: field(19, string, "Scheduler that places the pod.", { default: "default-scheduler" }),
    initContainers: field(
      20,
      mapList(container, "name"),
      "Run one after the other before the containers; those that restart always stay as sidecars.",
      { patchStrategy: "merge", patchMergeKey: "name" },
    ),
    automountServiceAccountToken: pointer(21, boolean, "Whether a token of the service account is mounted."),
    tolerations: field(22, atomicList(toleration), "Taints that the pod bears."),
    hostAliases: field(23, mapList(hostAlias, "ip"), "Further lines of the hosts file.", { patchStrategy: "merge", patchMergeKey: "ip" }),
    priorityClassName: field(24, string, "Class that gives the priority."),
    priority: pointer(25, int32, "The higher, the more important; filled in from the class."),
    dnsConfig: pointer(26, podDNSConfig, "Resolver settings, merged into what dnsPolicy gives."),
    shareProcessNamespace: pointer(27, boolean, "All containers see each other's processes."),
    readinessGates: field(28, atomicList(podReadinessGate), "Conditions that readiness waits for."),
    runtimeClassName: pointer(29, string, "RuntimeClass to run the pod with."),
    enableServiceLinks: pointer(30, boolean, "Give containers variables for the Services of the namespace."),
    preemptionPolicy: pointer(31, string, "Whether less important pods may be evicted for this one.", {
      enum: ["PreemptLowerPriority", "Never"],
    }),
    overhead: field(32, map(quantity), "What running the pod itself costs beside its containers; from the RuntimeClass."),
    topologySpreadConstraints: field(
      33,
      mapList(topologySpreadConstraint, "topologyKey", "whenUnsatisfiable"),
      "How the pod spreads with its like.",
      { patchStrategy: "merge", patchMergeKey: "topologyKey" },
    ),
    ephemeralContainers: field(34, mapList(ephemeralContainer, "name"), "Debugging containers; added through the subresource only.", {
      patchStrategy: "merge",
      patchMergeKey: "name",
    }),
    setHostnameAsFQDN: pointer(35, boolean, "Make the full name the kernel's host name."),
    os: pointer(36, podOS, "Operating system of the containers."),
    hostUsers: pointer(37, boolean, "False puts the pod in a user namespace of its own."),
    schedulingGates: field(38, mapList(podSchedulingGate, "name"), "Scheduling waits until this is empty.", {
      patchStrategy: "merge",
      patchMergeKey: "name",
    }),
    resourceClaims: field(39, mapList(podResourceClaim, "name"), "Claims on devices.", {
      patchStrategy: "merge,retainKeys",
      patchMergeKey: "name",
    }),
    resources: pointer(40, resourceRequirements, "What all containers together need and may use at most."),
    hostnameOverride: pointer(41, string, "Host name that wins over all other rules; the pod has then no name in DNS."),
    schedulingGroup: pointer(43, podSchedulingGroup, "Group of pods to be scheduled with."),
  },
  { defaults: defaultPodSpec },
);

export const podTemplateSpec = struct("core.v1.PodTemplateSpec", "What pods stamped from it look like.", {
  metadata: field(1, objectMeta, "Labels and annotations of the pods."),
  spec: field(2, podSpec, "What is wanted of the pods."),
});
