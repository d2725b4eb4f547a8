// Rules about services on their way into the store. An update that leaves allocated values out keeps them, and one that changes
// the type drops what the new type has no use for, so that a plain manifest can be applied again and again.

import { validateServiceUpdate } from "./service-address-validation.ts";
import { validateService } from "./service-validation.ts";
import { serviceWarnings } from "./service-warnings.ts";
import { clone, deepEqual } from "../../object/copy.ts";
import type { Draft, Rules } from "../../object/kind.ts";
import { allocateService, releaseService } from "./service-allocation.ts";
import { hasClusterIP, hasHealthCheckNodePort, hasNodePorts, isExternallyReachable, portKey, serviceTypeOf } from "./service-traffic.ts";
import type { Service, ServiceSpec } from "./types.gen.ts";

type Spec = Draft<ServiceSpec>;

export const serviceRules: Rules<Service> = {
  prepareCreate(draft) {
    draft.status = { loadBalancer: {} };
    const spec = (draft.spec ??= {});
    if (isSet(spec.clusterIP) && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  },
  prepareUpdate(draft, old) {
    draft.status = clone(old.status);
    const spec = (draft.spec ??= {});
    const before = old.spec ?? {};
    keepAllocated(spec, before);
    alignClusterIPs(spec, before);
    dropUnused(spec, before);
  },
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  warnings: serviceWarnings,
  allocate: allocateService,
  release: releaseService,
  generation: false,
  createOnUpdate: true,
  // A service may be called 1st-backend (KEP-5311).
  name: "label",
};

const isSet = (text: string | undefined): text is string => text !== undefined && text !== "";

/** What the server once gave and the update does not mention stays as it is. */
function keepAllocated(spec: Spec, before: ServiceSpec): void {
  if (hasClusterIP(before) && hasClusterIP(spec)) {
    if (!isSet(spec.clusterIP) && isSet(before.clusterIP)) spec.clusterIP = before.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === before.clusterIP && before.clusterIPs !== undefined)
      spec.clusterIPs = [...before.clusterIPs];
  }
  if (hasNodePorts(before) && hasNodePorts(spec)) {
    const wanted = new Set(
      (spec.ports ?? []).filter((port) => (port.nodePort ?? 0) !== 0).map((port) => `${port.nodePort}/${port.protocol ?? "TCP"}`),
    );
    for (const port of spec.ports ?? []) {
      if ((port.nodePort ?? 0) !== 0) continue;
      const present = before.ports?.find((one) => portKey(one) === portKey(port))?.nodePort;
      if (present !== undefined && !wanted.has(`${present}/${port.protocol ?? "TCP"}`)) port.nodePort = present;
    }
  }
  if (hasHealthCheckNodePort(before) && hasHealthCheckNodePort(spec) && (spec.healthCheckNodePort ?? 0) === 0 && before.healthCheckNodePort)
    spec.healthCheckNodePort = before.healthCheckNodePort;
}

/** clusterIP repeats the first of clusterIPs; who changes one of them alone means both. */
function alignClusterIPs(spec: Spec, before: ServiceSpec): void {
  if (spec.clusterIP === before.clusterIP && deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? [])) return;
  const listChanged = !deepEqual(spec.clusterIPs ?? [], before.clusterIPs ?? []);
  const firstChanged = (spec.clusterIP ?? "") !== (before.clusterIP ?? "");
  if (firstChanged && !listChanged) {
    if (isSet(spec.clusterIP)) spec.clusterIPs = [spec.clusterIP];
    else delete spec.clusterIPs;
  } else if (listChanged && !firstChanged && (spec.clusterIPs ?? []).length === 0) {
    delete spec.clusterIP;
  }
}

/** Values of the former type that nobody touched go with it; touched ones stay, for validation to refuse. */
function dropUnused(spec: Spec, before: ServiceSpec): void {
  if (hasClusterIP(before) && !hasClusterIP(spec)) {
    if (spec.clusterIP === before.clusterIP && deepEqual(spec.clusterIPs, before.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (deepEqual(spec.ipFamilies, before.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === before.ipFamilyPolicy) delete spec.ipFamilyPolicy;
    if (spec.internalTrafficPolicy === before.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    const former = new Set((before.ports ?? []).map((port) => port.nodePort));
    for (const port of spec.ports ?? []) if (former.has(port.nodePort)) delete port.nodePort;
  }
  if (hasHealthCheckNodePort(before) && !hasHealthCheckNodePort(spec) && spec.healthCheckNodePort === before.healthCheckNodePort)
    delete spec.healthCheckNodePort;
  const balanced = (one: ServiceSpec | Spec): boolean => serviceTypeOf(one as ServiceSpec) === "LoadBalancer";
  if (balanced(before) && !balanced(spec)) {
    if (spec.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === before.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyReachable(before) && !isExternallyReachable(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy)
    delete spec.externalTrafficPolicy;
}
