// Service: one name and address for a set of pods.

import type { Service } from "./types.gen.ts";
import { validateServiceStatusUpdate } from "./service-address-validation.ts";
import { defineKind } from "../../object/kind.ts";
import { ageColumn, labelsText, nameColumn, none, textColumn, wide } from "../columns.ts";
import { proxySubresource, statusSubresource } from "../subresources.ts";
import { externalAddressText, servicePortsText } from "./service-display.ts";
import { serviceRules } from "./service-rules.ts";
import { defaultLoadBalancerIngress, defaultServicePort, defaultServiceSpec } from "./service-defaults.ts";
import { condition, objectMetadata, typeMeta } from "../../object/meta.ts";
import {
  atomicList,
  atomicMap,
  boolean,
  field,
  int32,
  intOrString,
  mapList,
  pointer,
  requiredField,
  string,
  struct,
} from "../../object/schema.ts";

export const servicePort = struct(
  "core.v1.ServicePort",
  "A port of a service.",
  {
    name: field(1, string, "Name of the port; required when there are several."),
    protocol: field(2, string, "Protocol of the port.", { default: "TCP", enum: ["TCP", "UDP", "SCTP"] }),
    port: requiredField(3, int32, "Port that clients use."),
    targetPort: field(4, intOrString, "Port number or name on the pods; the same as port when absent."),
    nodePort: field(5, int32, "Port on every node, for NodePort and LoadBalancer; allocated when zero."),
    appProtocol: pointer(6, string, "Application protocol, as a hint to implementations."),
  },
  { defaults: defaultServicePort },
);

export const clientIPConfig = struct("core.v1.ClientIPConfig", "How long a client stays with an endpoint.", {
  timeoutSeconds: pointer(1, int32, "Seconds of rest after which it may change."),
});

export const sessionAffinityConfig = struct("core.v1.SessionAffinityConfig", "Settings of session affinity.", {
  clientIP: pointer(1, clientIPConfig, "Settings of affinity by client address."),
});

export const serviceSpec = struct(
  "core.v1.ServiceSpec",
  "What is wanted of a service.",
  {
    ports: field(1, mapList(servicePort, "port", "protocol"), "Ports of the service.", { patchStrategy: "merge", patchMergeKey: "port" }),
    selector: field(2, atomicMap(string), "Labels of the pods behind it; without one somebody else keeps the endpoints."),
    clusterIP: field(3, string, 'First address; "None" for a headless service, allocated when empty.'),
    type: field(4, string, "From where the service is reached.", {
      default: "ClusterIP",
      enum: ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"],
    }),
    externalIPs: field(5, atomicList(string), "Addresses that nodes accept traffic for although nobody here manages them."),
    sessionAffinity: field(7, string, "Whether a client stays with one endpoint.", { default: "None", enum: ["ClientIP", "None"] }),
    loadBalancerIP: field(8, string, "Wish for the load balancer's address; deprecated."),
    loadBalancerSourceRanges: field(9, atomicList(string), "Client networks that the load balancer admits."),
    externalName: field(10, string, "DNS name that ExternalName services stand for."),
    externalTrafficPolicy: field(
      11,
      string,
      "Whether traffic from outside goes to any endpoint or only to the node's own, which keeps the client's address.",
      { enum: ["Cluster", "Local"] },
    ),
    healthCheckNodePort: field(
      12,
      int32,
      "Port where load balancers ask whether the node has endpoints, with externalTrafficPolicy Local.",
    ),
    publishNotReadyAddresses: field(13, boolean, "Publish endpoints whether ready or not."),
    sessionAffinityConfig: pointer(14, sessionAffinityConfig, "Settings of session affinity."),
    ipFamilyPolicy: pointer(17, string, "How many address families.", { enum: ["SingleStack", "PreferDualStack", "RequireDualStack"] }),
    clusterIPs: field(18, atomicList(string), "Addresses, at most one for each family; the first repeats clusterIP."),
    ipFamilies: field(19, atomicList(string), "Address families of clusterIPs, in order."),
    allocateLoadBalancerNodePorts: pointer(20, boolean, "Whether a LoadBalancer gets node ports."),
    loadBalancerClass: pointer(21, string, "Which load balancer implementation is meant."),
    internalTrafficPolicy: pointer(22, string, "Whether traffic from inside goes to any endpoint or only to the node's own.", {
      enum: ["Cluster", "Local"],
    }),
    trafficDistribution: pointer(23, string, "Preference for near endpoints: PreferSameZone, PreferSameNode or PreferClose."),
  },
  { defaults: defaultServiceSpec },
);

export const portStatus = struct("core.v1.PortStatus", "What became of a port at a load balancer.", {
  port: requiredField(1, int32, "The port."),
  protocol: requiredField(2, string, "Protocol of the port.", { enum: ["TCP", "UDP", "SCTP"] }),
  error: pointer(3, string, "What is wrong with it, if anything."),
});

export const loadBalancerIngress = struct(
  "core.v1.LoadBalancerIngress",
  "Where a load balancer is reached.",
  {
    ip: field(1, string, "Address, if it has one."),
    hostname: field(2, string, "Name, if it has one."),
    ipMode: pointer(3, string, "Whether traffic arrives with this address (VIP) or a node's (Proxy).", { enum: ["VIP", "Proxy"] }),
    ports: field(4, atomicList(portStatus), "What became of the ports."),
  },
  { defaults: defaultLoadBalancerIngress },
);

export const loadBalancerStatus = struct("core.v1.LoadBalancerStatus", "State of a load balancer.", {
  ingress: field(1, atomicList(loadBalancerIngress), "Where it is reached."),
});

export const serviceStatus = struct("core.v1.ServiceStatus", "What is observed of a service.", {
  loadBalancer: field(1, loadBalancerStatus, "State of its load balancer."),
  conditions: field(2, mapList(condition, "type"), "Observed aspects.", { patchStrategy: "merge", patchMergeKey: "type" }),
});

export const service = struct("core.v1.Service", "One name and address for a set of pods.", {
  ...typeMeta,
  metadata: objectMetadata,
  spec: field(2, serviceSpec, "What is wanted."),
  status: field(3, serviceStatus, "What is observed."),
});

export const serviceProxyOptions = struct("core.v1.ServiceProxyOptions", "Query parameters of a proxied request to a service.", {
  ...typeMeta,
  path: field(1, string, "Path to pass on."),
});

export const serviceKind = defineKind<Service>({
  group: "",
  kind: "Service",
  plural: "services",
  singular: "service",
  shortNames: ["svc"],
  categories: ["all"],
  namespaced: true,
  versions: [{ name: "v1", schema: service, served: true }],
  storageVersion: "v1",
  columns: [
    nameColumn,
    textColumn("Type", "From where it is reached.", (object) => object.spec?.type ?? ""),
    textColumn("Cluster-IP", "Its first address.", (object) => object.spec?.clusterIPs?.[0] ?? object.spec?.clusterIP ?? none),
    textColumn("External-IP", "Where it is reached from outside.", externalAddressText),
    textColumn("Port(s)", "Its ports, with node ports.", (object) => servicePortsText(object.spec?.ports ?? [])),
    ageColumn,
    wide(textColumn("Selector", "Which pods are behind it.", (object) => labelsText(object.spec?.selector))),
  ],
  selectableFields: {
    "spec.clusterIP": (object) => object.spec?.clusterIP ?? "",
    "spec.type": (object) => object.spec?.type ?? "",
  },
  rules: serviceRules,
  subresources: [statusSubresource(validateServiceStatusUpdate), proxySubresource("ServiceProxyOptions", "services/proxy")],
});
