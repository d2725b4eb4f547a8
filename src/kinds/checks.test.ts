import { describe, expect, it } from "vitest";
import { Seen, isDualStack, validateEndpointIp, validateIp, validateOneOf, validateOptionalOneOf } from "./checks.ts";
import { noIp, shown } from "./validation.laws.ts";

describe("checks", () => {
  it.each([
    ["10.0.0.1", undefined],
    ["fd00::1", undefined],
    ["010.0.0.1", "must not have leading 0s"],
    ["::ffff:10.0.0.1", "must not be an IPv4-mapped IPv6 address"],
    ["10.0.0.256", noIp],
    ["010.0.0.256", noIp],
    ["", noIp],
  ])("addresses: %s", (text, message) =>
    expect(shown(validateIp("ip", text))).toEqual(message === undefined ? [] : [`ip: Invalid value: "${text}": ${message}`]),
  );

  it.each([
    ["10.0.0.1", undefined],
    ["0.0.0.0", "may not be unspecified (0.0.0.0)"],
    ["127.1.2.3", "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
    ["::1", "may not be in the loopback range (127.0.0.0/8, ::1/128)"],
    ["169.254.1.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
    ["fe80::1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)"],
    ["224.0.0.1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"],
    ["a", "must be a valid IP address"],
  ])("targets of traffic: %s", (text, message) =>
    expect(shown(validateEndpointIp("ip", text))).toEqual(message === undefined ? [] : [`ip: Invalid value: "${text}": ${message}`]),
  );

  it("tells two families from two addresses of one", () => {
    expect(isDualStack(["10.0.0.1", "fd00::1"])).toBe(true);
    expect(isDualStack(["10.0.0.0/8", "fd00::/64"])).toBe(true);
    expect(isDualStack(["10.0.0.1", "10.0.0.2"])).toBe(false);
    expect(isDualStack(["10.0.0.1", "a"])).toBe(false);
  });

  it("wants a value out of a list", () => {
    expect(shown(validateOneOf("a", "", ["b"]))).toEqual(["a: Required value"]);
    expect(shown(validateOneOf("a", "c", ["b"]))).toEqual(['a: Unsupported value: "c": supported values: "b"']);
    expect(shown(validateOptionalOneOf("a", undefined, ["b"]))).toEqual([]);
    expect(shown(validateOptionalOneOf("a", "", ["b"]))).toEqual(['a: Unsupported value: "": supported values: "b"']);
  });

  it("sees what comes again", () => {
    const seen = new Seen(["a"]);
    expect([seen.again("a"), seen.again("b"), seen.again("b"), seen.has("c")]).toEqual([true, false, true, false]);
  });
});
