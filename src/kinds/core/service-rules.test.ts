import { beforeEach, describe, expect, test } from "vitest";
import { SeededRandom } from "../../base/random.ts";
import { decodeObject } from "../../object/decode.ts";
import { applyDefaults } from "../../object/defaults.ts";
import type { Allocator, Draft, RuleContext } from "../../object/kind.ts";
import { serviceRules } from "./service-rules.ts";
import { serviceKind } from "./service.ts";
import type { Service, ServiceSpec } from "./types.gen.ts";

const schema = serviceKind.versions[0]!.schema;

/** Pools of a few values: addresses 10.96.0.1 to .5, fd00::1 to ::5 when dual, node ports 30000 to 30004. */
class FewValues implements Allocator {
  readonly taken = new Set<string>();
  readonly dual: boolean;
  constructor(dual: boolean) {
    this.dual = dual;
  }
  take(pool: string, wanted?: string): Promise<string | undefined> {
    const start = { "service-ip/IPv4": "10.96.0.", "node-port": "3000", ...(this.dual && { "service-ip/IPv6": "fd00::" }) }[pool];
    if (start === undefined) throw new RangeError(`there is no pool ${pool}`);
    if (wanted !== undefined && !new RegExp(`^${start.replaceAll(".", "\\.")}[0-9]$`).test(wanted))
      throw new RangeError("provided port is not in the valid range. The range of valid ports is 30000-30009");
    const candidates = wanted === undefined ? [1, 2, 3, 4, 5].map((end) => start + end) : [wanted];
    const free = candidates.find((one) => !this.taken.has(`${pool} ${one}`));
    if (free !== undefined) this.taken.add(`${pool} ${free}`);
    return Promise.resolve(free);
  }
  release(pool: string, value: string): void {
    this.taken.delete(`${pool} ${value}`);
  }
}

let allocator = new FewValues(false);
beforeEach(() => {
  allocator = new FewValues(false);
});
const context = (): RuleContext<Service> => ({
  now: 0,
  random: new SeededRandom(1),
  user: { name: "ann", groups: [] },
  subresource: "",
  dryRun: false,
  lookup: () => undefined,
  allocate: allocator,
});
const decode = (spec: unknown): Draft<Service> =>
  decodeObject<Service>(schema, { metadata: { name: "s" }, spec }, { unknownFields: "strict" }).object;

async function create(spec: unknown): Promise<Service> {
  const draft = decode(spec);
  await serviceRules.prepareCreate!(draft, context());
  applyDefaults(schema, draft);
  await serviceRules.allocate!(draft, undefined, context());
  return draft as Service;
}
async function update(old: Service, spec: unknown): Promise<Service> {
  const draft = decode(spec);
  await serviceRules.prepareUpdate!(draft, old, context());
  applyDefaults(schema, draft);
  await serviceRules.allocate!(draft, old, context());
  return draft as Service;
}
const specOf = async (service: Promise<Service>): Promise<ServiceSpec> => (await service).spec!;
const ports = [{ port: 80 }];
const taken = (): string[] => [...allocator.taken].toSorted();

describe("creating", () => {
  test("a ClusterIP service gets an address and the defaults", async () => {
    const service = await create({ ports, selector: { app: "web" } });
    expect(service.spec).toEqual({
      type: "ClusterIP",
      clusterIP: "10.96.0.1",
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
      selector: { app: "web" },
      sessionAffinity: "None",
    });
    expect(service.status).toEqual({ loadBalancer: {} });
    expect(taken()).toEqual(["service-ip/IPv4 10.96.0.1"]);
  });

  test("a wanted address and node port are given, or refused in Kubernetes' words", async () => {
    expect(await specOf(create({ type: "NodePort", clusterIP: "10.96.0.4", ports: [{ port: 80, nodePort: 30007 }] }))).toMatchObject({
      clusterIPs: ["10.96.0.4"],
      externalTrafficPolicy: "Cluster",
      ports: [{ nodePort: 30007 }],
    });
    await expect(create({ clusterIP: "10.96.0.4", ports })).rejects.toThrow(
      'Service "s" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.4"]: failed to allocate IP 10.96.0.4: provided IP is already allocated',
    );
    await expect(create({ type: "NodePort", ports: [{ port: 80, nodePort: 30007 }] })).rejects.toThrow(
      'Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 30007: provided port is already allocated',
    );
    await expect(create({ type: "NodePort", ports: [{ port: 80, nodePort: 80 }] })).rejects.toThrow(
      "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range.",
    );
  });

  test("a full pool is the server's trouble", async () => {
    for (let i = 0; i < 5; i++) await create({ ports });
    await expect(create({ ports })).rejects.toMatchObject({ reason: "InternalError" });
  });

  test("one port under two protocols shares its node port", async () => {
    const dns = [
      { name: "udp", port: 53, protocol: "UDP" },
      { name: "tcp", port: 53, protocol: "TCP" },
      { name: "metrics", port: 9153 },
    ];
    expect((await specOf(create({ type: "NodePort", ports: dns }))).ports!.map((port) => port.nodePort)).toEqual([30001, 30001, 30002]);
  });

  test("headless services hold nothing; without a selector they may have any family", async () => {
    expect(await specOf(create({ clusterIP: "None", selector: { a: "b" } }))).toMatchObject({
      clusterIPs: ["None"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    });
    expect(await specOf(create({ clusterIP: "None" }))).toMatchObject({ ipFamilies: ["IPv4", "IPv6"], ipFamilyPolicy: "RequireDualStack" });
    expect(taken()).toEqual([]);
  });

  test("an ExternalName service has no address", async () => {
    const spec = await specOf(create({ type: "ExternalName", externalName: "db.test" }));
    expect(spec).toEqual({ type: "ExternalName", externalName: "db.test", sessionAffinity: "None" });
    expect(taken()).toEqual([]);
  });

  test("two families where the cluster has them", async () => {
    expect(await specOf(create({ ports, ipFamilyPolicy: "PreferDualStack" }))).toMatchObject({
      clusterIPs: ["10.96.0.1"],
      ipFamilies: ["IPv4"],
    });
    await expect(create({ ports, ipFamilyPolicy: "RequireDualStack" })).rejects.toThrow(
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
    await expect(create({ ports, ipFamilies: ["IPv6"] })).rejects.toThrow("not configured on this cluster");
    allocator = new FewValues(true);
    expect(await specOf(create({ ports, ipFamilyPolicy: "PreferDualStack" }))).toMatchObject({
      clusterIPs: ["10.96.0.1", "fd00::1"],
      ipFamilies: ["IPv4", "IPv6"],
    });
    expect(await specOf(create({ ports, ipFamilies: ["IPv6"] }))).toMatchObject({ clusterIP: "fd00::2", ipFamilyPolicy: "SingleStack" });
  });

  test("load balancers: node ports unless declined, a health port for local traffic", async () => {
    expect(await specOf(create({ type: "LoadBalancer", ports, externalTrafficPolicy: "Local" }))).toMatchObject({
      allocateLoadBalancerNodePorts: true,
      healthCheckNodePort: 30002,
      ports: [{ nodePort: 30001 }],
    });
    const declined = await specOf(create({ type: "LoadBalancer", ports, allocateLoadBalancerNodePorts: false }));
    expect(declined.ports![0]!.nodePort).toBeUndefined();
  });

  test("session affinity", async () => {
    expect(await specOf(create({ ports, sessionAffinity: "ClientIP" }))).toMatchObject({
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } },
    });
    expect(
      (await specOf(create({ ports, sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } }))).sessionAffinityConfig,
    ).toBeUndefined();
  });
});

describe("updating", () => {
  test("the manifest applied again keeps what was allocated", async () => {
    const manifest = { type: "NodePort", ports, selector: { a: "b" } };
    const old = await create(manifest);
    const before = taken();
    expect((await update(old, manifest)).spec).toEqual(old.spec);
    expect(taken()).toEqual(before);
  });

  test("NodePort to ClusterIP gives the port back, and ExternalName the address", async () => {
    const old = await create({ type: "NodePort", ports });
    const inside = await update(old, { ...old.spec, type: "ClusterIP" });
    expect(inside.spec!.ports![0]!.nodePort).toBeUndefined();
    expect(inside.spec!.externalTrafficPolicy).toBeUndefined();
    expect(taken()).toEqual(["service-ip/IPv4 10.96.0.1"]);
    const named = await update(inside, { ...inside.spec, type: "ExternalName", externalName: "db.test" });
    expect(named.spec).toEqual({ type: "ExternalName", externalName: "db.test", sessionAffinity: "None", ports: inside.spec!.ports });
    expect(taken()).toEqual([]);
    expect((await update(named, { ports })).spec!.clusterIP).toBe("10.96.0.1");
  });

  test("to ExternalName with the address taken out by hand", async () => {
    const old = await create({ ports });
    const { clusterIP: _, ...rest } = old.spec!;
    const named = await update(old, { ...rest, type: "ExternalName", externalName: "db.test" });
    expect(named.spec).toEqual({ type: "ExternalName", externalName: "db.test", sessionAffinity: "None", ports: old.spec!.ports });
    expect(taken()).toEqual([]);
  });

  test("a changed node port: the new one is taken, the old one free", async () => {
    const old = await create({ type: "NodePort", ports });
    await update(old, { ...old.spec, ports: [{ port: 80, nodePort: 30005 }] });
    expect(taken()).toEqual(["node-port 30005", "service-ip/IPv4 10.96.0.1"]);
  });

  test("a second family comes and goes", async () => {
    allocator = new FewValues(true);
    const single = await create({ ports });
    const dual = await update(single, { ...single.spec, ipFamilyPolicy: "RequireDualStack" });
    expect(dual.spec!.clusterIPs).toEqual(["10.96.0.1", "fd00::1"]);
    const again = await update(dual, { ...dual.spec, clusterIPs: ["10.96.0.1"], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
    expect(again.spec).toMatchObject({ clusterIPs: ["10.96.0.1"], ipFamilies: ["IPv4"] });
    expect(taken()).toEqual(["service-ip/IPv4 10.96.0.1"]);
  });

  test("status is not changed by an update of the service", async () => {
    const old = { ...(await create({ ports })), status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } };
    expect((await update(old, old.spec)).status).toEqual({ loadBalancer: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] } });
  });
});

test("what goes away gives everything back", async () => {
  const service = await create({ type: "LoadBalancer", ports, externalTrafficPolicy: "Local" });
  expect(taken()).toHaveLength(3);
  serviceRules.release!(service, context());
  expect(taken()).toEqual([]);
});
