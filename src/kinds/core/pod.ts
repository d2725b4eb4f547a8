// Pod: containers that share a network and live on one node.

import type { Pod } from "./types.gen.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, none, textColumn, wide } from "../columns.ts";
import { readinessGatesText, restartsText, summarizePod } from "./pod-display.ts";
import { podRules, podSubresources } from "./pod-rules.ts";
import { podSpec } from "./pod-spec.ts";
import { podStatus } from "./pod-status.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, int32, int64, pointer, string, struct, time } from "../../object/schema.ts";

export const pod = struct("core.v1.Pod", "Containers that share a network, run on one node and end together.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, podSpec, "What is wanted."),
  status: field(3, podStatus, "What is observed."),
});

export const podLogOptions = struct("core.v1.PodLogOptions", "Query parameters of a pod's log.", {
  ...typeMeta,
  container: field(1, string, "Which container; the only one when empty."),
  follow: field(2, boolean, "Go on as lines are written."),
  previous: field(3, boolean, "The container before its last restart."),
  sinceSeconds: pointer(4, int64, "Only lines of this many last seconds."),
  sinceTime: pointer(5, time, "Only lines since then."),
  timestamps: field(6, boolean, "Put the time before each line."),
  tailLines: pointer(7, int64, "Only this many last lines."),
  limitBytes: pointer(8, int64, "Stop after this many bytes."),
  insecureSkipTLSVerifyBackend: field(9, boolean, "Do not verify the kubelet's certificate."),
  stream: pointer(10, string, "Which stream.", { enum: ["All", "Stdout", "Stderr"] }),
});

export const podAttachOptions = struct("core.v1.PodAttachOptions", "Query parameters of an attach.", {
  ...typeMeta,
  stdin: field(1, boolean, "Pass standard input."),
  stdout: field(2, boolean, "Pass standard output."),
  stderr: field(3, boolean, "Pass standard error."),
  tty: field(4, boolean, "The container has a terminal."),
  container: field(5, string, "Which container; the only one when empty."),
});

export const podExecOptions = struct("core.v1.PodExecOptions", "Query parameters of an exec.", {
  ...typeMeta,
  stdin: field(1, boolean, "Pass standard input."),
  stdout: field(2, boolean, "Pass standard output."),
  stderr: field(3, boolean, "Pass standard error."),
  tty: field(4, boolean, "Allocate a terminal."),
  container: field(5, string, "Which container; the only one when empty."),
  command: field(6, atomicList(string), "Program and arguments, without a shell.", { always: true }),
});

export const podPortForwardOptions = struct("core.v1.PodPortForwardOptions", "Query parameters of a port forward.", {
  ...typeMeta,
  ports: field(1, atomicList(int32), "Ports of the pod."),
});

export const podProxyOptions = struct("core.v1.PodProxyOptions", "Query parameters of a proxied request to a pod.", {
  ...typeMeta,
  path: field(1, string, "Path to pass on."),
});

export const podKind = defineKind<Pod>({
  group: "",
  kind: "Pod",
  plural: "pods",
  singular: "pod",
  shortNames: ["po"],
  categories: ["all"],
  namespaced: true,
  versions: [{ name: "v1", schema: pod, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn("Ready", "How many containers are ready, of how many.", (object) => {
      const { readyContainers, totalContainers } = summarizePod(object);
      return `${readyContainers}/${totalContainers}`;
    }),
    textColumn("Status", "Where it is in its life, and what holds it up.", (object) => summarizePod(object).status),
    textColumn("Restarts", "How often its containers were started again, and when last.", (object, { now }) => restartsText(object, now)),
    ageColumn,
    wide(textColumn("IP", "Its first address.", (object) => object.status?.podIPs?.[0]?.ip || object.status?.podIP || none)),
    wide(textColumn("Node", "Node it is bound to.", (object) => object.spec?.nodeName || none)),
    wide(textColumn("Nominated Node", "Node on which room is being made for it.", (object) => object.status?.nominatedNodeName || none)),
    wide(textColumn("Readiness Gates", "How many of its readiness gates hold, of how many.", readinessGatesText)),
  ],
  selectableFields: {
    "spec.nodeName": (object) => object.spec?.nodeName ?? "",
    "spec.restartPolicy": (object) => object.spec?.restartPolicy ?? "",
    "spec.schedulerName": (object) => object.spec?.schedulerName ?? "",
    "spec.serviceAccountName": (object) => object.spec?.serviceAccountName ?? "",
    "spec.hostNetwork": (object) => String(object.spec?.hostNetwork ?? false),
    "status.phase": (object) => object.status?.phase ?? "",
    "status.podIP": (object) => object.status?.podIPs?.[0]?.ip ?? object.status?.podIP ?? "",
    "status.podIPs": (object) => (object.status?.podIPs ?? []).map((address) => address.ip).join(","),
    "status.nominatedNodeName": (object) => object.status?.nominatedNodeName ?? "",
  },
  rules: podRules,
  subresources: podSubresources,
});
