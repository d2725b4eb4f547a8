// Cluster addresses and node ports: taken in the Service's own transaction, given back when the type no longer has them or the
// Service goes. One value belongs to one Service; within a Service, ports of different protocols may share a node port.

import { ipFamily } from "../../lang/ip.ts";
import type { FieldError } from "../../object/field-error.ts";
import { invalidValue } from "../../object/field-error.ts";
import type { Draft, RuleContext } from "../../object/kind.ts";
import { StatusError, invalid } from "../../object/status.ts";
import { clusterAddresses, hasClusterIP, hasHealthCheckNodePort, hasNodePorts, headless, isHeadless } from "./service-traffic.ts";
import type { Service, ServiceSpec } from "./types.gen.ts";

type Family = "IPv4" | "IPv6";
type Spec = Draft<ServiceSpec>;

const families: readonly Family[] = ["IPv4", "IPv6"];
const nodePortPool = "node-port";
const addressPool = (family: Family): string => `service-ip/${family}`;
const familyOf = (address: string): Family => (ipFamily(address) === 6 ? "IPv6" : "IPv4");

/** @throws StatusError Invalid when a wanted value is taken or out of range, InternalError when a pool is exhausted. */
export async function allocateService(draft: Draft<Service>, old: Service | undefined, context: RuleContext<Service>): Promise<void> {
  const spec = (draft.spec ??= {});
  const name = draft.metadata?.name ?? "";
  await allocateAddresses(spec, old, context, name);
  await allocateNodePorts(spec, old, context, name);
}

/** Gives back everything that the service holds. */
export function releaseService(service: Service, context: RuleContext<Service>): void {
  for (const address of clusterAddresses(service)) context.allocate.release(addressPool(familyOf(address)), address);
  for (const port of nodePortsOf(service.spec)) context.allocate.release(nodePortPool, String(port));
}

async function allocateAddresses(spec: Spec, old: Service | undefined, context: RuleContext<Service>, name: string): Promise<void> {
  const held = old === undefined ? [] : clusterAddresses(old);
  if (!hasClusterIP(spec)) {
    for (const address of held) context.allocate.release(addressPool(familyOf(address)), address);
    return;
  }
  if (isHeadless(spec)) {
    headlessFamilies(spec);
    return;
  }
  const wanted = spec.clusterIPs ?? [];
  const order = familyOrder(spec, wanted);
  const taken: string[] = [];
  for (const [position, family] of order.entries()) {
    const named = wanted[position] !== undefined || (spec.ipFamilies ?? []).includes(family);
    const optional = position > 0 && !named;
    const address = await takeAddress(family, wanted[position], held, optional, context, name);
    if (address !== undefined) taken.push(address);
    else if (spec.ipFamilyPolicy === "RequireDualStack")
      throw refuse(name, [
        invalidValue("spec.ipFamilyPolicy", "RequireDualStack", "this cluster is not configured for dual-stack services"),
      ]);
  }
  for (const address of held) if (!taken.includes(address)) context.allocate.release(addressPool(familyOf(address)), address);
  spec.clusterIPs = taken;
  spec.clusterIP = taken[0]!;
  spec.ipFamilies = taken.map(familyOf);
  spec.ipFamilyPolicy ??= "SingleStack";
}

/** Which families, in order: what is asked for, then what the given addresses are, then IPv4 first. */
function familyOrder(spec: Spec, wanted: readonly string[]): Family[] {
  const order = new Set<Family>([...wanted.map(familyOf), ...((spec.ipFamilies ?? []) as Family[])]);
  if (order.size === 0) order.add("IPv4");
  const dual = spec.ipFamilyPolicy === "PreferDualStack" || spec.ipFamilyPolicy === "RequireDualStack";
  if (dual) for (const family of families) order.add(family);
  return [...order].slice(0, dual ? 2 : 1);
}

/** Without a selector somebody else keeps the endpoints, and they may be of any family. */
function headlessFamilies(spec: Spec): void {
  spec.clusterIP = headless;
  spec.clusterIPs = [headless];
  const chosen = new Set<Family>((spec.ipFamilies ?? []) as Family[]);
  if (chosen.size === 0) chosen.add("IPv4");
  if (Object.keys(spec.selector ?? {}).length === 0) {
    spec.ipFamilyPolicy ??= "RequireDualStack";
    if (spec.ipFamilyPolicy !== "SingleStack") for (const family of families) chosen.add(family);
  }
  spec.ipFamilyPolicy ??= "SingleStack";
  spec.ipFamilies = [...chosen];
}

/** Undefined when the cluster has no addresses of an optional family. */
async function takeAddress(
  family: Family,
  wanted: string | undefined,
  held: readonly string[],
  optional: boolean,
  context: RuleContext<Service>,
  name: string,
): Promise<string | undefined> {
  const present = held.find((address) => familyOf(address) === family);
  if (present !== undefined && (wanted === undefined || wanted === present)) return present;
  try {
    const address = await context.allocate.take(addressPool(family), wanted);
    if (address !== undefined) return address;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (optional) return undefined;
    if (wanted === undefined) throw refuse(name, [invalidValue("spec.ipFamilies[0]", family, "not configured on this cluster")]);
    throw refuse(name, [invalidValue("spec.clusterIPs", [wanted], `failed to allocate IP ${wanted}: ${error.message}`)]);
  }
  if (wanted === undefined)
    throw new StatusError("InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full");
  throw refuse(name, [invalidValue("spec.clusterIPs", [wanted], `failed to allocate IP ${wanted}: provided IP is already allocated`)]);
}

const nodePortsOf = (spec: ServiceSpec | Spec | undefined): Set<number> => {
  const ports = (spec?.ports ?? []).map((port) => port.nodePort ?? 0);
  return new Set([...ports, spec?.healthCheckNodePort ?? 0].filter((port) => port !== 0));
};

async function allocateNodePorts(spec: Spec, old: Service | undefined, context: RuleContext<Service>, name: string): Promise<void> {
  const held = nodePortsOf(old?.spec);
  const taken = new Set<number>();
  const take = async (field: string, wanted: number): Promise<number> => {
    if (wanted !== 0 && (held.has(wanted) || taken.has(wanted))) return wanted;
    let port: string | undefined;
    try {
      port = await context.allocate.take(nodePortPool, wanted === 0 ? undefined : String(wanted));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refuse(name, [invalidValue(field, wanted, error.message)]);
    }
    if (port !== undefined) return Number(port);
    if (wanted === 0) throw new StatusError("InternalError", "Internal error occurred: failed to allocate a nodePort: range is full");
    throw refuse(name, [invalidValue(field, wanted, "provided port is already allocated")]);
  };
  if (hasNodePorts(spec)) {
    const ports = spec.ports ?? [];
    // Wanted ones first, so that none of them is given away by chance.
    for (const wantedFirst of [true, false])
      for (const [position, port] of ports.entries()) {
        const wanted = port.nodePort ?? 0;
        if ((wanted !== 0) !== wantedFirst) continue;
        // DNS over TCP and UDP, say: the same number on the node, as it is the same in the service.
        const sibling = ports.find(
          (one) => one !== port && one.port === port.port && one.protocol !== port.protocol && (one.nodePort ?? 0) !== 0,
        );
        const shared = sibling?.nodePort ?? 0;
        const free = ports.every((one) => one.nodePort !== shared || one.protocol !== port.protocol);
        port.nodePort = await take(`spec.ports[${position}].nodePort`, wanted === 0 && shared !== 0 && free ? shared : wanted);
        taken.add(port.nodePort);
      }
  }
  if (hasHealthCheckNodePort(spec)) {
    spec.healthCheckNodePort = await take("spec.healthCheckNodePort", spec.healthCheckNodePort ?? 0);
    taken.add(spec.healthCheckNodePort);
  }
  for (const port of held) if (!taken.has(port)) context.allocate.release(nodePortPool, String(port));
}

const refuse = (name: string, errors: readonly FieldError[]): StatusError => invalid({ group: "", kind: "Service" }, name, errors);
