// What a node's kubelet reports about its machine.

import { defaultNodeStatus } from "./node-rules.ts";
import {
  atomicList,
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
  time,
} from "../../object/schema.ts";

export const nodeAddress = struct("core.v1.NodeAddress", "An address of the node.", {
  type: requiredField(1, string, "Sort of address.", { enum: ["Hostname", "InternalIP", "ExternalIP", "InternalDNS", "ExternalDNS"] }),
  address: requiredField(2, string, "The address itself."),
});

export const nodeCondition = struct("core.v1.NodeCondition", "One observed aspect of the node's health.", {
  type: requiredField(1, string, "Name of the aspect: Ready, MemoryPressure, DiskPressure, PIDPressure, NetworkUnavailable, or another's."),
  status: requiredField(2, string, "Whether it holds.", { enum: ["True", "False", "Unknown"] }),
  lastHeartbeatTime: field(3, time, "When this was last reported."),
  lastTransitionTime: field(4, time, "When status last changed."),
  reason: field(5, string, "One CamelCase word for the last change."),
  message: field(6, string, "The same for people."),
});

export const daemonEndpoint = struct("core.v1.DaemonEndpoint", "Port of a daemon on the node.", {
  Port: requiredField(1, int32, "TCP port."),
});

export const nodeDaemonEndpoints = struct("core.v1.NodeDaemonEndpoints", "Ports of the node's daemons.", {
  kubeletEndpoint: field(1, daemonEndpoint, "Where the kubelet's API listens."),
});

export const nodeSwapStatus = struct("core.v1.NodeSwapStatus", "Swap space of the machine.", {
  capacity: pointer(1, int64, "Total swap in bytes."),
});

export const nodeSystemInfo = struct("core.v1.NodeSystemInfo", "Identity and software of the machine.", {
  machineID: requiredField(1, string, "Machine id as the operating system keeps it."),
  systemUUID: requiredField(2, string, "Hardware UUID."),
  bootID: requiredField(3, string, "Id of the present boot."),
  kernelVersion: requiredField(4, string, "Kernel release, as uname -r prints."),
  osImage: requiredField(5, string, "Operating system, as /etc/os-release names it."),
  containerRuntimeVersion: requiredField(6, string, "Runtime and version, such as containerd://1.7.2."),
  kubeletVersion: requiredField(7, string, "Version of the kubelet."),
  kubeProxyVersion: requiredField(8, string, "Version of the service proxy; deprecated."),
  operatingSystem: requiredField(9, string, "Operating system family, such as linux."),
  architecture: requiredField(10, string, "Processor architecture, such as amd64."),
  swap: pointer(11, nodeSwapStatus, "Swap space of the machine."),
});

export const containerImage = struct("core.v1.ContainerImage", "An image that is present on the node.", {
  names: field(1, atomicList(string), "Names and digests that the image is known by.", { always: true }),
  sizeBytes: field(2, int64, "Size in bytes."),
});

export const attachedVolume = struct("core.v1.AttachedVolume", "A volume that is attached to the node.", {
  name: requiredField(1, string, "Unique name of the volume."),
  devicePath: requiredField(2, string, "Device it appears as."),
});

export const nodeRuntimeHandlerFeatures = struct("core.v1.NodeRuntimeHandlerFeatures", "What a runtime handler can do.", {
  recursiveReadOnlyMounts: pointer(1, boolean, "Mounts may be made read-only with everything below them."),
  userNamespaces: pointer(2, boolean, "Pods may have user namespaces, volumes included."),
});

export const nodeRuntimeHandler = struct("core.v1.NodeRuntimeHandler", "A handler of the container runtime that pods may ask for.", {
  name: field(1, string, "Name of the handler; empty for the default one.", { always: true }),
  features: pointer(2, nodeRuntimeHandlerFeatures, "What it can do."),
});

export const nodeFeatures = struct("core.v1.NodeFeatures", "What the node's runtime can do, whatever the handler.", {
  supplementalGroupsPolicy: pointer(1, boolean, "The runtime honours supplementalGroupsPolicy."),
});

export const configMapNodeConfigSource = struct(
  "core.v1.ConfigMapNodeConfigSource",
  "A ConfigMap that once configured kubelets; no longer used.",
  {
    namespace: requiredField(1, string, "Namespace of the ConfigMap."),
    name: requiredField(2, string, "Name of the ConfigMap."),
    uid: field(3, string, "UID of the ConfigMap."),
    resourceVersion: field(4, string, "Resource version of the ConfigMap."),
    kubeletConfigKey: requiredField(5, string, "Key that holds the configuration."),
  },
);

export const nodeConfigSource = struct("core.v1.NodeConfigSource", "Where a kubelet's configuration came from; no longer used.", {
  configMap: pointer(2, configMapNodeConfigSource, "The ConfigMap to read."),
});

export const nodeConfigStatus = struct("core.v1.NodeConfigStatus", "State of a kubelet's dynamic configuration; no longer used.", {
  assigned: pointer(1, nodeConfigSource, "The configuration that was assigned."),
  active: pointer(2, nodeConfigSource, "The configuration in use."),
  lastKnownGood: pointer(3, nodeConfigSource, "The configuration to fall back to."),
  error: field(4, string, "What is wrong with the assigned configuration."),
});

export const nodeStatus = struct(
  "core.v1.NodeStatus",
  "What is observed of a node.",
  {
    capacity: field(1, map(quantity), "Resources of the whole machine."),
    allocatable: field(2, map(quantity), "What of the capacity pods may use."),
    phase: field(3, string, "Unused since conditions say it.", { enum: ["Pending", "Running", "Terminated"] }),
    conditions: field(4, mapList(nodeCondition, "type"), "Observed aspects of the node's health.", {
      patchStrategy: "merge",
      patchMergeKey: "type",
    }),
    addresses: field(5, mapList(nodeAddress, "type"), "Addresses that reach the node.", { patchStrategy: "merge", patchMergeKey: "type" }),
    daemonEndpoints: field(6, nodeDaemonEndpoints, "Ports of the node's daemons."),
    nodeInfo: field(7, nodeSystemInfo, "Identity and software of the machine."),
    images: field(8, atomicList(containerImage), "Images that are present."),
    volumesInUse: field(9, atomicList(string), "Attachable volumes that pods use here."),
    volumesAttached: field(10, atomicList(attachedVolume), "Volumes that are attached."),
    config: pointer(11, nodeConfigStatus, "State of dynamic kubelet configuration; no longer used."),
    runtimeHandlers: field(12, atomicList(nodeRuntimeHandler), "Handlers that the container runtime offers."),
    features: pointer(13, nodeFeatures, "What the runtime can do, whatever the handler."),
    declaredFeatures: field(14, atomicList(string), "Kubelet features that this node announces, for the scheduler to match."),
  },
  { defaults: defaultNodeStatus },
);
