// What is observed of one container.

import { resourceRequirements } from "./container.ts";
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

export const containerStateWaiting = struct("core.v1.ContainerStateWaiting", "The container is yet to start.", {
  reason: field(1, string, "Why, in one CamelCase word."),
  message: field(2, string, "The same for people."),
});

export const containerStateRunning = struct("core.v1.ContainerStateRunning", "The container runs.", {
  startedAt: field(1, time, "Since when."),
});

export const containerStateTerminated = struct("core.v1.ContainerStateTerminated", "The container has ended.", {
  exitCode: requiredField(1, int32, "Exit status of its first process."),
  signal: field(2, int32, "Signal that ended it, if one did."),
  reason: field(3, string, "Why, in one CamelCase word: Completed, Error, OOMKilled, ..."),
  message: field(4, string, "Its termination message."),
  startedAt: field(5, time, "When it started."),
  finishedAt: field(6, time, "When it ended."),
  containerID: field(7, string, 'Id of the container, "type://id".'),
});

export const containerState = struct(
  "core.v1.ContainerState",
  "Where a container is in its life; at most one is set, waiting when none is.",
  {
    waiting: pointer(1, containerStateWaiting, "It is yet to start."),
    running: pointer(2, containerStateRunning, "It runs."),
    terminated: pointer(3, containerStateTerminated, "It has ended."),
  },
);

export const linuxContainerUser = struct("core.v1.LinuxContainerUser", "Identity of the first process on Linux.", {
  uid: requiredField(1, int64, "User id."),
  gid: requiredField(2, int64, "Group id."),
  supplementalGroups: field(3, atomicList(int64), "Further groups."),
});

export const containerUser = struct("core.v1.ContainerUser", "Identity of the first process.", {
  linux: pointer(1, linuxContainerUser, "Identity on Linux."),
});

export const imageVolumeStatus = struct("core.v1.ImageVolumeStatus", "State of an image volume.", {
  imageRef: requiredField(1, string, "Digest of the image that is mounted."),
});

export const volumeStatus = struct("core.v1.VolumeStatus", "State of a volume, by its sort.", {
  image: pointer(1, imageVolumeStatus, "State of an image volume."),
});

export const volumeMountStatus = struct("core.v1.VolumeMountStatus", "State of a mount.", {
  name: requiredField(1, string, "Volume that is mounted."),
  mountPath: requiredField(2, string, "Where in the container."),
  readOnly: field(3, boolean, "Whether it is read-only."),
  recursiveReadOnly: pointer(4, string, "Whether everything below is read-only too.", { enum: ["Disabled", "IfPossible", "Enabled"] }),
  volumeStatus: pointer(5, volumeStatus, "State of the volume."),
});

export const resourceHealth = struct("core.v1.ResourceHealth", "Health of one device.", {
  resourceID: requiredField(1, string, "Id of the device; unique for the resource."),
  health: field(2, string, "Whether it works.", { enum: ["Healthy", "Unhealthy", "Unknown"] }),
  message: pointer(6, string, "The same for people."),
});

export const resourceStatus = struct("core.v1.ResourceStatus", "Health of a container's devices of one sort.", {
  name: requiredField(1, string, "Resource, or claim:NAME/REQUEST."),
  resources: field(2, mapList(resourceHealth, "resourceID"), "One entry for each device."),
});

export const containerStatus = struct("core.v1.ContainerStatus", "What is observed of one container.", {
  name: requiredField(1, string, "Name of the container."),
  state: field(2, containerState, "Where it is in its life."),
  lastState: field(3, containerState, "How it ended the time before."),
  ready: requiredField(4, boolean, "Whether it passes its readiness probe."),
  restartCount: requiredField(5, int32, "How often it was started again."),
  image: requiredField(6, string, "Image it runs."),
  imageID: requiredField(7, string, "Digest of that image."),
  containerID: field(8, string, 'Id of the container, "type://id".'),
  started: pointer(9, boolean, "Whether it has started and passed its startup probe."),
  allocatedResources: field(10, map(quantity), "Requests that the node has granted."),
  resources: pointer(11, resourceRequirements, "Requests and limits in effect."),
  volumeMounts: field(12, mapList(volumeMountStatus, "mountPath"), "State of its mounts.", {
    patchStrategy: "merge",
    patchMergeKey: "mountPath",
  }),
  user: pointer(13, containerUser, "Identity of its first process."),
  allocatedResourcesStatus: field(14, mapList(resourceStatus, "name"), "Health of its devices.", {
    patchStrategy: "merge",
    patchMergeKey: "name",
  }),
  stopSignal: pointer(15, string, "Signal that asks it to stop."),
});
