import fc from "fast-check";
import { isIP } from "node:net";
import { describe, expect, test } from "vitest";
import * as ip from "./ip.ts";

const cidr = (text: string): ip.Cidr => ip.parseCidr(text)!;
const address = (text: string): ip.Ip => ip.parseIp(text)!;

describe("addresses", () => {
  test.each<[string, string | undefined]>([
    ["10.0.0.1", "10.0.0.1"],
    ["255.255.255.255", "255.255.255.255"],
    ["010.0.0.1", undefined],
    ["256.0.0.1", undefined],
    ["1.2.3", undefined],
    ["", undefined],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::", "2001:db8::"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
    ["1::2::3", undefined],
    ["fe80::1%eth0", undefined],
    [":1", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["1:2:3:4:5:6:7::8", undefined],
    ["1:2:3:4:5:6:7:8::", undefined],
    ["1.2.3.4::", undefined],
  ])("%s is %s", (text, canonical) => {
    expect(ip.canonicalIp(text)).toBe(canonical);
  });

  test("agree with Node.js about what is an address", () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(..."0123456789abf:.".split("")), maxLength: 20 }));
    fc.assert(
      fc.property(text, (candidate) => {
        const parsed = ip.parseIp(candidate);
        if (parsed === undefined) expect(isIP(candidate)).toBe(0);
        else {
          expect(isIP(ip.formatIp(parsed))).toBe(parsed.family);
          expect(ip.parseIp(ip.formatIp(parsed))).toEqual(parsed);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("have a family", () => {
    expect([ip.ipFamily("::1"), ip.ipFamily("10.0.0.2"), ip.ipFamily("10.0.0")]).toEqual([6, 4, undefined]);
  });
});

describe("networks", () => {
  test("are read, printed, and contain", () => {
    expect(ip.formatCidr(cidr("10.244.1.7/24"))).toBe("10.244.1.0/24");
    expect(ip.parseCidr("10.0.0.0/33")).toBeUndefined();
    expect(ip.parseCidr("10.0.0.0")).toBeUndefined();
    expect(ip.parseCidr("10.0.0.0/08")).toBeUndefined();
    expect(ip.formatCidr(cidr("fd00::1/64"))).toBe("fd00::/64");
    expect(ip.cidrContains(cidr("10.96.0.0/16"), address("10.96.255.255"))).toBe(true);
    expect(ip.cidrContains(cidr("10.96.0.0/16"), address("10.97.0.0"))).toBe(false);
    expect(ip.cidrContains(cidr("::/0"), address("10.0.0.1"))).toBe(false);
    expect(ip.cidrsOverlap(cidr("10.0.0.0/8"), cidr("10.96.0.0/16"))).toBe(true);
    expect(ip.cidrsOverlap(cidr("10.0.0.0/16"), cidr("10.1.0.0/16"))).toBe(false);
  });

  test("are counted through", () => {
    const network = cidr("10.0.0.0/30");
    expect([...ip.addressesOf(network)].map(ip.formatIp)).toEqual(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(() => ip.nthAddress(network, 4)).toThrow(RangeError);
    expect(ip.addressOffset(cidr("10.96.0.0/16"), address("10.96.1.0"))).toBe(256n);
    expect(ip.addressOffset(cidr("10.96.0.0/16"), address("10.95.0.0"))).toBeUndefined();
    expect(ip.formatCidr(ip.nthSubnet(cidr("10.244.0.0/16"), 24, 3))).toBe("10.244.3.0/24");
    expect(ip.subnetCount(cidr("10.244.0.0/16"), 24)).toBe(256n);
    expect(() => ip.nthSubnet(cidr("10.244.0.0/16"), 24, 256)).toThrow(RangeError);
  });
});
