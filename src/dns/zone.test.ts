import { describe, expect, it } from "vitest";
import type { Service } from "../kinds/core/types.gen.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { addressOfReverseName, podAddress } from "./addresses.ts";
import { resolveInZone, type ZoneView } from "./zone.ts";

const services: Service[] = [
  {
    metadata: { namespace: "prod", name: "web" },
    spec: { clusterIP: "10.96.0.20", clusterIPs: ["10.96.0.20"], ports: [{ name: "http", port: 80, protocol: "TCP" }] },
  },
  { metadata: { namespace: "prod", name: "db" }, spec: { clusterIP: "None", clusterIPs: ["None"], ports: [{ name: "sql", port: 5432 }] } },
  { metadata: { namespace: "prod", name: "out" }, spec: { type: "ExternalName", externalName: "my.database.example.com" } },
];
const slices: EndpointSlice[] = [
  {
    metadata: { namespace: "prod", name: "db-1", labels: { "kubernetes.io/service-name": "db" } },
    addressType: "IPv4",
    ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
    endpoints: [
      { addresses: ["10.244.0.7"], hostname: "db-0", conditions: { ready: true } },
      { addresses: ["10.244.0.8"], conditions: { ready: true } },
      { addresses: ["10.244.0.9"], conditions: { ready: false } },
    ],
  },
];
const view: ZoneView = {
  hasNamespace: (name) => name === "prod",
  service: (namespace, name) => services.find(({ metadata }) => metadata?.namespace === namespace && metadata.name === name),
  slices: (namespace, service) =>
    slices.filter(({ metadata }) => metadata?.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === service),
  serviceByAddress: (address) => services.find(({ spec }) => spec?.clusterIPs?.includes(address)),
  slicesByAddress: (address) => slices.filter((slice) => slice.endpoints?.some((endpoint) => endpoint.addresses.includes(address))),
};
const ask = (name: string, type = "A") => resolveInZone({ name, type }, "cluster.local", view);
const answer = (name: string, type = "A") => {
  const result = ask(name, type);
  if (result.kind !== "answer") throw new Error(result.kind);
  return result;
};
const addresses = (name: string) => answer(name).answers.map((record) => ("address" in record ? record.address : record.type));

describe("the cluster's zone", () => {
  it("gives a service's cluster IP, in whatever case it was asked", () => {
    expect(answer("Web.prod.svc.cluster.local").answers).toEqual([
      { name: "Web.prod.svc.cluster.local", ttlSeconds: 5, type: "A", address: "10.96.0.20" },
    ]);
  });

  it("gives the ready endpoints of a headless service, and each by its hostname or dashed address", () => {
    expect(addresses("db.prod.svc.cluster.local")).toEqual(["10.244.0.7", "10.244.0.8"]);
    expect(addresses("db-0.db.prod.svc.cluster.local")).toEqual(["10.244.0.7"]);
    expect(addresses("10-244-0-8.db.prod.svc.cluster.local")).toEqual(["10.244.0.8"]);
    expect(answer("db-9.db.prod.svc.cluster.local").code).toBe("NXDOMAIN");
  });

  it("gives named ports, with the addresses beside them", () => {
    expect(answer("_http._tcp.web.prod.svc.cluster.local", "SRV")).toMatchObject({
      answers: [{ type: "SRV", port: 80, target: "web.prod.svc.cluster.local" }],
      additionals: [{ name: "web.prod.svc.cluster.local", address: "10.96.0.20" }],
    });
    expect(answer("_sql._tcp.db.prod.svc.cluster.local", "SRV").answers).toMatchObject([
      { port: 5432, target: "db-0.db.prod.svc.cluster.local" },
      { port: 5432, target: "10-244-0-8.db.prod.svc.cluster.local" },
    ]);
    expect(answer("_http._udp.web.prod.svc.cluster.local", "SRV").code).toBe("NXDOMAIN");
  });

  it("gives an external name as an alias to follow", () => {
    expect(answer("out.prod.svc.cluster.local")).toMatchObject({
      answers: [{ type: "CNAME", target: "my.database.example.com" }],
      chase: "my.database.example.com",
    });
  });

  it("gives a pod's address from its name, in a namespace that exists", () => {
    expect(addresses("10-244-0-5.prod.pod.cluster.local")).toEqual(["10.244.0.5"]);
    expect(answer("10-244-0-5.nowhere.pod.cluster.local").code).toBe("NXDOMAIN");
    expect(answer("10-244-0-555.prod.pod.cluster.local").code).toBe("NXDOMAIN");
  });

  it("tells a name without that type from a name that does not exist", () => {
    expect(answer("web.prod.svc.cluster.local", "AAAA")).toMatchObject({ code: "NOERROR", answers: [], authorities: [{ type: "SOA" }] });
    expect(answer("prod.svc.cluster.local")).toMatchObject({ code: "NOERROR", answers: [] });
    expect(answer("nothing.prod.svc.cluster.local")).toMatchObject({ code: "NXDOMAIN", authorities: [{ type: "SOA" }] });
    expect(answer("web.prod.cluster.local").code).toBe("NXDOMAIN");
  });

  it("finds the way back from addresses", () => {
    expect(answer("20.0.96.10.in-addr.arpa", "PTR").answers).toMatchObject([{ target: "web.prod.svc.cluster.local" }]);
    expect(answer("7.0.244.10.in-addr.arpa", "PTR").answers).toMatchObject([{ target: "db-0.db.prod.svc.cluster.local" }]);
    expect(ask("1.2.0.192.in-addr.arpa", "PTR").kind).toBe("forward");
  });

  it("forwards what is not the cluster's, however similar", () => {
    expect(ask("example.com").kind).toBe("forward");
    expect(ask("notcluster.local").kind).toBe("forward");
  });

  it("names the version of its schema", () => {
    expect(answer("dns-version.cluster.local", "TXT").answers).toMatchObject([{ text: "1.1.0" }]);
  });
});

describe("addresses in names", () => {
  it("reads IPv6 reverse names and pod names", () => {
    expect(addressOfReverseName(`1.${"0.".repeat(27)}0.0.d.f.ip6.arpa`)).toBe("fd00::1");
    expect(podAddress("fd00--1")).toBe("fd00::1");
    expect(podAddress("a-b")).toBeUndefined();
  });
});
