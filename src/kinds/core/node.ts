// Node: a machine that runs pods.

import type { Node } from "./types.gen.ts";
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from "./node-validation.ts";
import { clone } from "../../object/copy.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, nameColumn, none, textColumn, unknown, wide } from "../columns.ts";
import { nodeAddress, nodeRoles, nodeStatusText } from "./node-rules.ts";
import { proxySubresource } from "../subresources.ts";
import { defaultNodeSpec } from "./node-rules.ts";
import { nodeConfigSource, nodeStatus } from "./node-status.ts";
import { objectMetadata, typeMeta } from "../../object/meta.ts";
import { atomicList, boolean, field, pointer, requiredField, setList, string, struct, time } from "../../object/schema.ts";

export const taint = struct("core.v1.Taint", "Keeps pods away that do not tolerate it.", {
  key: requiredField(1, string, "Name of the taint."),
  value: field(2, string, "Value that tolerations compare with."),
  effect: requiredField(3, string, "What befalls pods that do not tolerate it.", { enum: ["NoSchedule", "PreferNoSchedule", "NoExecute"] }),
  timeAdded: pointer(4, time, "When the taint was added; toleration seconds count from here."),
});

export const nodeSpec = struct(
  "core.v1.NodeSpec",
  "What is wanted of a node.",
  {
    podCIDR: field(1, string, "First network that its pods take addresses from."),
    externalID: field(2, string, "Former external id; ignored."),
    providerID: field(3, string, "Id that the cloud provider knows the machine by."),
    unschedulable: field(4, boolean, 'Take no new pods ("cordon").'),
    taints: field(5, atomicList(taint), "Taints of the node."),
    configSource: pointer(6, nodeConfigSource, "Former source of kubelet configuration; ignored."),
    podCIDRs: field(7, setList(string), "Networks of its pods, at most one for each address family; the first repeats podCIDR.", {
      patchStrategy: "merge",
    }),
  },
  { defaults: defaultNodeSpec },
);

export const node = struct("core.v1.Node", "A machine that runs pods.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, nodeSpec, "What is wanted."),
  status: field(3, nodeStatus, "What is observed, mostly by the kubelet."),
});

export const nodeProxyOptions = struct("core.v1.NodeProxyOptions", "Query parameters of a proxied request to a node.", {
  ...typeMeta,
  path: field(1, string, "Path to pass on."),
});

export const nodeKind = defineKind<Node>({
  group: "",
  kind: "Node",
  plural: "nodes",
  singular: "node",
  shortNames: ["no"],
  namespaced: false,
  versions: [{ name: "v1", schema: node, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn("Status", "Whether it is ready, and whether it takes new pods.", nodeStatusText),
    textColumn("Roles", "Roles that its labels give it.", (object) => nodeRoles(object).join(",") || none),
    ageColumn,
    textColumn("Version", "Version of its kubelet.", (object) => object.status?.nodeInfo?.kubeletVersion ?? ""),
    wide(textColumn("Internal-IP", "First address inside the cluster.", (object) => nodeAddress(object, "InternalIP") ?? none)),
    wide(textColumn("External-IP", "First address outside the cluster.", (object) => nodeAddress(object, "ExternalIP") ?? none)),
    wide(textColumn("OS-Image", "Its operating system.", (object) => object.status?.nodeInfo?.osImage || unknown)),
    wide(textColumn("Kernel-Version", "Its kernel.", (object) => object.status?.nodeInfo?.kernelVersion || unknown)),
    wide(
      textColumn("Container-Runtime", "Its container runtime.", (object) => object.status?.nodeInfo?.containerRuntimeVersion || unknown),
    ),
  ],
  selectableFields: { "spec.unschedulable": (object) => String(object.spec?.unschedulable ?? false) },
  rules: {
    // A kubelet registers its node with a status; afterwards status changes through `status` alone.
    prepareUpdate(draft, old) {
      draft.status = clone(old.status);
    },
    validate: validateNode,
    validateUpdate: validateNodeUpdate,
    generation: false,
  },
  subresources: [
    {
      type: "view",
      name: "status",
      prepareUpdate(draft, old) {
        draft.spec = clone(old.spec);
      },
      validateUpdate: validateNodeStatusUpdate,
    },
    proxySubresource("NodeProxyOptions", "nodes/proxy"),
  ],
});
