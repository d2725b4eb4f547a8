// A container of a pod: image, command, environment, resources, mounts, probes.

import { envFromSource, envVar } from "./environment.ts";
import { defaultContainer } from "./pod-defaults.ts";
import { lifecycle, probe } from "./probes.ts";
import { securityContext } from "./security-context.ts";
import {
  atomicList,
  boolean,
  embedded,
  field,
  int32,
  map,
  mapList,
  pointer,
  quantity,
  requiredField,
  setList,
  string,
  struct,
} from "../../object/schema.ts";

export const containerPort = struct("core.v1.ContainerPort", "A port that the container listens on.", {
  name: field(1, string, "Name that Services and probes may use; unique in the pod."),
  hostPort: field(2, int32, "Port of the node that leads here; equals containerPort on the host network."),
  containerPort: requiredField(3, int32, "Port number in the pod."),
  protocol: field(4, string, "Protocol of the port.", { default: "TCP", enum: ["TCP", "UDP", "SCTP"] }),
  hostIP: field(5, string, "Address of the node that hostPort binds to."),
});

export const volumeMount = struct("core.v1.VolumeMount", "Mounts a volume of the pod into a container.", {
  name: requiredField(1, string, "Volume to mount."),
  readOnly: field(2, boolean, "Mount read-only."),
  mountPath: requiredField(3, string, 'Where in the container; may not contain ":".'),
  subPath: field(4, string, "Path in the volume to mount instead of its root."),
  mountPropagation: pointer(5, string, "How mounts travel between host and container; None when absent.", {
    enum: ["None", "HostToContainer", "Bidirectional"],
  }),
  subPathExpr: field(6, string, "Like subPath, with $(NAME) replaced by the container's environment."),
  recursiveReadOnly: pointer(7, string, "Whether everything below a read-only mount is read-only too; Disabled when absent.", {
    enum: ["Disabled", "IfPossible", "Enabled"],
  }),
});

export const volumeDevice = struct("core.v1.VolumeDevice", "Gives a container a raw block device.", {
  name: requiredField(1, string, "Volume claim in block mode."),
  devicePath: requiredField(2, string, "Where in the container."),
});

export const resourceClaim = struct("core.v1.ResourceClaim", "Gives a container a claimed device.", {
  name: requiredField(1, string, "Entry of the pod's resourceClaims."),
  request: field(2, string, "Which request of the claim; all when empty."),
});

export const resourceRequirements = struct("core.v1.ResourceRequirements", "What a container needs and may use at most.", {
  limits: field(1, map(quantity), "The most that may be used."),
  requests: field(2, map(quantity), "What is set aside when the pod is placed; the limits when absent."),
  claims: field(3, mapList(resourceClaim, "name"), "Claimed devices."),
});

export const containerResizePolicy = struct("core.v1.ContainerResizePolicy", "What a change of a resource means for a running container.", {
  resourceName: requiredField(1, string, "The resource: cpu or memory."),
  restartPolicy: requiredField(2, string, "Whether the container must restart.", { enum: ["NotRequired", "RestartContainer"] }),
});

export const containerRestartRuleOnExitCodes = struct("core.v1.ContainerRestartRuleOnExitCodes", "Matches exit codes.", {
  operator: requiredField(1, string, "Whether the code must be among the values.", { enum: ["In", "NotIn"] }),
  values: field(2, setList(int32), "Exit codes."),
});

export const containerRestartRule = struct("core.v1.ContainerRestartRule", "What to do when a container exits in a certain way.", {
  action: requiredField(1, string, "What to do when the rule matches.", { enum: ["Restart", "RestartAllContainers"] }),
  exitCodes: pointer(2, containerRestartRuleOnExitCodes, "Exit codes that match."),
});

export const container = struct(
  "core.v1.Container",
  "A container of a pod.",
  {
    name: requiredField(1, string, "Unique in the pod; never changes."),
    image: field(2, string, "Image to run."),
    command: field(3, atomicList(string), "Program to run instead of the image's entry point; $(NAME) is expanded."),
    args: field(4, atomicList(string), "Arguments instead of the image's; $(NAME) is expanded."),
    workingDir: field(5, string, "Working directory; the image's when empty."),
    ports: field(6, mapList(containerPort, "containerPort", "protocol"), "Ports that it listens on; leaving one out does not close it.", {
      patchStrategy: "merge",
      patchMergeKey: "containerPort",
    }),
    env: field(7, mapList(envVar, "name"), "Environment variables; they win over envFrom.", {
      patchStrategy: "merge",
      patchMergeKey: "name",
    }),
    resources: field(8, resourceRequirements, "What it needs and may use at most."),
    volumeMounts: field(9, mapList(volumeMount, "mountPath"), "Volumes to mount.", { patchStrategy: "merge", patchMergeKey: "mountPath" }),
    livenessProbe: pointer(10, probe, "Its failure restarts the container."),
    readinessProbe: pointer(11, probe, "Its failure takes the pod out of Services."),
    lifecycle: pointer(12, lifecycle, "Actions around start and end."),
    terminationMessagePath: field(13, string, "File whose content becomes the termination message; at most 4096 bytes.", {
      default: "/dev/termination-log",
    }),
    imagePullPolicy: field(14, string, "When to pull; Always for the tag latest or none, else IfNotPresent.", {
      enum: ["Always", "IfNotPresent", "Never"],
    }),
    securityContext: pointer(15, securityContext, "Identity and privileges."),
    stdin: field(16, boolean, "Keep standard input open."),
    stdinOnce: field(17, boolean, "Close standard input when the first client that attached goes."),
    tty: field(18, boolean, "Allocate a terminal; needs stdin."),
    envFrom: field(19, atomicList(envFromSource), "Sources of many variables; later ones win."),
    terminationMessagePolicy: field(20, string, "Whether the end of the log stands in for an empty message after a failure.", {
      default: "File",
      enum: ["File", "FallbackToLogsOnError"],
    }),
    volumeDevices: field(21, mapList(volumeDevice, "devicePath"), "Raw block devices.", {
      patchStrategy: "merge",
      patchMergeKey: "devicePath",
    }),
    startupProbe: pointer(22, probe, "Until it succeeds the other probes wait; its failure restarts the container."),
    resizePolicy: field(23, atomicList(containerResizePolicy), "What changes of resources mean while it runs."),
    restartPolicy: pointer(24, string, "Overrides the pod's policy; Always on an init container makes a sidecar.", {
      enum: ["Always", "OnFailure", "Never"],
    }),
    restartPolicyRules: field(25, atomicList(containerRestartRule), "Rules on exit, tried in order before restartPolicy."),
  },
  { defaults: defaultContainer },
);

export const ephemeralContainer = struct(
  "core.v1.EphemeralContainer",
  "A container that is added to a running pod for debugging; never restarted.",
  {
    ...embedded(1, container.fields),
    targetContainerName: field(2, string, "Container whose process namespace it joins."),
  },
  { defaults: defaultContainer },
);
