import { describe, expect, it } from "vitest";
import { clusterLayout, clusterNameProblem, preferredSlot, slots } from "./layout.ts";
import { defaultClusterName } from "./node-preparation/node-names.ts";

describe("the layout of a cluster", () => {
  it("gives the default cluster what the Kubernetes world expects", () => {
    expect(clusterLayout(defaultClusterName, preferredSlot(defaultClusterName))).toMatchObject({
      context: "timonier",
      names: { dataDir: "/var/lib/timonier", kubeletDir: "/var/lib/kubelet" },
      ports: { api: 6443, kubelet: 10_250 },
      serviceCidr: "10.96.0.0/16",
      podCidr: "10.244.0.0/16",
      nodePortRange: { from: 30_000, to: 32_767 },
      dnsAddress: "10.96.0.10",
    });
  });

  it("shares nothing between any two slots, and stays within bounds", () => {
    const taken = new Map<string, number>();
    for (let slot = 0; slot < slots; slot++) {
      const layout = clusterLayout(slot === 0 ? defaultClusterName : `name-${slot}`, slot);
      const values = [
        ...Object.values(layout.ports).map((port) => `port ${port}`),
        ...Array.from(
          { length: layout.nodePortRange.to - layout.nodePortRange.from + 1 },
          (_, at) => `port ${layout.nodePortRange.from + at}`,
        ),
        layout.serviceCidr,
        layout.podCidr,
        layout.names.dataDir,
        layout.names.runDir,
        layout.names.kubeletDir,
        layout.names.bridge,
        layout.names.cgroupRoot,
        `table ${layout.names.nftTable}`,
        `context ${layout.context}`,
      ];
      for (const value of values) {
        expect(taken.get(value), `${value} of slot ${slot}`).toBeUndefined();
        taken.set(value, slot);
      }
      expect(layout.names.bridge.length).toBeLessThanOrEqual(15);
      expect(Number(layout.podCidr.split(".")[1])).toBeLessThanOrEqual(255);
    }
  });

  it("refuses names that could not be directories, interfaces and contexts", () => {
    expect(clusterNameProblem("dev-2")).toBeUndefined();
    for (const name of ["", "-a", "a-", "A", "a/b", "..", "x".repeat(33)]) expect(clusterNameProblem(name)).toContain("no cluster name");
  });
});
