import { describe, expect, it } from "vitest";
import { causeHeader, causeHeaders, parseCause } from "./cause.ts";

const cause = { actor: "deployment-controller", object: "Deployment default/café", revision: "7", rule: "scale up" };

describe("a cause between processes", () => {
  it("arrives as it was sent, in plain characters", () => {
    const header = causeHeaders(cause)[causeHeader]!;
    expect(header).toMatch(/^[\x21-\x7e]+$/);
    expect(parseCause(header)).toEqual(cause);
    expect(parseCause(causeHeaders({ actor: "a", rule: "b" })[causeHeader])).toEqual({ actor: "a", rule: "b" });
  });

  it("is none when it is missing, broken, of another shape or too long", () => {
    for (const header of [undefined, "", "%", "%7B", "null", "[]", encodeURIComponent('{"actor":1,"rule":"x"}'), "x".repeat(3000)]) {
      expect(parseCause(header)).toBeUndefined();
    }
    expect(causeHeaders({ actor: "x".repeat(3000), rule: "r" })).toEqual({});
  });
});
