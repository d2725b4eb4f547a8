import { describe, expect, it } from "vitest";
import { StandingElements } from "./changes.ts";
import { elementsOf } from "./elements.ts";
import { staleFlows } from "./stale-flows.ts";
import { renderTable } from "./ruleset.ts";
import type { Frontend } from "./service-frontends.ts";

const frontend = (address: string, ...backends: string[]): Frontend => ({
  type: "clusterIP",
  address,
  protocol: "tcp",
  port: 80,
  backends: backends.map((backend) => ({ address: backend, port: 8080 })),
  withoutBackends: "reject",
  masquerade: false,
});

describe("elements", () => {
  it("share the random range evenly and without gaps", () => {
    const keys = [
      ...elementsOf([frontend("10.96.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3")])
        .get("services")!
        .keys(),
    ];
    expect(keys).toEqual(["10.96.0.1 . tcp . 80 . 0-21844", "10.96.0.1 . tcp . 80 . 21845-43689", "10.96.0.1 . tcp . 80 . 43690-65535"]);
  });

  it("say what happens without backends", () => {
    const elements = elementsOf([
      { ...frontend("10.96.0.1"), withoutBackends: "drop" },
      { ...frontend(""), type: "nodePort", port: 30001, address: undefined },
    ]);
    expect([...elements.keys()].toSorted()).toEqual(["dropped_services", "rejected_node_ports"]);
  });
});

describe("standing elements", () => {
  it("write only the difference", () => {
    const standing = new StandingElements();
    standing.change("t", new Map([["default/a", elementsOf([frontend("10.96.0.1", "10.0.0.1", "10.0.0.2")])]]));
    const script = standing.change("t", new Map([["default/a", elementsOf([frontend("10.96.0.1", "10.0.0.1", "10.0.0.3")])]]));
    expect(script.trim().split("\n")).toEqual([
      "delete element ip t services { 10.96.0.1 . tcp . 80 . 32768-65535 }",
      "delete element ip t hairpins { 10.0.0.2 . 10.0.0.2 }",
      "add element ip t services { 10.96.0.1 . tcp . 80 . 32768-65535 : 10.0.0.3 . 8080 }",
      "add element ip t hairpins { 10.0.0.3 . 10.0.0.3 }",
    ]);
    expect(standing.change("t", new Map([["default/a", elementsOf([frontend("10.96.0.1", "10.0.0.1", "10.0.0.3")])]]))).toBe("");
  });

  it("keep an element that two services share until neither needs it", () => {
    const standing = new StandingElements();
    const elements = (address: string) => elementsOf([frontend(address, "10.0.0.1")]);
    const both = new Map([
      ["default/a", elements("10.96.0.1")],
      ["default/b", elements("10.96.0.2")],
    ]);
    standing.change("t", both);
    expect(standing.change("t", new Map([["default/a", new Map()]]))).not.toContain("hairpins");
    expect(standing.change("t", new Map([["default/b", new Map()]]))).toContain("delete element ip t hairpins { 10.0.0.1 . 10.0.0.1 }");
  });

  it("pass an address from one service to another within one change, whatever the order", () => {
    const standing = new StandingElements();
    standing.change("t", new Map([["default/old", elementsOf([frontend("10.96.0.1", "10.0.0.1")])]]));
    const script = standing.change(
      "t",
      new Map([
        ["default/new", elementsOf([frontend("10.96.0.1", "10.0.0.2")])],
        ["default/old", new Map()],
      ]),
    );
    expect(script).toContain("add element ip t services { 10.96.0.1 . tcp . 80 . 0-65535 : 10.0.0.2 . 8080 }");
    expect(standing.all("t")).not.toContain("10.0.0.1");
  });
});

describe("the table", () => {
  it("has the same rules however many services there are", () => {
    const options = { table: "t", serviceRange: "10.96.0.0/16", podRange: "10.244.0.0/16", podBridge: "cni0" };
    const rules = renderTable({ ...options, affinityTimeouts: [] });
    expect(rules.startsWith("add table ip t\ndelete table ip t\ntable ip t {")).toBe(true);
    expect(rules.split("\n").length).toBeLessThan(90);
    expect(renderTable({ ...options, affinityTimeouts: [10_800] })).toContain("timeout 10800s");
  });
});

describe("stale flows", () => {
  it("are those of UDP backends that left", () => {
    const udp = (...backends: string[]): Frontend => ({ ...frontend("10.96.0.10", ...backends), protocol: "udp", port: 53 });
    expect(staleFlows([udp("10.0.0.1", "10.0.0.2")], [udp("10.0.0.2")])).toEqual([
      { protocol: "udp", address: "10.96.0.10", port: 53, backend: "10.0.0.1" },
    ]);
    expect(staleFlows([frontend("10.96.0.1", "10.0.0.1")], [])).toEqual([]);
  });
});
