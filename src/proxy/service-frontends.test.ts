import { describe, expect, it } from "vitest";
import type { Service } from "../kinds/core/types.gen.ts";
import type { EndpointSlice } from "../kinds/discovery/types.gen.ts";
import { serviceFrontends } from "./service-frontends.ts";

const service = (spec: Service["spec"], status?: Service["status"]): Service => ({
  metadata: { namespace: "default", name: "web" },
  spec: { type: "ClusterIP", clusterIP: "10.96.0.20", clusterIPs: ["10.96.0.20"], ports: [{ port: 80, protocol: "TCP" }], ...spec },
  ...(status && { status }),
});
const slice = (...endpoints: NonNullable<EndpointSlice["endpoints"]>[number][]): EndpointSlice => ({
  metadata: { namespace: "default", name: "web-x", labels: { "kubernetes.io/service-name": "web" } },
  addressType: "IPv4",
  ports: [{ name: "", port: 8080, protocol: "TCP" }],
  endpoints,
});
const at = (address: string, nodeName: string, conditions = {}) => ({ addresses: [address], nodeName, conditions });

describe("frontends of a service", () => {
  it("lead from the cluster IP to every ready endpoint, in a stable order", () => {
    const [frontend] = serviceFrontends(service({}), [slice(at("10.244.0.9", "a"), at("10.244.0.2", "b", { ready: true }))], "a");
    expect(frontend).toEqual({
      type: "clusterIP",
      address: "10.96.0.20",
      protocol: "tcp",
      port: 80,
      backends: [
        { address: "10.244.0.2", port: 8080 },
        { address: "10.244.0.9", port: 8080 },
      ],
      withoutBackends: "reject",
      masquerade: false,
    });
  });

  it("are none for headless and external-name services", () => {
    expect(serviceFrontends(service({ clusterIP: "None" }), [], "a")).toEqual([]);
    expect(serviceFrontends(service({ type: "ExternalName", clusterIP: "" }), [], "a")).toEqual([]);
  });

  it("leave out unready endpoints, unless only terminating ones still serve", () => {
    const fading = at("10.244.0.3", "a", { ready: false, serving: true, terminating: true });
    const ready = at("10.244.0.4", "a", { ready: true });
    const backends = (...endpoints: Parameters<typeof slice>) => serviceFrontends(service({}), [slice(...endpoints)], "a")[0]!.backends;
    expect(backends(fading, ready)).toEqual([{ address: "10.244.0.4", port: 8080 }]);
    expect(backends(fading)).toEqual([{ address: "10.244.0.3", port: 8080 }]);
    expect(backends(at("10.244.0.5", "a", { ready: false }))).toEqual([]);
  });

  it("keep outside clients of a Local policy on this node, and inside clients not", () => {
    const spec: Service["spec"] = { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ port: 80, nodePort: 30080 }] };
    const nodePort = serviceFrontends(service(spec), [slice(at("10.244.1.2", "b"))], "a")[1];
    expect(nodePort).toMatchObject({
      type: "nodePort",
      port: 30080,
      backends: [],
      withoutBackends: "drop",
      masquerade: false,
      insideBackends: [{ address: "10.244.1.2", port: 8080 }],
    });
  });

  it("find the port of the same name, whatever its number", () => {
    const spec: Service["spec"] = { ports: [{ name: "http", port: 80 }] };
    expect(serviceFrontends(service(spec), [slice(at("10.244.0.2", "a"))], "a")[0]!.backends).toEqual([]);
  });

  it("carry the affinity's timeout, three hours by default", () => {
    expect(serviceFrontends(service({ sessionAffinity: "ClientIP" }), [], "a")[0]!.affinitySeconds).toBe(10_800);
  });

  it("answer at external and balanced addresses, but not where the balancer proxies", () => {
    const status: Service["status"] = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { ip: "192.0.2.2", ipMode: "Proxy" }] } };
    const found = serviceFrontends(service({ type: "LoadBalancer", externalIPs: ["192.0.2.9"] }, status), [], "a");
    expect(found.filter((frontend) => frontend.type === "external").map((frontend) => frontend.address)).toEqual([
      "192.0.2.9",
      "192.0.2.1",
    ]);
  });
});
