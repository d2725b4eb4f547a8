// Addresses inside names: reverse names, and pods named by their address with dashes.

import { canonicalIp, formatIp } from "../lang/ip.ts";

/** "1.0.244.10.in-addr.arpa" → "10.244.0.1"; undefined when the name is no reverse name of a whole address. */
export function addressOfReverseName(name: string): string | undefined {
  if (name.endsWith(".in-addr.arpa")) {
    return canonicalIp(name.slice(0, -".in-addr.arpa".length).split(".").toReversed().join("."));
  }
  if (name.endsWith(".ip6.arpa")) {
    const nibbles = name.slice(0, -".ip6.arpa".length).split(".");
    if (nibbles.length !== 32 || !nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return undefined;
    return formatIp({ family: 6, value: BigInt(`0x${nibbles.toReversed().join("")}`) });
  }
  return undefined;
}

/** "10-244-0-5" → "10.244.0.5", "fd00--1" → "fd00::1"; undefined when the label is no address. */
export const podAddress = (label: string): string | undefined =>
  canonicalIp(label.replaceAll("-", ".")) ?? canonicalIp(label.replaceAll("-", ":"));
